// What orders and positions add up to, at the exact limit of each scope.
#include <doctest/doctest.h>

#include "tests/risk/world.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

Limit<Money> at_most(std::int64_t amount) { return Limit<Money>::of(money(amount)); }

ScopeLimits& limits_at(World& world, ScopeKind kind) {
  switch (kind) {
    case ScopeKind::router:
      return world.limits.routers[0];
    case ScopeKind::account:
      return world.limits.accounts[0];
    case ScopeKind::symbol:
      return world.limits.symbols[0];
    default:
      return world.limits.firm;
  }
}

}  // namespace

TEST_CASE("turnover: what was entered counts at its worst price, and is compared exactly") {
  for (const ScopeKind kind : {ScopeKind::account, ScopeKind::router, ScopeKind::firm}) {
    World world;
    limits_at(world, kind).turnover = at_most(22'000);          // 200 shares at 110
    REQUIRE(world.send(world.order("1", 100)).may_go());        // 11,000
    CHECK(word(world.ask(world.order("2", 100))) == "may go");  // at the limit
    const Verdict verdict = world.ask(world.order("2", 101));
    CHECK(word(verdict) == "TURNOVER");
    CHECK(verdict.breach->scope == Scope{kind, 0});
    CHECK(verdict.breach->observed == "22110");
    CHECK(verdict.breach->limit == "22000");
    limits_at(world, kind).turnover = {};
    CHECK(world.ask(world.order("2", 1)).breach->scope == Scope{kind, 0});
    CHECK(word(world.ask(world.order("2", 1))) == "NO_LIMIT");
  }
}

TEST_CASE("turnover: never falls within a day, whatever becomes of the order") {
  World world;
  world.limits.accounts[0].turnover = at_most(22'000);
  REQUIRE(world.send(world.order("1", 100)).may_go());
  world.learn(Fact::ended, "1");
  CHECK(word(world.ask(world.order("2", 101))) == "TURNOVER");
  REQUIRE(world.send(world.order("3", 100)).may_go());
  world.learn(world.fill("3", 100, "e1"));
  Report bust = world.report(Fact::busted, "3", "e2");
  bust.exec_ref_id = "e1";
  world.learn(bust);
  CHECK(word(world.ask(world.order("4", 1))) == "TURNOVER");
}

TEST_CASE("turnover: a replace counts by what it adds") {
  World world;
  world.limits.accounts[0].turnover = at_most(16'500);  // 150 shares at 110
  REQUIRE(world.send(world.order("1", 100)).may_go());
  CHECK(word(world.ask(world.replace("2", "1", 151))) == "TURNOVER");
  REQUIRE(world.send(world.replace("2", "1", 150)).may_go());
  CHECK(word(world.ask(world.replace("3", "2", 150))) == "may go");
  CHECK(word(world.ask(world.order("3", 1))) == "TURNOVER");
}

TEST_CASE("turnover, net, gross, position: a reducing order passes all of them, and counts") {
  World world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  world.learn(world.fill("1", 100));
  ScopeLimits& account = world.limits.accounts[0];
  account.turnover = account.net_notional = account.gross_notional = at_most(1);
  account.position = Limit<Quantity>::of(shares(1));
  NewOrder sell = world.order("2", 100);
  sell.side = Side::sell;
  sell.parent = world.declare("S", shares(1000), Side::sell);
  CHECK(word(world.send(sell)) == "may go");
  CHECK(world.books.turnover({ScopeKind::account, 0}) == money(22'000));
  sell.cl_ord_id = "3";
  sell.side = Side::sell_short;
  sell.quantity = shares(1);
  for (auto* const limit : {&account.turnover, &account.net_notional, &account.gross_notional}) {
    CHECK(world.ask(sell).breach.has_value());
    *limit = Limit<Money>::none();
  }
  CHECK(word(world.ask(sell)) == "POSITION");
}

TEST_CASE("net-notional: each side by itself, the larger counts, exactly") {
  for (const ScopeKind kind : {ScopeKind::account, ScopeKind::symbol, ScopeKind::firm}) {
    World world;
    REQUIRE(world.send(world.order("1", 100)).may_go());
    world.learn(world.fill("1", 40));  // 40 × 100 long, 60 × 110 open: 10,600
    NewOrder sell = world.order("2", 90);
    sell.side = Side::sell_short;
    sell.parent = world.declare("S", shares(1000), Side::sell);
    REQUIRE(world.send(sell).may_go());  // 9,900 on the other side
    limits_at(world, kind).net_notional = at_most(11'700);
    CHECK(word(world.ask(world.order("3", 10))) == "may go");
    const Verdict verdict = world.ask(world.order("3", 11));
    CHECK(word(verdict) == "NET_NOTIONAL");
    CHECK(verdict.breach->scope == Scope{kind, 0});
    CHECK(verdict.breach->observed == "11810");
    sell.cl_ord_id = "3";
    sell.quantity = shares(16);
    CHECK(word(world.ask(sell)) == "may go");  // 11,660
    sell.quantity = shares(17);
    CHECK(word(world.ask(sell)) == "NET_NOTIONAL");
    limits_at(world, kind).net_notional = {};
    CHECK(word(world.ask(world.order("3", 1))) == "NO_LIMIT");
    CHECK(world.ask(world.order("3", 1)).breach->scope == Scope{kind, 0});
  }
}

TEST_CASE("net-notional: a short position counts with the open sells, and turns with its sign") {
  World world;
  NewOrder sell = world.order("1", 100);
  sell.side = Side::sell_short;
  sell.parent = world.declare("S", shares(1000), Side::sell);
  REQUIRE(world.send(sell).may_go());
  world.learn(world.fill("1", 100));  // 10,000 short
  world.limits.firm.net_notional = at_most(11'100);
  sell.cl_ord_id = "2";
  sell.quantity = shares(10);
  CHECK(word(world.ask(sell)) == "may go");
  sell.quantity = shares(11);
  CHECK(word(world.ask(sell)) == "NET_NOTIONAL");
  REQUIRE(world.send(world.order("b", 100)).may_go());
  world.learn(world.fill("b", 100));
  REQUIRE(world.send(world.order("c", 100)).may_go());
  world.learn(world.fill("c", 100));  // 10,000 long
  CHECK(word(world.ask(world.order("d", 10))) == "may go");
  CHECK(word(world.ask(world.order("d", 11))) == "NET_NOTIONAL");
}

TEST_CASE("open-orders: counts what is open with this one, in each scope") {
  for (const ScopeKind kind : {ScopeKind::router, ScopeKind::account, ScopeKind::symbol}) {
    World world;
    limits_at(world, kind).open_orders = Limit<Count>::of({2});
    REQUIRE(world.send(world.order("1", 1)).may_go());
    REQUIRE(world.send(world.order("2", 1)).may_go());
    const Verdict verdict = world.send(world.order("3", 1));
    CHECK(word(verdict) == "OPEN_ORDERS");
    CHECK(verdict.breach->scope == Scope{kind, 0});
    CHECK(verdict.breach->observed == "3");
    CHECK(verdict.breach->limit == "2");
    CHECK(word(world.ask(world.replace("4", "1", 2))) == "may go");  // it adds none
    world.send(world.cancel("c", "1"));
    CHECK(word(world.ask(world.order("4", 1))) == "OPEN_ORDERS");  // asked for is not done
    world.learn(Fact::ended, "1");
    CHECK(word(world.ask(world.order("4", 1))) == "may go");
    limits_at(world, kind).open_orders = {};
    CHECK(word(world.ask(world.order("4", 1))) == "NO_LIMIT");
    CHECK(world.ask(world.order("4", 1)).breach->scope == Scope{kind, 0});
  }
}

TEST_CASE("limits in use: net, turnover and open orders say what they hold") {
  World world;
  ScopeLimits& account = world.limits.accounts[0];
  account.net_notional = account.turnover = at_most(110'000);
  account.open_orders = Limit<Count>::of({4});
  REQUIRE(world.send(world.order("1", 100)).may_go());
  const auto rows =
      limits_in_use(world.books, world.limits, world.references, world.directory, world.now);
  const auto used = [&](std::string_view control) {
    for (const LimitUse& row : rows) {
      if (row.control == control && row.scope == Scope{ScopeKind::account, 0}) return row.used;
    }
    return std::string{"not there"};
  };
  CHECK(used("net-notional") == "11000");
  CHECK(used("turnover") == "11000");
  CHECK(used("open-orders") == "1");
}

TEST_CASE("currencies: prices become policy money at the rate, rounded against the order") {
  World world;
  world.limits.symbol_traits[0].currency = world.directory.currencies.intern("EUR");
  REQUIRE(world.directory.currencies.intern("EUR") == CurrencyId{0});
  const CurrencyId yen = world.directory.currencies.intern("JPY");
  world.limits.symbol_traits[0].currency = yen;
  world.books.size_for(world.directory, world.limits);
  const auto ask = [&] { return word(world.ask(world.order("1", 100))); };
  CHECK(ask() == "NO_CURRENCY_RATE");
  const auto rate = [&](std::string_view text, Time as_of) {
    world.references.by_currency = {std::nullopt, ReferencePrice{*Price::parse(text), as_of}};
    world.books.mark(world.references);
  };
  rate("0.00666667", world.now - seconds(60));
  CHECK(ask() == "may go");
  rate("0.00666667", world.now - seconds(60) - Duration{1});
  CHECK(ask() == "NO_CURRENCY_RATE");
  rate("0.00666667", world.now + seconds(60));
  CHECK(ask() == "may go");
  rate("0.00666667", world.now + seconds(61));
  CHECK(ask() == "NO_CURRENCY_RATE");
  rate("0", world.now);
  CHECK(ask() == "NO_CURRENCY_RATE");

  rate("0.00666667", world.now);  // 110 yen are 0.7333337 dollars
  world.limits.accounts[0].order_notional = Limit<Money>::of(*Money::parse("73.3334"));
  world.limits.accounts[0].gross_notional = Limit<Money>::of(*Money::parse("73.3334"));
  CHECK(ask() == "may go");
  CHECK(word(world.ask(world.order("1", 101))) == "ORDER_NOTIONAL");
  world.limits.accounts[0].order_notional = Limit<Money>::of(*Money::parse("73.3333"));
  CHECK(ask() == "ORDER_NOTIONAL");
  world.limits.accounts[0].order_notional = Limit<Money>::none();
  world.limits.accounts[0].gross_notional = Limit<Money>::of(*Money::parse("73.3333"));
  CHECK(ask() == "GROSS_NOTIONAL");
}

TEST_CASE("currencies: what is open and held is valued again when the rate moves") {
  World world;
  (void)world.directory.currencies.intern("USD");
  world.limits.symbol_traits[0].currency = world.directory.currencies.intern("EUR");
  world.references.by_currency = {std::nullopt, ReferencePrice{dollars(2), world.now}};
  world.books.size_for(world.directory, world.limits);
  world.books.mark(world.references);
  REQUIRE(world.send(world.order("1", 100)).may_go());
  world.learn(world.fill("1", 40));
  const Scope account{ScopeKind::account, 0};
  CHECK(world.books.exposure(account).positions == money(8000));
  CHECK(world.books.exposure(account).open_buys == money(13'200));
  world.references.by_currency[1]->price = dollars(3);
  world.books.mark(world.references);
  CHECK(world.books.exposure(account).positions == money(12'000));
  world.references.by_currency.clear();  // what went missing stays as it was last known
  world.books.mark(world.references);
  CHECK(world.books.exposure(account).open_buys == money(19'800));
}

TEST_CASE("currencies: what is held without any rate counts as more than any limit") {
  World world;
  (void)world.directory.currencies.intern("USD");
  world.limits.symbol_traits[0].currency = world.directory.currencies.intern("EUR");
  world.books.size_for(world.directory, world.limits);
  world.books.enter(world.order("1", 100), world.now);
  CHECK(world.books.exposure({}).open_buys == Money::highest());
}

TEST_CASE("turnover: a new day begins with none, and what is open is not entered again") {
  World world;
  world.limits.accounts[0].turnover = at_most(22'000);
  REQUIRE(world.send(world.order("1", 200)).may_go());
  CHECK(word(world.ask(world.order("2", 1))) == "TURNOVER");
  world.books.roll_day(world.now);
  CHECK(world.books.turnover({}) == Money{});
  CHECK(word(world.ask(world.order("2", 200))) == "may go");
  CHECK(word(world.ask(world.order("2", 201))) == "TURNOVER");
}

TEST_CASE("net-notional: what is short without a price is the reason, for a buy of another too") {
  World world;
  const SymbolId dark = world.directory.symbols.intern("DARK");
  world.limits.symbols.push_back(wide_limits());
  world.limits.symbol_traits.emplace_back();
  world.books.size_for(world.directory, world.limits);
  REQUIRE(world.books.load_position(world.a1, dark, shares(-1), dollars(1)));
  world.limits.accounts[0].gross_notional = Limit<Money>::none();
  world.limits.firm.gross_notional = Limit<Money>::none();
  world.limits.accounts[0].net_notional = at_most(1'000'000);
  const Verdict verdict = world.ask(world.order("1", 1));
  REQUIRE(word(verdict) == "NO_REFERENCE_PRICE");
  CHECK(verdict.breach->fact == "something open in account A1 has no reference price");
}
