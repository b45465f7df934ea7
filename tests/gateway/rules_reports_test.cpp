// The accounting rules from the wire to the books: what a venue says, in each version of FIX.
#include "tests/gateway/talk.hpp"

using namespace interlock;
using namespace interlock::gateway;

namespace {

// Gives each version a talk of its own.
template <class Story>
void in_each_version(Story story) {
  for (const char* version : versions) {
    CAPTURE(std::string(version));
    Talk talk(version);
    story(talk);
  }
}

// One with order "a" of 100, acknowledged.
template <class Story>
void with_an_order(Story story) {
  in_each_version([&](Talk& talk) {
    talk.order("a", 100);
    talk.says(Says::acknowledged, "a", {"n1", 0, 0, 100});
    REQUIRE(talk.counts("a") == "100/0/100");
    story(talk);
  });
}

}  // namespace

TEST_CASE("rule 1: an order counts from its D on, in each version") {
  in_each_version([](Talk& talk) {
    talk.order("a", 100);
    CHECK(talk.counts("a") == "100/0/100");
    CHECK(talk.used() == "0+100");
    talk.says(Says::pending_new, "a", {"n0", 0, 0, 100});
    talk.says(Says::acknowledged, "a", {"n1", 0, 0, 100});
    CHECK(talk.used() == "0+100");
    talk.says(Says::filled, "a", {"e1", 30, 30, 70});
    CHECK(talk.counts("a") == "100/30/70");
    CHECK(talk.used() == "30+70");
  });
}

TEST_CASE("rule 2: a venue's reject (150=8) releases the order, in each version") {
  in_each_version([](Talk& talk) {
    talk.order("a", 100);
    const risk::Report rejected = talk.said(Says::rejected, "a", {"n1", 0, 0, 0, "103=0|"});
    CHECK(rejected.fact == risk::Fact::ended);
    CHECK(rejected.reject_code == "0");
    talk.says(Says::rejected, "a", {"n1", 0, 0, 0, "103=0|"});
    CHECK(talk.used() == "0+0");
    CHECK(talk.has_ended("a"));
  });
}

TEST_CASE("rule 3: a replace up counts from its G on, in each version") {
  with_an_order([](Talk& talk) {
    talk.says(Says::filled, "a", {"e1", 30, 30, 70});
    talk.replace("b", "a", 150);
    CHECK(talk.used() == "30+120");
    talk.says(Says::replaced, "b", {"n2", 0, 30, 120, "41=a|38=150|"});
    CHECK(talk.counts("b") == "150/30/120");
  });
}

TEST_CASE("rule 4: a replace down releases with 150=5 only, and below 14 it is filled") {
  with_an_order([](Talk& talk) {
    talk.says(Says::filled, "a", {"e1", 30, 30, 70});
    talk.replace("b", "a", 50);
    talk.says(Says::pending_replace, "b", {"n2", 0, 30, 70, "41=a|"});
    CHECK(talk.used() == "30+70");
    talk.says(Says::replaced, "b", {"n3", 0, 30, 20, "41=a|38=50|"});
    CHECK(talk.used() == "30+20");
    talk.replace("c", "b", 10);
    talk.says(Says::replaced, "c", {"n4", 0, 30, 0, "41=b|38=10|"});
    CHECK(talk.used() == "30+0");
  });
}

TEST_CASE("rule 5: of several pending replaces the largest counts, in each version") {
  with_an_order([](Talk& talk) {
    talk.replace("b", "a", 300);
    talk.replace("c", "b", 200);
    CHECK(talk.used() == "0+300");
    talk.rejects("b", "a", '2');
    CHECK(talk.used() == "0+200");
    talk.says(Says::replaced, "c", {"n3", 0, 0, 200, "41=a|38=200|"});
    CHECK(talk.counts("c") == "200/0/200");
  });
}

