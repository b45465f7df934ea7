// What the day has cost: paid, less received, less what is held at its mark.
#include <doctest/doctest.h>

#include "tests/risk/world.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

struct LossWorld : World {
  ParentId selling = declare("S", shares(100'000), Side::sell);

  LossWorld() { limits.symbols[0].price_collar = Limit<Collar>::none(); }

  void mark_at(std::string_view price) {
    now = now + seconds(1);
    references.by_symbol[0] = ReferencePrice{*Price::parse(price), now};
    references.by_symbol[1] = ReferencePrice{dollars(50), now};
    books.mark(references);
  }
  void mark_twice_at(std::string_view price) {
    mark_at(price);
    mark_at(price);
  }
  [[nodiscard]] Report fill_at(std::string cl_ord_id, std::int64_t quantity, std::string_view price,
                               std::string exec_id) const {
    Report report = fill(std::move(cl_ord_id), quantity, std::move(exec_id));
    report.last_price = *Price::parse(price);
    return report;
  }
  void buy(std::string cl_ord_id, std::int64_t quantity, std::string_view price) {
    REQUIRE(send(order(cl_ord_id, quantity)).may_go());
    learn(fill_at(cl_ord_id, quantity, price, "fill of " + cl_ord_id));
  }
  [[nodiscard]] NewOrder sell(std::string cl_ord_id, std::int64_t quantity, Side side) const {
    NewOrder request = order(std::move(cl_ord_id), quantity);
    request.side = side;
    request.parent = selling;
    return request;
  }
  void limit_to(ScopeKind kind, std::int64_t reduce, std::int64_t kill) {
    ScopeLimits& scope = kind == ScopeKind::account  ? limits.accounts[0]
                         : kind == ScopeKind::router ? limits.routers[0]
                                                     : limits.firm;
    scope.reduce_at_loss = Limit<Money>::of(money(reduce));
    scope.kill_at_loss = Limit<Money>::of(money(kill));
  }
  [[nodiscard]] Money loss() const { return books.loss({ScopeKind::account, 0}); }
  [[nodiscard]] std::vector<Breach> seen_on(Occasion occasion) const {
    const Touched touched{.router = r1,
                          .venue = v1,
                          .account = a1,
                          .symbol = aaa,
                          .parent = p1,
                          .by = {},
                          .order = {}};
    std::vector<Breach> found;
    for (Breach& breach : watch({.books = books,
                          .limits = limits,
                          .references = references,
                          .directory = directory,
                          .health = {},
                          .occasion = occasion,
                          .touched = touched,
                          .now = now})) {
      if (breach.reason == Reason::daily_loss) found.push_back(std::move(breach));
    }
    return found;
  }
};

constexpr ScopeKind loss_scopes[] = {ScopeKind::account, ScopeKind::router, ScopeKind::firm};

}  // namespace

TEST_CASE("daily-loss: from the limit on the scope is reduce-only, from the second on killed") {
  for (const ScopeKind kind : loss_scopes) {
    LossWorld world;
    world.limit_to(kind, 1000, 2000);
    world.buy("1", 100, "100");
    world.mark_twice_at("90.0001");
    CHECK(world.seen_on(Occasion::tick).empty());
    CHECK(word(world.ask(world.order("2", 1))) == "may go");
    world.mark_twice_at("90");
    for (const Occasion occasion : {Occasion::tick, Occasion::report}) {
      const auto breaches = world.seen_on(occasion);
      REQUIRE(breaches.size() == 1);
      CHECK(breaches[0].trip == Trip{Level::reduce_only, {kind, 0}});
      CHECK(breaches[0].observed == "1000");
    }
    CHECK(world.seen_on(Occasion::message).empty());
    const Verdict verdict = world.ask(world.order("2", 1));
    CHECK(word(verdict) == "DAILY_LOSS");
    CHECK(verdict.breach->scope == Scope{kind, 0});
    CHECK(word(world.ask(world.sell("2", 100, Side::sell))) == "may go");
    CHECK(word(world.ask(world.sell("2", 101, Side::sell_short))) == "DAILY_LOSS");
    world.mark_twice_at("80.0001");
    CHECK(world.seen_on(Occasion::tick).at(0).trip->level == Level::reduce_only);
    world.mark_twice_at("80");
    CHECK(world.seen_on(Occasion::tick).at(0).trip == Trip{Level::kill, {kind, 0}});
  }
}

TEST_CASE("daily-loss: one bad price trips nothing, and neither does one that is said again") {
  LossWorld world;
  world.limit_to(ScopeKind::account, 1000, 2000);
  world.buy("1", 100, "100");
  world.mark_at("1");
  CHECK(world.loss() == Money{});
  world.books.mark(world.references);
  CHECK(world.seen_on(Occasion::tick).empty());
  world.mark_at("100");
  CHECK(world.seen_on(Occasion::tick).empty());
  world.mark_at("90");
  world.mark_at("95");  // they agree on 500
  CHECK(world.loss() == money(500));
}

TEST_CASE("daily-loss: what the first mark alone shows is no loss; what was realised is") {
  LossWorld world;
  world.buy("1", 100, "110");
  CHECK(world.loss() == Money{});  // one mark at 100
  REQUIRE(world.send(world.sell("2", 100, Side::sell)).may_go());
  world.learn(world.fill_at("2", 100, "99.5", "e2"));
  CHECK(world.loss() == money(1050));
  world.mark_twice_at("1000");
  CHECK(world.loss() == money(1050));
}

TEST_CASE("daily-loss: each scope's limit has to be set, both of them") {
  for (const ScopeKind kind : loss_scopes) {
    for (Limit<Money> ScopeLimits::*which :
         {&ScopeLimits::reduce_at_loss, &ScopeLimits::kill_at_loss}) {
      LossWorld world;
      ScopeLimits& scope = kind == ScopeKind::account  ? world.limits.accounts[0]
                           : kind == ScopeKind::router ? world.limits.routers[0]
                                                       : world.limits.firm;
      scope.*which = {};
      const Verdict verdict = world.ask(world.order("1", 1));
      CHECK(word(verdict) == "NO_LIMIT");
      CHECK(verdict.breach->scope == Scope{kind, 0});
    }
  }
}

TEST_CASE("daily-loss: busts and corrections undo exactly what was booked") {
  LossWorld world;
  world.buy("1", 100, "110.005");
  world.mark_twice_at("100.005");
  CHECK(world.loss() == money(1000));
  Report correction = world.fill_at("1", 50, "105.005", "c1");
  correction.fact = Fact::corrected;
  correction.exec_ref_id = "fill of 1";
  world.learn(correction);
  CHECK(world.loss() == money(250));
  Report bust = world.report(Fact::busted, "1", "b1");
  bust.exec_ref_id = "c1";
  world.learn(bust);
  CHECK(world.loss() == Money{});
  CHECK(world.books.position(world.a1, world.aaa) == Quantity{});
}

TEST_CASE("daily-loss: the sign is right for a short position, and profits elsewhere count") {
  LossWorld world;
  REQUIRE(world.send(world.sell("1", 100, Side::sell_short)).may_go());
  world.learn(world.fill_at("1", 100, "100", "e1"));
  world.mark_twice_at("105");
  CHECK(world.loss() == money(500));
  world.mark_twice_at("95");
  CHECK(world.loss() == Money{});
  world.buy("2", 200, "98");  // 200 realised on 100 of them, and 100 more held at 98
  world.mark_twice_at("90");
  CHECK(world.loss() == money(800 - 200));
}

TEST_CASE("daily-loss: the day begins with what was loaded, at its cost, or at the last mark") {
  LossWorld world;
  REQUIRE(world.books.load_position(world.a1, world.aaa, shares(100), dollars(110)));
  world.mark_twice_at("100");
  CHECK(world.loss() == money(1000));
  CHECK(world.books.loss({}) == money(1000));
  CHECK(world.books.loss({ScopeKind::router, 0}) == Money{});
  world.books.roll_day(world.now);
  CHECK(world.loss() == Money{});
  world.mark_twice_at("99");
  CHECK(world.loss() == money(100));
  REQUIRE(world.books.load_position(world.a1, world.aaa, shares(100), dollars(101)));
  CHECK(world.loss() == money(200));
}

TEST_CASE("daily-loss: a fill that names no price was at its limit") {
  LossWorld world;
  world.buy("1", 100, "0");  // its limit was 100
  world.mark_twice_at("99");
  CHECK(world.loss() == money(100));
}

TEST_CASE("daily-loss: what is held without any price lets nothing pass but what reduces") {
  LossWorld world;
  world.books.enter(world.order("1", 100), world.now);
  world.limit_to(ScopeKind::account, 1000, 2000);
  const SymbolId dark = world.directory.symbols.intern("DARK");
  world.limits.symbols.push_back(wide_limits());
  world.limits.symbol_traits.emplace_back();
  world.books.size_for(world.directory, world.limits);
  REQUIRE(world.books.load_position(world.a1, dark, shares(1), dollars(1)));
  for (ScopeLimits* limits : {&world.limits.accounts[0], &world.limits.firm}) {
    limits->gross_notional = limits->net_notional = Limit<Money>::none();
  }
  CHECK(word(world.ask(world.order("2", 1))) == "NO_REFERENCE_PRICE");
  world.learn(world.fill("1", 100));
  CHECK(word(world.ask(world.sell("2", 100, Side::sell))) == "may go");
}

TEST_CASE("daily-loss: of a symbol in another currency, at the rates that two marks had") {
  LossWorld world;
  (void)world.directory.currencies.intern("USD");
  world.limits.symbol_traits[0].currency = world.directory.currencies.intern("EUR");
  world.books.size_for(world.directory, world.limits);
  world.references.by_currency = {std::nullopt, ReferencePrice{dollars(2), world.now}};
  world.books.mark(world.references);
  world.buy("1", 100, "100");
  world.mark_twice_at("90");
  CHECK(world.loss() == Money{});  // one rate only
  world.references.by_currency[1] = ReferencePrice{dollars(3), world.now};
  world.books.mark(world.references);
  CHECK(world.loss() == money(2000));
}

TEST_CASE("daily-loss: a limit of zero is reached by the first loss, and by none before it") {
  LossWorld world;
  world.limit_to(ScopeKind::account, 0, 0);
  world.buy("1", 100, "100");
  world.mark_twice_at("100");
  REQUIRE(world.loss() == Money{});
  CHECK(world.seen_on(Occasion::tick).empty());
  CHECK(word(world.ask(world.order("2", 1))) == "may go");
  world.mark_twice_at("99.9999");
  CHECK(world.seen_on(Occasion::tick).size() == 1);
  CHECK(word(world.ask(world.order("2", 1))) == "DAILY_LOSS");
}

TEST_CASE("daily-loss: what has no price stands in the way of a limit, be it one or both") {
  LossWorld world;
  const SymbolId dark = world.directory.symbols.intern("DARK");
  world.limits.symbols.push_back(wide_limits());
  world.limits.symbol_traits.emplace_back();
  world.books.size_for(world.directory, world.limits);
  REQUIRE(world.books.load_position(world.a1, dark, shares(1), dollars(1)));
  world.limits.accounts[0].gross_notional = Limit<Money>::none();
  world.limits.firm.gross_notional = Limit<Money>::none();
  const auto none = Limit<Money>::none();
  const auto some = Limit<Money>::of(money(1000));
  const auto ask = [&](const Limit<Money>& reduce, const Limit<Money>& kill) {
    world.limits.accounts[0].reduce_at_loss = reduce;
    world.limits.accounts[0].kill_at_loss = kill;
    return word(world.ask(world.order("1", 1)));
  };
  CHECK(ask(none, none) == "may go");
  CHECK(ask(some, none) == "NO_REFERENCE_PRICE");
  CHECK(ask(none, some) == "NO_REFERENCE_PRICE");
  CHECK(ask(some, some) == "NO_REFERENCE_PRICE");
}
