#include "gateway/alerts.hpp"

#include <doctest/doctest.h>

namespace interlock::gateway {
namespace {

const killswitch::Scope r1{killswitch::ScopeKind::router, "R1"};
const killswitch::Scope r2{killswitch::ScopeKind::router, "R2"};

Raised critical(std::string kind, killswitch::Scope scope, std::string text = "text") {
  return {Severity::critical, std::move(kind), std::move(scope), std::move(text)};
}

TEST_CASE("alerts: an open one of the same kind, scope and severity counts up, any other is new") {
  Alerts alerts;
  alerts.raise(critical("storm", r1, "first"), 5, 100);
  alerts.raise(critical("storm", r1, "second"), 6, 200);
  REQUIRE(alerts.all().size() == 1);
  CHECK(alerts.all()[0].id == 5);
  CHECK(alerts.all()[0].count == 2);
  CHECK(alerts.all()[0].raised_at_ns == 100);  // its age is that of the first
  CHECK(alerts.all()[0].last_at_ns == 200);
  CHECK(alerts.all()[0].what.text == "second");
  alerts.raise(critical("storm", r2), 7, 300);
  alerts.raise(critical("other", r1), 8, 300);
  alerts.raise({Severity::warning, "storm", r1, "text"}, 9, 300);
  CHECK(alerts.all().size() == 4);
}

TEST_CASE("alerts: who acknowledges is kept, once, and what comes after is a new alert") {
  Alerts alerts;
  alerts.raise(critical("storm", r1), 5, 100);
  CHECK_FALSE(alerts.acknowledge(4, "ann", "no such", 200));
  CHECK_FALSE(alerts.acknowledge(5, "", "nobody", 200));
  CHECK(alerts.acknowledge(5, "ann", "seen", 200));
  CHECK_FALSE(alerts.acknowledge(5, "bob", "too late", 300));
  CHECK(alerts.find(5)->acknowledged_by == "ann");
  CHECK(alerts.find(5)->acknowledged_at_ns == 200);
  CHECK(alerts.find_open("storm", r1) == nullptr);
  alerts.raise(critical("storm", r1), 6, 400);
  CHECK(alerts.all().size() == 2);
  CHECK(alerts.find_open("storm", r1)->id == 6);
}

TEST_CASE("alerts: the oldest acknowledged ones go, open ones never do") {
  Alerts alerts;
  alerts.raise(critical("open", r1), 1, 1);
  for (std::uint64_t id = 2; id < 2 + Alerts::acknowledged_kept + 10; ++id) {
    alerts.raise(critical("closed", r1), id, 1);
    REQUIRE(alerts.acknowledge(id, "ann", "seen", 1));
  }
  CHECK(alerts.all().size() == Alerts::acknowledged_kept + 1);
  CHECK(alerts.find(1)->is_open());
  CHECK(alerts.find(11) == nullptr);
  CHECK(alerts.find(12) != nullptr);
}

}  // namespace
}  // namespace interlock::gateway
