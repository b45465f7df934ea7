// Reports that overtake each other: by the venue's clock, what was said earlier undoes nothing.
#include <doctest/doctest.h>

#include "tests/risk/live.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

struct Timed : Live {
  Report at(std::int64_t time, Report report) {
    report.venue_time = Time{time};
    return report;
  }
  Report naming(Fact fact, const char* exec_id, const char* ref, std::int64_t quantity = 0) {
    Report report =
        fact == Fact::busted ? this->report(fact, "1", exec_id) : fill("1", quantity, exec_id);
    report.fact = fact;
    report.exec_ref_id = ref;
    return report;
  }
};

}  // namespace

TEST_CASE("rule 11: a gap in 14 asks for the missing fills; an older report does not") {
  Timed live;
  Report second = live.at(2, live.fill("1", 20, "E2"));
  second.cum = shares(50);
  CHECK(live.learn(second).missing_fills);
  Report first = live.at(1, live.fill("1", 30, "E1"));
  first.cum = shares(30);
  const Learned learned = live.learn(first);
  CHECK_FALSE(learned.missing_fills);
  CHECK(learned.anomaly == Anomaly::none);
  CHECK(live.one() == Counts{100, 50, 50});
}

TEST_CASE("rule 11: a fill that 14 of the end had announced is no alarm, one beyond it is") {
  Timed live;
  Report ended = live.at(5, live.report(Fact::ended, "1", "E9"));
  ended.cum = shares(30);
  CHECK(live.learn(ended).missing_fills);
  CHECK(live.learn(live.at(1, live.fill("1", 30, "E1"))).anomaly == Anomaly::none);
  CHECK(live.one() == Counts{100, 30, 0});
  CHECK(live.learn(live.at(6, live.fill("1", 1, "E2"))).anomaly == Anomaly::fill_after_end);
}

TEST_CASE(
    "rule 11, 12: a bust before the end leaves what 14 announced open, one after it does not") {
  Timed live;
  Report ended = live.at(5, live.report(Fact::ended, "1", "E9"));
  ended.cum = shares(50);
  live.learn(live.at(1, live.fill("1", 20, "E1")));
  live.learn(ended);
  CHECK(live.one() == Counts{100, 20, 30});
  SUBCASE("before") {
    live.learn(live.at(4, live.naming(Fact::busted, "B", "E1")));
    CHECK(live.one() == Counts{100, 0, 50});
  }
  SUBCASE("after") {
    live.learn(live.at(6, live.naming(Fact::busted, "B", "E1")));
    CHECK(live.one() == Counts{100, 0, 30});
  }
}

TEST_CASE("rule 12: a bust that overtakes its fill takes it back when it comes, and only once") {
  Timed live;
  CHECK(live.learn(live.naming(Fact::busted, "B", "E1")).anomaly == Anomaly::unknown_exec_ref);
  live.learn(live.naming(Fact::busted, "B2", "E1"));
  live.learn(live.fill("1", 30, "E1"));
  CHECK(live.one() == Counts{100, 0, 100});
  CHECK(live.books.position(live.a1, live.aaa) == Quantity{});
  CHECK(live.parent().cum == shares(30));  // it was executed, and gives no capacity back
  live.learn(live.fill("1", 20, "E1"));    // the ExecID again, with other content
  CHECK(live.one() == Counts{100, 20, 80});
}

TEST_CASE("rule 12: corrections of one fill count as one trade, in whatever order they come") {
  const auto learn = [](Timed& live, const char* order) {
    for (const char* next = order; *next != 0; ++next) {
      if (*next == '1') live.learn(live.at(1, live.fill("1", 30, "E1")));
      if (*next == '2') live.learn(live.at(2, live.naming(Fact::corrected, "E2", "E1", 50)));
      if (*next == '3') live.learn(live.at(3, live.naming(Fact::corrected, "E3", "E2", 40)));
    }
  };
  for (const char* order : {"123", "132", "213", "231", "312", "321"}) {
    CAPTURE(order);
    Timed live;
    learn(live, order);
    CHECK(live.one() == Counts{100, 40, 60});
    CHECK(live.parent().cum == shares(50));  // the most that it ever was
    CHECK(live.books.position(live.a1, live.aaa) == shares(40));
  }
}

TEST_CASE("what a venue said before it ended an order does not open it again") {
  Timed live;
  REQUIRE(live.send(live.replace("2", "1", 150)).may_go());
  live.learn(live.at(5, live.report(Fact::ended, "2", "E5")));
  CHECK(live.learn(live.at(3, live.report(Fact::replaced, "2", "E3"))).anomaly == Anomaly::none);
  CHECK(live.learn(live.at(4, live.report(Fact::suspended, "2", "E4"))).anomaly == Anomaly::none);
  CHECK(live.one() == Counts{150, 0, 0});
  CHECK(live.state() == OrderState::ended);
  CHECK(live.learn(live.at(6, live.report(Fact::suspended, "2", "E6"))).anomaly ==
        Anomaly::life_after_end);
  CHECK(live.one() == Counts{150, 0, 150});
}

