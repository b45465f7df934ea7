// decide() asks the heap for nothing on the way of an order that passes, however full the books
// are.
#include <doctest/doctest.h>

#include <boost/pfr.hpp>

#include "risk/control.hpp"
#include "risk/subject.hpp"
#include "tests/heap_asked.hpp"
#include "tests/risk/full_house.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;
using interlock::tests::heap_asked;

TEST_CASE("decide: in a full house every limit of every scope has a value") {
  const FullHouse house(1, 1);
  const auto armed = [](const ScopeLimits& limits) {
    boost::pfr::for_each_field(limits, [](const auto& limit) {
      CHECK(limit.state == std::decay_t<decltype(limit)>::State::value);
    });
  };
  armed(house.limits.firm);
  armed(house.limits.parent);
  for (const auto* table :
       {&house.limits.routers, &house.limits.venues, &house.limits.accounts, &house.limits.symbols,
        &house.limits.algos, &house.limits.traders, &house.limits.desks}) {
    CHECK(!table->empty());
    for (const ScopeLimits& limits : *table) armed(limits);
  }
}

TEST_CASE(
    "decide: with every control armed and full books, an order that passes allocates nothing") {
  FullHouse house;
  REQUIRE(house.books.open_orders().size() == FullHouse::orders);
  const Request buy = house.child("a new order with a long name", 77);
  const Request replace = house.replace("a replace with a long name", "C-1", 20);
  NewOrder short_sale = house.child("a short sale with a long name", 78);
  short_sale.side = Side::sell_short;
  short_sale.limit = dollars(101);
  short_sale.parent = house.declare("S", shares(1000), Side::sell);
  const Request sell = short_sale;
  for (const Request* request : {&buy, &replace, &sell}) {
    const std::size_t before = heap_asked();
    const Verdict verdict = house.ask(*request);
    const std::size_t used = heap_asked() - before;
    CHECK(word(verdict) == "may go");
    CHECK(used == 0);
  }
  // Each control by itself as well, so that none stands behind one that answers before it.
  std::size_t asked = 0;
  for (const Request* request : {&buy, &replace, &sell}) {
    const Question question{house.books,     house.limits, house.references,
                            house.directory, *request,     house.now};
    const Subject subject = subject_of(question);
    for (const Control& control : controls()) {
      if (!control.ask) continue;
      const std::size_t before = heap_asked();
      Verdict verdict;
      const bool passes = control.ask(question, subject, verdict);
      const std::size_t used = heap_asked() - before;
      CHECK_MESSAGE(passes, control.id);
      CHECK_MESSAGE(verdict.may_go(), control.id);
      CHECK_MESSAGE(used == 0, control.id);
      ++asked;
    }
  }
  CHECK(asked >= 3 * 20);
  house.limits.accounts[0].order_qty = Limit<Quantity>::of(shares(1));
  const std::size_t before = heap_asked();
  CHECK(word(house.ask(buy)) == "ORDER_QTY");
  CHECK(heap_asked() > before);  // the counter counts: a refusal has a text
}
