#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <thread>

#include "cli/client.hpp"
#include "cli/command.hpp"
#include "cli/text.hpp"

namespace interlock::cli {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

struct KillOptions {
  Where where;
  std::string level = "kill";
  std::string scope, id, reason;
  int wait_ms = 0;
  bool as_json = false;
};

struct RearmOptions {
  Where where;
  std::uint64_t kill_id = 0;
  std::string reason, residual_signed_off, identity, token_file;
  std::vector<std::string> orders;
  bool as_json = false;
};

std::string kill_text(const json::object& kill) {
  const auto at = [&](std::string_view key) { return plain(kill.at(key)); };
  const auto level = at("level");
  const auto word = level == "kill" ? "KILLED" : level == "block" ? "BLOCKED" : "REDUCE-ONLY";
  std::string text =
      fmt::format("{} {} {}  kill {}{}\n", red(word), at("scope"), at("id"), at("kill_id"),
                  kill.at("already").as_bool() ? ", since " + at("tripped_at") : "");
  if (kill.at("gate_ns").is_null()) return text;
  text += fmt::format(
      "gate closed after {:.1f} ms, {} cancels sent, {} queued orders purged, {} orders "
      "still alive\n",
      kill.at("gate_ns").to_number<double>() / 1e6, at("cancels_sent"), at("purged"),
      at("residual"));
  for (const auto& [venue, sequence] : kill.at("last_sequence").as_object()) {
    text +=
        fmt::format("last to {}: MsgSeqNum {}, {} bytes may still leave\n", std::string_view{venue},
                    plain(sequence), plain(kill.at("unsent").at(venue)));
  }
  return text;
}

// What is not certain after a kill, on stderr.
int report_doubts(const json::object& kill) {
  int exit = exit_done;
  if (kill.at("gate_ns").is_null()) {
    fmt::print(stderr,
               "the event loop has NOT confirmed that the gate is closed; the latch is set. "
               "If `interlock status` does not show it within seconds, cut the venue links\n");
    exit = exit_partly;
  }
  if (!kill.at("persisted").as_bool()) {
    fmt::print(stderr, "the kill is in force but NOT on disk ({}): do not restart the gateway\n",
               plain(kill.at("problem")));
    exit = exit_partly;
  }
  return exit;
}

const json::object* find_kill(const json::object& state, const json::value& kill_id) {
  for (const auto& kill : state.at("kills").as_array()) {
    if (kill.at("kill_id") == kill_id) return &kill.as_object();
  }
  return nullptr;
}

// Until no order in the kill's scope is alive any more.
int wait_for_cancels(const KillOptions& options, const json::value& kill_id) {
  const auto deadline = std::chrono::steady_clock::now() + milliseconds{options.wait_ms};
  while (true) {
    const auto state = get(options.where, "/api/v1/state");
    const auto* kill = find_kill(state, kill_id);
    const bool closed = kill && kill->at("closed_at").as_string() != "unconfirmed";
    if (closed && kill->at("residual") == 0) {
      fmt::print("every order in its scope is confirmed dead\n");
      return exit_done;
    }
    if (std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(milliseconds{100});
      continue;
    }
    fmt::print(stderr, "NOT confirmed within --wait; phone the venues:\n");
    if (!kill) return exit_partly;
    for (const auto& order : kill->at("residual_orders").as_array()) {
      fmt::print(stderr, "  {} {} {} {} {} open {}\n", plain(order.at("venue")),
                 plain(order.at("cl_ord_id")), plain(order.at("side")), plain(order.at("symbol")),
                 plain(order.at("account")), plain(order.at("open")));
    }
    return exit_partly;
  }
}

int kill(const KillOptions& options) {
  json::object body{{"scope", options.scope}, {"level", options.level}};
  if (!options.id.empty()) body["id"] = options.id;
  if (!options.reason.empty()) body["reason"] = options.reason;
  const auto answer = post(options.where, "/api/v1/kill", body);
  fmt::print("{}", options.as_json ? json::serialize(answer) + "\n" : kill_text(answer));
  std::fflush(stdout);
  const int doubts = report_doubts(answer);
  if (options.wait_ms == 0) return doubts;
  return std::max(doubts, wait_for_cancels(options, answer.at("kill_id")));
}

int rearm(const RearmOptions& options, json::object body) {
  const auto answer = post(options.where, "/api/v1/rearm", body, token_of(options.token_file));
  if (options.as_json) {
    fmt::print("{}\n", json::serialize(answer));
  } else if (answer.contains("cleared")) {
    fmt::print("kill {} ({}) of {} {} is cleared\n", plain(answer.at("kill_id")),
               plain(answer.at("level")), plain(answer.at("scope")), plain(answer.at("id")));
  } else {
    fmt::print("begun by {}, until {}; now another person: interlock rearm approve {}\n",
               plain(answer.at("begun_by")), plain(answer.at("expires_at")),
               plain(answer.at("kill_id")));
  }
  return exit_done;
}

// The orders that the sign-off has to name, and the identity where what runs is new.
std::string rest_of_command(const json::object& kill, const json::object& rearm, bool begins) {
  std::string text;
  if (begins) {
    for (const auto& order : kill.at("residual_orders").as_array())
      text +=
          fmt::format(" --order {}/{}", plain(order.at("router")), plain(order.at("cl_ord_id")));
    if (!text.empty()) text += " --residual-signed-off TEXT";
  }
  if (rearm.at("needs_identity").as_bool()) text += " --identity " + plain(rearm.at("running"));
  return text;
}

std::string next_step(const json::object& kill, const json::object& rearm) {
  const auto id = plain(kill.at("kill_id"));
  if (const auto* begun = kill.at("rearm_begun").if_object()) {
    return fmt::format("a person other than {}: interlock rearm approve {}{}",
                       plain(begun->at("by")), id, rest_of_command(kill, rearm, false));
  }
  return fmt::format("interlock rearm begin {} --reason TEXT{}", id,
                     rest_of_command(kill, rearm, true));
}

int rearm_status(const RearmOptions& options) {
  const auto state = get(options.where, "/api/v1/state");
  const auto& kills = state.at("kills").as_array();
  if (options.as_json) {
    fmt::print("{}\n", json::serialize(kills));
    return exit_done;
  }
  if (kills.empty()) fmt::print("nothing is killed\n");
  const auto& rearm = state.at("rearm").as_object();
  if (!kills.empty() && rearm.at("needs_identity").as_bool())
    fmt::print("runs (build/configuration): {}  armed last: {}\n", plain(rearm.at("running")),
               rearm.at("approved").is_null() ? "nothing" : plain(rearm.at("approved")));
  if (!kills.empty() && !rearm.at("problem").as_string().empty())
    fmt::print("in the way: {}\n", plain(rearm.at("problem")));
  for (const auto& value : state.at("venue_checks").as_array()) {
    const auto& check = value.as_object();
    const std::string outcome = plain(check.at("state"));
    if (outcome == "matched" || outcome == "signed off") continue;
    fmt::print("venue {}: its open orders against the books: {}, {} of {} compared\n",
               plain(check.at("venue")), outcome, plain(check.at("compared")),
               plain(check.at("orders")));
    for (const auto& difference : check.at("differences").as_array())
      fmt::print("  {}\n", plain(difference));
  }
  for (const auto& value : kills) {
    const auto& kill = value.as_object();
    fmt::print("{} {}  {} {}: {}, {} orders still alive\n  next: {}\n", plain(kill.at("level")),
               plain(kill.at("kill_id")), plain(kill.at("scope")), plain(kill.at("id")),
               plain(kill.at("cause")), plain(kill.at("residual")), next_step(kill, rearm));
  }
  return exit_done;
}

void add_rearm(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("rearm", "Open the gate again: two people, one cause");
  command->require_subcommand(1);
  const auto options = std::make_shared<RearmOptions>();
  const auto add = [&](const char* name, const char* says) {
    auto* step = command->add_subcommand(name, says);
    add_where(*step, options->where);
    step->add_flag("--json", options->as_json, "The API's answer as it is");
    return step;
  };
  auto* begin = add("begin", "The first person, who says why");
  begin->add_option("KILL-ID", options->kill_id, "As `interlock rearm status` shows")->required();
  begin->add_option("--reason", options->reason, "What happened, and why it is over")->required();
  begin->add_option("--residual-signed-off", options->residual_signed_off,
                    "What became of the orders that are still alive");
  begin->add_option("--order", options->orders,
                    "Each of them: ROUTER/CLORDID, as `interlock rearm status` shows");
  const auto add_identity = [&](CLI::App& step) {
    step.add_option("--identity", options->identity,
                    "What may run: BUILD/CONFIG, where it is not what was armed last");
  };
  add_identity(*begin);
  add_token(*begin, options->token_file);
  begin->callback([=, &exit] {
    exit = rearm(*options, {{"action", "begin"},
                            {"kill_id", options->kill_id},
                            {"reason", options->reason},
                            {"residual_signed_off", options->residual_signed_off},
                            {"orders_signed_off", json::value_from(options->orders)},
                            {"identity", options->identity}});
  });
  auto* approve = add("approve", "The second person");
  add_identity(*approve);
  approve->add_option("KILL-ID", options->kill_id, "As `interlock rearm status` shows")->required();
  add_token(*approve, options->token_file);
  approve->callback([=, &exit] {
    exit = rearm(
        *options,
        {{"action", "approve"}, {"kill_id", options->kill_id}, {"identity", options->identity}});
  });
  auto* status = add("status", "Each kill in force, and what is missing");
  status->callback([=, &exit] { exit = rearm_status(*options); });
}

}  // namespace

