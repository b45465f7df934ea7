// The day roll and the start of a day: what goes on, what may be named anew, what is forgotten.
#include <doctest/doctest.h>

#include "risk/books_state.hpp"
#include "tests/risk/live.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

Report bust_of(const World& world, const char* cl_ord_id, const char* exec_id, const char* ref) {
  Report bust = world.report(Fact::busted, cl_ord_id, exec_id);
  bust.exec_ref_id = ref;
  return bust;
}

}  // namespace

TEST_CASE("rule 18: an order that is open at the day roll stays so, with its names and its fills") {
  Live live;
  live.learn(live.fill("1", 30, "E1"));
  REQUIRE(live.send(live.replace("2", "1", 120)).may_go());
  live.learn(Fact::replaced, "2");
  for (int day = 0; day < 3; ++day) live.books.roll_day(live.now);
  CHECK(live.one() == Counts{120, 30, 90});
  CHECK(live.parent().used() == shares(120));
  CHECK(live.learn(live.fill("1", 30, "E1")).duplicate);  // a late resend of the first day
  CHECK(word(live.ask(live.order("1", 1))) == "DUPLICATE_CL_ORD_ID");
  CHECK(word(live.ask(live.replace("3", "2", 130))) == "may go");
  CHECK(live.learn(bust_of(live, "2", "B1", "E1")).anomaly == Anomaly::none);
  CHECK(live.one() == Counts{120, 0, 120});
}

TEST_CASE("rule 13, 18: a ClOrdID is unique for a day; after the roll it names another order") {
  Live live;
  live.learn(live.fill("1", 100, "E1"));
  CHECK(word(live.ask(live.order("1", 10))) == "DUPLICATE_CL_ORD_ID");
  live.books.roll_day(live.now);
  REQUIRE(word(live.send(live.order("1", 10))) == "may go");
  CHECK(live.one() == Counts{10, 0, 10});
  CHECK_FALSE(live.learn(live.fill("1", 10, "E1")).duplicate);  // the venue counts anew, too
  CHECK(live.one() == Counts{10, 10, 0});
  CHECK(live.parent().cum == shares(110));
}

TEST_CASE("rule 12, 18: a bust on the next day finds yesterday's order behind today's name") {
  Live live;
  live.learn(live.fill("1", 100, "E1"));
  live.books.roll_day(live.now);
  REQUIRE(live.send(live.order("1", 10)).may_go());
  Report bust = bust_of(live, "1", "B1", "E1");
  bust.leaves = Quantity{};
  CHECK(live.learn(bust).anomaly == Anomaly::none);
  CHECK(live.learn(bust).duplicate);
  CHECK(live.one() == Counts{10, 0, 10});
  CHECK(live.books.position(live.a1, live.aaa) == Quantity{});
}

TEST_CASE(
    "rule 9, 18: what ended before the last roll is forgotten, and a fill of it is nobody's") {
  Live live;
  live.learn(live.fill("1", 100, "E1"));
  live.books.roll_day(live.now);
  CHECK(live.books.find(live.r1, "1").known());
  CHECK(live.learn(live.fill("1", 5, "E2")).anomaly == Anomaly::over_fill);
  live.books.roll_day(live.now);  // heard of yesterday
  live.books.roll_day(live.now);
  CHECK_FALSE(live.books.find(live.r1, "1").known());
  CHECK(live.books.order(OrderId{0}).state == OrderState::ended);
  CHECK(live.learn(live.fill("1", 5, "E3")).anomaly == Anomaly::unknown_order);
  CHECK(live.learn(Fact::cancel_rejected, "2").anomaly == Anomaly::unknown_order);  // not our F
  CHECK(live.learn(Fact::pending, "2").anomaly == Anomaly::unknown_order);
  CHECK(live.books.quarantine().shares == shares(5));
  CHECK(live.books.position(live.a1, live.aaa) == shares(105));
  CHECK(live.parent().cum == shares(105));
}

TEST_CASE("rule 18: memory is that of two days and of what is open") {
  Live live;  // order 1 lives through all days
  live.learn(live.fill("1", 1, "first"));
  std::size_t names = 0;
  for (int day = 0; day < 5; ++day) {
    for (int i = 0; i < 200; ++i) {
      const std::string id = std::to_string(day) + "-" + std::to_string(i);
      NewOrder order = live.order(id, 1);
      order.parent = live.declare("D" + id, shares(1));
      REQUIRE(live.send(order).may_go());
      live.learn(live.fill(id, 1, "E" + id));
      if (i == 0) live.learn(live.fill(id, 2, "E" + id));  // the name again, for another execution
    }
    live.books.roll_day(live.now);
    const Books::State& state = live.books.state();
    CHECK(state.executions.size() <= 403);
    CHECK(state.contents.size() == 2);
    CHECK(state.exec_ids.at(live.v1.value + 1).size() <= 401);
    names = state.cl_ord_ids[0].size() + state.earlier_cl_ord_ids[0].size();
    CHECK(names <= 401);
  }
  CHECK(names == 201);
  CHECK(live.books.state().orders.find(OrderId{64}) == nullptr);
  CHECK(live.one() == Counts{100, 1, 99});
  CHECK(live.learn(bust_of(live, "1", "B", "first")).anomaly == Anomaly::none);
  CHECK(live.one() == Counts{100, 0, 100});
}

TEST_CASE("a start-of-day position takes the place of the one before, today's fills are added") {
  Live live;
  live.learn(live.fill("1", 30));
  live.books.roll_day(live.now);
  live.learn(live.fill("1", 20));
  CHECK(live.books.load_position(live.a1, live.aaa, shares(-500), dollars(90)));
  CHECK(live.books.position(live.a1, live.aaa) == shares(-480));
  CHECK(live.books.exposure({}).positions == money(48'000));
  CHECK(live.books.exposure({ScopeKind::account, 0}).positions == money(48'000));
  CHECK(live.books.exposure({ScopeKind::symbol, 0}).positions == money(48'000));
  CHECK_FALSE(live.books.load_position({}, live.aaa, shares(1), dollars(1)));
  CHECK_FALSE(live.books.load_position(live.a1, {}, shares(1), dollars(1)));
  CHECK(live.books.exposure({}).positions == money(48'000));
}

TEST_CASE("the digest tells two days, two start-of-day positions and two reports of an OMS apart") {
  Live live;
  std::uint64_t before = live.books.digest();
  const auto differs = [&] { return std::exchange(before, live.books.digest()) != before; };
  live.books.roll_day(live.now);
  CHECK(differs());
  live.books.load_position(live.a1, live.aaa, shares(1), dollars(90));
  CHECK(differs());
  live.books.load_position(live.a1, live.aaa, shares(1), dollars(91));
  CHECK(differs());
  live.books.report_executed(live.p1, shares(5), live.now);
  CHECK(differs());
  live.books.resize(live.p1, shares(999), ParentSource::declared, live.now);
  CHECK(differs());
}
