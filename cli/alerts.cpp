#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>

#include "cli/client.hpp"
#include "cli/command.hpp"
#include "cli/text.hpp"

namespace interlock::cli {
namespace {

namespace json = boost::json;

struct AlertOptions {
  Where where;
  std::uint64_t id = 0;
  std::string reason, token_file;
  bool as_json = false;
  bool all = false;
};

int list(const AlertOptions& options) {
  const auto answer = get(options.where, "/api/v1/alerts");
  if (options.as_json) {
    fmt::print("{}\n", json::serialize(answer));
    return exit_done;
  }
  std::vector<std::vector<std::string>> rows{
      {"id", "severity", "kind", "scope", "", "count", "last at", "acknowledged", "text"}};
  for (const auto& value : answer.at("alerts").as_array()) {
    const auto& alert = value.as_object();
    const auto at = [&](std::string_view key) { return plain(alert.at(key)); };
    const auto by = at("acknowledged_by");
    if (!by.empty() && !options.all) continue;
    rows.push_back({at("id"), at("severity"), at("kind"), at("scope"), at("scope_id"), at("count"),
                    at("last_at"), by.empty() ? "NO" : by, at("text")});
  }
  fmt::print("{}", rows.size() == 1 ? "no open alert\n" : columns(rows));
  return exit_done;
}

int acknowledge(const AlertOptions& options) {
  const auto answer =
      post(options.where, "/api/v1/alerts",
           {{"action", "acknowledge"}, {"id", options.id}, {"reason", options.reason}},
           token_of(options.token_file));
  if (options.as_json) {
    fmt::print("{}\n", json::serialize(answer));
  } else {
    fmt::print("alert {} is acknowledged: {}\n", options.id, plain(answer.at("text")));
  }
  return exit_done;
}

struct ReleaseOptions {
  Where where;
  std::string order, reason, token_file;
  bool as_json = false;
};

// "B412" or "412" is a record; "R1/a" a router's ClOrdID.
json::object named(const std::string& order) {
  if (const auto slash = order.find('/'); slash != std::string::npos)
    return {{"router", order.substr(0, slash)}, {"cl_ord_id", order.substr(slash + 1)}};
  const auto digits = order.substr(order.starts_with('B') ? 1 : 0);
  const bool is_number = !digits.empty() && digits.size() < 19 &&
                         digits.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number) throw Failure{exit_usage, "name it by its record (B412), or as ROUTER/CLORDID"};
  return {{"record", std::stoull(digits)}};
}

int release(const ReleaseOptions& options) {
  json::object body = named(options.order);
  body["reason"] = options.reason;
  const auto answer = post(options.where, "/api/v1/release", body, token_of(options.token_file));
  if (options.as_json) {
    fmt::print("{}\n", json::serialize(answer));
  } else {
    fmt::print("{}, until {}\n", plain(answer.at("text")), plain(answer.at("valid_until")));
  }
  return exit_done;
}

void add_release(CLI::App& app, int& exit) {
  const auto options = std::make_shared<ReleaseOptions>();
  auto* command = app.add_subcommand("release", "Let the next order like a refused one pass, once");
  add_where(*command, options->where);
  command->add_option("ORDER", options->order, "Its record (B412), or ROUTER/CLORDID")->required();
  command->add_option("--reason", options->reason, "Why it may go")->required();
  command->add_flag("--json", options->as_json, "The API's answer as it is");
  add_token(*command, options->token_file);
  command->callback([=, &exit] { exit = release(*options); });
}

}  // namespace

void add_alerts(CLI::App& app, int& exit) {
  const auto options = std::make_shared<AlertOptions>();
  auto* all = app.add_subcommand("alerts", "What nobody has acknowledged yet");
  add_where(*all, options->where);
  all->add_flag("--all", options->all, "Acknowledged ones too");
  all->add_flag("--json", options->as_json, "The API's answer as it is");
  all->callback([=, &exit] { exit = list(*options); });

  add_release(app, exit);
  auto* one = app.add_subcommand("alert", "One alert");
  one->require_subcommand(1);
  auto* command = one->add_subcommand("acknowledge", "You have seen it, and see to it");
  add_where(*command, options->where);
  command->add_option("ID", options->id, "As `interlock alerts` shows")->required();
  command->add_option("--reason", options->reason, "What it was, and what is done")->required();
  command->add_flag("--json", options->as_json, "The API's answer as it is");
  add_token(*command, options->token_file);
  command->callback([=, &exit] { exit = acknowledge(*options); });
}

}  // namespace interlock::cli
