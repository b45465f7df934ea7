// What a router sends at a gate that is shut for it.
#include <doctest/doctest.h>

#include "tests/risk/watched.hpp"

namespace interlock::risk::test {
namespace {

TEST_CASE(
    "shut gate: what a latch refuses counts for its router, and for nothing that others share") {
  World world;
  for (const Reason reason : {Reason::killed, Reason::blocked}) {
    Breach breach;
    breach.reason = reason;
    world.books.refuse(world.order("a", 100), breach, world.now);
  }
  const auto attempts = [&](Scope scope) {
    return world.books.entered_within(scope, seconds(1), world.now);
  };
  CHECK(attempts({ScopeKind::router, world.r1.value}) == 2);
  CHECK(attempts({}) == 0);
  CHECK(attempts({ScopeKind::venue, world.v1.value}) == 0);
  CHECK(attempts({ScopeKind::account, world.a1.value}) == 0);
  CHECK(attempts({ScopeKind::symbol, world.aaa.value}) == 0);
  CHECK(attempts({ScopeKind::parent, world.p1.value}) == 0);
  Breach late;
  late.reason = Reason::parent_fill;
  world.books.refuse(world.order("b", 100), late, world.now);
  CHECK(attempts({}) == 1);
}

TEST_CASE(
    "shut gate: a router that goes on while blocked, for parents that are exhausted, is killed at "
    "the rate that kills a runaway") {
  Watched world;
  REQUIRE(world.send(world.order("1", 1000)).may_go());
  REQUIRE(world.learn(world.fill("1", 1000)).exhausted_parent);
  const auto go_on = [&](Reason reason, std::uint32_t times) {
    Breach breach;
    breach.reason = reason;
    for (std::uint32_t i = 0; i < times; ++i) {
      world.books.refuse(world.order("late", 100), breach, world.now);
    }
    return world.watch(Occasion::attempt, world.touched(world.order("late", 100)));
  };
  const std::uint32_t many = world.limits.parents.exhausted_refusals;
  CHECK(go_on(Reason::killed, many) == "");
  CHECK(go_on(Reason::blocked, many - 1) == "");
  CHECK(go_on(Reason::blocked, 1) == "PARENT_FILL kill router 0");
  world.now.ns += seconds(1).ns + 1;
  CHECK(go_on(Reason::blocked, 1) == "");
}

TEST_CASE("shut gate: a blocked router that goes on for a parent with room is only refused") {
  Watched world;
  REQUIRE(world.send(world.order("1", 900)).may_go());
  world.learn(world.fill("1", 900));  // the rest is what each further child is for, to the share
  Breach breach;
  breach.reason = Reason::blocked;
  for (std::uint32_t i = 0; i < 2 * world.limits.parents.exhausted_refusals; ++i) {
    world.books.refuse(world.order("a", 100), breach, world.now);
  }
  CHECK(world.watch(Occasion::attempt, world.touched(world.order("a", 100))) == "");
}

}  // namespace
}  // namespace interlock::risk::test
