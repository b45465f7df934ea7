// What may be traded at all, and how a sell is marked.
#include <doctest/doctest.h>

#include "tests/risk/world.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

struct ShareWorld : World {
  ParentId selling = declare("S", shares(100'000), Side::sell);

  [[nodiscard]] NewOrder sell(std::string cl_ord_id, std::int64_t quantity, Side side) const {
    NewOrder sell = order(std::move(cl_ord_id), quantity);
    sell.side = side;
    sell.parent = selling;
    return sell;
  }
  void hold(std::int64_t quantity) {
    REQUIRE(send(order("held", quantity)).may_go());
    learn(fill("held", quantity));
  }
  void restrict(Restriction::What what, AccountId account = {}, SymbolId symbol = {}) {
    limits.restrictions = {{.account = account, .symbol = symbol, .what = what, .line = 1}};
  }
};

}  // namespace

TEST_CASE("restricted: a symbol, an account, both or everything may be shut") {
  struct Row {
    AccountId account;
    SymbolId symbol;
    std::string_view word;
    std::string_view fact;
  };
  ShareWorld world;
  const Row rows[] = {
      {{}, world.aaa, "RESTRICTED", "symbol AAA: nothing may be traded"},
      {world.a1, {}, "RESTRICTED", "account A1: nothing may be traded"},
      {world.a1, world.aaa, "RESTRICTED", "symbol AAA: nothing may be traded by its account"},
      {{}, {}, "RESTRICTED", "the firm: nothing may be traded"},
      {{}, world.bbb, "may go", ""},
      {world.a2, {}, "may go", ""},
      {world.a1, world.bbb, "may go", ""},
      {world.a2, world.aaa, "may go", ""},
  };
  for (const Row& row : rows) {
    world.restrict(Restriction::What::all, row.account, row.symbol);
    const Verdict verdict = world.ask(world.order("1", 1));
    CHECK(word(verdict) == row.word);
    if (verdict.breach) CHECK(verdict.breach->fact == row.fact);
  }
}

TEST_CASE(
    "restricted: every restriction is looked at, and one of all holds back a reducing order") {
  ShareWorld world;
  world.hold(100);
  world.restrict(Restriction::What::all, world.a2);
  world.limits.restrictions.push_back(
      {.account = {}, .symbol = world.aaa, .what = Restriction::What::all, .line = 2});
  CHECK(word(world.ask(world.sell("1", 1, Side::sell))) == "RESTRICTED");
}

TEST_CASE("restricted: where opening is shut, what reduces a position passes, to the share") {
  ShareWorld world;
  world.hold(100);
  world.restrict(Restriction::What::opening, {}, world.aaa);
  CHECK(word(world.ask(world.order("1", 1))) == "RESTRICTED");
  CHECK(word(world.ask(world.sell("1", 100, Side::sell))) == "may go");
  CHECK(word(world.ask(world.sell("1", 101, Side::sell_short))) == "RESTRICTED");
}

TEST_CASE("restricted: where opening is shut, a replace that adds nothing passes") {
  ShareWorld world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  world.restrict(Restriction::What::opening, {}, world.aaa);
  CHECK(word(world.ask(world.replace("2", "1", 100))) == "may go");
  CHECK(word(world.ask(world.replace("2", "1", 101))) == "RESTRICTED");
}

TEST_CASE("restricted: where short sales are shut, 5 and 6 are refused and 2 is not") {
  ShareWorld world;
  world.hold(100);
  world.restrict(Restriction::What::short_sale, {}, world.aaa);
  CHECK(word(world.ask(world.sell("1", 1, Side::sell_short))) == "RESTRICTED");
  CHECK(word(world.ask(world.sell("1", 1, Side::sell_short_exempt))) == "RESTRICTED");
  CHECK(word(world.ask(world.sell("1", 1, Side::sell))) == "may go");
  CHECK(word(world.ask(world.order("1", 1))) == "may go");
}

TEST_CASE(
    "restricted: a plain sell beyond what is held and not being sold has to be marked short") {
  ShareWorld world;
  world.hold(100);
  CHECK(word(world.ask(world.sell("1", 100, Side::sell))) == "may go");
  const Verdict verdict = world.ask(world.sell("1", 101, Side::sell));
  CHECK(word(verdict) == "RESTRICTED");
  CHECK(verdict.breach->scope == Scope{ScopeKind::account, 0});
  CHECK(verdict.breach->fact == "101 to sell, 100 held: it has to be marked short");
  REQUIRE(world.send(world.sell("1", 60, Side::sell)).may_go());
  CHECK(word(world.ask(world.sell("2", 40, Side::sell))) == "may go");
  CHECK(word(world.ask(world.sell("2", 41, Side::sell))) == "RESTRICTED");
  world.learn(world.fill("1", 60));
  CHECK(word(world.ask(world.sell("2", 41, Side::sell))) == "RESTRICTED");
  CHECK(word(world.ask(world.sell("2", 40, Side::sell))) == "may go");
  world.limits.symbol_traits[0].marks_short_sales = false;  // no share
  CHECK(word(world.ask(world.sell("2", 41, Side::sell))) == "may go");
}

TEST_CASE("restricted: a replace of a plain sell needs the shares that it adds") {
  ShareWorld world;
  world.hold(100);
  REQUIRE(world.send(world.sell("1", 60, Side::sell)).may_go());
  Replace replace = world.replace("2", "1", 100);
  replace.side = Side::sell;
  CHECK(word(world.ask(replace)) == "may go");
  replace.quantity = shares(101);
  CHECK(word(world.ask(replace)) == "RESTRICTED");
  replace.side = Side::sell_short;  // all of it is short then
  world.books.load_locate(world.a1, world.aaa, shares(100));
  CHECK(word(world.ask(replace)) == "RESTRICTED");
  world.books.load_locate(world.a1, world.aaa, shares(101));
  CHECK(word(world.ask(replace)) == "may go");
}

TEST_CASE("restricted: a short order that is replaced by a plain one needs the shares") {
  ShareWorld world;
  REQUIRE(world.send(world.sell("1", 60, Side::sell_short)).may_go());
  Replace replace = world.replace("2", "1", 60);
  replace.side = Side::sell;
  CHECK(word(world.ask(replace)) == "RESTRICTED");
  world.hold(60);
  CHECK(word(world.ask(replace)) == "may go");
}

TEST_CASE("restricted: a locate is used up as short orders are entered, to the share") {
  for (const Side side : {Side::sell_short, Side::sell_short_exempt}) {
    ShareWorld world;
    world.books.load_locate(world.a1, world.aaa, shares(100));
    REQUIRE(world.send(world.sell("1", 60, side)).may_go());
    CHECK(word(world.ask(world.sell("2", 40, side))) == "may go");
    const Verdict verdict = world.ask(world.sell("2", 41, side));
    CHECK(word(verdict) == "RESTRICTED");
    CHECK(verdict.breach->fact == "101 to sell, 100 located");
    Replace replace = world.replace("2", "1", 100);
    replace.side = side;
    CHECK(word(world.ask(replace)) == "may go");
    replace.quantity = shares(101);
    CHECK(word(world.ask(replace)) == "RESTRICTED");
  }
}

TEST_CASE("restricted: without a locate nothing is sold short, and that of another is of no use") {
  ShareWorld world;
  world.books.load_locate(world.a1, world.aaa, {});
  CHECK(word(world.ask(world.sell("1", 1, Side::sell_short))) == "RESTRICTED");
}

TEST_CASE("restricted: only what the venue proves unexecuted gives a locate back") {
  ShareWorld world;
  world.books.load_locate(world.a1, world.aaa, shares(100));
  const auto room = [&] {
    std::int64_t n = 0;
    while (n <= 200 && world.ask(world.sell("x", n + 1, Side::sell_short)).may_go()) ++n;
    return n;
  };
  REQUIRE(world.send(world.sell("1", 100, Side::sell_short)).may_go());
  CHECK(room() == 0);
  world.learn(world.fill("1", 70, "e1"));
  CHECK(room() == 0);
  world.send(world.cancel("c", "1"));
  CHECK(room() == 0);
  world.learn(Fact::ended, "1");
  CHECK(room() == 30);
  Report bust = world.report(Fact::busted, "1", "e2");
  bust.exec_ref_id = "e1";
  world.learn(bust);
  CHECK(room() == 30);
  world.learn(world.fill("1", 10, "e3"));  // late, after the end
  CHECK(room() == 20);
}

TEST_CASE("restricted: with fewer located than are sold, a replace that sells no more still goes") {
  ShareWorld world;
  world.books.load_locate(world.a1, world.aaa, shares(100));
  REQUIRE(world.send(world.sell("1", 100, Side::sell_short)).may_go());
  world.books.load_locate(world.a1, world.aaa, shares(50));
  Replace replace = world.replace("2", "1", 100);
  replace.side = Side::sell_short;
  CHECK(word(world.ask(replace)) == "may go");
  replace.quantity = shares(101);
  CHECK(word(world.ask(replace)) == "RESTRICTED");
}

TEST_CASE("restricted: a new day begins without locates, and what is open goes on using shares") {
  ShareWorld world;
  REQUIRE(world.send(world.sell("1", 100, Side::sell_short)).may_go());
  world.learn(world.fill("1", 70));
  world.books.roll_day(world.now);
  CHECK(word(world.ask(world.sell("2", 1, Side::sell_short))) == "RESTRICTED");
  world.books.load_locate(world.a1, world.aaa, shares(50));
  CHECK(word(world.ask(world.sell("2", 20, Side::sell_short))) == "may go");
  CHECK(word(world.ask(world.sell("2", 21, Side::sell_short))) == "RESTRICTED");
}
