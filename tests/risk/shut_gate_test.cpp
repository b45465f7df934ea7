// What a router sends at a gate that is shut for it.
#include <doctest/doctest.h>

#include "tests/risk/world.hpp"

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

}  // namespace
}  // namespace interlock::risk::test
