// The accounting rules of the books from 10 on: ExecIDs, cross-checks, busts, names, restatements.
#include <doctest/doctest.h>

#include "tests/risk/live.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

TEST_CASE("rule 10: the same ExecID with the same content counts once") {
  Live live;
  CHECK_FALSE(live.learn(live.fill("1", 30, "E1")).duplicate);
  CHECK(live.learn(live.fill("1", 30, "E1")).duplicate);
  CHECK(live.one() == Counts{100, 30, 70});
  Report elsewhere = live.fill("1", 30, "E1");
  elsewhere.venue = live.v2;  // ExecIDs are the venue's own
  CHECK_FALSE(live.learn(elsewhere).duplicate);
}

TEST_CASE("rule 10: the same ExecID with other content is booked, and alarms") {
  Live live;
  live.learn(live.fill("1", 30, "E1"));
  const Learned learned = live.learn(live.fill("1", 20, "E1"));
  CHECK(learned.anomaly == Anomaly::exec_id_reused);
  CHECK_FALSE(learned.duplicate);
  CHECK(live.one() == Counts{100, 50, 50});
  CHECK(live.learn(live.fill("1", 30, "E1")).duplicate);  // the first one again
  CHECK(live.learn(live.fill("1", 20, "E1")).duplicate);
  CHECK(live.one() == Counts{100, 50, 50});
  CHECK(live.learn(live.fill("1", 10, "E1")).anomaly == Anomaly::exec_id_reused);
  for (const int quantity : {10, 20, 30})
    CHECK(live.learn(live.fill("1", quantity, "E1")).duplicate);
  CHECK(live.one() == Counts{100, 60, 40});
}

TEST_CASE("rule 10: a status is exempt from deduplication and moves nothing") {
  Live live;
  for (int i = 0; i < 2; ++i) {
    Report status = live.fill("1", 30, "0");
    status.fact = Fact::status;
    const Learned learned = live.learn(status);
    CHECK(learned.duplicate);
    CHECK(learned.anomaly == Anomaly::none);
  }
  CHECK(live.one() == Counts{100, 0, 100});
}

TEST_CASE("rule 11: 32 is summed, and 14 is a cross-check that never moves anything") {
  Live live;
  Report second = live.fill("1", 20, "E2");
  second.cum = shares(50);
  CHECK(live.learn(second).anomaly == Anomaly::cum_differs);
  CHECK(live.one() == Counts{100, 20, 80});
  Report first = live.fill("1", 30, "E1");
  first.cum = shares(50);
  CHECK(live.learn(first).anomaly == Anomaly::none);
  CHECK(live.one() == Counts{100, 50, 50});
}

TEST_CASE("rule 11: an order that ends with a larger 14 keeps the difference open") {
  Live live;
  live.learn(live.fill("1", 20, "E1"));
  Report ended = live.report(Fact::ended, "1", "E3");
  ended.cum = shares(50);
  const Learned learned = live.learn(ended);
  CHECK(learned.ended);
  CHECK(learned.anomaly == Anomaly::cum_differs);
  CHECK(live.one() == Counts{100, 20, 30});
  CHECK(live.books.open_orders().size() == 1);
  live.learn(live.fill("1", 30, "E2"));
  CHECK(live.one() == Counts{100, 50, 0});
  CHECK(live.books.open_orders().empty());
}

TEST_CASE("rule 12: a bust gives back position, and no parent capacity") {
  Live live;
  live.learn(live.fill("1", 30, "E1"));
  live.learn(Fact::ended, "1");
  Report bust = live.report(Fact::busted, "1", "E2");
  bust.exec_ref_id = "E1";
  CHECK(live.learn(bust).anomaly == Anomaly::none);
  CHECK(live.one() == Counts{100, 0, 0});
  CHECK(live.books.position(live.a1, live.aaa) == Quantity{});
  CHECK(live.parent().cum == shares(30));

  bust.exec_id = "E3";  // the same fill a second time
  CHECK(live.learn(bust).anomaly == Anomaly::unknown_exec_ref);
  CHECK(live.books.position(live.a1, live.aaa) == Quantity{});
}

TEST_CASE("rule 12: a bust that names no fill of ours takes nothing back") {
  Live live;
  live.learn(live.fill("1", 30, "E1"));
  Report bust = live.report(Fact::busted, "1", "E2");
  bust.exec_ref_id = "E9";
  CHECK(live.learn(bust).anomaly == Anomaly::unknown_exec_ref);
  CHECK(live.one() == Counts{100, 30, 70});

  REQUIRE(live.send(live.order("other", 10)).may_go());
  bust = live.report(Fact::busted, "other", "E3");
  bust.exec_ref_id = "E1";  // another order's
  CHECK(live.learn(bust).anomaly == Anomaly::unknown_exec_ref);
  CHECK(live.one() == Counts{100, 30, 70});
}