TEST_CASE("rule 4, 11: a Replaced below what is executed keeps the fills that it overtook open") {
  Timed live;
  REQUIRE(live.send(live.replace("2", "1", 10)).may_go());
  Report replaced = live.at(5, live.report(Fact::replaced, "2", "E5"));
  replaced.cum = shares(40);
  live.learn(replaced);
  CHECK(live.one() == Counts{10, 0, 40});
  CHECK(live.parent().used() == shares(40));
  CHECK(live.learn(live.at(3, live.fill("1", 40, "E3"))).anomaly == Anomaly::none);
  CHECK(live.one() == Counts{10, 40, 0});
  CHECK(live.state() == OrderState::ended);
}

TEST_CASE("rule 11: what a later 14 takes back of an earlier one is not waited for any more") {
  Timed live;
  REQUIRE(live.send(live.replace("2", "1", 10)).may_go());
  Report replaced = live.at(5, live.report(Fact::replaced, "2", "E5"));
  replaced.cum = shares(40);
  live.learn(replaced);
  Report busted = live.at(7, live.naming(Fact::busted, "B", "E3"));
  SUBCASE("it says 14") {
    busted.cum = shares(0);
    live.learn(busted);
    CHECK(live.one() == Counts{10, 0, 10});
    live.learn(live.at(3, live.fill("1", 40, "E3")));
  }
  SUBCASE("it does not") {
    live.learn(busted);
    CHECK(live.one() == Counts{10, 0, 40});
    live.learn(live.at(3, live.fill("1", 40, "E3")));
  }
  CHECK(live.one() == Counts{10, 0, 10});
}

TEST_CASE(
    "rule 11: of what no time tells apart, the end holds, and before it the most that 14 said") {
  // 52 may count whole seconds only, or be absent.
  for (const std::optional<Time> same : {std::optional<Time>{}, std::optional{Time{5}}}) {
    CAPTURE(same.has_value());
    Timed live;
    const auto learn = [&](Report report, std::int64_t cum) {
      report.venue_time = same;
      report.cum = shares(cum);
      live.learn(report);
    };
    SUBCASE("a replace, and then a fill that it overtook") {
      REQUIRE(live.send(live.replace("2", "1", 10)).may_go());
      learn(live.report(Fact::replaced, "2", "E5"), 60);
      learn(live.fill("1", 40, "E3"), 40);
      CHECK(live.one() == Counts{10, 40, 20});
      learn(live.naming(Fact::busted, "B", "E3"), 20);
      CHECK(live.one() == Counts{10, 0, 20});
    }
    SUBCASE("an end, and then a fill that it overtook") {
      learn(live.report(Fact::ended, "1", "E5"), 60);
      learn(live.fill("1", 40, "E3"), 40);
      CHECK(live.one() == Counts{100, 40, 20});
    }
    SUBCASE("a replace, and the end after a bust that nobody told us") {
      REQUIRE(live.send(live.replace("2", "1", 10)).may_go());
      learn(live.report(Fact::replaced, "2", "E5"), 60);
      learn(live.report(Fact::ended, "2", "E6"), 20);
      CHECK(live.one() == Counts{10, 0, 20});
    }
    SUBCASE("a fill, a bust, and the end") {
      learn(live.fill("1", 40, "E3"), 40);
      learn(live.naming(Fact::busted, "B", "E3"), 0);
      CHECK(live.one() == Counts{100, 0, 100});
      learn(live.report(Fact::ended, "1", "E5"), 0);
      CHECK(live.one() == Counts{100, 0, 0});
    }
  }
}

TEST_CASE("rule 18: a restatement of the quantity alone leaves the price that a replace set") {
  Timed live;
  Replace replace = live.replace("2", "1", 80);
  replace.limit = dollars(103);
  REQUIRE(live.send(replace).may_go());
  Report restated = live.at(5, live.report(Fact::restated, "2", "E5"));
  restated.quantity = shares(70);
  live.learn(restated);
  live.learn(live.at(4, live.report(Fact::replaced, "2", "E4")));
  CHECK(live.one() == Counts{70, 0, 70});
  CHECK(live.books.order(OrderId{0}).limit == dollars(103));
}

TEST_CASE("rule 18: of two restatements the later one holds, whichever comes first") {
  Timed live;
  Report later = live.at(2, live.report(Fact::restated, "1", "E2"));
  later.quantity = shares(50);
  Report earlier = live.at(1, live.report(Fact::restated, "1", "E1"));
  earlier.quantity = shares(80);
  live.learn(later);
  live.learn(earlier);
  CHECK(live.one() == Counts{50, 0, 50});
}

TEST_CASE("rule 18: a corporate action restates the order, what it executed, and no position") {
  Timed live;
  live.learn(live.fill("1", 40, "E1"));
  Report split = live.report(Fact::restated, "1", "E2");
  split.corporate_action = true;
  SUBCASE("two for one") {
    split.quantity = shares(200);
    split.limit = dollars(50);
    split.cum = shares(80);
    CHECK(live.learn(split).anomaly == Anomaly::none);
    CHECK(live.one() == Counts{200, 80, 120});
    CHECK(live.parent().cum == shares(80));
    CHECK(live.books.resize(live.p1, shares(2000), ParentSource::tee, live.now) ==
          Resized::resized);
  }
  SUBCASE("one for two: the parent is given nothing back") {
    split.quantity = shares(50);
    split.cum = shares(20);
    live.learn(split);
    CHECK(live.one() == Counts{50, 20, 30});
    CHECK(live.parent().cum == shares(40));
  }
  CHECK(live.books.position(live.a1, live.aaa) == shares(40));  // the start of the day restates it
}
