// snapshot: what a start rebuilds, written down beside a gateway that runs or has stopped.
#include <fmt/format.h>

#include <memory>

#include "cli/command.hpp"
#include "config/config.hpp"
#include "console/identity.hpp"
#include "gateway/snapshot_taking.hpp"

namespace interlock::cli {
namespace {

int snapshot(const std::string& file, bool whole) {
  const auto loaded = config::load(file);
  if (!loaded.config) throw Failure{exit_cannot_start, config::render(loaded.problems)};
  const auto taken = gateway::take_snapshot(*loaded.config, console::running_build_id(), whole);
  if (!taken) throw Failure{exit_no, "no snapshot: " + taken.error()};
  if (!taken->why_not.empty()) {
    fmt::print("the one that was there could not be gone on from: {}\n", taken->why_not);
  }
  if (taken->is_new) {
    fmt::print("{}: up to record {}, from {}, {} bytes\n",
               gateway::snapshot_path(*loaded.config).string(), taken->mark,
               taken->begun_at == 0 ? "the first" : fmt::format("record {}", taken->begun_at + 1),
               taken->bytes);
  } else {
    fmt::print("nothing is new since record {}\n", taken->mark);
  }
  return exit_done;
}

}  // namespace

void add_snapshot(CLI::App& app, int& exit) {
  const auto file = std::make_shared<std::string>();
  const auto whole = std::make_shared<bool>(false);
  auto* command = app.add_subcommand(
      "snapshot", "Writes down what a start rebuilds, so that the next one reads less");
  command->add_option("--config", *file, "gateway.toml")->required();
  command->add_flag("--whole", *whole, "From the first record, not from the last snapshot");
  command->callback([=, &exit] { exit = snapshot(*file, *whole); });
}

}  // namespace interlock::cli