TEST_CASE("rule 6: a replace that is rejected (434=2) after a partial fill, in each version") {
  with_an_order([](Talk& talk) {
    talk.replace("b", "a", 150);
    talk.says(Says::filled, "a", {"e1", 30, 30, 70});  // the fill carries the original ClOrdID
    CHECK(talk.used() == "30+120");
    talk.rejects("b", "a", '2');
    CHECK(talk.counts("a") == "100/30/70");
  });
}

TEST_CASE("rule 7: a pending cancel keeps all leaves, fills cross it, too late changes nothing") {
  with_an_order([](Talk& talk) {
    talk.cancel("x", "a");
    talk.says(Says::pending_cancel, "x", {"n2", 0, 0, 100, "41=a|"});
    CHECK(talk.used() == "0+100");
    talk.says(Says::filled, "a", {"e1", 40, 40, 60});
    talk.rejects("x", "a", '1');
    CHECK(talk.counts("a") == "100/40/60");
    talk.cancel("y", "a");
    talk.says(Says::cancelled, "y", {"n3", 0, 40, 0, "41=a|"});
    CHECK(talk.used() == "40+0");
    CHECK(talk.has_ended("a"));
  });
}

TEST_CASE("rule 8: what is executed beyond the order is booked and alarms, in each version") {
  with_an_order([](Talk& talk) {
    const risk::Learned learned = talk.says(Says::filled, "a", {"e1", 130, 130, 0});
    CHECK(learned.anomaly == risk::Anomaly::over_fill);
    CHECK(talk.used() == "130+0");
  });
}

TEST_CASE("rule 9: a fill after the end, or of nobody's order, is booked, in each version") {
  with_an_order([](Talk& talk) {
    talk.says(Says::expired, "a", {"n2", 0, 0, 0});
    CHECK(talk.has_ended("a"));
    CHECK(talk.says(Says::filled, "a", {"e1", 30, 30, 0}).anomaly == risk::Anomaly::fill_after_end);
    CHECK(talk.used() == "30+0");
    CHECK(talk.says(Says::filled, "zz", {"e2", 70, 70, 0}).anomaly == risk::Anomaly::unknown_order);
    CHECK(talk.books.quarantine().shares == risk::Quantity::of(70));
  });
}

TEST_CASE("rule 10: an ExecID twice counts once, a status is no execution, in each version") {
  with_an_order([](Talk& talk) {
    talk.says(Says::filled, "a", {"e1", 30, 30, 70});
    CHECK(talk.says(Says::filled, "a", {"e1", 30, 30, 70}).duplicate);
    CHECK(talk.counts("a") == "100/30/70");
    CHECK(talk.says(Says::filled, "a", {"e1", 20, 50, 50}).anomaly ==
          risk::Anomaly::exec_id_reused);
    CHECK(talk.counts("a") == "100/50/50");
    for (int i = 0; i < 2; ++i)
      CHECK(talk.says(Says::status, "a", {"0", 20, 50, 50}).anomaly == risk::Anomaly::none);
    CHECK(talk.counts("a") == "100/50/50");
  });
}

TEST_CASE("rule 11: 32 is what counts, 14 only says that something is missing, in each version") {
  with_an_order([](Talk& talk) {
    const risk::Learned learned = talk.says(Says::filled, "a", {"e2", 10, 40, 60});
    CHECK(learned.missing_fills);
    CHECK(talk.counts("a") == "100/10/90");
    CHECK_FALSE(talk.says(Says::filled, "a", {"e1", 30, 40, 60}).missing_fills);
    CHECK(talk.counts("a") == "100/40/60");
  });
}

