// What an account holds, and whom it would trade with.
#include <doctest/doctest.h>

#include "tests/risk/world.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

struct SellingWorld : World {
  ParentId selling = declare("S", shares(100'000), Side::sell);
  ParentId other_selling = directory.parents.intern("S2");
  SellingWorld() {
    (void)books.declare(
        {other_selling, a2, aaa, Side::sell, shares(100'000), ParentSource::declared}, now);
  }
  [[nodiscard]] NewOrder sell(std::string cl_ord_id, std::int64_t quantity) const {
    NewOrder sell = order(std::move(cl_ord_id), quantity);
    sell.side = Side::sell_short;
    sell.parent = selling;
    return sell;
  }
  [[nodiscard]] NewOrder sell_of_other(std::string cl_ord_id, std::int64_t quantity) const {
    NewOrder order = sell(std::move(cl_ord_id), quantity);
    order.account = a2;
    order.parent = other_selling;
    return order;
  }
};

}  // namespace

TEST_CASE("position: the farther of all buys and all sells executed, exactly, in shares") {
  SellingWorld world;
  world.limits.accounts[0].position = Limit<Quantity>::of(shares(100));
  REQUIRE(world.send(world.order("1", 50)).may_go());
  world.learn(world.fill("1", 30));  // holds 30, 20 open
  CHECK(word(world.ask(world.order("2", 50))) == "may go");
  const Verdict verdict = world.ask(world.order("2", 51));
  CHECK(word(verdict) == "POSITION");
  CHECK(verdict.breach->scope == Scope{ScopeKind::account, 0});
  CHECK(verdict.breach->observed == "101");
  CHECK(verdict.breach->limit == "100");
  CHECK(verdict.breach->fact == "position 101 is over 100 of account A1");
  CHECK(word(world.ask(world.sell("2", 130))) == "may go");
  CHECK(word(world.ask(world.sell("2", 131))) == "POSITION");
  CHECK(word(world.ask(world.replace("3", "1", 100))) == "may go");
  CHECK(word(world.ask(world.replace("3", "1", 101))) == "POSITION");
  CHECK(word(world.ask(world.replace("3", "1", 50))) == "may go");
  world.limits.accounts[0].position = {};
  CHECK(word(world.ask(world.order("2", 1))) == "NO_LIMIT");
  CHECK(world.ask(world.order("2", 1)).breach->scope == Scope{ScopeKind::account, 0});
}

TEST_CASE("position: a symbol's limit is for all accounts together") {
  SellingWorld world;
  REQUIRE(world.send(world.sell_of_other("s", 60)).may_go());
  world.learn(world.fill("s", 60));
  world.limits.symbols[0].position = Limit<Quantity>::of(shares(100));
  CHECK(word(world.ask(world.order("1", 160))) == "may go");
  const Verdict verdict = world.ask(world.order("1", 161));
  CHECK(word(verdict) == "POSITION");
  CHECK(verdict.breach->scope == Scope{ScopeKind::symbol, 0});
  CHECK(verdict.breach->fact == "the position of all accounts in symbol AAA is reached");
  CHECK(word(world.ask(world.sell("1", 40))) == "may go");
  CHECK(word(world.ask(world.sell("1", 41))) == "POSITION");
  world.limits.symbols[0].position = {};
  CHECK(world.ask(world.order("1", 1)).breach->scope == Scope{ScopeKind::symbol, 0});
}

TEST_CASE("position: what was over the limit already still lets an order that reduces it pass") {
  SellingWorld world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  world.learn(world.fill("1", 150));  // more than was ordered
  world.limits.accounts[0].position = Limit<Quantity>::of(shares(100));
  CHECK(word(world.ask(world.order("2", 1))) == "POSITION");
  NewOrder sell = world.sell("3", 150);
  sell.side = Side::sell;
  CHECK(word(world.ask(sell)) == "may go");
}

TEST_CASE("position: in use is the symbol in which the account is fullest") {
  World world;
  world.limits.accounts[0].position = Limit<Quantity>::of(shares(200));
  REQUIRE(world.send(world.order("1", 50)).may_go());
  for (const LimitUse& row :
       limits_in_use(world.books, world.limits, world.references, world.directory, world.now)) {
    if (row.control != "position") continue;
    if (row.scope.id == 0) CHECK(row.used == "50");
    if (row.scope.id == 1) CHECK(row.used == "0");
  }
}

TEST_CASE("self-match: prices that meet an own open order of the other side are refused") {
  SellingWorld world;
  world.limits.accounts[0].self_match = Limit<Forbidden>::of({});
  NewOrder sell = world.sell("s", 10);
  sell.limit = dollars(101);
  REQUIRE(world.send(sell).may_go());
  const auto buy_at = [&](std::int64_t price) {
    NewOrder buy = world.order("b", 10);
    buy.limit = dollars(price);
    return world.ask(buy);
  };
  CHECK(word(buy_at(100)) == "may go");
  const Verdict verdict = buy_at(101);
  CHECK(word(verdict) == "SELF_MATCH");
  CHECK(verdict.breach->scope == Scope{ScopeKind::account, 0});
  CHECK(verdict.breach->fact == "it would trade with the open sell at 101 of account A1");
  CHECK(word(buy_at(102)) == "SELF_MATCH");
  world.learn(Fact::ended, "s");
  CHECK(word(buy_at(101)) == "may go");
  world.limits.accounts[0].self_match = {};
  CHECK(word(buy_at(100)) == "NO_LIMIT");
}

TEST_CASE("self-match: of several own orders the best price counts, for sells as for buys") {
  SellingWorld world;
  world.limits.accounts[0].self_match = Limit<Forbidden>::of({});
  for (const std::int64_t price : {98, 99, 97}) {
    NewOrder buy = world.order("b" + std::to_string(price), 10);
    buy.limit = dollars(price);
    REQUIRE(world.send(buy).may_go());
  }
  NewOrder sell = world.sell("s", 10);
  sell.limit = *Price::parse("99.01");
  CHECK(word(world.ask(sell)) == "may go");
  sell.limit = dollars(99);
  CHECK(word(world.ask(sell)) == "SELF_MATCH");
  world.learn(world.fill("b99", 10));
  CHECK(word(world.ask(sell)) == "may go");
  sell.limit = dollars(98);
  CHECK(word(world.ask(sell)) == "SELF_MATCH");
}

TEST_CASE("self-match: a market order, and a stop that becomes one, meet every price") {
  SellingWorld world;
  world.limits.accounts[0].self_match = Limit<Forbidden>::of({});
  NewOrder sell = world.sell("s", 10);
  sell.limit = dollars(109);
  REQUIRE(world.send(sell).may_go());
  NewOrder buy = world.order("b", 10);
  buy.limit = dollars(91);
  for (const OrderType type : {OrderType::market, OrderType::stop, OrderType::other}) {
    buy.type = type;
    buy.stop = dollars(105);
    CHECK(word(world.ask(buy)) == "SELF_MATCH");
  }
  buy.type = OrderType::stop_limit;
  CHECK(word(world.ask(buy)) == "may go");
  world.learn(Fact::ended, "s");
  sell.cl_ord_id = "m";
  sell.type = OrderType::market;
  REQUIRE(world.send(sell).may_go());
  CHECK(word(world.ask(buy)) == "SELF_MATCH");
}

TEST_CASE("self-match: another venue, symbol, side or account is no match; the firm asks for all") {
  SellingWorld world;
  world.limits.accounts[0].self_match = Limit<Forbidden>::of({});
  REQUIRE(world.send(world.sell("s", 10)).may_go());
  NewOrder buy = world.order("b", 10);
  CHECK(word(world.ask(buy)) == "SELF_MATCH");
  buy.venue = world.v2;
  CHECK(word(world.ask(buy)) == "may go");
  CHECK(word(world.ask(world.sell("t", 10))) == "may go");
  world.limits.accounts[0].self_match = Limit<Forbidden>::none();
  CHECK(word(world.ask(world.order("b", 10))) == "may go");

  SellingWorld other;
  other.limits.accounts[0].self_match = Limit<Forbidden>::of({});
  REQUIRE(other.send(other.sell_of_other("s", 10)).may_go());
  CHECK(word(other.ask(other.order("b", 10))) == "may go");
  other.limits.firm.self_match = Limit<Forbidden>::of({});
  const Verdict verdict = other.ask(other.order("b", 10));
  CHECK(word(verdict) == "SELF_MATCH");
  CHECK(verdict.breach->scope == Scope{});
  CHECK(verdict.breach->fact == "it would trade with an open sell of the firm");
  other.limits.firm.self_match = {};
  CHECK(word(other.ask(other.order("b", 10))) == "NO_LIMIT");
}

TEST_CASE("self-match: a replace counts with both prices until it is answered") {
  SellingWorld world;
  world.limits.accounts[0].self_match = Limit<Forbidden>::of({});
  NewOrder sell = world.sell("s", 10);
  sell.limit = dollars(105);
  REQUIRE(world.send(sell).may_go());
  world.learn(Fact::acknowledged, "s");
  NewOrder buy = world.order("b", 10);
  buy.limit = dollars(101);
  const auto reprice = [&](std::string cl_ord_id, std::string orig, std::int64_t price) {
    Replace replace = world.replace(std::move(cl_ord_id), std::move(orig), 10);
    replace.side = Side::sell_short;
    replace.limit = dollars(price);
    return world.send(replace);
  };
  REQUIRE(reprice("s2", "s", 101).may_go());
  CHECK(word(world.ask(buy)) == "SELF_MATCH");
  world.learn(Fact::replace_rejected, "s2");
  CHECK(word(world.ask(buy)) == "may go");
  REQUIRE(reprice("s3", "s", 101).may_go());
  world.learn(Fact::replaced, "s3");
  REQUIRE(reprice("s4", "s3", 105).may_go());
  CHECK(word(world.ask(buy)) == "SELF_MATCH");
  world.learn(Fact::replaced, "s4");
  REQUIRE(world.send(buy).may_go());
  CHECK(word(reprice("s5", "s4", 101)) == "SELF_MATCH");
}

TEST_CASE("position: what the day begins with counts, for the account and for the symbol") {
  SellingWorld world;
  REQUIRE(world.books.load_position(world.a1, world.aaa, shares(60), dollars(100)));
  REQUIRE(world.books.load_position(world.a2, world.aaa, shares(-10), dollars(100)));
  world.limits.accounts[0].position = Limit<Quantity>::of(shares(100));
  CHECK(word(world.ask(world.order("1", 40))) == "may go");
  CHECK(word(world.ask(world.order("1", 41))) == "POSITION");
  world.limits.symbols[0].position = Limit<Quantity>::of(shares(80));
  CHECK(word(world.ask(world.order("1", 30))) == "may go");
  CHECK(word(world.ask(world.order("1", 31))) == "POSITION");
  REQUIRE(world.books.load_position(world.a1, world.aaa, shares(20), dollars(100)));
  CHECK(word(world.ask(world.order("1", 70))) == "may go");
  CHECK(word(world.ask(world.order("1", 71))) == "POSITION");
}

TEST_CASE("position: in use of a symbol is what all accounts hold of it, and nothing of others") {
  World world;
  REQUIRE(world.books.load_position(world.a1, world.aaa, shares(50), dollars(100)));
  REQUIRE(world.books.load_position(world.a1, world.bbb, shares(70), dollars(50)));
  REQUIRE(world.books.load_position(world.a2, world.aaa, shares(30), dollars(100)));
  const auto rows =
      limits_in_use(world.books, world.limits, world.references, world.directory, world.now);
  const auto used = [&](Scope scope) {
    for (const LimitUse& row : rows) {
      if (row.control == "position" && row.scope == scope) return row.used;
    }
    return std::string{"not there"};
  };
  CHECK(used({ScopeKind::account, 0}) == "70");
  CHECK(used({ScopeKind::account, 1}) == "30");
  CHECK(used({ScopeKind::symbol, 0}) == "80");
  CHECK(used({ScopeKind::symbol, 1}) == "70");
}

TEST_CASE("self-match: where account and firm forbid it, the account hears of its own order") {
  SellingWorld world;
  world.limits.accounts[0].self_match = world.limits.firm.self_match = Limit<Forbidden>::of({});
  NewOrder own = world.sell("s", 10);
  own.limit = dollars(101);
  REQUIRE(world.send(own).may_go());
  REQUIRE(world.send(world.sell_of_other("o", 10)).may_go());  // at 100, the better price
  NewOrder buy = world.order("b", 10);
  buy.limit = dollars(101);
  const Verdict verdict = world.ask(buy);
  REQUIRE(word(verdict) == "SELF_MATCH");
  CHECK(verdict.breach->scope == Scope{ScopeKind::account, 0});
  CHECK(verdict.breach->fact == "it would trade with the open sell at 101 of account A1");
}
