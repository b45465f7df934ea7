// How long a kill takes from the press to the shut gate, idle, under load and with a stalled venue.
// See README.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <exception>
#include <iostream>

#include "stops/trips.hpp"
#include "tests/source.hpp"

namespace interlock::tests {

const std::filesystem::path& source_dir() {
  static const std::filesystem::path directory = SOURCE_DIR;
  return directory;
}

}  // namespace interlock::tests

namespace interlock::stops {
namespace {

struct Named {
  const char* name;
  Trips::Load load;
};
constexpr Named loads[] = {{"idle", Trips::Load::idle},
                           {"flowing", Trips::Load::flowing},
                           {"stalled venue", Trips::Load::stalled}};

double at(const std::vector<std::int64_t>& sorted, std::size_t percent) {
  return static_cast<double>(sorted[std::min(sorted.size() - 1, sorted.size() * percent / 100)]) /
         1000;
}

int run(int count, char** arguments) {
  CLI::App app{"kills, from the press to the shut gate"};
  std::uint32_t kills = 1'000, rate = 20'000;
  bool json = false;
  app.add_option("--kills", kills, "of each load")->check(CLI::PositiveNumber);
  app.add_option("--rate", rate, "orders a second")->check(CLI::PositiveNumber);
  app.add_flag("--json", json);
  CLI11_PARSE(app, count, arguments);
  boost::json::array lines;
  std::uint32_t broken = 0;
  if (!json)
    fmt::print("{:<14}{:>8}{:>12}{:>12}{:>10}{:>10}{:>10}{:>8}{:>14}\n", "", "kills", "orders",
               "orders/s", "p50 us", "p99 us", "max us", "after", "unconfirmed");
  for (const auto& [name, load] : loads) {
    Tripped result = measure({.load = load, .kills = kills, .orders_a_second = rate});
    std::ranges::sort(result.gate_ns);
    broken += result.orders_after + result.unconfirmed;
    if (result.gate_ns.empty()) continue;
    const double flow = static_cast<double>(result.orders) / result.seconds;
    if (!json)
      fmt::print("{:<14}{:>8}{:>12}{:>12.0f}{:>10.1f}{:>10.1f}{:>10.1f}{:>8}{:>14}\n", name,
                 result.gate_ns.size(), result.orders, flow, at(result.gate_ns, 50),
                 at(result.gate_ns, 99), at(result.gate_ns, 100), result.orders_after,
                 result.unconfirmed);
    std::fflush(stdout);
    lines.push_back({{"load", name},
                     {"kills", result.gate_ns.size()},
                     {"orders", result.orders},
                     {"orders_a_second", flow},
                     {"p50_us", at(result.gate_ns, 50)},
                     {"p99_us", at(result.gate_ns, 99)},
                     {"max_us", at(result.gate_ns, 100)},
                     {"orders_after", result.orders_after},
                     {"unconfirmed", result.unconfirmed}});
  }
  if (json) std::cout << boost::json::serialize(lines) << "\n";
  return broken == 0 ? 0 : 1;
}

}  // namespace
}  // namespace interlock::stops

int main(int count, char** arguments) {
  try {
    return interlock::stops::run(count, arguments);
  } catch (const std::exception& problem) {
    std::cerr << "bench_kill: " << problem.what() << "\n";
    return 1;
  }
}
