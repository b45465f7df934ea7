#include <doctest/doctest.h>

#include "tests/risk/watched.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

TEST_CASE("alerts: one that nobody acknowledged in time blocks its scope, whichever it is") {
  Watched world;
  world.limits.acknowledge_within = Limit<Duration>::of(seconds(60));
  static_cast<void>(world.directory.algos.intern("twap"));
  const Time raised = world.now;
  for (const ScopeKind kind :
       {ScopeKind::firm, ScopeKind::router, ScopeKind::venue, ScopeKind::account, ScopeKind::symbol,
        ScopeKind::parent, ScopeKind::algo}) {
    world.health.alerts = {{{kind, 0}, raised}};
    world.now = raised + seconds(60);
    CHECK(world.watch(Occasion::tick) == "");
    world.now = raised + seconds(60) + milliseconds(1);
    CHECK(world.watch(Occasion::tick) ==
          "ALERT_UNACKNOWLEDGED block " + std::string(name(kind)) + " 0");
    CHECK(world.watch(Occasion::message) == "");
  }
  world.limits.acknowledge_within = Limit<Duration>::none();
  CHECK(world.watch(Occasion::tick) == "");
}

TEST_CASE("alerts: one of a name that is gone concerns the whole firm") {
  Watched world;
  world.limits.acknowledge_within = Limit<Duration>::of(seconds(60));
  world.health.alerts = {{{ScopeKind::router, RouterId{}.value}, world.now}};
  world.now = world.now + seconds(61);
  CHECK(world.watch(Occasion::tick) == "ALERT_UNACKNOWLEDGED block firm 0");
}

TEST_CASE("staleness: the journal's age blocks the firm, a tee's its router, a copy's its venue") {
  Watched world;
  world.limits.staleness = {Limit<Duration>::of(seconds(1)), Limit<Duration>::of(seconds(2)),
                            Limit<Duration>::of(seconds(3))};
  world.health.journal_age = seconds(1);
  world.health.tee_ages = {std::nullopt, seconds(2)};
  world.health.drop_copy_ages = {seconds(3), std::nullopt};
  CHECK(world.watch(Occasion::tick) == "");
  world.health.journal_age = milliseconds(1'001);
  CHECK(world.watch(Occasion::tick) == "LEDGER_STALE block firm 0");
  world.health.journal_age = {};
  world.health.tee_ages[1] = milliseconds(2'001);
  CHECK(world.watch(Occasion::tick) == "LEDGER_STALE block router 1");
  world.health.tee_ages[1] = seconds(0);
  world.health.drop_copy_ages[0] = milliseconds(3'001);
  CHECK(world.watch(Occasion::tick) == "LEDGER_STALE block venue 0");
  CHECK(world.watch(Occasion::report) == "");
}

TEST_CASE("staleness: a source that is there, and whose age nobody limited, is not gone by") {
  Watched world;
  world.limits.staleness.tee = {};
  CHECK(world.watch(Occasion::tick) == "");
  world.health.tee_ages = {seconds(0)};
  CHECK(world.watch(Occasion::tick) == "LEDGER_STALE block router 0");
  world.limits.staleness.tee = Limit<Duration>::none();
  CHECK(world.watch(Occasion::tick) == "");
}

TEST_CASE("journal: without space the firm is blocked, after a failed write it is killed") {
  Watched world;
  CHECK(world.watch(Occasion::tick) == "");
  world.health.journal_is_full = true;
  CHECK(world.watch(Occasion::tick) == "JOURNAL_FAILURE block firm 0");
  world.health.journal_failed = true;
  CHECK(world.watch(Occasion::tick) == "JOURNAL_FAILURE kill firm 0");
  CHECK(world.watch(Occasion::message) == "");
}
