#include <doctest/doctest.h>

#include "tests/risk/watched.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

Limit<Rate> rate(std::uint32_t count, std::int64_t s = 1) {
  return Limit<Rate>::of({count, seconds(s)});
}
Limit<MoneyRate> money_rate(std::int64_t amount) {
  return Limit<MoneyRate>::of({money(amount), seconds(1)});
}

}  // namespace

TEST_CASE("duplicate: as many alike as the limit says may follow the first, one more is refused") {
  Watched world;
  world.limits.routers[0].duplicates = rate(1);
  world.resize();
  CHECK(word(world.send(world.order("1", 10))) == "may go");
  CHECK(word(world.send(world.order("2", 10))) == "may go");
  const Verdict third = world.send(world.order("3", 10));
  CHECK(word(third) == "DUPLICATE");
  CHECK(third.breach->observed == "2");
  CHECK(third.breach->limit == "1 in 1 s");
  CHECK(!third.breach->trip);
}

TEST_CASE("duplicate: one that is a whole window old is no duplicate any more") {
  Watched world;
  world.limits.routers[0].duplicates = rate(0);
  world.resize();
  REQUIRE(world.send(world.order("1", 10)).may_go());
  world.now = at_ms(999);
  CHECK(word(world.send(world.order("2", 10))) == "DUPLICATE");
  world.now = at_ms(1000);  // a refused one was never entered: it does not count
  CHECK(word(world.send(world.order("3", 10))) == "may go");
  CHECK(word(world.send(world.order("4", 10))) == "DUPLICATE");
}

TEST_CASE("duplicate: whatever differs makes it another order, and so does another router") {
  Watched world;
  world.limits.routers[0].duplicates = world.limits.routers[1].duplicates = rate(0);
  world.resize();
  REQUIRE(world.books.load_position(world.a1, world.aaa, shares(100), dollars(100)));
  const ParentId sells = world.declare("S1", shares(1000), Side::sell);
  const ParentId other = world.declare("P2", shares(1000));
  REQUIRE(world.send(world.order("1", 10)).may_go());
  NewOrder order = world.order("quantity", 11);
  CHECK(word(world.send(order)) == "may go");
  order = world.order("price", 10);
  order.limit = dollars(101);
  CHECK(word(world.send(order)) == "may go");
  order = world.order("parent", 10);
  order.parent = other;
  CHECK(word(world.send(order)) == "may go");
  order = world.order("side", 10);
  order.parent = sells;
  order.side = Side::sell;
  CHECK(word(world.send(order)) == "may go");
  order = world.order("router", 10);
  order.router = world.r2;
  CHECK(word(world.send(order)) == "may go");
  CHECK(word(world.send(world.order("alike", 10))) == "DUPLICATE");
}

TEST_CASE("duplicate: a replace counts as the order that it would make") {
  Watched world;
  world.limits.routers[0].duplicates = rate(0);
  world.resize();
  REQUIRE(world.send(world.order("1", 10)).may_go());
  CHECK(word(world.send(world.replace("2", "1", 10))) == "DUPLICATE");
  CHECK(word(world.send(world.replace("3", "1", 20))) == "may go");
  CHECK(word(world.send(world.order("4", 20))) == "DUPLICATE");
}

TEST_CASE("message rate: cancels count, the message beyond the limit blocks its router") {
  Watched world;
  world.limits.routers[0].message_rate = rate(3);
  world.resize();
  CHECK(world.give(world.order("1", 10)) == "");
  CHECK(world.give(world.cancel("2", "1")) == "");
  CHECK(world.give(world.order("3", 10)) == "");
  CHECK(world.give(world.cancel("4", "3")) == "MESSAGE_RATE block router 0");
  CHECK(word(world.ask(world.cancel("5", "3"))) == "CANCEL_IN_FLIGHT");  // never MESSAGE_RATE
  world.now = at_ms(1000);
  CHECK(world.give(world.order("6", 10)) == "");
}

TEST_CASE("message rate: of a venue, what went there counts, of all routers") {
  Watched world;
  world.limits.venues[0].message_rate = rate(2);
  world.resize();
  NewOrder other = world.order("x", 10);
  other.router = world.r2;
  CHECK(world.give(world.order("1", 10)) == "");
  CHECK(world.give(other) == "");
  CHECK(world.give(world.order("1", 10)) == "");  // a ClOrdID twice: refused, it went nowhere
  CHECK(world.give(world.order("2", 10)) == "MESSAGE_RATE block venue 0");
  const auto breach = world.breaches(Occasion::message, world.touched(world.order("3", 1))).at(0);
  CHECK(breach.observed == "3");
  CHECK(breach.limit == "2 in 1 s");
}

