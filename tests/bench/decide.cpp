// What a decision costs: decide() with every control armed on books of several sizes, hot and cold,
// each control alone, and what learn() takes for a report.
#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "risk/control.hpp"
#include "risk/subject.hpp"
#include "tests/risk/full_house.hpp"

namespace interlock::risk::test {
namespace {

constexpr int hot = 1'024;     // requests taken in turn, so that no order is always in the cache
constexpr int cold = 262'144;  // so many that hardly any is still there when its turn comes again

struct Full {
  int parents = 0, orders = 0;
  FullHouse house;

  Full(int parents_open, int orders_open)
      : parents(parents_open), orders(orders_open), house(parents_open, orders_open) {}

  // A fifth of them replaces of orders that are open, when `mixed`; in no order.
  [[nodiscard]] std::vector<Request> requests(int count, bool mixed) const {
    std::mt19937 random(7);
    std::vector<Request> made;
    made.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      const std::string name = "a new order, number " + std::to_string(i);
      if (mixed && i % 5 == 4) {
        const auto order = static_cast<int>(random() % static_cast<unsigned>(orders));
        made.emplace_back(house.replace(name, "C-" + std::to_string(order), 20));
      } else {
        const auto parent = static_cast<int>(random() % static_cast<unsigned>(parents));
        made.emplace_back(house.child(name, parent));
      }
    }
    return made;
  }
  [[nodiscard]] Question question(const Request& request) const {
    return {house.books, house.limits, house.references, house.directory, request, house.now};
  }
};

// Made when the first benchmark of its size runs: a filter may leave it out.
struct Later {
  int parents = 0, orders = 0;
  std::unique_ptr<Full> made = nullptr;
  [[nodiscard]] Full& get() {
    if (!made) made = std::make_unique<Full>(parents, orders);
    return *made;
  }
};

void ask_all(benchmark::State& state, const Full& books, int count, bool mixed) {
  const std::vector<Request> requests = books.requests(count, mixed);
  std::size_t i = 0;
  for (auto _ : state) {
    const Verdict verdict = decide(books.question(requests[i]));
    if (++i == requests.size()) i = 0;
    if (!verdict.may_go()) state.SkipWithError(verdict.breach->fact.c_str());
  }
}

void ask_one(benchmark::State& state, const Full& books, const Control& control) {
  const std::vector<Request> requests = books.requests(hot, false);
  std::size_t i = 0;
  for (auto _ : state) {
    const Question question = books.question(requests[i]);
    const Subject subject = subject_of(question);
    Verdict verdict;
    if (!control.ask(question, subject, verdict)) state.SkipWithError("refused");
    if (++i == requests.size()) i = 0;
  }
}

void make_subject(benchmark::State& state, const Full& books) {
  const std::vector<Request> requests = books.requests(hot, false);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(subject_of(books.question(requests[i])));
    if (++i == requests.size()) i = 0;
  }
}

// An order, its acknowledgement, and an execution of all of it, so that the books stay as full as
// they are. The last two are counted by learn/; the order by enter/.
enum class What : std::uint8_t { enter, acknowledge, fill };
void take(benchmark::State& state, Full& books, What what) {
  static int next = 0;
  FullHouse& house = books.house;
  using Clock = std::chrono::steady_clock;
  for (auto _ : state) {
    const std::string name = "an order in passing, number " + std::to_string(++next);
    const Request order = house.child(name, next * 7 % books.parents);
    Report acknowledged = house.report(Fact::acknowledged, name, "A" + std::to_string(next));
    Report filled = house.fill(name, 1, "F" + std::to_string(next));
    house.now = house.now + Duration{10'000};
    const auto begun = Clock::now();
    house.books.enter(order, house.now);
    const auto entered = Clock::now();
    (void)house.books.learn(acknowledged, house.now);
    const auto known = Clock::now();
    (void)house.books.learn(filled, house.now);
    const auto ended = Clock::now();
    const auto taken = what == What::enter         ? entered - begun
                       : what == What::acknowledge ? known - entered
                                                   : ended - known;
    state.SetIterationTime(std::chrono::duration<double>(taken).count());
    (void)house.books.learn(house.report(Fact::ended, name, "E" + std::to_string(next)), house.now);
  }
}

void enlist(const std::string& name, Later& books) {
  const auto add = [&](const std::string& kind, int count, bool mixed) {
    benchmark::RegisterBenchmark((kind + "/" + name).c_str(),
                                 [&books, count, mixed](benchmark::State& state) {
                                   ask_all(state, books.get(), count, mixed);
                                 });
  };
  add("decide", hot, false);
  add("decide_cold", cold, false);
  add("mixed", hot, true);
  add("mixed_cold", cold, true);
}

}  // namespace
}  // namespace interlock::risk::test

int main(int argc, char** argv) {
  using namespace interlock::risk;
  using namespace interlock::risk::test;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  Later small{1'000, 1'000}, middle{50'000, 100'000}, full{50'000, 1'000'000};
  enlist("1000_parents_1000_open", small);
  enlist("50000_parents_100000_open", middle);
  enlist("50000_parents_1000000_open", full);
  benchmark::RegisterBenchmark(
      "subject", [&middle](benchmark::State& state) { make_subject(state, middle.get()); });
  for (const Control& control : controls()) {
    if (!control.ask) continue;
    benchmark::RegisterBenchmark(
        ("alone/" + std::string(control.id)).c_str(),
        [&middle, &control](benchmark::State& state) { ask_one(state, middle.get(), control); });
  }
  for (const auto& [name, what] : {std::pair{"enter", What::enter},
                                   {"learn/acknowledged", What::acknowledge},
                                   {"learn/filled", What::fill}}) {
    benchmark::RegisterBenchmark(name, [&full, what](benchmark::State& state) {
      take(state, full.get(), what);
    })->UseManualTime();
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