TEST_CASE("rule 12: a bust that names only the fill finds the order through it") {
  Live live;
  live.learn(live.fill("1", 30, "E1"));
  Report bust = live.report(Fact::busted, "", "E2");
  bust.exec_ref_id = "E1";
  CHECK(live.learn(bust).order == live.books.find(live.r1, "1"));
  CHECK(live.one() == Counts{100, 0, 100});
}

TEST_CASE("rule 12: what a bust gives back to a filled order may execute again") {
  Live live;
  live.learn(live.fill("1", 100, "E1"));
  REQUIRE(live.state() == OrderState::ended);
  Report bust = live.report(Fact::busted, "1", "E2");
  bust.exec_ref_id = "E1";
  SUBCASE("unless 151 says that nothing is left, and 14 what was executed") {
    bust.leaves = bust.cum = Quantity{};
    live.learn(bust);
    CHECK(live.one() == Counts{100, 0, 0});
    CHECK(live.state() == OrderState::ended);
  }
  SUBCASE("so it is open, and uses the parent again") {
    SUBCASE("151 is not there") {}
    SUBCASE("14 is not there: it may be filled again already") { bust.leaves = Quantity{}; }
    live.learn(bust);
    CHECK(live.one() == Counts{100, 0, 100});
    CHECK(live.state() == OrderState::live);
    CHECK(live.parent().used() == shares(200));
  }
}

TEST_CASE("rule 12: a correction replaces the fill that it names") {
  Live live;
  live.learn(live.fill("1", 30, "E1"));
  Report up = live.fill("1", 50, "E2");
  up.fact = Fact::corrected;
  up.exec_ref_id = "E1";
  CHECK(live.learn(up).anomaly == Anomaly::none);
  CHECK(live.one() == Counts{100, 50, 50});
  CHECK(live.parent().cum == shares(50));
  Report down = live.fill("1", 10, "E3");
  down.fact = Fact::corrected;
  down.exec_ref_id = "E1";  // still by its first name: E2 stands in its place
  live.learn(down);
  CHECK(live.one() == Counts{100, 10, 90});
  CHECK(live.parent().cum == shares(50));  // capacity is not given back
  CHECK(live.books.position(live.a1, live.aaa) == shares(10));
  Report bust = live.report(Fact::busted, "1", "E4");
  bust.exec_ref_id = "E3";
  live.learn(bust);
  CHECK(live.one() == Counts{100, 0, 100});
}

TEST_CASE("rule 12: a correction of a fill that never came is booked as a fill") {
  Live live;
  Report correction = live.fill("1", 30, "E2");
  correction.fact = Fact::corrected;
  correction.exec_ref_id = "E1";
  CHECK(live.learn(correction).anomaly == Anomaly::unknown_exec_ref);
  CHECK(live.one() == Counts{100, 30, 70});
}

TEST_CASE("rule 12: after the parent is complete, a bust does not make room in it") {
  World world;
  REQUIRE(world.send(world.order("1", 1000)).may_go());
  CHECK(world.learn(world.fill("1", 1000, "E1")).exhausted_parent);
  Report bust = world.report(Fact::busted, "1", "E2");
  bust.exec_ref_id = "E1";
  bust.leaves = Quantity{};
  world.learn(bust);
  CHECK(word(world.send(world.order("2", 1))) == "PARENT_FILL");
}

TEST_CASE("rule 13: a ClOrdID is used once by a router, with the same or other content") {
  Live live;
  CHECK(word(live.ask(live.order("1", 100))) == "DUPLICATE_CL_ORD_ID");
  CHECK(word(live.ask(live.order("1", 7))) == "DUPLICATE_CL_ORD_ID");
  live.learn(Fact::ended, "1");
  CHECK(word(live.ask(live.order("1", 100))) == "DUPLICATE_CL_ORD_ID");
  NewOrder elsewhere = live.order("1", 100);
  elsewhere.router = live.r2;
  CHECK(word(live.send(elsewhere)) == "may go");
  CHECK(live.books.find(live.r2, "1") != live.books.find(live.r1, "1"));
}