TEST_CASE("notional rate: up to the limit goes; what is beyond is refused and blocks the scope") {
  for (const ScopeKind kind : {ScopeKind::account, ScopeKind::symbol, ScopeKind::firm}) {
    Watched world;
    // 10 shares at 100, raised by the collar of 10 %: 1,100.
    ScopeLimits& limits = kind == ScopeKind::account  ? world.limits.accounts[0]
                          : kind == ScopeKind::symbol ? world.limits.symbols[0]
                                                      : world.limits.firm;
    limits.notional_rate = money_rate(2'200);
    world.resize();
    CHECK(word(world.send(world.order("1", 10))) == "may go");
    world.now = at_ms(999);
    CHECK(word(world.send(world.order("2", 10))) == "may go");
    const Verdict third = world.ask(world.order("3", 1));
    CHECK(word(third) == "NOTIONAL_RATE");
    CHECK(lines({*third.breach}) == "NOTIONAL_RATE block " + std::string(name(kind)) + " 0");
    CHECK(third.breach->observed == "2310");
    world.now = at_ms(1000);  // the first is a whole window old
    CHECK(word(world.ask(world.order("4", 10))) == "may go");
    CHECK(word(world.ask(world.order("5", 11))) == "NOTIONAL_RATE");
  }
}

TEST_CASE("notional rate: a replace counts by what it adds") {
  Watched world;
  world.limits.accounts[0].notional_rate = money_rate(2'200);
  world.resize();
  REQUIRE(world.send(world.order("1", 10)).may_go());
  CHECK(word(world.ask(world.replace("2", "1", 20))) == "may go");
  CHECK(word(world.ask(world.replace("2", "1", 21))) == "NOTIONAL_RATE");
  REQUIRE(world.send(world.replace("2", "1", 20)).may_go());
  CHECK(word(world.ask(world.order("3", 1))) == "NOTIONAL_RATE");
}

TEST_CASE("execution rate: fills of a parent, a router and an algo; one more blocks") {
  for (const ScopeKind kind : {ScopeKind::parent, ScopeKind::router, ScopeKind::algo}) {
    Watched world;
    const AlgoId algo = world.directory.algos.intern("twap");
    world.limits.algos = {wide_limits()};
    ScopeLimits& limits = kind == ScopeKind::parent   ? world.limits.parent
                          : kind == ScopeKind::router ? world.limits.routers[0]
                                                      : world.limits.algos[0];
    limits.execution_rate = rate(2);
    world.resize();
    NewOrder order = world.order("1", 100);
    order.by.algo = algo;
    REQUIRE(world.send(order).may_go());
    CHECK(world.hear(world.report(Fact::acknowledged, "1", "a")) == "");
    CHECK(world.hear(world.fill("1", 10, "e1")) == "");
    CHECK(world.hear(world.fill("1", 10, "e2")) == "");
    CHECK(world.hear(world.fill("1", 10, "e2")) == "");  // the same again is no execution
    CHECK(world.hear(world.fill("1", 10, "e3")) ==
          "EXECUTION_RATE block " + std::string(name(kind)) + " 0");
    CHECK(world.hear(world.report(Fact::status, "1")) == "");  // nothing new to judge
    world.now = at_ms(1000);
    CHECK(world.hear(world.fill("1", 10, "e4")) == "");
  }
}

TEST_CASE("controls that watch: a limit that nobody set refuses the order") {
  const auto without = [](auto unset) {
    Watched world;
    unset(world.limits);
    return word(world.ask(world.order("1", 10)));
  };
  CHECK(without([](Limits&) {}) == "may go");
  CHECK(without([](Limits& limits) { limits.routers[0].message_rate = {}; }) == "NO_LIMIT");
  CHECK(without([](Limits& limits) { limits.venues[0].message_rate = {}; }) == "NO_LIMIT");
  CHECK(without([](Limits& limits) { limits.parent.execution_rate = {}; }) == "NO_LIMIT");
  CHECK(without([](Limits& limits) { limits.routers[0].duplicates = {}; }) == "NO_LIMIT");
  CHECK(without([](Limits& limits) { limits.firm.notional_rate = {}; }) == "NO_LIMIT");
  CHECK(without([](Limits& limits) { limits.parent.child_messages = {}; }) == "NO_LIMIT");
  CHECK(without([](Limits& limits) { limits.routers[0].child_shares = {}; }) == "NO_LIMIT");
  CHECK(without([](Limits& limits) { limits.routers[0].new_parents = {}; }) == "NO_LIMIT");
  CHECK(without([](Limits& limits) { limits.routers[0].peer_divergence = {}; }) == "NO_LIMIT");
}

TEST_CASE("message rate, execution rate: a scope is counted by its own, not by one of its number") {
  Watched world;
  world.limits.algos = {wide_limits(), wide_limits()};
  world.limits.venues[1].message_rate = world.limits.routers[1].execution_rate =
      world.limits.algos[1].execution_rate = Limit<Rate>::of({1, seconds(1)});
  world.resize();
  const auto order = [&](std::string cl_ord_id, RouterId router, VenueId venue) {
    NewOrder request = world.order(std::move(cl_ord_id), 10);
    request.router = router;
    request.venue = venue;
    request.by.algo = {1};
    return request;
  };
  CHECK(world.give(order("1", world.r1, world.v2)) == "");
  CHECK(world.give(order("2", world.r1, world.v2)) == "MESSAGE_RATE block venue 1");
  CHECK(world.give(order("3", world.r2, world.v1)) == "");
  Report fill = world.fill("3", 1, "a");
  fill.router = world.r2;
  CHECK(world.hear(fill) == "");
  fill.exec_id = "b";
  CHECK(world.hear(fill) == "EXECUTION_RATE block router 1\nEXECUTION_RATE block algo 1");
}
