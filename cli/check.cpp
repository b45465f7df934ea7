#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <ctime>
#include <iterator>
#include <memory>
#include <vector>

#include "cli/client.hpp"
#include "cli/command.hpp"
#include "cli/text.hpp"
#include "config/config.hpp"
#include "config/pin.hpp"
#include "config/policy_rows.hpp"
#include "config/review.hpp"

namespace interlock::cli {
namespace {

namespace json = boost::json;

struct CheckOptions {
  std::string file, socket;
  bool effective = false, against_running = false, as_json = false;
};

// Where the gateway stands: days of review are days of people.
config::LocalDate today() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return {static_cast<std::int16_t>(local.tm_year + 1900),
          static_cast<std::uint8_t>(local.tm_mon + 1), static_cast<std::uint8_t>(local.tm_mday)};
}

// The running policy as its file says it: a limit that is raised for a time at its own value.
std::vector<config::PolicyRow> running_rows(const json::object& policy) {
  std::vector<config::PolicyRow> rows;
  for (const auto& each : policy.at("policy").as_array()) {
    const auto text = [&](const char* key) { return std::string(each.at(key).as_string()); };
    rows.push_back({text("scope_kind"), text("scope"), text("key"), text("value"),
                    each.at("line").to_number<std::uint32_t>(), text("why"), text("owner"),
                    text("review")});
  }
  for (const auto& raise : policy.at("raises").as_array()) {
    for (auto& row : rows) {
      if (raise.at("scope_kind") == row.scope_kind.c_str() &&
          raise.at("scope") == row.scope.c_str() && raise.at("key") == row.key.c_str())
        row.value = raise.at("before").as_string();
    }
  }
  return rows;
}

std::string summary(const std::vector<config::Change>& changes) {
  std::size_t loosening = 0, at_a_start = 0;
  for (const auto& change : changes) {
    if (change.direction == config::Direction::fixed)
      ++at_a_start;
    else if (change.loosens)
      ++loosening;
  }
  if (changes.empty()) return "the running policy is the same";
  std::string text = fmt::format("{} differ from the running policy", changes.size());
  if (at_a_start != 0)
    return text +
           fmt::format("; {} are read at a start only: no reload takes this file", at_a_start);
  return text + (loosening == 0 ? "; a reload by one person"
                                : fmt::format("; {} let more pass: a reload by two", loosening));
}

void print_differences(const std::vector<config::Change>& changes, const json::object& policy) {
  for (const auto& change : changes) fmt::print("{}\n", plain(config::text_of(change)));
  for (const auto& raise : policy.at("raises").as_array())
    fmt::print("RAISED     {} {}  {}  at {} until {}; compared at {}\n",
               plain(raise.at("scope_kind")), plain(raise.at("scope")), plain(raise.at("key")),
               plain(raise.at("value")), plain(raise.at("until")), plain(raise.at("before")));
  fmt::print("{} (configuration {})\n", summary(changes), plain(policy.at("config_hash")));
}

json::array rows_of(const std::vector<config::Change>& changes) {
  json::array rows;
  for (const auto& change : changes)
    rows.push_back(json::object{{"direction", config::name(change.direction)},
                                {"loosens", change.loosens},
                                {"scope_kind", change.scope_kind},
                                {"scope", change.scope},
                                {"key", change.key},
                                {"before", change.before},
                                {"after", change.after},
                                {"line", change.line}});
  return rows;
}

json::array rows_of(const std::vector<config::Problem>& problems) {
  json::array rows;
  for (const auto& problem : problems) {
    const bool is_error = problem.severity == config::Problem::Severity::error;
    rows.push_back(json::object{{"severity", is_error ? "error" : "warning"},
                                {"file", problem.file},
                                {"line", problem.line},
                                {"column", problem.column},
                                {"text", problem.text},
                                {"hint", problem.hint}});
  }
  return rows;
}

int check(const CheckOptions& options) {
  const auto loaded = config::load(options.file);
  auto problems = loaded.problems;
  bool good = loaded.config.has_value();
  if (good) {
    if (const auto problem = config::pin_problem(*loaded.config)) {
      problems.push_back(*problem);
      good = false;
    } else {
      std::ranges::copy(config::review_policy(*loaded.config, today()),
                        std::back_inserter(problems));
    }
  }
  fmt::print(stderr, "{}", config::render(problems));
  json::object said{{"file", options.file}, {"good", good}, {"problems", rows_of(problems)}};
  if (good) {
    said["config_hash"] = loaded.config->hash;
    if (options.effective) fmt::print("{}", config::effective_limits(*loaded.config));
    if (options.against_running) {
      const auto policy = get({options.socket, options.file}, "/api/v1/policy");
      const auto changes =
          config::compare(running_rows(policy), config::policy_rows(*loaded.config));
      if (!options.as_json) print_differences(changes, policy);
      said["running_hash"] = policy.at("config_hash");
      said["changes"] = rows_of(changes);
    }
    if (!options.as_json) fmt::print("{}: good, config {}\n", options.file, loaded.config->hash);
  }
  if (options.as_json) fmt::print("{}\n", json::serialize(said));
  return good ? exit_done : exit_no;
}

}  // namespace

void add_check(CLI::App& app, int& exit) {
  const auto options = std::make_shared<CheckOptions>();
  auto* command = app.add_subcommand("check", "Say what is wrong with a configuration");
  command->add_option("FILE", options->file, "gateway.toml")->required();
  auto* effective = command->add_flag("--effective", options->effective,
                                      "Each limit, with the line it came from");
  command->add_flag("--against-running", options->against_running,
                    "What a reload of FILE would change: TIGHTENED, LOOSENED ...");
  command->add_option("--socket", options->socket, "Of the running gateway; as FILE says it")
      ->envname("INTERLOCK_SOCKET");
  command->add_flag("--json", options->as_json, "The problems and the differences, for programs")
      ->excludes(effective);
  command->callback([=, &exit] { exit = check(*options); });
}

}  // namespace interlock::cli
