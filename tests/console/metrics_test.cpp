#include "console/metrics.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "risk/verdict.hpp"
#include "tests/scratch.hpp"
#include "tests/source.hpp"

using interlock::console::metrics_text;
using interlock::gateway::Snapshot;

namespace {

const interlock::console::Identity identity{"0.1.0", "abc123", "b01d", "c0f1", "gw-03", "test"};
constexpr std::int64_t taken_ns = 1'000'000'000'000;

interlock::gateway::KillView kill(std::string kind, std::uint32_t residual) {
  interlock::gateway::KillView view;
  view.scope_kind = std::move(kind);
  view.level = "kill";
  view.residual_count = residual;
  return view;
}

interlock::gateway::SessionView session(std::string id, std::string side, std::string state) {
  interlock::gateway::SessionView view;
  view.id = std::move(id);
  view.side = std::move(side);
  view.state = std::move(state);
  view.messages_in = 7;
  return view;
}

Snapshot busy(int parents) {
  Snapshot snapshot;
  snapshot.time_ns = taken_ns;
  snapshot.state = "armed";
  snapshot.kills = {kill("router", 4)};
  snapshot.kills.front().tripped_at_ns = 1'700'000'001'250'000'000;
  interlock::gateway::ButtonView rack;
  rack.id = "rack";
  rack.state = "pressed";
  rack.fail_safe = true;
  rack.drilled_at_ns = 1'700'000'000'500'000'000;
  rack.latency_ns = 4'000'000;
  snapshot.buttons = {rack};
  snapshot.sessions = {session("R1", "router", "on"), session("SIM", "venue", "connecting")};
  snapshot.limits = {{"order-rate", "router", "R1", "25", "50 / 1 s", 0.5, 1},
                     {"order-rate", "firm", "", "25", "100 / 1 s", 0.25, 1},
                     {"gross-notional", "firm", "", "12.50", "none", 0, 1},
                     {"order-qty", "firm", "", "", "100", 0, 1}};
  for (int i = 0; i < parents; ++i) {
    auto& parent = snapshot.parents.emplace_back();
    parent.id = fmt::format("P-{}", i);
    parent.exhausted = i == 0;
    snapshot.limits.push_back({"parent-fill", "parent", parent.id, fmt::format("{}", 1000 - i),
                               "1000", 1.0 - i / 1000.0, 1});
  }
  snapshot.parent_count = static_cast<std::uint32_t>(parents);
  snapshot.passed_by_router = {{"R1", 5}};
  for (const std::int64_t ns : {4'000, 5'000, 5'001, 2'000'000'000})
    snapshot.latency_by_venue["SIM"].note(ns);
  snapshot.venue_checks = {{.venue = "SIM", .state = "matched", .differences = {}}};
  snapshot.refused_by_code = {{"PARENT_FILL", 2}};
  snapshot.reference_age_s = {{"ACME", 1.5}};
  snapshot.drop_copy_lag_s = {{"D1", 0.5}};
  snapshot.anomalies = {{"over_fill", 1}};
  return snapshot;
}

std::vector<std::string> series(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with('#')) lines.push_back(line);
  }
  return lines;
}

bool has(const std::string& text, const std::string& line) {
  const auto lines = series(text);
  return std::ranges::find(lines, line) != lines.end();
}

}  // namespace

TEST_CASE("metrics: what runs, and in which state") {
  const auto text = metrics_text(busy(1), identity, taken_ns + 250'000'000);
  CHECK(has(text, R"(interlock_build_info{version="0.1.0",revision="abc123",build_id="b01d"} 1)"));
  CHECK(has(text, R"(interlock_config_info{hash="c0f1",node="gw-03",environment="test"} 1)"));
  CHECK(has(text, R"(interlock_state{state="armed"} 1)"));
  for (const auto* other : {"killed", "recovering", "stopping"}) {
    CHECK(has(text, fmt::format(R"(interlock_state{{state="{}"}} 0)", other)));
  }
  CHECK(has(text, "interlock_snapshot_age_seconds 0.25"));
}

TEST_CASE("metrics: what the clock is worth") {
  auto snapshot = busy(1);
  snapshot.clock = {true, -2'000'000, 1'500'000, "the clock may be wrong"};
  const auto text = metrics_text(snapshot, identity, taken_ns);
  CHECK(has(text, "interlock_clock_synchronised 1"));
  CHECK(has(text, "interlock_clock_good 0"));
  CHECK(has(text, "interlock_clock_offset_seconds -0.002"));
  CHECK(has(text, "interlock_clock_error_seconds 0.0015"));
}

