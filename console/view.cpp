#include "console/view.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>

namespace interlock::console {
namespace {

namespace json = boost::json;
constexpr std::int64_t ns_per_ms = 1'000'000;

json::value time_or_null(std::int64_t utc_ns) {
  return utc_ns == 0 ? json::value(nullptr) : json::value(rfc3339(utc_ns));
}

json::value closed_text(std::int64_t closed_at_ns) {
  return closed_at_ns == 0 ? json::value("unconfirmed") : json::value(rfc3339(closed_at_ns));
}

template <class Map>
json::object object_of(const Map& map) {
  json::object object;
  for (const auto& [key, value] : map) object[key] = value;
  return object;
}

json::object times_of(const std::map<std::string, std::int64_t>& times) {
  json::object object;
  for (const auto& [key, utc_ns] : times) object[key] = rfc3339(utc_ns);
  return object;
}

template <class Views, class Write>
json::array array_of(const Views& views, Write write) {
  json::array array;
  array.reserve(views.size());
  for (const auto& view : views) array.push_back(write(view));
  return array;
}

json::object page(const gateway::Snapshot& snapshot, std::int64_t now_ns) {
  return {{"age_ms", (now_ns - snapshot.time_ns) / ns_per_ms}, {"time", rfc3339(snapshot.time_ns)}};
}

json::object order_json(const gateway::OrderView& order) {
  return {{"router", order.router},     {"venue", order.venue},
          {"account", order.account},   {"symbol", order.symbol},
          {"parent", order.parent},     {"cl_ord_id", order.cl_ord_id},
          {"side", order.side},         {"state", order.state},
          {"quantity", order.quantity}, {"cum", order.cum},
          {"open", order.open},         {"cancel_in_flight", order.cancel_in_flight}};
}

json::value rearm_begun(const gateway::KillView& kill) {
  if (kill.rearm_begun_at_ns == 0) return nullptr;
  return json::object{{"by", kill.rearm_begun_by},
                      {"reason", kill.rearm_reason},
                      {"at", rfc3339(kill.rearm_begun_at_ns)}};
}

json::object kill_json(const gateway::KillView& kill) {
  return {{"kill_id", kill.id},
          {"scope", kill.scope_kind},
          {"id", kill.scope},
          {"level", kill.level},
          {"source", kill.source},
          {"actor", kill.actor},
          {"cause", kill.cause},
          {"tripped_at", rfc3339(kill.tripped_at_ns)},
          {"closed_at", closed_text(kill.closed_at_ns)},
          {"last_sequence", object_of(kill.last_sequence)},
          {"unsent", object_of(kill.unsent)},
          {"cut_at", times_of(kill.cut_at_ns)},
          {"cancels_sent", kill.cancels_sent},
          {"residual", kill.residual_count},
          {"residual_orders", array_of(kill.residual, order_json)},
          {"rearm_begun", rearm_begun(kill)}};
}

json::object button_json(const gateway::ButtonView& button) {
  return {{"id", button.id},
          {"scope", button.scope_kind},
          {"scope_id", button.scope},
          {"device", button.device},
          {"on_loss", button.on_loss},
          {"socket", button.socket.empty() ? json::value(nullptr) : json::value(button.socket)},
          {"state", button.state},
          {"fail_safe", button.fail_safe},
          {"good", button.good},
          {"untested", button.untested},
          {"pressed_at", time_or_null(button.pressed_at_ns)},
          {"latency_ns", button.latency_ns},
          {"drilled_at", time_or_null(button.drilled_at_ns)},
          {"drill", button.drill},
          {"drill_until", time_or_null(button.drill_until_ns)}};
}

json::object refusal_json(const gateway::RefusalView& refusal) {
  return {{"record", refusal.record},       {"time", rfc3339(refusal.time_ns)},
          {"router", refusal.router},       {"code", refusal.code},
          {"cl_ord_id", refusal.cl_ord_id}, {"text", refusal.text}};
}

json::object alert_json(const gateway::AlertView& alert) {
  return {{"id", alert.id},
          {"severity", alert.severity},
          {"kind", alert.kind},
          {"scope", alert.scope_kind},
          {"scope_id", alert.scope},
          {"text", alert.text},
          {"count", alert.count},
          {"raised_at", rfc3339(alert.raised_at_ns)},
          {"last_at", rfc3339(alert.last_at_ns)},
          {"acknowledged_by", alert.acknowledged_by},
          {"acknowledged_with", alert.acknowledged_with},
          {"acknowledged_at", time_or_null(alert.acknowledged_at_ns)}};
}

json::object session_json(const gateway::SessionView& session) {
  return {{"id", session.id},
          {"side", session.side},
          {"state", session.state},
          {"peer", session.peer},
          {"next_in", session.next_in},
          {"next_out", session.next_out},
          {"messages_in", session.messages_in},
          {"messages_out", session.messages_out},
          {"out_buffer_bytes", session.out_buffer_bytes},
          {"last_received", time_or_null(session.last_received_ns)}};
}

json::object limit_json(const gateway::LimitView& limit) {
  return {{"control", limit.control}, {"scope", limit.scope_kind},
          {"id", limit.scope},        {"used", limit.used},
          {"limit", limit.limit},     {"fraction", limit.fraction},
          {"line", limit.line},       {"raised_until", time_or_null(limit.raised_until_ns)}};
}

json::object parent_json(const gateway::ParentView& parent) {
  return {{"parent", parent.id},
          {"account", parent.account},
          {"symbol", parent.symbol},
          {"side", parent.side},
          {"source", parent.source},
          {"size", parent.size},
          {"cum", parent.cum},
          {"open", parent.open},
          {"children", parent.children},
          {"refused", parent.refused},
          {"exhausted", parent.exhausted},
          {"cancelled", parent.cancelled}};
}

json::object venue_check_json(const gateway::VenueCheckView& check) {
  json::array differences;
  for (const std::string& each : check.differences) differences.emplace_back(each);
  return {{"venue", check.venue},
          {"state", check.state},
          {"orders", check.asked},
          {"compared", check.answered},
          {"differences", std::move(differences)},
          {"since", rfc3339(check.since_ns)}};
}

}  // namespace

std::string rfc3339(std::int64_t utc_ns) {
  const std::chrono::nanoseconds since_epoch{utc_ns};
  const auto second = std::chrono::floor<std::chrono::seconds>(since_epoch);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:09}Z",
                     fmt::gmtime(static_cast<std::time_t>(second.count())),
                     (since_epoch - second).count());
}