// `kill`, and the two lower levels: no order opens a position, or none goes, and open ones stay.
void add_kill(CLI::App& app, int& exit) {
  const auto add = [&](const char* level, const char* says) {
    const auto options = std::make_shared<KillOptions>();
    options->level = level;
    auto* command = app.add_subcommand(level, says);
    add_where(*command, options->where);
    command
        ->add_option("SCOPE", options->scope,
                     "everything, firm, router, venue, account, symbol, parent, algo, trader, desk")
        ->required();
    command->add_option("ID", options->id, "Which of them; nothing for everything");
    command->add_option("--reason", options->reason, "For the record");
    command->add_flag("--json", options->as_json, "The API's answer as it is");
    command->callback([=, &exit] { exit = kill(*options); });
    return std::pair(command, options);
  };
  add("reduce-only", "Only orders that reduce a position may go");
  add("block", "No order may go; open ones stay");
  const auto [command, options] = add("kill", "Stop a scope now; it asks nothing");
  command->add_option("--wait", options->wait_ms, "Until its orders are confirmed dead: 30s")
      ->transform(
          CLI::AsNumberWithUnit(std::map<std::string, int>{{"ms", 1}, {"s", 1000}, {"min", 60'000}},
                                CLI::AsNumberWithUnit::UNIT_REQUIRED));
  add_rearm(app, exit);
}

}  // namespace interlock::cli
