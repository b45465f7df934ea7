#include "risk/decide.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "tests/risk/world.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

// One order, everything that is wrong with it, and the one reason that it gets.
struct Row {
  const char* what;
  std::function<void(World&, NewOrder&)> spoil;
  const char* reason;
};

Limit<Quantity> at_most(std::int64_t n) { return Limit<Quantity>::of(shares(n)); }

}  // namespace

TEST_CASE("decide: precedence, one line an order: each row has everything wrong that follows it") {
  const Row rows[] = {
      {"no ClOrdID", [](World&, NewOrder& o) { o.cl_ord_id = ""; }, "MALFORMED"},
      {"quantity 0", [](World&, NewOrder& o) { o.quantity = {}; }, "MALFORMED"},
      {"quantity -1", [](World&, NewOrder& o) { o.quantity = shares(-1); }, "MALFORMED"},
      {"a limit order with no price", [](World&, NewOrder& o) { o.limit.reset(); }, "MALFORMED"},
      {"a stop with no stop", [](World&, NewOrder& o) { o.type = OrderType::stop; }, "MALFORMED"},
      {"price -1", [](World&, NewOrder& o) { o.limit = dollars(-1); }, "MALFORMED"},
      {"a ClOrdID seen before", [](World&, NewOrder& o) { o.cl_ord_id = "seen"; },
       "DUPLICATE_CL_ORD_ID"},
      {"no venue", [](World&, NewOrder& o) { o.venue = {}; }, "NO_ROUTE"},
      {"unknown account", [](World&, NewOrder& o) { o.account = {}; }, "UNKNOWN_ACCOUNT"},
      {"unknown symbol", [](World&, NewOrder& o) { o.symbol = {}; }, "UNKNOWN_SYMBOL"},
      {"no parent", [](World&, NewOrder& o) { o.parent = {}; }, "PARENT_UNKNOWN"},
      {"a parent that nobody declared", [](World&, NewOrder& o) { o.parent = ParentId{7}; },
       "PARENT_UNKNOWN"},
      {"another symbol", [](World& w, NewOrder& o) { o.symbol = w.bbb; }, "PARENT_MATCH"},
      {"another account", [](World& w, NewOrder& o) { o.account = w.a2; }, "PARENT_MATCH"},
      {"another side", [](World&, NewOrder& o) { o.side = Side::sell; }, "PARENT_MATCH"},
      {"too much for the parent", [](World&, NewOrder& o) { o.quantity = shares(1001); },
       "PARENT_FILL"},
      {"a parent that its owner cancelled",
       [](World& w, NewOrder&) { w.books.cancel_parent(w.p1, w.now); }, "PARENT_FILL"},
      {"too many orders",
       [](World& w, NewOrder&) {
         w.limits.routers[0].order_rate = Limit<Rate>::of({1, seconds(1)});
       },
       "ORDER_RATE"},
      {"too large", [](World& w, NewOrder&) { w.limits.symbols[0].order_qty = at_most(99); },
       "ORDER_QTY"},
      {"a price too far away", [](World&, NewOrder& o) { o.limit = dollars(111); }, "PRICE_COLLAR"},
      {"too much money",
       [](World& w, NewOrder&) {
         w.limits.accounts[0].order_notional = Limit<Money>::of(money(10'999));
       },
       "ORDER_NOTIONAL"},
      {"too much exposure",
       [](World& w, NewOrder&) { w.limits.firm.gross_notional = Limit<Money>::of(money(10'999)); },
       "GROSS_NOTIONAL"},
      {"nothing", [](World&, NewOrder&) {}, "may go"},
  };
  for (std::size_t first = 0; first < std::size(rows); ++first) {
    CAPTURE(rows[first].what);
    World alone;
    REQUIRE(alone
                .send([&] {
                  NewOrder seen = alone.order("seen", 1);
                  seen.parent = alone.declare("P0", shares(1));
                  return seen;
                }())
                .may_go());
    NewOrder order = alone.order("new", 100);
    rows[first].spoil(alone, order);
    CHECK(word(alone.ask(order)) == rows[first].reason);

    World all;
    NewOrder seen = all.order("seen", 1);
    seen.parent = all.declare("P0", shares(1));
    REQUIRE(all.send(seen).may_go());
    NewOrder worst = all.order("new", 100);
    for (std::size_t i = std::size(rows); i-- > first;) rows[i].spoil(all, worst);
    CHECK(word(all.ask(worst)) == rows[first].reason);
  }
}

TEST_CASE("decide: a limit that nobody set refuses, in each scope that a control asks") {
  using Unset = std::function<void(Limits&)>;
  const std::pair<const char*, Unset> rows[] = {
      {"order-qty symbol", [](Limits& l) { l.symbols[0].order_qty = {}; }},
      {"order-qty account", [](Limits& l) { l.accounts[0].order_qty = {}; }},
      {"order-notional symbol", [](Limits& l) { l.symbols[0].order_notional = {}; }},
      {"order-notional account", [](Limits& l) { l.accounts[0].order_notional = {}; }},
      {"price-collar symbol", [](Limits& l) { l.symbols[0].price_collar = {}; }},
      {"order-rate router", [](Limits& l) { l.routers[0].order_rate = {}; }},
      {"order-rate venue", [](Limits& l) { l.venues[0].order_rate = {}; }},
      {"order-rate account", [](Limits& l) { l.accounts[0].order_rate = {}; }},
      {"order-rate symbol", [](Limits& l) { l.symbols[0].order_rate = {}; }},
      {"order-rate parent", [](Limits& l) { l.parent.order_rate = {}; }},
      {"order-rate firm", [](Limits& l) { l.firm.order_rate = {}; }},
      {"gross-notional account", [](Limits& l) { l.accounts[0].gross_notional = {}; }},
      {"gross-notional symbol", [](Limits& l) { l.symbols[0].gross_notional = {}; }},
      {"gross-notional router", [](Limits& l) { l.routers[0].gross_notional = {}; }},
      {"gross-notional venue", [](Limits& l) { l.venues[0].gross_notional = {}; }},
      {"gross-notional firm", [](Limits& l) { l.firm.gross_notional = {}; }},
      {"a router that the policy does not know", [](Limits& l) { l.routers.clear(); }},
  };
  for (const auto& [what, unset] : rows) {
    CAPTURE(what);
    World world;
    unset(world.limits);
    CHECK(word(world.ask(world.order("1", 100))) == "NO_LIMIT");
  }
  World world;
  world.limits.venues[0].gross_notional = {};
  CHECK(world.ask(world.order("1", 100)).breach->fact ==
        "no gross-notional limit is set for venue V1");
}

TEST_CASE("decide: `none` is a limit that a person wrote, and lets pass") {
  World world;
  for (ScopeLimits* limits :
       {&world.limits.firm, &world.limits.parent, &world.limits.routers[0], &world.limits.venues[0],
        &world.limits.accounts[0], &world.limits.symbols[0]}) {
    limits->order_qty = Limit<Quantity>::none(1);
    limits->order_notional = limits->gross_notional = Limit<Money>::none(2);
    limits->price_collar = Limit<Collar>::none(3);
    limits->order_rate = Limit<Rate>::none(4);
  }
  NewOrder order = world.order("1", 1000);
  order.limit = dollars(1'000'000);
  CHECK(word(world.ask(order)) == "may go");
}

TEST_CASE("decide: the lowest applicable limit wins") {
  World world;
  world.limits.symbols[0].order_qty = at_most(90);
  world.limits.accounts[0].order_qty = at_most(80);
  const Verdict verdict = world.ask(world.order("1", 100));
  REQUIRE(verdict.breach);
  CHECK(verdict.breach->scope == Scope{ScopeKind::account, world.a1.value});
  CHECK(verdict.breach->limit == "80");
  CHECK(verdict.breach->observed == "100");
  CHECK(verdict.breach->fact == "quantity 100 is over 80 of account A1");
  world.limits.symbols[0].order_qty = at_most(70);
  CHECK(world.ask(world.order("1", 100)).breach->scope == Scope{ScopeKind::symbol, 0});
}

TEST_CASE("decide: a limit is reached before it is broken") {
  World world;
  world.limits.symbols[0].order_qty = at_most(100);
  CHECK(word(world.ask(world.order("1", 100))) == "may go");
  CHECK(word(world.ask(world.order("1", 101))) == "ORDER_QTY");
}

TEST_CASE("decide: a missing, zero, stale or future reference price refuses") {
  World world;
  const auto ask = [&] { return word(world.ask(world.order("1", 100))); };
  const auto as_of = [&](Time time) {
    world.references.by_symbol[0] = ReferencePrice{dollars(100), time};
  };
  as_of(world.now - seconds(60));
  CHECK(ask() == "may go");
  as_of(world.now - seconds(60) - Duration{1});
  CHECK(ask() == "NO_REFERENCE_PRICE");
  as_of(world.now + seconds(60));
  CHECK(ask() == "may go");
  as_of(world.now + seconds(60) + Duration{1});
  CHECK(ask() == "NO_REFERENCE_PRICE");
  world.references.by_symbol[0] = ReferencePrice{Price{}, world.now};
  CHECK(ask() == "NO_REFERENCE_PRICE");
  world.references.by_symbol[0].reset();
  CHECK(ask() == "NO_REFERENCE_PRICE");
  world.references.by_symbol.clear();
  CHECK(ask() == "NO_REFERENCE_PRICE");
}

TEST_CASE("decide: how old a reference price may be depends on the state of the session") {
  World world;
  world.limits.reference_ages = {
      .closed = seconds(300), .pre_open = seconds(200), .open = seconds(100)};
  const NewOrder order = world.order("1", 100);
  const auto ask = [&](SessionState session, std::int64_t age) {
    world.references.by_symbol[0]->as_of = world.now - seconds(age);
    return word(decide({.books = world.books,
                        .limits = world.limits,
                        .references = world.references,
                        .directory = world.directory,
                        .request = order,
                        .now = world.now,
                        .session = session}));
  };
  CHECK(ask(SessionState::open, 100) == "may go");
  CHECK(ask(SessionState::open, 101) == "NO_REFERENCE_PRICE");
  CHECK(ask(SessionState::pre_open, 200) == "may go");
  CHECK(ask(SessionState::pre_open, 201) == "NO_REFERENCE_PRICE");
  CHECK(ask(SessionState::closed, 300) == "may go");
  CHECK(ask(SessionState::closed, 301) == "NO_REFERENCE_PRICE");
}

TEST_CASE("decide: a price below zero goes only where the symbol's class declares it") {
  World world;
  world.references.by_symbol[0]->price = Price::of(-10);
  NewOrder order = world.order("1", 100);
  order.limit = Price::of(-11);
  CHECK(word(world.ask(order)) == "MALFORMED");
  order.limit = Price::of(1);
  CHECK(word(world.ask(order)) == "NO_REFERENCE_PRICE");
  world.limits.symbol_traits[0].negative_prices = true;
  order.limit = Price::of(-11);
  CHECK(word(world.ask(order)) == "may go");
  order.limit = *Price::parse("-11.01");
  CHECK(word(world.ask(order)) == "PRICE_COLLAR");
}

TEST_CASE("decide: the collar holds on both sides, for limit and stop prices, and exactly") {
  World world;
  const auto ask = [&](std::string_view limit, std::string_view stop) {
    NewOrder order = world.order("1", 100);
    order.limit = *Price::parse(limit);
    if (!stop.empty()) order.stop = *Price::parse(stop);
    return word(world.ask(order));
  };
  CHECK(ask("110", "") == "may go");
  CHECK(ask("110.00000001", "") == "PRICE_COLLAR");
  CHECK(ask("90", "") == "may go");
  CHECK(ask("89.99999999", "") == "PRICE_COLLAR");
  CHECK(ask("100", "110.01") == "PRICE_COLLAR");
  CHECK(ask("100", "0.01") == "PRICE_COLLAR");
  world.limits.symbols[0].price_collar = Limit<Collar>::of(
      {.kind = Collar::Kind::amount, .parts_per_million = 0, .amount = dollars(5)});
  CHECK(ask("105", "") == "may go");
  CHECK(ask("94.99", "") == "PRICE_COLLAR");
}

TEST_CASE("decide: notional is at max(limit, reference and collar), so that no price hides it") {
  World world;
  const auto ask = [&](OrderType type, std::optional<Price> limit, std::int64_t most) {
    world.limits.accounts[0].order_notional = Limit<Money>::of(money(most));
    world.limits.symbols[0].price_collar.value.parts_per_million = 100'000;
    NewOrder order = world.order("1", 100);
    order.type = type;
    order.limit = limit;
    return word(world.ask(order));
  };
  CHECK(ask(OrderType::market, std::nullopt, 11'000) == "may go");
  CHECK(ask(OrderType::market, std::nullopt, 10'999) == "ORDER_NOTIONAL");
  CHECK(ask(OrderType::limit, dollars(91), 10'999) == "ORDER_NOTIONAL");
  CHECK(ask(OrderType::other, std::nullopt, 10'999) == "ORDER_NOTIONAL");
}

TEST_CASE("decide: a notional that does not fit in money is refused") {
  World world;
  world.limits.symbols[0].order_qty = world.limits.accounts[0].order_qty = Limit<Quantity>::none();
  const ParentId huge = world.declare("huge", Quantity::highest());
  NewOrder order = world.order("1", 0);
  order.parent = huge;
  order.quantity = Quantity::highest();
  CHECK(word(world.ask(order)) == "MALFORMED");
}

TEST_CASE("decide: order-rate counts refused attempts, and the window slides") {
  World world;
  world.limits.routers[0].order_rate = Limit<Rate>::of({3, seconds(1)});
  world.books.size_for(world.directory, world.limits);
  CHECK(word(world.send(world.order("1", 1))) == "may go");
  world.now = at_ms(400);
  CHECK(word(world.send(world.order("1", 1))) == "DUPLICATE_CL_ORD_ID");
  CHECK(word(world.send(world.order("2", 5000))) == "PARENT_FILL");
  CHECK(word(world.send(world.order("3", 1))) == "ORDER_RATE");
  world.now = at_ms(1399);  // the attempts at 400 still count, the refused fourth among them
  CHECK(word(world.send(world.order("3", 1))) == "ORDER_RATE");
  world.now = at_ms(1400);
  CHECK(word(world.send(world.order("3", 1))) == "may go");
  CHECK(world.books.entered_within({ScopeKind::router, 0}, seconds(1), world.now) == 2);
  CHECK(world.books.entered_within({ScopeKind::parent, 0}, seconds(10), world.now) == 6);
  CHECK(world.books.entered_within({ScopeKind::router, 1}, seconds(10), world.now) == 0);
}

TEST_CASE("decide: a rate refusal tells a router its own count, not the firm's") {
  World world;
  world.limits.routers[0].order_rate = Limit<Rate>::of({0, seconds(1)});
  CHECK(world.ask(world.order("1", 1)).breach->fact == "order 1 of at most 0 in 1 s for router R1");
  World other;
  other.limits.firm.order_rate = Limit<Rate>::of({0, milliseconds(1500)});
  const Verdict verdict = other.ask(other.order("1", 1));
  CHECK(verdict.breach->fact == "the rate of the firm is reached");
  CHECK(verdict.breach->observed == "1");
  CHECK(verdict.breach->limit == "0 in 1500 ms");
}

TEST_CASE("decide: gross notional adds positions, open buys and open sells; open sells count too") {
  World world;
  const ParentId selling = world.declare("S", shares(1000), Side::sell);
  REQUIRE(world.send(world.order("b", 100)).may_go());  // 100 × 110 open
  NewOrder sell = world.order("s", 100);
  sell.side = Side::sell_short;
  sell.parent = selling;
  REQUIRE(world.send(sell).may_go());
  world.learn(world.fill("b", 40));  // 40 × 100 held, 60 × 110 open
  const Exposure account = world.books.exposure({ScopeKind::account, 0});
  CHECK(account.positions == money(4000));
  CHECK(account.open_buys == money(6600));
  CHECK(account.open_sells == money(11'000));
  CHECK(account.open_orders == 2);
  for (const Scope scope : {Scope{}, Scope{ScopeKind::router, 0}, Scope{ScopeKind::venue, 0},
                            Scope{ScopeKind::symbol, 0}}) {
    CHECK(world.books.exposure(scope).gross() == account.gross());
  }
  CHECK(world.books.exposure({ScopeKind::router, 1}).gross() == Money{});

  world.limits.venues[0].gross_notional = Limit<Money>::of(money(21'600 + 1100));
  CHECK(word(world.ask(world.order("2", 10))) == "may go");
  const Verdict verdict = world.ask(world.order("2", 11));
  CHECK(word(verdict) == "GROSS_NOTIONAL");
  CHECK(verdict.breach->fact == "the gross notional of venue V1 is reached");
  CHECK(verdict.breach->observed == "22810");
}

TEST_CASE("decide: a reducing order is not trapped by gross notional, and a larger one is") {
  World world;
  REQUIRE(world.send(world.order("b", 100)).may_go());
  world.learn(world.fill("b", 100));
  world.limits.accounts[0].gross_notional = Limit<Money>::of(money(1));
  NewOrder sell = world.order("s1", 60);
  sell.side = Side::sell;
  sell.parent = world.declare("S", shares(1000), Side::sell);
  CHECK(word(world.send(sell)) == "may go");
  sell.cl_ord_id = "s2";
  sell.quantity = shares(41);  // 60 are open already, and 100 are held
  sell.side = Side::sell_short;
  CHECK(word(world.send(sell)) == "GROSS_NOTIONAL");
  sell.quantity = shares(40);
  CHECK(word(world.send(sell)) == "may go");
  CHECK(word(world.send(world.order("b2", 1))) == "GROSS_NOTIONAL");
}

TEST_CASE("decide: a buy that covers a short position is reducing, to the share") {
  World world;
  REQUIRE(world.books.load_position(world.a1, world.aaa, Quantity{} - shares(100), dollars(100)));
  world.limits.accounts[0].gross_notional = Limit<Money>::of(money(1));
  CHECK(word(world.ask(world.order("1", 100))) == "may go");
  CHECK(word(world.ask(world.order("1", 101))) == "GROSS_NOTIONAL");
}

TEST_CASE("decide: a price of zero is a price, and too far away") {
  World world;
  NewOrder order = world.order("1", 100);
  order.limit = Price{};
  CHECK(word(world.ask(order)) == "PRICE_COLLAR");
}

TEST_CASE("decide: changes nothing") {
  World world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  const std::uint64_t before = world.books.digest();
  (void)world.ask(world.order("2", 100));
  (void)world.ask(world.order("2", 10'000));
  (void)world.ask(world.replace("2", "1", 10'000));
  (void)world.ask(world.cancel("2", "1"));
  CHECK(world.books.digest() == before);
}

TEST_CASE("decide: a fact is one short printable clause, however long or odd the names are") {
  World world;
  NewOrder order = world.order(std::string(200, 'x') + "\x01\xff", 100);
  order.parent = {};
  order.parent_name = "P\x01\xffQ" + std::string(200, 'y');
  std::vector<Breach> breaches{*world.ask(order).breach};
  order.parent = world.declare(order.parent_name, shares(9'000'000'000'000));
  order.quantity = *Quantity::parse("9000000000000.000001");
  breaches.push_back(*world.ask(order).breach);
  breaches.push_back(*world.ask(world.cancel("c", order.cl_ord_id)).breach);
  for (const Breach& breach : breaches) {
    CAPTURE(breach.fact);
    CHECK(breach.fact.size() <= 80);
    for (const char c : breach.fact) CHECK((c >= ' ' && c <= '~'));
  }
}

TEST_CASE("controls: ids and reasons are unique, and each control says which rule it answers") {
  for (const Control& control : controls()) {
    CHECK(!control.rule.empty());
    for (const Control& other : controls()) {
      if (&control == &other) continue;
      CHECK(control.id != other.id);
      CHECK(control.reason != other.reason);
    }
  }
}
