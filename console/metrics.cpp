#include "console/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "console/view.hpp"
#include "killswitch/latch.hpp"
#include "risk/books.hpp"
#include "risk/control.hpp"
#include "risk/verdict.hpp"

namespace interlock::console {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;
constexpr double ns_per_s = 1e9;
constexpr std::size_t parent_kills_most = 100;

// Every number that a reason may have had; `reason_of` knows which are words today.
constexpr std::uint16_t reason_numbers = 256;
constexpr std::uint8_t anomaly_numbers = 32;
constexpr std::array states{"armed", "reduce-only", "blocked", "killed", "recovering", "stopping"};

constexpr double seconds(std::int64_t ns) { return static_cast<double>(ns) / ns_per_s; }

class Page {
 public:
  void begin(std::string name, MetricType type, std::string help) {
    families_.push_back({std::move(name), std::move(help), type, {}});
  }
  void add(Labels labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;  // the serialiser reads the one of the family's type
    metric.counter.value = value;
    families_.back().metric.push_back(std::move(metric));
  }
  void add_histogram(Labels labels, const gateway::LatencyCounts& latency) {
    ClientMetric metric;
    metric.label = std::move(labels);
    auto& [count, sum, buckets] = metric.histogram;
    for (std::size_t i = 0; i < latency.counts.size(); ++i) {
      count += latency.counts[i];
      const bool is_last = i == latency.bounds_ns.size();
      buckets.push_back({count, is_last ? std::numeric_limits<double>::infinity()
                                        : seconds(latency.bounds_ns[i])});
    }
    sum = seconds(latency.sum_ns);
    families_.back().metric.push_back(std::move(metric));
  }
  template <class Number>
  void single(std::string name, MetricType type, std::string help, Number value) {
    begin(std::move(name), type, std::move(help));
    add({}, static_cast<double>(value));
  }
  template <class Map>
  void one_label(std::string name, MetricType type, std::string help, const std::string& label,
                 const Map& values) {
    begin(std::move(name), type, std::move(help));
    for (const auto& [key, value] : values) add({{label, key}}, static_cast<double>(value));
  }
  [[nodiscard]] std::string text() const {
    return prometheus::TextSerializer{}.Serialize(families_);
  }

