#include "console/view_parts.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

#include "console/view.hpp"
#include "killswitch/rearm.hpp"

namespace interlock::console {

namespace json = boost::json;

std::string rfc3339(std::int64_t utc_ns) {
  const std::chrono::nanoseconds since_epoch{utc_ns};
  const auto second = std::chrono::floor<std::chrono::seconds>(since_epoch);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:09}Z",
                     fmt::gmtime(static_cast<std::time_t>(second.count())),
                     (since_epoch - second).count());
}

json::value time_or_null(std::int64_t utc_ns) {
  return utc_ns == 0 ? json::value(nullptr) : json::value(rfc3339(utc_ns));
}

json::value closed_text(std::int64_t closed_at_ns) {
  return closed_at_ns == 0 ? json::value("unconfirmed") : json::value(rfc3339(closed_at_ns));
}

json::object times_of(const std::map<std::string, std::int64_t>& times) {
  json::object object;
  for (const auto& [key, utc_ns] : times) object[key] = rfc3339(utc_ns);
  return object;
}

json::object page(const gateway::Snapshot& snapshot, std::int64_t now_ns) {
  return {{"age_ms", (now_ns - snapshot.time_ns) / ns_per_ms}, {"time", rfc3339(snapshot.time_ns)}};
}

namespace {

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

}  // namespace

json::object kill_json(const gateway::KillView& kill, std::size_t orders_most) {
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
          {"residual_orders", array_of(kill.residual, order_json, orders_most)},
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

json::object rearm_json(const gateway::Snapshot& snapshot) {
  return {{"problem", snapshot.rearm_problem},
          {"running", killswitch::short_identity(snapshot.identity)},
          {"approved", snapshot.armed_identity.empty()
                           ? json::value(nullptr)
                           : json::value(killswitch::short_identity(snapshot.armed_identity))},
          {"needs_identity", snapshot.identity != snapshot.armed_identity}};
}

json::object journal_json(const gateway::Snapshot& snapshot) {
  return {{"records", snapshot.journal_records},
          {"bytes", snapshot.journal_bytes},
          {"unsynced_age_ms", snapshot.journal_unsynced_age_ns / ns_per_ms},
          {"signing_key", snapshot.signing.key},
          {"signed_records", snapshot.signing.last_sequence},
          {"signing_problem", snapshot.signing.problem}};
}

}  // namespace interlock::console
