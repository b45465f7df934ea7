// Replaces and cancels: what they add, what they may not change, and that a cancel goes.
#include <doctest/doctest.h>

#include <functional>

#include "tests/risk/world.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

TEST_CASE("decide: a replace adds only what it adds, and one that adds nothing is never trapped") {
  World world;
  REQUIRE(world.send(world.order("1", 800)).may_go());
  world.learn(Fact::acknowledged, "1");
  CHECK(word(world.ask(world.replace("2", "1", 1000))) == "may go");
  CHECK(world.ask(world.replace("2", "1", 1001)).breach->fact ==
        "child 201 makes 1001 of parent P1's 1000");
  world.books.cancel_parent(world.p1, world.now);
  world.limits.accounts[0].gross_notional = Limit<Money>::of(money(1));
  CHECK(word(world.ask(world.replace("2", "1", 801))) == "PARENT_FILL");
  CHECK(word(world.ask(world.replace("2", "1", 800))) == "may go");
  CHECK(word(world.ask(world.replace("2", "1", 10))) == "may go");
}

TEST_CASE("decide: a replace to a worse price adds to the gross notional") {
  World world;
  world.limits.symbols[0].price_collar = Limit<Collar>::none();
  world.books.size_for(world.directory, world.limits);
  REQUIRE(world.send(world.order("1", 100)).may_go());
  world.limits.accounts[0].gross_notional = Limit<Money>::of(money(11'000));
  Replace replace = world.replace("2", "1", 100);
  replace.limit = dollars(110);
  CHECK(word(world.ask(replace)) == "may go");
  replace.limit = dollars(111);
  CHECK(word(world.ask(replace)) == "GROSS_NOTIONAL");
}

TEST_CASE("decide: a replace that changes symbol, account, parent or side is refused") {
  World world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  const ParentId other = world.declare("P2", shares(1000));
  using Change = std::function<void(Replace&)>;
  const std::pair<Change, const char*> rows[] = {
      {[](Replace&) {}, "may go"},
      {[&](Replace& r) { r.account = world.a2; }, "may go"},  // tag 1 is not in the G
      {[&](Replace& r) { r.account = world.a2, r.names_account = true; }, "PARENT_MATCH"},
      {[&](Replace& r) { r.account = {}, r.names_account = true; }, "PARENT_MATCH"},
      {[&](Replace& r) { r.account = world.a1, r.names_account = true; }, "may go"},
      {[&](Replace& r) { r.parent = other, r.names_parent = true; }, "PARENT_MATCH"},
      {[&](Replace& r) { r.parent = {}, r.names_parent = true; }, "PARENT_MATCH"},
      {[&](Replace& r) { r.parent = world.p1, r.names_parent = true; }, "may go"},
      {[&](Replace& r) { r.symbol = world.bbb; }, "PARENT_MATCH"},
      {[&](Replace& r) { r.symbol = {}; }, "PARENT_MATCH"},
      {[](Replace& r) { r.side = Side::sell; }, "PARENT_MATCH"},
      {[](Replace& r) { r.quantity = {}; }, "MALFORMED"},
      {[](Replace& r) { r.orig_cl_ord_id = "0"; }, "UNKNOWN_ORDER"},
      {[](Replace& r) { r.cl_ord_id = "1"; }, "DUPLICATE_CL_ORD_ID"},
      {[&](Replace& r) { r.router = world.r2; }, "UNKNOWN_ORDER"},
  };
  int row = 0;
  for (const auto& [change, reason] : rows) {
    CAPTURE(row++);
    Replace replace = world.replace("2", "1", 100);
    change(replace);
    CHECK(word(world.ask(replace)) == reason);
  }
}

TEST_CASE("decide: among 2, 5 and 6 a replace may change, and a child may differ from its parent") {
  World world;
  REQUIRE(world.send(world.order("0", 100)).may_go());
  world.learn(world.fill("0", 100));  // held, so that a sell may be a long one
  NewOrder sell = world.order("1", 100);
  sell.parent = world.declare("S", shares(1000), Side::sell);
  sell.side = Side::sell_short;
  REQUIRE(world.send(sell).may_go());
  Replace replace = world.replace("2", "1", 100);
  for (const Side side : {Side::sell, Side::sell_short, Side::sell_short_exempt}) {
    replace.side = side;
    CHECK(word(world.ask(replace)) == "may go");
  }
  replace.side = Side::buy;
  CHECK(word(world.ask(replace)) == "PARENT_MATCH");
}

TEST_CASE("decide: a replace of an order that has ended is refused") {
  World world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  world.learn(world.fill("1", 100));
  CHECK(word(world.ask(world.replace("2", "1", 200))) == "UNKNOWN_ORDER");
}

TEST_CASE("decide: a cancel always may, but one in flight an order, and ours may even then") {
  World world;
  CHECK(word(world.ask(world.cancel("c", "1"))) == "UNKNOWN_ORDER");
  REQUIRE(world.send(world.order("1", 100)).may_go());
  world.books.cancel_parent(world.p1, world.now);
  world.limits = {};  // no limit stands in a cancel's way
  world.references = {};
  CHECK(word(world.send(world.cancel("c1", "1"))) == "may go");
  CHECK(word(world.send(world.cancel("c2", "1"))) == "CANCEL_IN_FLIGHT");
  Cancel ours = world.cancel("k1", "1");
  ours.by_gateway = true;
  CHECK(word(world.send(ours)) == "may go");
  world.learn(Fact::cancel_rejected, "c1");
  CHECK(word(world.send(world.cancel("c3", "1"))) == "may go");
}

TEST_CASE("replace: it may say again who decided, or nothing, and never another") {
  World world;
  world.limits.algos = world.limits.traders = world.limits.desks = {wide_limits(), wide_limits()};
  world.books.size_for(world.directory, world.limits);
  NewOrder order = world.order("1", 100);
  order.by = {.algo = {0}, .trader = {0}, .desk = {0}};
  REQUIRE(world.send(order).may_go());
  const auto with = [&](const Attributions& by) {
    Replace replace = world.replace("2", "1", 90);
    replace.by = by;
    return word(world.ask(replace));
  };
  CHECK(with({}) == "may go");
  CHECK(with(order.by) == "may go");
  CHECK(with({.algo = {1}, .trader = {}, .desk = {}}) == "PARENT_MATCH");
  CHECK(with({.algo = {}, .trader = {1}, .desk = {}}) == "PARENT_MATCH");
  CHECK(with({.algo = {}, .trader = {}, .desk = {1}}) == "PARENT_MATCH");
}