 private:
  std::vector<MetricFamily> families_;
};

// Families of gauges over the same rows: `each(name, help, value)`; a row whose value is nullopt
// is left out.
template <class Rows, class LabelsOf>
struct Gauges {
  Page& page;
  const Rows& rows;
  LabelsOf labels_of;
  void operator()(std::string name, std::string help, const auto& value_of) const {
    page.begin(std::move(name), MetricType::Gauge, std::move(help));
    for (const auto& row : rows) {
      const std::optional<double> value(value_of(row));
      if (value) page.add(labels_of(row), *value);
    }
  }
};

void add_identity(Page& page, const Identity& identity) {
  page.begin("interlock_build_info", MetricType::Gauge, "What runs; always 1.");
  page.add({{"version", identity.version},
            {"revision", identity.git_revision},
            {"build_id", identity.build_id}},
           1);
  page.begin("interlock_config_info", MetricType::Gauge, "What it runs under; always 1.");
  page.add({{"hash", identity.config_hash},
            {"node", identity.node},
            {"environment", identity.environment}},
           1);
}

// Orders in the scope of a kill. A kill of the firm covers all others; without one, an order in two
// killed scopes counts in each.
std::uint64_t residual_orders(const std::vector<gateway::KillView>& kills) {
  std::uint64_t sum = 0;
  for (const auto& kill : kills) {
    if (kill.level != killswitch::name(killswitch::Level::kill)) continue;
    if (kill.scope_kind == killswitch::name(killswitch::ScopeKind::firm)) {
      return kill.residual_count;
    }
    sum += kill.residual_count;
  }
  return sum;
}

// Of the kills of parents, of which there may be any number, the oldest: one that is shown stays
// until it ends.
std::vector<const gateway::KillView*> shown_one_by_one(
    const std::vector<gateway::KillView>& kills) {
  std::vector<const gateway::KillView*> shown;
  for (const auto& kill : kills) shown.push_back(&kill);
  std::ranges::sort(shown, {}, &gateway::KillView::id);
  std::size_t parents = 0;
  std::erase_if(shown, [&](const gateway::KillView* kill) {
    return kill->scope_kind == risk::name(risk::ScopeKind::parent) && ++parents > parent_kills_most;
  });
  return shown;
}

void add_gate(Page& page, const gateway::Snapshot& snapshot) {
  page.begin("interlock_state", MetricType::Gauge, "1 for the state that the gate is in.");
  for (const char* state : states) page.add({{"state", state}}, snapshot.state == state ? 1 : 0);

  std::map<std::pair<std::string, std::string>, std::uint64_t> kills;
  for (const auto kind : risk::scope_kinds) {
    for (const auto level : {risk::Level::reduce_only, risk::Level::block, risk::Level::kill}) {
      kills[{std::string{risk::name(kind)}, std::string{risk::name(level)}}] = 0;
    }
  }
  for (const auto& kill : snapshot.kills) ++kills[{kill.scope_kind, kill.level}];
  page.begin("interlock_kills_active", MetricType::Gauge, "Scopes that are shut, by level.");
  for (const auto& [key, count] : kills)
    page.add({{"scope", key.first}, {"level", key.second}}, static_cast<double>(count));

  const auto shown = shown_one_by_one(snapshot.kills);
  const Gauges each{page, shown, [](const auto* kill) {
                      return Labels{{"kill", std::to_string(kill->id)},
                                    {"scope", kill->scope_kind},
                                    {"level", kill->level}};
                    }};
  each("interlock_kill_timestamp_seconds",
       "When a kill in force was tripped, Unix time; of parents' the 100 oldest.",
       [](const auto* kill) { return seconds(kill->tripped_at_ns); });
  page.single("interlock_residual_orders", MetricType::Gauge,
              "Orders still alive in killed scopes.", residual_orders(snapshot.kills));
}

void add_latency(Page& page, const std::map<std::string, gateway::LatencyCounts>& by_venue) {
  page.begin("interlock_order_latency_seconds", MetricType::Histogram,
             "From the wake-up that read an order until the kernel took it for its venue.");
  for (const auto& [venue, latency] : by_venue) page.add_histogram({{"venue", venue}}, latency);
}

// No days: a rule takes the time of the last drill from its own clock.
void add_buttons(Page& page, const std::vector<gateway::ButtonView>& buttons) {
  const Gauges each{page, buttons, [](const auto& button) {
                      return Labels{{"button", button.id}};
                    }};
  each("interlock_button_good", "1 while nothing of the button stands against trading on.",
       [](const auto& button) { return button.good; });
  each("interlock_button_pressed", "1 while the button is held.",
       [](const auto& button) { return button.state.find("pressed") != std::string::npos; });
  each("interlock_button_fail_safe", "1 when a cut wire of the button looks like a press.",
       [](const auto& button) { return button.fail_safe; });
  each("interlock_button_last_drill_timestamp_seconds",
       "When its last drill passed, Unix time; 0: never.",
       [](const auto& button) { return seconds(button.drilled_at_ns); });
  each("interlock_button_latency_seconds",
       "From contact to shut gate, of the last press that was measured; 0: none.",
       [](const auto& button) { return seconds(button.latency_ns); });
}

void add_sessions(Page& page, const std::vector<gateway::SessionView>& sessions) {
  const auto labels = [](const gateway::SessionView& session) {
    return Labels{{"session", session.id}, {"side", session.side}};
  };
  const Gauges each{page, sessions, labels};
  each("interlock_session_up", "1 while the FIX session is logged on.",
       [](const auto& session) { return session.state == "on"; });
  page.begin("interlock_session_messages_total", MetricType::Counter, "FIX messages.");
  for (const auto& session : sessions) {
    for (const auto& [direction, count] :
         {std::pair{"in", session.messages_in}, std::pair{"out", session.messages_out}}) {
      Labels directed = labels(session);
      directed.push_back({"direction", direction});
      page.add(std::move(directed), static_cast<double>(count));
    }
  }
  each("interlock_session_out_buffer_bytes", "Bytes that wait for the peer to read.",
       [](const auto& session) { return session.out_buffer_bytes; });
  each("interlock_session_last_received_timestamp_seconds",
       "When the peer was last heard, Unix time; 0: never.",
       [](const auto& session) { return seconds(session.last_received_ns); });
}

void add_checks(Page& page, const std::vector<gateway::VenueCheckView>& checks) {
  page.begin("interlock_venue_reconciled", MetricType::Gauge,
             "1 when what is open at the venue agreed with the books, or people signed it off.");
  for (const auto& check : checks)
    page.add({{"venue", check.venue}},
             check.state == "matched" || check.state == "signed off" ? 1 : 0);
}

void add_copies(Page& page, const gateway::Snapshot& snapshot) {
  page.one_label("interlock_drop_copy_lag_seconds", MetricType::Gauge,
                 "How long the oldest report has waited that a drop copy has not been sent.",
                 "session", snapshot.drop_copy_lag_s);
  page.single("interlock_drop_copy_differences_total", MetricType::Counter,
              "Executions that a venue's drop copy told otherwise than its order session.",
              snapshot.drop_copy_differences);
  std::map<std::string, std::uint64_t> late = snapshot.late_children;
  for (const char* outcome : {"waited", "passed", "refused"}) late.try_emplace(outcome, 0);
  page.one_label("interlock_late_children_total", MetricType::Counter,
                 "Children that came before their parent: waited, then passed or refused.",
                 "outcome", late);
  page.single("interlock_children_waiting", MetricType::Gauge,
              "Children that wait for their parent now.", snapshot.children_waiting);
}

void add_orders(Page& page, const gateway::Snapshot& snapshot) {
  std::map<std::string, std::uint64_t> passed = snapshot.passed_by_router;
  std::map<std::string, std::uint64_t> refused = snapshot.refused_by_router;
  for (const auto& session : snapshot.sessions) {
    if (session.side != "router") continue;
    passed.try_emplace(session.id, 0);
    refused.try_emplace(session.id, 0);
  }
  page.one_label("interlock_orders_passed_total", MetricType::Counter,
                 "New orders and replaces sent to a venue.", "router", passed);
  page.one_label("interlock_orders_refused_total", MetricType::Counter,
                 "New orders and replaces refused.", "router", refused);

  std::map<std::string, std::uint64_t> codes = snapshot.refused_by_code;
  for (std::uint16_t number = 1; number < reason_numbers; ++number) {
    const auto word = risk::code(static_cast<risk::Reason>(number));
    if (risk::reason_of(word)) codes.try_emplace(std::string{word}, 0);
  }
  page.one_label("interlock_refusals_total", MetricType::Counter, "Refusals by reject code.",
                 "code", codes);
  page.single("interlock_open_orders", MetricType::Gauge, "Orders that may still execute.",
              snapshot.open_orders);
}

// What a figure of a limit begins with: "50 / 1 s" is 50; nothing for "none" and for no figure.
std::optional<double> figure(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

void add_limits(Page& page, const gateway::Snapshot& snapshot) {
  // The fullest of each control and scope; parents count as one scope, whatever their number.
  using Key = std::tuple<std::string_view, std::string_view, std::string_view>;
  std::map<Key, const gateway::LimitView*> fullest;
  for (const auto& limit : snapshot.limits) {
    const bool parent = limit.scope_kind == risk::name(risk::ScopeKind::parent);
    const auto& kept = fullest.try_emplace(
        {limit.control, limit.scope_kind, parent ? std::string_view() : limit.scope}, &limit);
    if (limit.fraction > kept.first->second->fraction) kept.first->second = &limit;
  }
  std::map<std::string, std::uint64_t> set;
  for (const risk::Control& control : risk::controls()) set[std::string(control.id)] = 0;
  for (const auto& [key, limit] : fullest) set[limit->control] += limit->limit != "none";
  const Gauges each{page, fullest, [](const auto& row) {
                      const auto& [control, kind, scope] = row.first;
                      return Labels{{"control", std::string(control)},
                                    {"scope_kind", std::string(kind)},
                                    {"scope", std::string(scope)}};
                    }};
  each("interlock_limit_used_ratio", "Used share of a limit; for parents the fullest one.",
       [](const auto& row) { return row.second->fraction; });
  each("interlock_limit_used", "Used of a limit, in its own unit; for parents the fullest one.",
       [](const auto& row) { return figure(row.second->used); });
  each("interlock_limit_max", "The limit, in its own unit; absent: none is set.",
       [](const auto& row) { return figure(row.second->limit); });
  page.one_label("interlock_control_limits", MetricType::Gauge,
                 "Limits in force of a control, over all scopes; parents count as one.", "control",
                 set);
  page.single("interlock_parents", MetricType::Gauge, "Parents known.", snapshot.parent_count);
  page.single("interlock_parents_exhausted", MetricType::Gauge,
              "Exhausted ones among the 1,000 fullest parents.",
              std::ranges::count_if(snapshot.parents, &gateway::ParentView::exhausted));
}

void add_facts(Page& page, const gateway::Snapshot& snapshot) {
  std::map<std::string, std::uint64_t> anomalies = snapshot.anomalies;
  const auto unnamed = risk::name(static_cast<risk::Anomaly>(anomaly_numbers));
  for (std::uint8_t number = 1; number < anomaly_numbers; ++number) {
    const auto word = risk::name(static_cast<risk::Anomaly>(number));
    if (word != unnamed) anomalies.try_emplace(std::string{word}, 0);
  }
  std::map<std::string, std::uint64_t> open{{"critical", 0}, {"warning", 0}};
  for (const auto& alert : snapshot.alerts) open[alert.severity] += alert.acknowledged_by.empty();
  page.one_label("interlock_alerts_open", MetricType::Gauge, "Alerts that nobody has acknowledged.",
                 "severity", open);
  page.one_label("interlock_anomalies_total", MetricType::Counter,
                 "Impossible facts that a venue reported.", "anomaly", anomalies);
  page.single("interlock_quarantined_fills_total", MetricType::Counter,
              "Fills that map to no order of ours.", snapshot.quarantined_fills);
  page.one_label("interlock_reference_price_age_seconds", MetricType::Gauge,
                 "Age of the reference price; absent: there is none.", "symbol",
                 snapshot.reference_age_s);
}

void add_journal(Page& page, const gateway::Snapshot& snapshot, std::int64_t now_ns) {
  page.single("interlock_journal_records_total", MetricType::Counter, "Records of the journal.",
              snapshot.journal_records);
  page.single("interlock_journal_bytes", MetricType::Gauge, "Bytes of the journal.",
              snapshot.journal_bytes);
  page.single("interlock_journal_unsynced_age_seconds", MetricType::Gauge,
              "Age of the oldest record that is not on disk.",
              seconds(snapshot.journal_unsynced_age_ns));
  page.single("interlock_snapshot_age_seconds", MetricType::Gauge,
              "Age of all these figures; it grows when the event loop stands.",
              seconds(now_ns - snapshot.time_ns));
}

void add_clock(Page& page, const gateway::ClockView& clock) {
  page.single("interlock_clock_synchronised", MetricType::Gauge,
              "1 while the kernel says that somebody disciplines this host's clock.",
              clock.synchronised ? 1 : 0);
  page.single("interlock_clock_good", MetricType::Gauge,
              "1 while the clock is as good as the configuration asks.",
              clock.problem.empty() ? 1 : 0);
  page.single("interlock_clock_offset_seconds", MetricType::Gauge,
              "Offset of the clock that is still being worked off.", seconds(clock.offset_ns));
  page.single("interlock_clock_error_seconds", MetricType::Gauge,
              "The most by which the clock may be wrong, as the kernel says.",
              seconds(clock.error_ns));
}

}  // namespace

std::string metrics_text(const gateway::Snapshot& snapshot, const Identity& identity,
                         std::int64_t now_ns) {
  Page page;
  add_identity(page, identity_now(identity, snapshot));
  add_gate(page, snapshot);
  add_buttons(page, snapshot.buttons);
  add_sessions(page, snapshot.sessions);
  add_checks(page, snapshot.venue_checks);
  add_copies(page, snapshot);
  add_orders(page, snapshot);
  add_latency(page, snapshot.latency_by_venue);
  add_limits(page, snapshot);
  add_facts(page, snapshot);
  add_journal(page, snapshot, now_ns);
  add_clock(page, snapshot.clock);
  return page.text();
}

}  // namespace interlock::console
