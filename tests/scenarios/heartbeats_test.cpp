// What goes past the session engine counts as said: it sends no heartbeat beside a steady flow.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "gateway/core.hpp"
#include "scenarios/heard.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {

TEST_CASE("heartbeats: none to whom something is told each second, one to whom nothing is") {
  const auto stage = in_process(tests::source_dir() / "tests/scenarios/configs", "pair");
  Player& router = stage->player("R1");
  const gateway::Leg& told = *core_of(*stage).floor().routers[0];
  const gateway::Leg& not_told = *core_of(*stage).floor().routers[1];
  const std::uint32_t told_before = told.store().next_out();
  const std::uint32_t not_told_before = not_told.store().next_out();
  for (int i = 0; i < 70; ++i) {
    router.send("D", {{11, fmt::format("n{}", i)},
                      {1, "ACC"},
                      {526, "nobody's"},
                      {55, "ACME"},
                      {54, "1"},
                      {38, "1"},
                      {40, "2"},
                      {44, "10.00"}});
    stage->said(router);
    CHECK(value(next(*stage, router), router, 150) == "8");
    stage->advance(1'000);
  }
  CHECK(told.store().next_out() - told_before == 70);
  CHECK(not_told.store().next_out() > not_told_before);
}

}  // namespace interlock::scenarios
