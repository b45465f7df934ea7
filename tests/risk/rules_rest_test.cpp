// The accounting rules that are about more than one order, or about what may not be asked at all.
#include <doctest/doctest.h>

#include <functional>
#include <vector>

#include "tests/risk/live.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

TEST_CASE("rule 17: the same events again make the same books, and the same verdicts") {
  const std::vector<std::function<void(World&)>> events{
      [](World& world) { world.send(world.order("1", 300)); },
      [](World& world) { world.learn(Fact::acknowledged, "1"); },
      [](World& world) { world.learn(world.fill("1", 100, "E1")); },
      [](World& world) { world.send(world.replace("2", "1", 500)); },
      [](World& world) { world.learn(world.fill("1", 50, "E2")); },
      [](World& world) { world.send(world.cancel("3", "1")); },
      [](World& world) { world.send(world.order("4", 600)); },  // more than the parent has left
  };
  World live, again;
  for (const auto& event : events) event(live);
  for (const auto& event : events) event(again);
  CHECK(live.books.digest() == again.books.digest());
  for (const std::int64_t quantity : {500, 501}) {
    CHECK(word(live.ask(live.order("5", quantity))) == word(again.ask(again.order("5", quantity))));
  }
  CHECK(word(again.ask(again.order("5", 500))) == "may go");
  CHECK(word(again.ask(again.order("5", 501))) == "PARENT_FILL");
}

TEST_CASE("rule 19: proof that a replace, a cancel or a D never arrived restores what was before") {
  Live live;
  live.send(live.replace("2", "1", 300));
  CHECK(live.one() == Counts{100, 0, 300});
  live.learn(Fact::replace_rejected, "2");
  CHECK(live.one() == Counts{100, 0, 100});
  live.send(live.cancel("3", "1"));
  CHECK(live.find("1").cancel_in_flight);
  live.learn(Fact::cancel_rejected, "3");
  CHECK_FALSE(live.find("1").cancel_in_flight);
  CHECK(live.one() == Counts{100, 0, 100});
  live.send(live.order("4", 200));
  CHECK(live.parent().open == shares(300));
  live.learn(Fact::new_rejected, "4");
  CHECK(live.parent().open == shares(100));
}

TEST_CASE("rule 20: the orders of a list are judged one after the other, and taken back together") {
  World world;
  CHECK(world.send(world.order("1", 600)).may_go());
  CHECK(word(world.ask(world.order("2", 500))) == "PARENT_FILL");  // as if the first had gone
  world.learn(Fact::new_rejected, "1");
  CHECK(world.parent().open == shares(0));
  CHECK(world.send(world.order("3", 1000)).may_go());
}

TEST_CASE("rule 21: an order without a price is valued at the reference and the collar") {
  World world;
  NewOrder market = world.order("1", 100);
  market.type = OrderType::market;
  market.limit = std::nullopt;
  CHECK(world.send(market).may_go());
  const auto gross = world.books.exposure({ScopeKind::account, world.a1.value}).open_buys;
  CHECK(gross >= money(10'000));  // 100 at 100, and the collar of 10 %
}

TEST_CASE("rule 21: a price below zero is refused where its class does not declare them") {
  World world;
  NewOrder order = world.order("1", 100);
  order.limit = dollars(-1);
  CHECK(word(world.ask(order)) == "MALFORMED");
}

TEST_CASE("rule 22: a plain sell of more than the account holds has to be marked short") {
  World world;
  REQUIRE(world.books.load_position(world.a1, world.aaa, shares(100), dollars(100)));
  const ParentId parent = world.declare("S", shares(1000), Side::sell);
  NewOrder sell = world.order("1", 100);
  sell.parent = parent;
  sell.side = Side::sell;
  CHECK(world.ask(sell).may_go());
  sell.quantity = shares(101);
  CHECK(word(world.ask(sell)) == "RESTRICTED");
  for (const Side side : {Side::sell_short, Side::sell_short_exempt}) {
    sell.side = side;
    CHECK(world.ask(sell).may_go());
  }
}
