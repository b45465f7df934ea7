// One order's way through the gateway without sockets: how long from the frame to the out-buffer,
// how often it asks the heap, and how much memory stays. See README.md.
#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <vector>

#include "bench/allocations.hpp"
#include "bench/house.hpp"
#include "tests/source.hpp"

namespace interlock::tests {

const std::filesystem::path& source_dir() {
  static const std::filesystem::path directory = SOURCE_DIR;
  return directory;
}

}  // namespace interlock::tests

namespace interlock::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Part {
  std::vector<std::uint32_t> ns;
  std::vector<std::uint32_t> heap;

  // `work` is measured; the clock's own reading, some 25 ns, is in it.
  template <class Work>
  void measure(Work work) {
    const std::uint64_t asked = allocations();
    const auto begun = Clock::now();
    work();
    const auto ended = Clock::now();
    heap.push_back(static_cast<std::uint32_t>(allocations() - asked));
    ns.push_back(static_cast<std::uint32_t>((ended - begun).count()));
  }
};

double at(std::vector<std::uint32_t> values, double share) {
  if (values.empty()) return 0;
  const auto place = static_cast<std::size_t>(static_cast<double>(values.size() - 1) * share);
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(place));
  return values[place];
}

double mean(const std::vector<std::uint32_t>& values) {
  double sum = 0;
  for (const std::uint32_t value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

std::size_t heap_bytes() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

struct Plan {
  Size size;
  std::uint64_t orders = 100'000;
  std::uint64_t open = 1'000;  // at any time: then the oldest is filled
};

struct Outcome {
  Part order, report, flush;
  double start_seconds = 0;
  double bytes_a_parent = 0, bytes_an_open_order = 0;
};

// Memory that parents take, by what twice as many take more.
double bytes_a_parent(Size size) {
  std::size_t bytes[2] = {};
  const std::uint32_t parents = std::max(size.parents, 1'000u);
  for (std::uint32_t i = 0; i < 2; ++i) {
    const std::size_t before = heap_bytes();
    size.parents = parents * (i + 1);
    const House house(size);
    bytes[i] = heap_bytes() - before;
  }
  return (static_cast<double>(bytes[1]) - static_cast<double>(bytes[0])) / parents;
}

class Run {
 public:
  explicit Run(const Plan& plan) : plan_(plan), house_(plan.size) {}

  Outcome measure() {
    Outcome outcome;
    outcome.start_seconds = house_.start_seconds();
    const std::size_t before = heap_bytes();
    Part unused;
    const std::uint64_t warm_up = std::max<std::uint64_t>(plan_.open, 10'000);
    for (; next_ < warm_up;) order(unused, unused, unused);
    outcome.bytes_an_open_order =
        static_cast<double>(heap_bytes() - before) / static_cast<double>(warm_up);
    for (auto* part : {&outcome.order, &outcome.report, &outcome.flush}) {
      part->ns.reserve(plan_.orders * 3);
      part->heap.reserve(plan_.orders * 3);
    }
    for (std::uint64_t i = 0; i < plan_.orders; ++i)
      order(outcome.order, outcome.report, outcome.flush);
    return outcome;
  }

 private:
  void order(Part& order, Part& report, Part& flush) {
    const std::uint64_t i = next_++;
    take(order, flush, house_.router(i), house_.new_order(i), house_.venue_of(i));
    if (!house_.reached(i))
      throw std::runtime_error(fmt::format("order {} did not reach its venue: {}", i,
                                           gateway::readable(house_.router(i).last())));
    take(report, flush, house_.venue_of(i), house_.acknowledgement(i), house_.router(i));
    if (i >= plan_.open) {
      const std::uint64_t oldest = i - plan_.open;
      take(report, flush, house_.venue_of(oldest), house_.fill(oldest), house_.router(oldest));
    }
    if (i % 1'000 == 0) house_.core().tick();
  }

  void take(Part& part, Part& flush, End& from, std::string_view frame, End& to) {
    gateway::Core& core = house_.core();
    const std::uint64_t before = to.messages();
    part.measure([&] {
      core.wake();
      core.received(from.leg(), frame);
    });
    flush.measure([&] { core.flush(); });
    to.answer();
    from.answer();
    if (to.messages() != before + 1)
      throw std::runtime_error("nothing came for " + gateway::readable(frame) + ": " +
                               gateway::readable(from.last()));
  }

  Plan plan_;
  House house_;
  std::uint64_t next_ = 0;
};

boost::json::object row(const Part& part) {
  const auto none = std::ranges::count(part.heap, 0u);
  return {
      {"p50_ns", at(part.ns, 0.5)},
      {"p99_ns", at(part.ns, 0.99)},
      {"p999_ns", at(part.ns, 0.999)},
      {"allocations_p50", at(part.heap, 0.5)},
      {"allocations_mean", mean(part.heap)},
      {"without_allocation", static_cast<double>(none) /
                                 static_cast<double>(std::max<std::size_t>(1, part.heap.size()))}};
}

void print(const char* name, const Part& part) {
  fmt::print("{:<28}{:>10.0f}{:>10.0f}{:>10.0f}{:>14.0f}{:>10.2f}\n", name, at(part.ns, 0.5),
             at(part.ns, 0.99), at(part.ns, 0.999), at(part.heap, 0.5), mean(part.heap));
}

int run(int count, char** arguments) {
  CLI::App app{"one order's way through the gateway, without sockets"};
  Plan plan;
  bool json = false, memory = false;
  app.add_option("--orders", plan.orders)->check(CLI::PositiveNumber);
  app.add_option("--open", plan.open, "orders at any time")->check(CLI::PositiveNumber);
  app.add_option("--routers", plan.size.routers)->check(CLI::PositiveNumber);
  app.add_option("--venues", plan.size.venues)->check(CLI::PositiveNumber);
  app.add_option("--symbols", plan.size.symbols)->check(CLI::PositiveNumber);
  app.add_option("--parents", plan.size.parents)->check(CLI::PositiveNumber);
  app.add_flag("--memory", memory, "of a parent, too");
  app.add_flag("--json", json);
  CLI11_PARSE(app, count, arguments);
  Outcome outcome = Run(plan).measure();
  if (memory) outcome.bytes_a_parent = bytes_a_parent(plan.size);
  if (json) {
    std::cout << boost::json::serialize(
                     boost::json::object{{"routers", plan.size.routers},
                                         {"venues", plan.size.venues},
                                         {"symbols", plan.size.symbols},
                                         {"parents", plan.size.parents},
                                         {"open", plan.open},
                                         {"orders", plan.orders},
                                         {"order", row(outcome.order)},
                                         {"report", row(outcome.report)},
                                         {"flush", row(outcome.flush)},
                                         {"start_ms", outcome.start_seconds * 1000},
                                         {"bytes_a_parent", outcome.bytes_a_parent},
                                         {"bytes_an_open_order", outcome.bytes_an_open_order}})
              << "\n";
    return 0;
  }
  fmt::print("{:<28}{:>10}{:>10}{:>10}{:>14}{:>10}\n", "", "p50 ns", "p99 ns", "p99.9 ns",
             "allocations", "mean");
  print("order to the out-buffer", outcome.order);
  print("report to the out-buffer", outcome.report);
  print("flush", outcome.flush);
  fmt::print("{:.0f} bytes an open order, {:.0f} a parent; started in {:.0f} ms\n",
             outcome.bytes_an_open_order, outcome.bytes_a_parent, outcome.start_seconds * 1000);
  return 0;
}

}  // namespace
}  // namespace interlock::bench

int main(int count, char** arguments) {
  try {
    return interlock::bench::run(count, arguments);
  } catch (const std::exception& problem) {
    std::cerr << "bench_inprocess: " << problem.what() << "\n";
    return 1;
  }
}
