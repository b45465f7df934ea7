// replay: old traffic, new limits.
#include "gateway/replay.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>

#include "cli/command.hpp"
#include "cli/progress.hpp"
#include "console/view.hpp"

namespace interlock::cli {
namespace {

struct ReplayOptions {
  std::string journal, config;
  bool as_json = false;
};

void print_difference(const gateway::Difference& difference) {
  fmt::print("B{}  {}  {} {}  {} -> {}{}{}{}\n", difference.record,
             console::rfc3339(difference.time_ns), difference.router, difference.cl_ord_id,
             difference.was, difference.would, difference.fact.empty() ? "" : ": ", difference.fact,
             difference.trip.empty() ? "" : fmt::format("  [{}]", difference.trip));
}

boost::json::object json_of(const gateway::Difference& difference) {
  return {{"record", difference.record}, {"time", console::rfc3339(difference.time_ns)},
          {"router", difference.router}, {"cl_ord_id", difference.cl_ord_id},
          {"was", difference.was},       {"would", difference.would},
          {"fact", difference.fact},     {"trip", difference.trip}};
}

int replay(const ReplayOptions& options) {
  const auto loaded = config::load(options.config);
  if (!loaded.config) throw Failure{exit_usage, config::render(loaded.problems)};
  boost::json::array differences;
  Progress progress("replaying", records_of(options.journal),
                    options.as_json ? stderr : beside_output());
  const auto replayed = gateway::replay(
      *loaded.config, options.journal,
      [&](const gateway::Difference& difference) {
        if (options.as_json) {
          differences.push_back(json_of(difference));
        } else {
          print_difference(difference);
        }
      },
      &progress.at);
  if (!replayed) throw Failure{exit_usage, replayed.error()};
  const bool same =
      replayed->newly_refused + replayed->newly_passed + replayed->other_reason == 0 &&
      replayed->other_books.empty();
  const std::string books = fmt::format("{:016x}", replayed->books);
  if (options.as_json) {
    fmt::print("{}\n", boost::json::serialize(
                           boost::json::object{{"judged", replayed->judged},
                                               {"not_compared", replayed->not_compared},
                                               {"newly_refused", replayed->newly_refused},
                                               {"newly_passed", replayed->newly_passed},
                                               {"other_reason", replayed->other_reason},
                                               {"books", books},
                                               {"other_books", replayed->other_books},
                                               {"differences", std::move(differences)}}));
  } else {
    fmt::print(
        "{} requests judged again: {} that passed would be refused, {} that were refused "
        "would pass, {} for another reason; {} not compared (killed, venue down)\n",
        replayed->judged, replayed->newly_refused, replayed->newly_passed, replayed->other_reason,
        replayed->not_compared);
    fmt::print("books {}{}{}\n", books, replayed->other_books.empty() ? "" : ": ",
               replayed->other_books);
  }
  return same ? exit_done : exit_no;
}

}  // namespace

void add_replay(CLI::App& app, int& exit) {
  const auto options = std::make_shared<ReplayOptions>();
  auto* command = app.add_subcommand(
      "replay", "Which verdicts of a journal another configuration would change; exit 1 if any");
  command->add_option("JOURNAL", options->journal, "Its folder; it is only read")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->add_option("--config", options->config, "The configuration to try")->required();
  command->add_flag("--json", options->as_json, "One object");
  command->callback([=, &exit] { exit = replay(*options); });
}

}  // namespace interlock::cli
