// The page that the console shows: of each list what one screen can hold, four times a second.
#include <boost/json.hpp>

#include "console/view.hpp"
#include "console/view_parts.hpp"

namespace interlock::console {
namespace {

namespace json = boost::json;
constexpr std::size_t rows_most = 40;
constexpr std::size_t residual_most = 100;
constexpr std::size_t scopes_most = 200;

json::object record_json(const gateway::RecordView& record) {
  return {{"record", record.record},
          {"time", rfc3339(record.time_ns)},
          {"kind", record.kind},
          {"actor", record.actor},
          {"text", record.text}};
}

std::uint64_t sum(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t total = 0;
  for (const auto& [name, count] : counts) total += count;
  return total;
}

json::object open_orders(const gateway::Snapshot& snapshot) {
  json::object by;
  for (const auto& [kind, counts] : snapshot.open_orders_by) {
    json::object& names = by[kind].emplace_object();
    for (const auto& [name, count] : counts) {
      if (names.size() >= scopes_most) break;
      names[name] = count;
    }
  }
  return by;
}

json::array open_alerts(const gateway::Snapshot& snapshot, std::uint64_t& count) {
  json::array open;
  for (const gateway::AlertView& alert : snapshot.alerts) {
    if (!alert.acknowledged_by.empty()) break;  // open ones stand first
    if (++count <= rows_most) open.push_back(alert_json(alert));
  }
  return open;
}

// Parents have a list of their own.
json::array limits(const gateway::Snapshot& snapshot, std::uint64_t& count) {
  json::array fullest;
  for (const gateway::LimitView& limit : snapshot.limits) {
    if (limit.control == "parent-fill") continue;
    if (++count <= rows_most) fullest.push_back(limit_json(limit));
  }
  return fullest;
}

// What is done and was never refused anything is full for ever, and nothing to look at.
json::array parents(const gateway::Snapshot& snapshot) {
  const auto is_done = [](const gateway::ParentView& parent) {
    return parent.exhausted && parent.refused == 0;
  };
  json::array rows;
  for (const bool done : {false, true}) {
    for (const gateway::ParentView& parent : snapshot.parents) {
      if (rows.size() < rows_most && is_done(parent) == done) rows.push_back(parent_json(parent));
    }
  }
  return rows;
}

json::array rights_of(const config::PersonEntry& person) {
  const std::pair<bool, std::string_view> rights[] = {
      {person.may_view, "view"},       {person.may_kill, "kill"},
      {person.may_rearm, "rearm"},     {person.may_declare, "declare"},
      {person.may_limits, "limits"},   {person.may_acknowledge, "acknowledge"},
      {person.may_release, "release"}, {person.may_prices, "prices"}};
  json::array may;
  for (const auto& [has, name] : rights)
    if (has) may.emplace_back(name);
  return may;
}

}  // namespace

json::object console_page(const gateway::Snapshot& snapshot, const Identity& identity,
                          const config::PersonEntry* person, std::int64_t now_ns) {
  json::object all = page(snapshot, now_ns);
  all["state"] = snapshot.state;
  all["identity"] = version_page(identity_now(identity, snapshot));
  all["person"] =
      person == nullptr
          ? json::value(nullptr)
          : json::value(json::object{{"name", person->name}, {"may", rights_of(*person)}});
  all["kills"] = array_of(
      snapshot.kills, [](const gateway::KillView& kill) { return kill_json(kill, residual_most); });
  all["rearm"] = rearm_json(snapshot);
  all["buttons"] = array_of(snapshot.buttons, button_json);
  all["button_thread"] = snapshot.button_thread;
  all["sessions"] = array_of(snapshot.sessions, session_json);
  all["venue_checks"] = array_of(snapshot.venue_checks, venue_check_json);
  std::uint64_t limits_count = 0;
  all["limits"] = limits(snapshot, limits_count);
  all["limits_count"] = limits_count;
  all["parents"] = parents(snapshot);
  all["parents_count"] = snapshot.parent_count;
  all["refusals"] = array_of(snapshot.refusals, refusal_json, rows_most);
  all["refused"] = sum(snapshot.refused_by_router);
  all["passed"] = sum(snapshot.passed_by_router);
  std::uint64_t open = 0;
  all["alerts"] = open_alerts(snapshot, open);
  all["alerts_open"] = open;
  all["proposals"] = snapshot.proposals.size();
  all["records"] = array_of(snapshot.records, record_json, rows_most);
  all["open_orders"] = snapshot.open_orders;
  all["open_orders_by"] = open_orders(snapshot);
  all["journal"] = journal_json(snapshot);
  all["journal_problem"] = snapshot.journal_problem;
  all["clock_problem"] = snapshot.clock.problem;
  return all;
}

}  // namespace interlock::console
