// The accounting rules of the books, by their numbers: what may still execute is counted until
// there is evidence that it cannot.
#include <doctest/doctest.h>

#include "tests/risk/live.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

TEST_CASE("rule 1: a new order is reserved when it is entered, before the venue says anything") {
  World world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  CHECK(world.find("1").state == OrderState::sent);
  CHECK(counts(world.find("1")) == Counts{100, 0, 100});
  CHECK(world.parent().open == shares(100));
  CHECK(world.parent().used() == shares(100));
  CHECK(world.parent().children == 1);
  CHECK(world.books.exposure({}).open_buys == money(11'000));
  CHECK(world.books.open_orders().size() == 1);
}

TEST_CASE("rule 1: a refused order reserves nothing") {
  World world;
  CHECK(word(world.send(world.order("1", 1001))) == "PARENT_FILL");
  CHECK(world.parent().used() == Quantity{});
  CHECK(world.parent().refused == 1);
  CHECK(world.books.exposure({}).gross() == Money{});
  CHECK_FALSE(world.books.find(world.r1, "1").known());
}

TEST_CASE("rule 1: a fill moves shares from open to executed and frees nothing") {
  Live live;
  live.learn(live.fill("1", 30));
  CHECK(live.one() == Counts{100, 30, 70});
  CHECK(live.parent().cum == shares(30));
  CHECK(live.parent().open == shares(70));
  CHECK(live.books.position(live.a1, live.aaa) == shares(30));
}

TEST_CASE("rule 2: proof that an order never left releases it, silence does not") {
  World world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  REQUIRE(world.send(world.order("2", 100)).may_go());
  const Learned learned = world.learn(Fact::new_rejected, "1");
  CHECK(learned.ended);
  CHECK(world.find("1").state == OrderState::ended);
  CHECK(world.parent().used() == shares(100));
  CHECK(world.books.exposure({}).open_orders == 1);
}

TEST_CASE("rule 2: a reject of an order that the venue has acknowledged releases nothing") {
  Live live;
  CHECK(live.learn(Fact::new_rejected, "1").anomaly == Anomaly::life_after_end);
  CHECK(live.one() == Counts{100, 0, 100});
}

TEST_CASE("rule 2: an acknowledgement after our proof of non-delivery opens the order again") {
  World world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  world.learn(Fact::new_rejected, "1");
  CHECK(world.learn(Fact::acknowledged, "1").anomaly == Anomaly::life_after_end);
  CHECK(counts(world.find("1")) == Counts{100, 0, 100});
  CHECK(world.parent().open == shares(100));
}

TEST_CASE("rule 3: a replace up reserves max(new - cum, old leaves) at once") {
  Live live;
  live.learn(live.fill("1", 30));
  REQUIRE(live.send(live.replace("2", "1", 150)).may_go());
  CHECK(live.one() == Counts{100, 30, 120});
  CHECK(live.find("1").cl_ord_id == "1");
  live.learn(Fact::replaced, "2");
  CHECK(live.one() == Counts{150, 30, 120});
  CHECK(live.find("2").cl_ord_id == "2");
}

TEST_CASE("rule 4: a replace down releases only when the venue says Replaced") {
  Live live;
  REQUIRE(live.send(live.replace("2", "1", 40)).may_go());
  CHECK(live.one() == Counts{100, 0, 100});
  live.learn(Fact::pending, "2");
  CHECK(live.one() == Counts{100, 0, 100});
  live.learn(Fact::replaced, "2");
  CHECK(live.one() == Counts{40, 0, 40});
  CHECK(live.parent().open == shares(40));
}

TEST_CASE("rule 4: what the venue replaced to holds, not what was asked for") {
  Live live;
  REQUIRE(live.send(live.replace("2", "1", 40)).may_go());
  Report replaced = live.report(Fact::replaced, "2");
  replaced.quantity = shares(60);
  live.learn(replaced);
  CHECK(live.one() == Counts{60, 0, 60});
}

TEST_CASE("rule 4: a replace below what is executed becomes filled") {
  Live live;
  live.learn(live.fill("1", 70));
  REQUIRE(live.send(live.replace("2", "1", 50)).may_go());
  CHECK(live.one() == Counts{100, 70, 30});
  CHECK(live.learn(Fact::replaced, "2").ended);
  CHECK(live.one() == Counts{50, 70, 0});
}

TEST_CASE("rule 5: of several pending replaces the largest counts until it is answered") {
  Live live;
  REQUIRE(live.send(live.replace("2", "1", 150)).may_go());
  REQUIRE(live.send(live.replace("3", "2", 300)).may_go());
  REQUIRE(live.send(live.replace("4", "3", 50)).may_go());
  CHECK(live.one() == Counts{100, 0, 300});
  live.learn(Fact::replaced, "2");
  CHECK(live.one() == Counts{150, 0, 300});
  live.learn(Fact::replace_rejected, "3");
  CHECK(live.one() == Counts{150, 0, 150});
  live.learn(Fact::replaced, "4");
  CHECK(live.one() == Counts{50, 0, 50});
  CHECK(live.find("1").cl_ord_id == "4");
}

TEST_CASE("rule 5: reports out of order: an earlier replace does not undo a later one") {
  Live live;
  REQUIRE(live.send(live.replace("2", "1", 150)).may_go());
  REQUIRE(live.send(live.replace("3", "2", 50)).may_go());
  live.learn(Fact::replaced, "3");
  CHECK(live.one() == Counts{50, 0, 150});  // 2 is not answered yet
  live.learn(Fact::replaced, "2");
  CHECK(live.one() == Counts{50, 0, 50});
  CHECK(live.find("1").cl_ord_id == "3");
}

TEST_CASE("rule 5: the price that counts is the worst over all unanswered requests") {
  Live live;
  Replace replace = live.replace("2", "1", 100);
  replace.limit = dollars(105);
  REQUIRE(live.send(replace).may_go());
  CHECK(live.find("1").limit == dollars(105));
  live.learn(Fact::replace_rejected, "2");
  CHECK(live.find("1").limit == dollars(100));
}

TEST_CASE("rule 6: a replace is rejected after a partial fill") {
  Live live;
  REQUIRE(live.send(live.replace("2", "1", 150)).may_go());
  live.learn(live.fill("1", 60));  // under the original ClOrdID
  CHECK(live.one() == Counts{100, 60, 90});
  live.learn(Fact::replace_rejected, "2");
  CHECK(live.one() == Counts{100, 60, 40});
  CHECK(live.find("1").cl_ord_id == "1");
  CHECK(live.parent().used() == shares(100));
}

TEST_CASE("rule 6: a replace is rejected after the fill of all that was accepted") {
  Live live;
  REQUIRE(live.send(live.replace("2", "1", 150)).may_go());
  live.learn(live.fill("1", 100));
  CHECK(live.one() == Counts{100, 100, 50});
  CHECK(live.state() == OrderState::live);
  CHECK(live.learn(Fact::replace_rejected, "2").ended);
  CHECK(live.one() == Counts{100, 100, 0});
}

TEST_CASE("rule 7: a pending cancel keeps all leaves, and a fill crosses it") {
  Live live;
  REQUIRE(live.send(live.cancel("c", "1")).may_go());
  live.learn(Fact::pending, "c");
  CHECK(live.one() == Counts{100, 0, 100});
  live.learn(live.fill("1", 40));
  CHECK(live.one() == Counts{100, 40, 60});
  CHECK(live.find("1").cancel_in_flight);
  CHECK(live.learn(Fact::ended, "c").ended);
  CHECK(live.one() == Counts{100, 40, 0});
  CHECK_FALSE(live.find("1").cancel_in_flight);
}

TEST_CASE("rule 7: a cancel rejected as too late changes nothing") {
  Live live;
  REQUIRE(live.send(live.cancel("c", "1")).may_go());
  live.learn(Fact::cancel_rejected, "c");
  CHECK(live.one() == Counts{100, 0, 100});
  CHECK_FALSE(live.find("1").cancel_in_flight);
}

TEST_CASE("rule 8: an over-fill is booked, alarmed and counted to the parent") {
  Live live;
  const Learned learned = live.learn(live.fill("1", 130));
  CHECK(learned.anomaly == Anomaly::over_fill);
  CHECK(live.one() == Counts{100, 130, 0});
  CHECK(live.parent().cum == shares(130));
  CHECK(live.books.position(live.a1, live.aaa) == shares(130));
  CHECK(live.learn(live.fill("1", 1)).anomaly == Anomaly::over_fill);
  CHECK(live.parent().cum == shares(131));
}

TEST_CASE("rule 9: a fill after cancel, expiry or reject is booked") {
  Live live;
  live.learn(Fact::ended, "1");
  CHECK(live.parent().used() == Quantity{});
  CHECK(live.learn(live.fill("1", 30)).anomaly == Anomaly::fill_after_end);
  CHECK(live.one() == Counts{100, 30, 0});
  CHECK(live.parent().cum == shares(30));
  CHECK(live.books.position(live.a1, live.aaa) == shares(30));
}

TEST_CASE("rule 9: a fill that maps to no order goes to quarantine") {
  Live live;
  const Learned learned = live.learn(live.fill("nobody's", 30, "E1"));
  CHECK(learned.anomaly == Anomaly::unknown_order);
  CHECK_FALSE(learned.order.known());
  CHECK(live.books.quarantine().fills == 1);
  CHECK(live.books.quarantine().shares == shares(30));
  CHECK(live.books.quarantine().notional == money(3000));
  CHECK(live.learn(live.fill("nobody's", 30, "E1")).duplicate);
  CHECK(live.books.quarantine().fills == 1);
  CHECK(live.learn(Fact::ended, "nobody's").anomaly == Anomaly::unknown_order);
  CHECK(live.books.quarantine().fills == 1);
  CHECK(live.books.position(live.a1, live.aaa) == Quantity{});
}

TEST_CASE("rule 9: an order of another router is not mine, whatever its ClOrdID") {
  Live live;
  Report fill = live.fill("1", 30);
  fill.router = live.r2;
  CHECK(live.learn(fill).anomaly == Anomaly::unknown_order);
  CHECK(live.one() == Counts{100, 0, 100});
}
