#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>

#include "cli/client.hpp"
#include "cli/command.hpp"
#include "cli/text.hpp"

namespace interlock::cli {
namespace {

namespace json = boost::json;
constexpr const char* target = "/api/v1/policy";

struct PolicyOptions {
  Where where;
  std::string file, reason, token_file;
  std::string scope, id, key, value;
  std::uint64_t proposal = 0;
  std::uint64_t for_s = 0;
  bool as_json = false;
};

int change(const PolicyOptions& options, const json::object& body) {
  const auto answer = post(options.where, target, body, token_of(options.token_file));
  tell(answer, options.as_json, "interlock approve");
  return exit_done;
}

int show(const PolicyOptions& options) {
  const auto answer = get(options.where, target);
  if (options.as_json) {
    fmt::print("{}\n", json::serialize(answer));
    return exit_done;
  }
  std::vector<std::vector<std::string>> rows{
      {"scope", "", "key", "value", "line", "owner", "review"}};
  for (const auto& row : answer.at("policy").as_array()) {
    auto& line = rows.emplace_back();
    for (const auto* key : {"scope_kind", "scope", "key", "value", "line", "owner", "review"})
      line.push_back(plain(row.at(key)));
  }
  fmt::print("configuration {}\n{}", plain(answer.at("config_hash")), columns(rows));
  for (const auto& raise : answer.at("raises").as_array()) {
    fmt::print("RAISED {} {} {}: {} instead of {} until {} by {}: {}\n",
               plain(raise.at("scope_kind")), plain(raise.at("scope")), plain(raise.at("key")),
               plain(raise.at("value")), plain(raise.at("before")), plain(raise.at("until")),
               plain(raise.at("people")), plain(raise.at("reason")));
  }
  for (const auto& proposal : answer.at("proposals").as_array()) {
    fmt::print("PROPOSED {} by {} until {}: {}\n{}", plain(proposal.at("id")),
               plain(proposal.at("people")), plain(proposal.at("valid_until")),
               plain(proposal.at("reason")), lines(proposal.at("changes")));
  }
  return exit_done;
}

CLI::App* add(CLI::App& app, PolicyOptions& options, const char* name, const char* says) {
  auto* command = app.add_subcommand(name, says);
  add_where(*command, options.where);
  command->add_flag("--json", options.as_json, "The API's answer as it is");
  return command;
}

void add_approve(CLI::App& app, int& exit) {
  const auto options = std::make_shared<PolicyOptions>();
  auto* command = add(app, *options, "approve", "As the second person: what loosens the policy");
  command->add_option("ID", options->proposal, "The proposal's number")->required();
  add_token(*command, options->token_file);
  command->callback([=, &exit] {
    exit = change(*options, {{"action", "approve"}, {"proposal", options->proposal}});
  });
}

void add_reload(CLI::App& app, int& exit) {
  const auto options = std::make_shared<PolicyOptions>();
  auto* command =
      add(app, *options, "reload", "Take over the policy of the configuration file, or of FILE");
  command->add_option("FILE", options->file, "Beside the running one");
  auto* reason = command->add_option("--reason", options->reason, "Why, for the record");
  add_token(*command, options->token_file);
  add_approve(*command, exit);
  command->callback([=, &exit] {
    if (!command->get_subcommands().empty()) return;
    if (reason->count() == 0) throw CLI::RequiredError("--reason");
    const auto file =
        options->file.empty() ? std::string() : std::filesystem::absolute(options->file).string();
    exit = change(*options, {{"action", "reload"}, {"file", file}, {"reason", options->reason}});
  });
}

void add_raise(CLI::App& app, int& exit) {
  const auto options = std::make_shared<PolicyOptions>();
  auto* command = add(app, *options, "raise", "A limit, for a time; another person approves it");
  command->add_option("SCOPE", options->scope, "account, symbol, router ... or firm")->required();
  command->add_option("ID", options->id, "Which of them; - for the firm")->required();
  command->add_option("KEY", options->key, "As in the configuration: max_order_qty")->required();
  command->add_option("VALUE", options->value, "As in the configuration: \"5 M USD\"")->required();
  command->add_option("--until", options->for_s, "How long: 30min, 2h")
      ->required()
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, std::uint64_t>{{"s", 1}, {"min", 60}, {"h", 3600}},
          CLI::AsNumberWithUnit::UNIT_REQUIRED));
  command->add_option("--reason", options->reason, "Why, for the record")->required();
  add_token(*command, options->token_file);
  command->callback([=, &exit] {
    exit = change(*options, {{"action", "raise"},
                             {"scope", options->scope},
                             {"id", options->id == "-" ? "" : options->id},
                             {"key", options->key},
                             {"value", options->value},
                             {"for_s", options->for_s},
                             {"reason", options->reason}});
  });
}

std::string now() {
  return fmt::format(
      "{:%Y-%m-%dT%H:%M:%SZ}",
      fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

void add_price(CLI::App& app, int& exit) {
  const auto options = std::make_shared<PolicyOptions>();
  auto* command = add(app, *options, "price", "A reference price, beside those of the file");
  command->add_option("SYMBOL", options->id, "As in the policy")->required();
  command->add_option("PRICE", options->value, "In the currency of the symbol")->required();
  command->add_option("--as-of", options->key, "2026-11-21T09:30:00Z; now when absent");
  add_token(*command, options->token_file);
  command->callback([=, &exit] {
    const json::object price{{"symbol", options->id},
                             {"price", options->value},
                             {"as_of", options->key.empty() ? now() : options->key}};
    const auto answer = send(options->where, "PUT", "/api/v1/prices",
                             {{"prices", json::array{price}}}, token_of(options->token_file));
    fmt::print("{}\n", options->as_json ? json::serialize(answer) : plain(answer.at("text")));
    exit = exit_done;
  });
}

}  // namespace

void add_policy(CLI::App& app, int& exit) {
  add_price(app, exit);
  add_reload(app, exit);
  add_raise(app, exit);
  add_approve(app, exit);
  const auto options = std::make_shared<PolicyOptions>();
  auto* command = add(app, *options, "policy", "Every setting in force, raises and proposals");
  command->callback([=, &exit] { exit = show(*options); });
}

}  // namespace interlock::cli
