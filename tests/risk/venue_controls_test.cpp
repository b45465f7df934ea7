#include <doctest/doctest.h>

#include "tests/risk/watched.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

Report orphan(const Watched& world, const std::string& exec_id, std::int64_t quantity) {
  Report fill = world.fill("", quantity, exec_id);
  fill.router = {};
  fill.symbol = world.aaa;
  fill.side = Side::buy;
  return fill;
}

Report rejected(const Watched& world, const std::string& cl_ord_id, const std::string& code) {
  Report report = world.report(Fact::ended, cl_ord_id, "x" + cl_ord_id);
  report.reject_code = code;
  return report;
}

Limit<Rate> rate(std::uint32_t count) { return Limit<Rate>::of({count, seconds(1)}); }

}  // namespace

TEST_CASE("orphan fills: at each limit nothing, beyond it the venue, or the firm, is killed") {
  for (const ScopeKind kind : {ScopeKind::venue, ScopeKind::firm}) {
    CAPTURE(name(kind));
    const std::string killed = "ORPHAN_FILLS kill " + std::string(name(kind)) + " 0";
    const auto limits_in = [&](Watched& world) -> ScopeLimits& {
      return kind == ScopeKind::venue ? world.limits.venues[0] : world.limits.firm;
    };
    Watched fills;
    limits_in(fills).orphan_fills = Limit<Count>::of({2});
    CHECK(fills.hear(orphan(fills, "a", 1)) == "");
    CHECK(fills.hear(orphan(fills, "b", 1)) == "");
    CHECK(fills.hear(orphan(fills, "b", 1)) == "");  // told again: no further fill
    CHECK(fills.hear(orphan(fills, "c", 1)) == killed);
    CHECK(fills.hear(fills.report(Fact::status, "who")) == "");
    fills.books.roll_day(fills.now);
    CHECK(fills.hear(orphan(fills, "d", 1)) == "");

    Watched by_shares;
    limits_in(by_shares).orphan_shares = Limit<Quantity>::of(shares(100));
    CHECK(by_shares.hear(orphan(by_shares, "a", 100)) == "");
    CHECK(by_shares.hear(orphan(by_shares, "b", 1)) == killed);

    Watched by_money;
    limits_in(by_money).orphan_notional = Limit<Money>::of(money(1'000));
    CHECK(by_money.hear(orphan(by_money, "a", 10)) == "");
    CHECK(by_money.hear(orphan(by_money, "b", 1)) == killed);
  }
}

TEST_CASE("orphan fills: those of one venue are not another's, the firm's are all") {
  Watched world;
  for (ScopeLimits* each : {&world.limits.venues[0], &world.limits.venues[1]})
    each->orphan_fills = Limit<Count>::of({1});
  world.limits.firm.orphan_fills = Limit<Count>::of({2});
  CHECK(world.hear(orphan(world, "a", 1)) == "");
  Report other = orphan(world, "b", 1);
  other.venue = world.v2;
  CHECK(world.hear(other) == "");
  other.exec_id = "c";
  CHECK(world.hear(other) == "ORPHAN_FILLS kill venue 1\nORPHAN_FILLS kill firm 0");
}

TEST_CASE("over-fill: beyond the order by no more than the limit, then its venue is blocked") {
  Watched world;
  world.limits.venues[0].over_fill = Limit<Quantity>::of(shares(10));
  REQUIRE(world.send(world.order("1", 100)).may_go());
  CHECK(world.hear(world.fill("1", 100, "a")) == "");
  CHECK(world.hear(world.fill("1", 10, "b")) == "");
  CHECK(world.hear(world.fill("1", 1, "c")) == "OVER_FILL block venue 0");
  CHECK(world.hear(world.report(Fact::status, "1")) == "");  // nothing new was executed
  world.limits.venues[0].over_fill = Limit<Quantity>::of(shares(0));
  REQUIRE(world.send(world.order("2", 5)).may_go());
  CHECK(world.hear(world.fill("2", 5, "d")) == "");
  CHECK(world.hear(world.fill("2", 1, "e")) == "OVER_FILL block venue 0");
}

TEST_CASE("over-fill: what a replace in flight allows is not too much, until it is rejected") {
  Watched world;
  world.limits.venues[0].over_fill = Limit<Quantity>::of(shares(0));
  REQUIRE(world.send(world.order("1", 100)).may_go());
  REQUIRE(world.send(world.replace("2", "1", 150)).may_go());
  REQUIRE(world.send(world.replace("3", "2", 120)).may_go());
  CHECK(world.hear(world.fill("1", 150, "a")) == "");
  CHECK(world.hear(world.report(Fact::replace_rejected, "2")) == "");
  CHECK(world.hear(world.fill("1", 1, "b")) == "OVER_FILL block venue 0");
  Touched of;
  of.venue = world.v1;
  of.order = world.books.find(world.r1, "1");
  CHECK(world.watch(Occasion::report, of) == "OVER_FILL block venue 0");
  CHECK(world.watch(Occasion::attempt, of) == "");  // it was a report that said so
}

TEST_CASE("reject storm: the venue's first reject of an order in a day is an alert for a person") {
  Watched world;
  for (const auto* id : {"1", "2", "3"}) REQUIRE(world.send(world.order(id, 10)).may_go());
  CHECK(world.hear(rejected(world, "1", "3")) == "REJECT_STORM alert router 0");
  CHECK(world.hear(rejected(world, "2", "3")) == "");
  CHECK(world.hear(rejected(world, "3", "99")) == "REJECT_STORM alert router 0");
  world.books.roll_day(world.now);
  REQUIRE(world.send(world.order("4", 10)).may_go());
  CHECK(world.hear(rejected(world, "4", "3")) == "REJECT_STORM alert router 0");
}

TEST_CASE("reject storm: a rejected change is a note, one that came too late is nothing") {
  Watched world;
  REQUIRE(world.send(world.order("1", 10)).may_go());
  REQUIRE(world.send(world.cancel("2", "1")).may_go());
  Report late = world.report(Fact::cancel_rejected, "2");
  late.reject_code = "0";
  world.limits.routers[0].rejects = world.limits.venues[0].rejects = rate(0);
  world.resize();
  CHECK(world.hear(late) == "");
  world.limits.routers[0].rejects = world.limits.venues[0].rejects = Limit<Rate>::none();
  REQUIRE(world.send(world.cancel("3", "1")).may_go());
  Report other = world.report(Fact::cancel_rejected, "3");
  other.reject_code = "2";
  CHECK(world.hear(other) == "REJECT_STORM note router 0");
}

TEST_CASE("reject storm: what the venue rejects of no order of ours concerns the venue") {
  Watched world;
  Report report = rejected(world, "who", "5");
  report.router = {};
  CHECK(world.hear(report) == "REJECT_STORM alert venue 0");
}

TEST_CASE(
    "reject storm: our own first refusal of a reason in a day is a note, shut gates are not") {
  Watched world;
  const auto refuse = [&](const std::string& cl_ord_id, Reason reason) {
    Breach breach;
    breach.reason = reason;
    world.books.refuse(world.order(cl_ord_id, 1), breach, world.now);
    return world.watch(Occasion::message, world.touched(world.order(cl_ord_id, 1)));
  };
  CHECK(refuse("1", Reason::parent_fill) == "REJECT_STORM note router 0");
  CHECK(refuse("2", Reason::parent_fill) == "");
  CHECK(refuse("3", Reason::price_collar) == "REJECT_STORM note router 0");
  CHECK(refuse("4", Reason::killed) == "");
}

TEST_CASE(
    "reject storm: our refusals and the venues' together block a router, the venues' a venue") {
  Watched ours;
  ours.limits.routers[0].rejects = rate(2);
  ours.resize();
  CHECK(ours.give(ours.order("1", 2'000)) == "");
  REQUIRE(ours.send(ours.order("2", 10)).may_go());
  CHECK(ours.hear(rejected(ours, "2", "3")) == "REJECT_STORM alert router 0");
  CHECK(ours.give(ours.order("3", 2'000)) == "REJECT_STORM block router 0");
  ours.now = at_ms(1'000);
  CHECK(ours.give(ours.order("4", 2'000)) == "");

  Watched venue;
  venue.limits.venues[0].rejects = rate(1);
  venue.resize();
  for (const auto* id : {"1", "2"}) REQUIRE(venue.send(venue.order(id, 10)).may_go());
  CHECK(venue.hear(rejected(venue, "1", "3")) == "REJECT_STORM alert router 0");
  CHECK(venue.hear(rejected(venue, "2", "3")) == "REJECT_STORM block venue 0");
}