TEST_CASE("rule 13: ClOrdIDs of replaces and cancels are taken too, those of refused orders not") {
  Live live;
  REQUIRE(live.send(live.replace("2", "1", 100)).may_go());
  REQUIRE(live.send(live.cancel("3", "1")).may_go());
  CHECK(word(live.ask(live.order("2", 1))) == "DUPLICATE_CL_ORD_ID");
  CHECK(word(live.ask(live.order("3", 1))) == "DUPLICATE_CL_ORD_ID");
  CHECK(word(live.send(live.order("4", 5000))) == "PARENT_FILL");
  CHECK(word(live.send(live.order("4", 5))) == "may go");
}

TEST_CASE("a report is found by any ClOrdID of the chain, by 41 when 11 is not known") {
  Live live;
  REQUIRE(live.send(live.replace("2", "1", 150)).may_go());
  live.learn(Fact::replaced, "2");
  REQUIRE(live.send(live.cancel("3", "2")).may_go());
  const OrderId order = live.books.find(live.r1, "1");
  for (const char* name : {"1", "2", "3"}) CHECK(live.books.find(live.r1, name) == order);
  CHECK(live.learn(live.fill("1", 10)).order == order);
  Report by_orig = live.fill("unheard of", 10);
  by_orig.orig_cl_ord_id = "2";
  CHECK(live.learn(by_orig).order == order);
  CHECK(live.one() == Counts{150, 20, 130});
}

TEST_CASE("rule 16: suspended and stopped orders keep their exposure") {
  Live live;
  live.learn(Fact::suspended, "1");
  CHECK(live.one() == Counts{100, 0, 100});
  CHECK(live.state() == OrderState::live);
}

TEST_CASE("rule 18: a restatement changes the quantity without a request") {
  Live live;
  Report restated = live.report(Fact::restated, "1", "E1");
  restated.quantity = shares(200);
  live.learn(restated);
  CHECK(live.one() == Counts{200, 0, 200});
  restated.quantity = shares(50);
  restated.exec_id = "E2";
  live.learn(restated);
  CHECK(live.one() == Counts{50, 0, 50});
  restated.quantity = shares(0);
  restated.exec_id = "E3";
  CHECK(live.learn(restated).anomaly == Anomaly::bad_value);
  CHECK(live.one() == Counts{50, 0, 50});
}

TEST_CASE("rule 25: a fill with no quantity, or a negative one, keeps all that was open") {
  Live live;
  for (const std::int64_t quantity : {0, -5}) {
    CHECK(live.learn(live.fill("1", quantity)).anomaly == Anomaly::bad_value);
    CHECK(live.one() == Counts{100, 0, 100});
  }
}

TEST_CASE("rule 25: fills at the end of the range saturate, and busts bring the sums back") {
  World world;
  for (const char* name : {"1", "2"}) REQUIRE(world.send(world.order(name, 1)).may_go());
  for (const char* name : {"1", "2"}) {
    Report huge = world.fill(name, 0, std::string{"E"} + name);
    huge.last_quantity = Quantity::highest();
    world.learn(huge);
  }
  CHECK(world.books.position(world.a1, world.aaa) == Quantity::highest());
  CHECK(world.parent().cum == Quantity::highest());
  CHECK(world.books.exposure({}).gross() == Money::highest());
  for (const char* name : {"1", "2"}) {
    Report bust = world.report(Fact::busted, name, std::string{"B"} + name);
    bust.exec_ref_id = std::string{"E"} + name;
    bust.leaves = bust.cum = Quantity{};
    world.learn(bust);
  }
  CHECK(world.books.position(world.a1, world.aaa) == Quantity{});
  CHECK(world.books.exposure({}).gross() == Money{});
}

TEST_CASE("a late Replaced opens an order that had ended, unless 151 says that nothing is left") {
  Live live;
  REQUIRE(live.send(live.replace("2", "1", 150)).may_go());
  live.learn(Fact::ended, "1");
  CHECK(live.one() == Counts{100, 0, 0});
  Report replaced = live.report(Fact::replaced, "2");
  SUBCASE("nothing said") {
    CHECK(live.learn(replaced).anomaly == Anomaly::life_after_end);
    CHECK(live.one() == Counts{150, 0, 150});
    CHECK(live.state() == OrderState::live);
  }
  SUBCASE("151=0") {
    replaced.leaves = Quantity{};
    CHECK(live.learn(replaced).anomaly == Anomaly::none);
    CHECK(live.one() == Counts{150, 0, 0});
    CHECK(live.state() == OrderState::ended);
  }
}

TEST_CASE("an acknowledgement that comes after the fill of all does not open the order") {
  World world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  CHECK(world.learn(world.fill("1", 100)).ended);
  CHECK(world.learn(Fact::acknowledged, "1").anomaly == Anomaly::none);
  CHECK(counts(world.find("1")) == Counts{100, 100, 0});
  CHECK(world.books.open_orders().empty());
}