TEST_CASE("rule 12: busts and corrections by 20 in FIX 4.2, by 150 later") {
  with_an_order([](Talk& talk) {
    talk.says(Says::filled, "a", {"e1", 30, 30, 70});
    talk.says(Says::filled, "a", {"e2", 20, 50, 50});
    const risk::Report bust = talk.said(Says::busted, "a", {"e3", 20, 30, 70, "19=e2|"});
    CHECK(bust.fact == risk::Fact::busted);
    CHECK(bust.exec_ref_id == "e2");
    for (int i = 0; i < 2; ++i) {  // the second time it takes nothing back
      talk.says(Says::busted, "a", {"e3", 20, 30, 70, "19=e2|"});
      CHECK(talk.counts("a") == "100/30/70");
    }
    CHECK(talk.used() == "50+70");  // no capacity of the parent comes back
    talk.says(Says::corrected, "a", {"e4", 25, 25, 75, "19=e1|"});
    CHECK(talk.counts("a") == "100/25/75");
    CHECK(talk.says(Says::busted, "a", {"e5", 5, 25, 75, "19=e9|"}).anomaly != risk::Anomaly::none);
    CHECK(talk.counts("a") == "100/25/75");
  });
}

TEST_CASE("rule 16: stopped, suspended and calculated orders go on counting, in each version") {
  for (const Says what : {Says::stopped, Says::suspended, Says::calculated}) {
    CAPTURE(static_cast<char>(what));
    with_an_order([&](Talk& talk) {
      talk.says(what, "a", {"n2", 0, 0, 0});
      CHECK(talk.used() == "0+100");
      talk.says(Says::filled, "a", {"e1", 100, 100, 0});
      CHECK(talk.used() == "100+0");
    });
  }
}

TEST_CASE("rule 18: done for day ends a day order, and keeps a good-till-cancel one") {
  in_each_version([](Talk& talk) {
    talk.order("a", 100, "59=0|");
    talk.order("b", 100, "59=1|");
    talk.says(Says::done_for_day, "a", {"n1", 0, 0, 0});
    talk.says(Says::done_for_day, "b", {"n2", 0, 0, 0});
    CHECK(talk.has_ended("a"));
    CHECK_FALSE(talk.has_ended("b"));
    CHECK(talk.used() == "0+100");
  });
}

TEST_CASE("rule 18: a restatement (150=D) changes the order; 378=0 restates what was executed") {
  with_an_order([](Talk& talk) {
    talk.says(Says::filled, "a", {"e1", 30, 30, 70});
    talk.says(Says::restated, "a", {"n2", 0, 30, 50, "38=80|378=5|"});
    CHECK(talk.counts("a") == "80/30/50");
    CHECK_FALSE(
        talk.said(Says::restated, "a", {"n3", 0, 60, 100, "38=160|378=5|"}).corporate_action);
    CHECK_FALSE(talk.said(Says::restated, "a", {"n3", 0, 60, 100, "38=160|"}).corporate_action);
    CHECK_FALSE(talk.said(Says::filled, "a", {"n3", 5, 60, 100, "378=0|"}).corporate_action);
    CHECK(talk.said(Says::restated, "a", {"n3", 0, 60, 100, "38=160|378=0|"}).corporate_action);
    talk.says(Says::restated, "a", {"n3", 0, 60, 100, "38=160|378=0|"});
    CHECK(talk.counts("a") == "160/60/100");
  });
}

TEST_CASE("rule 11: the venue's time is that of 122, else of 52, in each version") {
  in_each_version([](Talk& talk) {
    const std::string fields = "37=v1|17=e1|" + std::string(talk.is_42() ? "20=0|" : "") +
                               "150=0|39=0|11=a|55=IBM|54=1|151=100|14=0|6=0|";
    const auto time = [&](const std::string& header) {
      return talk.heard("8", fields, header).venue_time;
    };
    const auto first = read_timestamp("20261121-14:29:59");
    const auto sent = read_timestamp("20261121-14:30:00.123");
    CHECK(time("52=20261121-14:30:00.123|") == risk::Time{*sent});
    CHECK(time("43=Y|52=20261121-14:30:00.123|122=20261121-14:29:59|") == risk::Time{*first});
  });
}