TEST_CASE("metrics: all scopes of kills are always there, at each level") {
  const auto text = metrics_text(busy(1), identity, taken_ns);
  CHECK(has(text, R"(interlock_kills_active{scope="router",level="kill"} 1)"));
  CHECK(has(text, R"(interlock_kills_active{scope="router",level="block"} 0)"));
  for (const auto* scope :
       {"firm", "venue", "account", "symbol", "parent", "algo", "trader", "desk"}) {
    for (const auto* level : {"reduce-only", "block", "kill"}) {
      CHECK(has(text,
                fmt::format(R"(interlock_kills_active{{scope="{}",level="{}"}} 0)", scope, level)));
    }
  }
  CHECK(has(text, "interlock_residual_orders 4"));
}

TEST_CASE("metrics: each kill in force has its time until it ends; of parents' the oldest 100") {
  auto snapshot = busy(1);
  snapshot.kills.front().id = 7;
  snapshot.kills.push_back(kill("router", 0));
  snapshot.kills.back().id = 8;
  const auto time_of = [&](int id, const char* scope) {
    return fmt::format(
        "interlock_kill_timestamp_seconds{{kill=\"{}\",scope=\"{}\",level=\"kill\"}} ", id, scope);
  };
  const auto shows = [&](const std::string& text) {
    return metrics_text(snapshot, identity, taken_ns).find(text) != std::string::npos;
  };
  CHECK(shows(time_of(7, "router") + "1700000001.25\n"));
  CHECK(shows(time_of(8, "router")));
  snapshot.kills.pop_back();
  CHECK(shows(time_of(7, "router") + "1700000001.25\n"));
  CHECK_FALSE(shows(time_of(8, "router")));
  for (int id = 300; id > 100; --id) {  // newest first, as they might come
    snapshot.kills.push_back(kill("parent", 0));
    snapshot.kills.back().id = static_cast<std::uint64_t>(id);
  }
  CHECK(shows(time_of(101, "parent")));
  CHECK(shows(time_of(200, "parent")));
  CHECK_FALSE(shows(time_of(201, "parent")));
  CHECK(shows("interlock_kills_active{scope=\"parent\",level=\"kill\"} 200\n"));
  snapshot.kills.push_back(kill("firm", 0));
  snapshot.kills.back().id = 400;
  CHECK(shows(time_of(400, "firm")));
}

TEST_CASE("metrics: open alerts by severity, and none of those that were acknowledged") {
  auto snapshot = busy(1);
  for (const auto* by : {"", "", "ann"}) {
    auto& alert = snapshot.alerts.emplace_back();
    alert.severity = "critical";
    alert.acknowledged_by = by;
  }
  const auto text = metrics_text(snapshot, identity, taken_ns);
  CHECK(has(text, R"(interlock_alerts_open{severity="critical"} 2)"));
  CHECK(has(text, R"(interlock_alerts_open{severity="warning"} 0)"));
}

TEST_CASE("metrics: a block of the firm hides no order that a killed router still has") {
  auto snapshot = busy(1);
  snapshot.kills.insert(snapshot.kills.begin(), kill("firm", 0));
  snapshot.kills.front().level = "block";
  CHECK(has(metrics_text(snapshot, identity, taken_ns), "interlock_residual_orders 4"));
}

TEST_CASE("metrics: a kill of the firm already counts the orders of the others") {
  auto snapshot = busy(1);
  snapshot.kills.push_back(kill("firm", 9));
  CHECK(has(metrics_text(snapshot, identity, taken_ns), "interlock_residual_orders 9"));
}

TEST_CASE("metrics: of a button its state, when it was drilled, and how quick it was") {
  const auto text = metrics_text(busy(1), identity, taken_ns);
  CHECK(has(text, R"(interlock_button_good{button="rack"} 0)"));
  CHECK(has(text, R"(interlock_button_pressed{button="rack"} 1)"));
  CHECK(has(text, R"(interlock_button_fail_safe{button="rack"} 1)"));
  CHECK(has(text, R"(interlock_button_last_drill_timestamp_seconds{button="rack"} 1700000000.5)"));
  CHECK(has(text, R"(interlock_button_latency_seconds{button="rack"} 0.004)"));
}

TEST_CASE("metrics: sessions by side and direction") {
  const auto text = metrics_text(busy(1), identity, taken_ns);
  CHECK(has(text, R"(interlock_session_up{session="R1",side="router"} 1)"));
  CHECK(has(text, R"(interlock_session_up{session="SIM",side="venue"} 0)"));
  CHECK(has(text,
            R"(interlock_session_messages_total{session="R1",side="router",direction="in"} 7)"));
}

TEST_CASE("metrics: every reject code is there from the start") {
  const auto text = metrics_text(busy(1), identity, taken_ns);
  CHECK(has(text, R"(interlock_refusals_total{code="PARENT_FILL"} 2)"));
  for (const auto reason : {interlock::risk::Reason::order_qty, interlock::risk::Reason::killed,
                            interlock::risk::Reason::not_delivered}) {
    CHECK(has(text, fmt::format(R"(interlock_refusals_total{{code="{}"}} 0)",
                                interlock::risk::code(reason))));
  }
  CHECK(text.find("code=\"?\"") == std::string::npos);
  CHECK(has(text, R"(interlock_orders_passed_total{router="R1"} 5)"));
  CHECK(has(text, R"(interlock_orders_refused_total{router="R1"} 0)"));
}

