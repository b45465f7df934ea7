#include "console/view.hpp"

#include <boost/json.hpp>

#include "console/view_parts.hpp"

namespace interlock::console {

namespace json = boost::json;

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
  state["kills"] = array_of(snapshot.kills, [](const gateway::KillView& kill) {
    return kill_json(kill, kill.residual.size());
  });
  state["buttons"] = array_of(snapshot.buttons, button_json);
  state["button_thread"] = snapshot.button_thread;
  state["rearm"] = rearm_json(snapshot);
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
  state["journal"] = journal_json(snapshot);
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
