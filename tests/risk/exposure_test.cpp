#include "risk/exposure.hpp"

#include <doctest/doctest.h>

#include "tests/risk/world.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

TEST_CASE(
    "exposure: the collar is added to the size of the reference, rounded up, or does not fit") {
  const auto ppm = [](std::int64_t n) {
    return Collar{.kind = Collar::Kind::parts_per_million, .parts_per_million = n, .amount = {}};
  };
  CHECK(with_collar(dollars(100), ppm(95'000)) == *Price::parse("109.5"));
  CHECK(with_collar(Price::of_raw(1), ppm(1)) == Price::of_raw(2));
  CHECK(with_collar(dollars(-100), ppm(0)) == dollars(100));
  CHECK(with_collar(Price::highest(), ppm(1)) == std::nullopt);
  CHECK(with_collar(dollars(100), {Collar::Kind::amount, 0, dollars(3)}) == dollars(103));
  CHECK(notional_price(dollars(120), dollars(100), ppm(0)) == dollars(120));
  CHECK(notional_price(dollars(-120), dollars(100), ppm(0)) == dollars(120));
  CHECK(notional_price(std::nullopt, dollars(100), ppm(0)) == dollars(100));
}

TEST_CASE("exposure: new reference prices value positions and open orders again") {
  World world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  world.learn(world.fill("1", 40));
  world.references.by_symbol[0]->price = dollars(200);
  world.books.mark(world.references);
  CHECK(world.books.exposure({}).positions == money(8000));
  CHECK(world.books.exposure({}).open_buys == money(13'200));
}

TEST_CASE("exposure: a reference price that goes missing leaves the last one in place") {
  World world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  world.references.by_symbol[0].reset();
  world.books.mark(world.references);
  CHECK(world.books.exposure({}).gross() == money(11'000));
}

TEST_CASE("exposure: what was never marked has the highest value, and the refusal says why") {
  World world;
  world.books = Books{};
  world.books.size_for(world.directory, world.limits);
  world.declare("P1", shares(1000));
  REQUIRE(world.send(world.order("1", 100)).may_go());
  CHECK(world.books.exposure({ScopeKind::account, 0}).gross() == Money::highest());
  CHECK(word(world.ask(world.order("2", 100))) == "NO_REFERENCE_PRICE");
  world.books.mark(world.references);
  CHECK(world.books.exposure({ScopeKind::account, 0}).gross() == money(11'000));
  CHECK(word(world.ask(world.order("2", 100))) == "may go");
}

TEST_CASE("exposure: positions of two accounts in one symbol do not cancel out") {
  World world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  world.learn(world.fill("1", 100));
  const ParentId other = world.directory.parents.intern("P2");
  (void)world.books.declare(
      {other, world.a2, world.aaa, Side::sell, shares(100), ParentSource::declared}, world.now);
  NewOrder sell = world.order("2", 100);
  sell.account = world.a2;
  sell.parent = other;
  sell.side = Side::sell_short;
  REQUIRE(world.send(sell).may_go());
  world.learn(world.fill("2", 100));
  CHECK(world.books.position(world.a2, world.aaa) == shares(-100));
  CHECK(world.books.exposure({}).positions == money(20'000));
  CHECK(world.books.exposure({ScopeKind::symbol, 0}).positions == money(20'000));
  CHECK(world.books.exposure({ScopeKind::account, 1}).positions == money(10'000));
}

TEST_CASE("exposure: buys and sells of one account in one symbol do cancel out once executed") {
  World world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  world.learn(world.fill("1", 100));
  NewOrder sell = world.order("2", 100);
  sell.parent = world.declare("S", shares(100), Side::sell);
  sell.side = Side::sell;
  REQUIRE(world.send(sell).may_go());
  world.learn(world.fill("2", 100));
  CHECK(world.books.exposure({}).gross() == Money{});
}