TEST_CASE("metrics: how long orders took is a histogram by venue, cumulative and complete") {
  const auto text = metrics_text(busy(1), identity, taken_ns);
  const auto within = [&](const char* bound, int orders) {
    return has(text,
               fmt::format(R"(interlock_order_latency_seconds_bucket{{venue="SIM",le="{}"}} {})",
                           bound, orders));
  };
  CHECK(within("5e-06", 2));
  CHECK(within("1e-05", 3));
  CHECK(within("1", 3));
  CHECK(within("+Inf", 4));
  CHECK(has(text, R"(interlock_order_latency_seconds_count{venue="SIM"} 4)"));
  CHECK(has(text, R"(interlock_order_latency_seconds_sum{venue="SIM"} 2.000014001)"));
}

TEST_CASE("metrics: of parents only the fullest, under no name") {
  const auto text = metrics_text(busy(5), identity, taken_ns);
  CHECK(has(text,
            R"(interlock_limit_used_ratio{control="parent-fill",scope_kind="parent",scope=""} 1)"));
  CHECK(has(
      text,
      R"(interlock_limit_used_ratio{control="order-rate",scope_kind="router",scope="R1"} 0.5)"));
  CHECK(text.find("P-") == std::string::npos);
  CHECK(has(text, "interlock_parents_exhausted 1"));
}

TEST_CASE("metrics: what is used of a limit, and the limit, in its own unit") {
  const auto text = metrics_text(busy(5), identity, taken_ns);
  const std::string router = R"({control="order-rate",scope_kind="router",scope="R1"})";
  CHECK(has(text, "interlock_limit_used" + router + " 25"));
  CHECK(has(text, "interlock_limit_max" + router + " 50"));
  const std::string parent = R"({control="parent-fill",scope_kind="parent",scope=""})";
  CHECK(has(text, "interlock_limit_used" + parent + " 1000"));
  CHECK(has(text, "interlock_limit_max" + parent + " 1000"));
  const std::string none = R"({control="gross-notional",scope_kind="firm",scope=""})";
  CHECK(has(text, "interlock_limit_used" + none + " 12.5"));
  CHECK(text.find("interlock_limit_max" + none) == std::string::npos);
  const std::string anew = R"({control="order-qty",scope_kind="firm",scope=""})";
  CHECK(text.find("interlock_limit_used" + anew) == std::string::npos);
  CHECK(has(text, "interlock_limit_max" + anew + " 100"));
  CHECK(has(text, R"(interlock_control_limits{control="order-rate"} 2)"));
  CHECK(has(text, R"(interlock_control_limits{control="parent-fill"} 1)"));
  CHECK(has(text, R"(interlock_control_limits{control="gross-notional"} 0)"));
  CHECK(has(text, R"(interlock_control_limits{control="restricted"} 0)"));
}

TEST_CASE("metrics: ten times the parents are not one series more") {
  const auto few = series(metrics_text(busy(10), identity, taken_ns));
  const auto many = series(metrics_text(busy(100), identity, taken_ns));
  CHECK(few.size() == many.size());
}

TEST_CASE("metrics: no series stands twice") {
  std::set<std::string> seen;
  for (const auto& line : series(metrics_text(busy(10), identity, taken_ns))) {
    CHECK(seen.insert(line.substr(0, line.rfind(' '))).second);
  }
}

namespace {

// "{a,b}" of `name{a="x",b="y"} 1`.
std::string label_names(const std::string& line) {
  std::string names;
  bool in_value = false, in_labels = false;
  for (const char c : line) {
    if (c == '"') in_value = !in_value;
    if (in_value || c == '"' || c == '=') continue;
    if (c == '{') in_labels = true;
    if (in_labels) names += c;
    if (c == '}') break;
  }
  const auto bucket = names.find(",le}");
  return bucket == std::string::npos ? names : names.substr(0, bucket) + "}";
}

}  // namespace

TEST_CASE("metrics: docs/metrics.md lists exactly what is served, with its labels and its type") {
  std::set<std::string> served, documented;
  std::istringstream lines{metrics_text(busy(1), identity, taken_ns)};
  std::string family, type;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      std::istringstream{line.substr(7)} >> family >> type;
    } else if (!line.starts_with('#')) {
      served.insert(fmt::format("| `{}{}` | {} |", family, label_names(line), type));
    }
  }
  std::istringstream page{
      interlock::tests::bytes_of(interlock::tests::source_dir() / "docs/metrics.md")};
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `interlock_")) continue;
    documented.insert(line.substr(0, line.find('|', line.find('|', 1) + 1) + 1));
  }
  CHECK(served == documented);
}