json::object version_page(const Identity& identity) {
  return {{"version", identity.version},   {"git_revision", identity.git_revision},
          {"build_id", identity.build_id}, {"config_hash", identity.config_hash},
          {"node", identity.node},         {"environment", identity.environment}};
}

Identity identity_now(const Identity& identity, const gateway::Snapshot& snapshot) {
  Identity now = identity;
  if (snapshot.policy) now.config_hash = snapshot.policy->hash;
  return now;
}

json::object state_page(const gateway::Snapshot& snapshot, const Identity& identity,
                        std::int64_t now_ns) {
  json::object state = page(snapshot, now_ns);
  state["state"] = snapshot.state;
  state["identity"] = version_page(identity_now(identity, snapshot));
  state["kills"] = array_of(snapshot.kills, kill_json);
  state["buttons"] = array_of(snapshot.buttons, button_json);
  state["button_thread"] = snapshot.button_thread;
  state["rearm"] = json::object{
      {"problem", snapshot.rearm_problem},
      {"running", killswitch::short_identity(snapshot.identity)},
      {"approved", snapshot.armed_identity.empty()
                       ? json::value(nullptr)
                       : json::value(killswitch::short_identity(snapshot.armed_identity))},
      {"needs_identity", snapshot.identity != snapshot.armed_identity}};
  state["sessions"] = array_of(snapshot.sessions, [](const gateway::SessionView& session) {
    return json::object{{"id", session.id}, {"side", session.side}, {"state", session.state}};
  });
  state["venue_checks"] = array_of(snapshot.venue_checks, venue_check_json);
  state["open_orders"] = snapshot.open_orders;
  state["parents"] = snapshot.parent_count;
  state["passed_by_router"] = object_of(snapshot.passed_by_router);
  state["refused_by_router"] = object_of(snapshot.refused_by_router);
  state["refused_by_code"] = object_of(snapshot.refused_by_code);
  state["refusals"] = array_of(snapshot.refusals, refusal_json);
  state["anomalies"] = object_of(snapshot.anomalies);
  state["quarantined_fills"] = snapshot.quarantined_fills;
  state["reference_age_s"] = object_of(snapshot.reference_age_s);
  state["journal"] = json::object{{"records", snapshot.journal_records},
                                  {"bytes", snapshot.journal_bytes},
                                  {"unsynced_age_ms", snapshot.journal_unsynced_age_ns / ns_per_ms},
                                  {"signing_key", snapshot.signing.key},
                                  {"signed_records", snapshot.signing.last_sequence},
                                  {"signing_problem", snapshot.signing.problem}};
  return state;
}

json::object parents_page(const gateway::Snapshot& snapshot, std::int64_t now_ns) {
  json::object parents = page(snapshot, now_ns);
  parents["count"] = snapshot.parent_count;
  parents["parents"] = array_of(snapshot.parents, parent_json);
  return parents;
}

