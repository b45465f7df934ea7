// A host whose clock is set: what is recorded and told.
#include <doctest/doctest.h>

#include "gateway/clock_steps.hpp"
#include "scenarios/office.hpp"

namespace interlock::scenarios {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

TEST_CASE("clock: a step is a record and an alert, once; another step and its end are told, too") {
  Office office;
  gateway::Core& core = *office.core;
  const auto seen = [&](std::int64_t offset_ns) {
    core.wake();
    core.clock_steps().seen(offset_ns);
    return office.records(audit::Kind::clock);
  };
  CHECK(seen(0) == 0);
  CHECK(seen(900'000'000) == 0);
  CHECK(seen(3'600 * second_ns) == 1);
  const gateway::Alert* alert = core.floor().alerts.find_open("clock-step", {});
  REQUIRE(alert != nullptr);
  CHECK(alert->what.severity == gateway::Severity::critical);
  CHECK(alert->what.text.find("+3600.000 s") != std::string::npos);
  CHECK(seen(3'600 * second_ns - 5'000'000) == 1);
  CHECK(seen(-3'600 * second_ns) == 2);
  CHECK(seen(0) == 3);
  CHECK(seen(0) == 3);
}

TEST_CASE("clock: a file that a stepped clock has stamped is as old as it is, and never of later") {
  Office office;
  gateway::Core& core = *office.core;
  core.wake();
  const risk::Time now = core.floor().clock.utc;
  const auto after = [&](std::int64_t ns) { return risk::Time{now.ns + ns}; };
  CHECK(core.clock_steps().of_file(after(-7)) == after(-7));
  CHECK(core.clock_steps().of_file(after(7)) == now);
  core.clock_steps().seen(-3'600 * second_ns);
  CHECK(core.clock_steps().of_file(after(-3'605 * second_ns)) == after(-5 * second_ns));
  core.clock_steps().seen(3'600 * second_ns);
  CHECK(core.clock_steps().of_file(after(3'595 * second_ns)) == after(-5 * second_ns));
  CHECK(core.clock_steps().of_file(after(-5 * second_ns)) == after(-3'605 * second_ns));
}

}  // namespace
}  // namespace interlock::scenarios
