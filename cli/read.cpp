#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "cli/client.hpp"
#include "cli/command.hpp"
#include "cli/text.hpp"

namespace interlock::cli {
namespace {

namespace json = boost::json;
constexpr std::int64_t stale_ms = 2000;
constexpr std::size_t hash_digits = 12;  // enough to tell two builds apart by eye

struct ReadOptions {
  Where where;
  bool as_json = false;
  bool watch = false;
  std::size_t top = 0;  // 0: all
  std::string name;     // empty: all
};

std::string at(const json::object& object, std::string_view key) { return plain(object.at(key)); }

std::string short_hash(const json::object& object, std::string_view key) {
  return at(object, key).substr(0, hash_digits);
}

// `ARMED gw-03 build 3f9c2e1 config 118ab2 sessions 2/2 kills 0 open 12 journal ok age 20 ms`
std::string first_line(const json::object& state) {
  const std::int64_t age_ms = state.at("age_ms").to_number<std::int64_t>();
  const std::string word = boost::to_upper_copy(at(state, "state"));
  std::string shown = word;
  if (age_ms >= stale_ms) shown = red("UNKNOWN");
  if (age_ms < stale_ms && word == "KILLED") shown = red(word);
  const auto& sessions = state.at("sessions").as_array();
  const auto on = std::ranges::count_if(
      sessions, [](const json::value& session) { return session.at("state").as_string() == "on"; });
  const auto& identity = state.at("identity").as_object();
  const bool is_signed = at(state.at("journal").as_object(), "signing_problem").empty();
  const std::string journal = is_signed ? "ok" : red("not signed");
  std::string buttons;
  for (const auto& button : state.at("buttons").as_array())
    buttons += fmt::format(" button {} {}", plain(button.at("id")),
                           button.at("good").as_bool() ? "ok" : red(plain(button.at("state"))));
  return fmt::format(
      "{} {} {} build {} config {} sessions {}/{} kills {} open {} journal {}{} age {} ms\n", shown,
      at(identity, "node"), at(identity, "environment"), short_hash(identity, "build_id"),
      short_hash(identity, "config_hash"), on, sessions.size(), state.at("kills").as_array().size(),
      at(state, "open_orders"), journal, buttons, age_ms);
}

std::string kills_text(const json::object& state) {
  std::string text;
  for (const auto& value : state.at("kills").as_array()) {
    const auto& kill = value.as_object();
    text += fmt::format(
        "{} {}  {} {}  since {}  by {} ({}): {}\n  gate closed {}, {} cancels sent, "
        "{} orders still alive\n",
        at(kill, "level"), at(kill, "kill_id"), at(kill, "scope"), at(kill, "id"),
        at(kill, "tripped_at"), at(kill, "actor"), at(kill, "source"), at(kill, "cause"),
        at(kill, "closed_at"), at(kill, "cancels_sent"), at(kill, "residual"));
    if (const auto* begun = kill.at("rearm_begun").if_object()) {
      text += fmt::format("  re-arming begun by {}: {}; another person approves it\n",
                          at(*begun, "by"), at(*begun, "reason"));
    }
  }
  return text;
}

// Of the venues that have not agreed with the books.
std::string checks_text(const json::object& state) {
  std::string text;
  for (const auto& value : state.at("venue_checks").as_array()) {
    const auto& check = value.as_object();
    if (at(check, "state") == "matched" || at(check, "state") == "signed off") continue;
    text += fmt::format("venue {}: orders {}, {} of {} compared since {}\n", at(check, "venue"),
                        at(check, "state"), at(check, "compared"), at(check, "orders"),
                        at(check, "since"));
    for (const auto& difference : check.at("differences").as_array())
      text += fmt::format("  {}\n", plain(difference));
  }
  return text;
}

std::string status_text(const json::object& state) {
  std::string text = first_line(state);
  if (state.at("age_ms").to_number<std::int64_t>() >= stale_ms) {
    text += "the event loop is silent: whether trading is on is not known\n";
  }
  text += kills_text(state);
  for (const auto& session : state.at("sessions").as_array()) {
    text += fmt::format("{} {} {}\n", plain(session.at("side")), plain(session.at("id")),
                        plain(session.at("state")));
  }
  text += checks_text(state);
  const auto& refusals = state.at("refusals").as_array();
  for (std::size_t i = 0; i < std::min<std::size_t>(refusals.size(), 5); ++i) {
    const auto& refusal = refusals[i].as_object();
    text += fmt::format("refused {} {} {} {}\n", at(refusal, "time"), at(refusal, "router"),
                        at(refusal, "cl_ord_id"), at(refusal, "text"));
  }
  return text;
}

// One page as columns: the members named in `heads`, in their order.
std::string table_text(const json::array& rows, const std::vector<std::string>& heads,
                       std::size_t top) {
  std::vector<std::vector<std::string>> lines{heads};
  for (const auto& row : rows) {
    if (top != 0 && lines.size() > top) break;
    auto& line = lines.emplace_back();
    for (const auto& head : heads) {
      line.push_back(head == "fraction"
                         ? fmt::format("{:.0f} %", row.at(head).to_number<double>() * 100)
                         : plain(row.at(head)));
    }
  }
  return columns(lines);
}

int status(const ReadOptions& options) {
  while (true) {
    const auto state = get(options.where, "/api/v1/state");
    const auto text = options.as_json ? json::serialize(state) + "\n" : status_text(state);
    if (options.watch && !options.as_json) fmt::print("\x1b[H\x1b[2J");
    fmt::print("{}", text);
    std::fflush(stdout);
    const bool known = state.at("age_ms").to_number<std::int64_t>() < stale_ms;
    if (!options.watch) return known ? exit_done : exit_no;
    std::this_thread::sleep_for(std::chrono::seconds{1});
  }
}

int table(const ReadOptions& options, const std::string& page,
          const std::vector<std::string>& heads) {
  auto answer = get(options.where, "/api/v1/" + page);
  auto& rows = answer.at(page).as_array();
  if (!options.name.empty()) {
    json::array only;
    for (const auto& row : rows)
      if (at(row.as_object(), heads.front()) == options.name) only.push_back(row);
    if (only.empty()) throw Failure{exit_usage, fmt::format("none is called '{}'", options.name)};
    rows = std::move(only);
  }
  if (options.as_json) {
    fmt::print("{}\n", json::serialize(answer));
  } else {
    fmt::print("{}", table_text(rows, heads, options.top));
  }
  return exit_done;
}

void add_table(CLI::App& app, int& exit, const std::string& page, const std::string& says,
               std::vector<std::string> heads) {
  const auto options = std::make_shared<ReadOptions>();
  auto* command = app.add_subcommand(page, says);
  add_where(*command, options->where);
  command->add_flag("--json", options->as_json, "The API's answer as it is");
  command->add_option("--top", options->top, "Only the first N");
  if (heads.front() != "fraction")  // a limit has no name
    command->add_option("NAME", options->name, "Only the one of this name");
  command->callback([=, &exit] { exit = table(*options, page, heads); });
}

}  // namespace

void add_read(CLI::App& app, int& exit) {
  const auto options = std::make_shared<ReadOptions>();
  auto* command = app.add_subcommand("status", "One line on the state, then kills and sessions");
  add_where(*command, options->where);
  command->add_flag("--json", options->as_json, "The API's answer as it is");
  command->add_flag("--watch", options->watch, "Again every second, until interrupted");
  command->callback([=, &exit] { exit = status(*options); });

  add_table(app, exit, "sessions", "The FIX sessions",
            {"id", "side", "state", "peer", "next_in", "next_out", "messages_in", "messages_out",
             "out_buffer_bytes", "last_received"});
  add_table(app, exit, "parents", "Parents, the fullest first",
            {"parent", "account", "symbol", "side", "size", "cum", "open", "children", "refused",
             "exhausted", "cancelled"});
  add_table(app, exit, "limits", "Limits, the fullest first",
            {"fraction", "control", "scope", "id", "used", "limit", "line", "raised_until"});
}

}  // namespace interlock::cli