json::object limits_page(const gateway::Snapshot& snapshot, std::int64_t now_ns) {
  json::object limits = page(snapshot, now_ns);
  limits["limits"] = array_of(snapshot.limits, limit_json);
  return limits;
}

json::object sessions_page(const gateway::Snapshot& snapshot, std::int64_t now_ns) {
  json::object sessions = page(snapshot, now_ns);
  sessions["sessions"] = array_of(snapshot.sessions, session_json);
  return sessions;
}

json::object alerts_page(const gateway::Snapshot& snapshot, std::int64_t now_ns) {
  json::object alerts = page(snapshot, now_ns);
  alerts["alerts"] = array_of(snapshot.alerts, alert_json);
  return alerts;
}

json::object policy_page(const gateway::Snapshot& snapshot, std::int64_t now_ns) {
  json::object policy = page(snapshot, now_ns);
  const auto in_force = snapshot.policy ? *snapshot.policy : gateway::PolicyView{};
  policy["config_hash"] = in_force.hash;
  policy["policy"] = array_of(in_force.rows, [](const config::PolicyRow& row) {
    return json::object{{"scope_kind", row.scope_kind}, {"scope", row.scope},  {"key", row.key},
                        {"value", row.value},           {"line", row.line},    {"why", row.why},
                        {"owner", row.owner},           {"review", row.review}};
  });
  policy["raises"] = array_of(in_force.raises, [](const gateway::RaiseView& raise) {
    return json::object{{"id", raise.id},
                        {"scope_kind", raise.scope_kind},
                        {"scope", raise.scope},
                        {"key", raise.key},
                        {"before", raise.before},
                        {"value", raise.value},
                        {"reason", raise.reason},
                        {"people", raise.people},
                        {"until", rfc3339(raise.until_ns)}};
  });
  policy["proposals"] = array_of(snapshot.proposals, [](const gateway::ProposalView& proposal) {
    return json::object{{"id", proposal.id},
                        {"people", proposal.people},
                        {"reason", proposal.reason},
                        {"changes", proposal.changes},
                        {"valid_until", rfc3339(proposal.expires_at_ns)}};
  });
  return policy;
}

json::object action_answer(const gateway::ActionOutcome& outcome) {
  return {{"answer", outcome.answer == gateway::ActionOutcome::Answer::done ? "done" : "proposed"},
          {"text", outcome.text},
          {"id", outcome.id},
          {"valid_until", time_or_null(outcome.valid_until_ns)}};
}

json::object kill_answer(const gateway::Desk::KillOutcome& outcome) {
  const auto& [kill, already, persisted, problem] = outcome.tripped;
  const gateway::Closed closed = outcome.closed.value_or(gateway::Closed{});
  return {{"kill_id", kill.id},
          {"scope", std::string{killswitch::name(kill.scope.kind)}},
          {"id", kill.scope.id},
          {"level", std::string{killswitch::name(kill.level)}},
          {"actor", kill.actor},
          {"cause", kill.cause},
          {"already", already},
          {"tripped_at", rfc3339(kill.tripped_at_ns)},
          {"closed_at", closed_text(closed.closed_at_ns)},
          {"gate_ns", outcome.closed ? json::value(closed.closed_at_ns - kill.tripped_at_ns)
                                     : json::value(nullptr)},
          {"persisted", persisted},
          {"problem", problem},
          {"last_sequence", object_of(closed.last_sequence)},
          {"unsent", object_of(closed.unsent)},
          {"cancels_sent", closed.cancels_sent},
          {"purged", closed.purged},
          {"residual", closed.residual}};
}

json::object rearm_answer(const killswitch::RearmRequest& request) {
  return {{"kill_id", request.kill_id},
          {"begun_by", request.begun_by},
          {"reason", request.reason},
          {"residual_signed_off", request.residual_signed_off},
          {"orders_signed_off", json::value_from(request.orders)},
          {"identity", killswitch::short_identity(request.identity)},
          {"begun_at", rfc3339(request.begun_at_ns)},
          {"expires_at", rfc3339(request.begun_at_ns + killswitch::Rearm::valid_ns)}};
}

json::object rearm_answer(const killswitch::Kill& cleared) {
  return {{"kill_id", cleared.id},
          {"scope", std::string{killswitch::name(cleared.scope.kind)}},
          {"id", cleared.scope.id},
          {"level", std::string{killswitch::name(cleared.level)}},
          {"cleared", true}};
}

json::object parent_answer(const gateway::ParentOutcome& outcome) {
  return {{"answer", outcome.answer == gateway::ParentAnswer::added ? "added" : "same"},
          {"text", outcome.text},
          {"record", outcome.record}};
}

}  // namespace interlock::console
