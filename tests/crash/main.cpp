// Kills the gateway under load, again and again, and looks at what it knows when it comes back.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <random>

#include "crash/run.hpp"

namespace interlock::crash {
namespace {

namespace fs = std::filesystem;

int drive(int count, char** arguments) {
  CLI::App app{"kill -9 under load"};
  std::uint32_t runs = 20, rate = 10'000;
  std::uint64_t seed = 0;
  std::string program, source, directory;
  app.add_option("--runs", runs);
  app.add_option("--rate", rate, "requests a second");
  app.add_option("--seed", seed, "of the first run; the others follow it");
  app.add_option("--program", program, "interlock")->required();
  app.add_option("--source", source, "tests/crash")->required();
  app.add_option("--directory", directory, "where the runs leave what failed")->required();
  CLI11_PARSE(app, count, arguments);
  if (seed == 0) seed = std::random_device{}() % 1'000'000 + 1;
  std::uint32_t passed = 0, failed = 0;
  Told all;
  for (std::uint32_t i = 0; i < runs; ++i) {
    Plan plan{.seed = seed + i,
              .orders_a_second = rate,
              .program = program,
              .source = source,
              .directory = fs::path(directory) / fmt::format("seed-{}", seed + i),
              .durability = (seed + i) % 2 == 0 ? "power" : "process"};
    fs::remove_all(plan.directory);
    const Told told = run(plan);
    fmt::print(
        "seed {}, {}: {}, {} crashes ({}), {} requests at {:.0f}/s, {} open after a crash, {} in "
        "doubt, {} heard again, {} records, start {:.2f} s{}\n",
        plan.seed, plan.durability, told.problem.empty() ? "passed" : "FAILED", told.crashes,
        told.moments, told.requests, told.rate, told.alive, told.in_doubt, told.missed,
        told.records, told.slowest_start_s,
        told.problem.empty() ? ""
                             : fmt::format("\n  kept as {}\n  {}",
                                           plan.directory.filename().string(), told.problem));
    std::fflush(stdout);
    ++(told.problem.empty() ? passed : failed);
    if (told.problem.empty()) fs::remove_all(plan.directory);
    all.crashes += told.crashes;
    all.torn += told.torn;
    all.snapshots += told.snapshots;
    all.requests += told.requests;
    all.in_doubt += told.in_doubt;
    all.missed += told.missed;
    all.slowest_start_s = std::max(all.slowest_start_s, told.slowest_start_s);
  }
  fmt::print(
      "{} crashes, {} of them within a record, {} requests, {} in doubt, {} heard again, {} starts "
      "from a snapshot, slowest start {:.2f} s\n",
      all.crashes, all.torn, all.requests, all.in_doubt, all.missed, all.snapshots,
      all.slowest_start_s);
  fmt::print("{} passed, {} failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace interlock::crash

int main(int count, char** arguments) {
  try {
    return interlock::crash::drive(count, arguments);
  } catch (const std::exception& problem) {
    std::cerr << "crash: " << problem.what() << "\n";
    return 1;
  }
}
