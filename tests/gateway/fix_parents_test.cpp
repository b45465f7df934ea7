#include "gateway/fix_parents.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

using namespace interlock::gateway;
using interlock::risk::Quantity;

namespace {

class Log {
 public:
  explicit Log(FixParents::Settings settings = {{526}, {}, {}}) : parents(std::move(settings)) {}
  // A message from one to the other; | for SOH.
  void say(std::string_view from, std::string_view to, std::string_view type,
           std::string_view body) {
    ++number_;
    std::string frame =
        fmt::format("8=FIX.4.4|9=0|35={}|34={}|49={}|56={}|52=20261121-09:30:{:02}|{}10=000|", type,
                    number_, from, to, number_, body);
    std::ranges::replace(frame, '|', '\x01');
    parents.take(frame);
    said.push_back(frame);
  }
  void child(std::string_view id, std::string_view parent, int quantity) {
    say("R1", "GW", "D", fmt::format("11={}|526={}|55=ACME|54=1|38={}|", id, parent, quantity));
  }
  void fill(std::string_view id, std::string_view exec, int last, int cum,
            std::string_view status) {
    say("GW", "R1", "8",
        fmt::format("11={}|17={}|150=F|39={}|32={}|14={}|", id, exec, status, last, cum));
  }
  [[nodiscard]] ParentSheet only() const {
    const auto sheets = parents.sheets();
    REQUIRE(sheets.size() == 1);
    return sheets[0];
  }
  FixParents parents;
  std::vector<std::string> said;

 private:
  int number_ = 0;
};

FixParents::Settings of_size(int size) { return {{526}, {{"P-1", Quantity::of(size)}}, {}}; }

}  // namespace

TEST_CASE("fix parents: children, shares sent and filled, and what is open at worst") {
  Log log;
  log.child("a", "P-1", 100);
  log.child("b", "P-1", 200);
  log.fill("a", "e1", 60, 60, "1");
  log.fill("a", "e2", 40, 100, "2");
  const auto sheet = log.only();
  CHECK(sheet.parent == "P-1");
  CHECK(sheet.symbol == "ACME");
  CHECK(sheet.children == 2);
  CHECK(sheet.sent == Quantity::of(300));
  CHECK(sheet.filled == Quantity::of(100));
  CHECK(sheet.open == Quantity::of(200));
  CHECK(sheet.first == "20261121-09:30:01");
  CHECK(sheet.last == "20261121-09:30:04");
  CHECK_FALSE(sheet.is_flagged());
}

TEST_CASE("fix parents: a replace upwards counts at once, one downwards when it is confirmed") {
  Log log;
  log.child("a", "P-1", 100);
  log.say("R1", "GW", "G", "11=b|41=a|55=ACME|54=1|38=300|");
  CHECK(log.only().open == Quantity::of(300));
  CHECK(log.only().sent == Quantity::of(300));
  log.say("GW", "R1", "8", "11=b|41=a|150=5|39=0|38=300|");
  log.say("R1", "GW", "G", "11=c|41=b|55=ACME|54=1|38=50|");
  CHECK(log.only().open == Quantity::of(300));
  log.say("GW", "R1", "8", "11=c|41=b|150=5|39=0|38=50|");
  CHECK(log.only().open == Quantity::of(50));
  log.say("R1", "GW", "G", "11=d|41=c|55=ACME|54=1|38=500|");
  log.say("GW", "R1", "9", "11=d|41=c|39=0|434=2|");
  CHECK(log.only().open == Quantity::of(50));
  CHECK(log.only().replaces == 3);
}

TEST_CASE(
    "fix parents: what is cancelled or rejected is open no more, and a cancel alone frees "
    "nothing") {
  Log log;
  log.child("a", "P-1", 100);
  log.child("b", "P-1", 100);
  log.say("R1", "GW", "F", "11=x|41=a|55=ACME|54=1|");
  CHECK(log.only().open == Quantity::of(200));
  log.say("GW", "R1", "8", "11=x|41=a|150=4|39=4|");
  log.say("GW", "R1", "8", "11=b|150=8|39=8|");
  CHECK(log.only().open == Quantity{});
  CHECK(log.only().rejected == 1);
  CHECK(log.only().cancels == 1);
}

TEST_CASE("fix parents: an execution counts once, and what was busted not at all") {
  Log log;
  log.child("a", "P-1", 100);
  log.fill("a", "e1", 40, 40, "1");
  log.fill("a", "e1", 40, 40, "1");
  CHECK(log.only().filled == Quantity::of(40));
  CHECK(log.only().repeated_executions == 1);
  log.say("GW", "R1", "8", "11=a|17=e2|19=e1|150=H|39=0|14=0|");
  CHECK(log.only().filled == Quantity{});
  CHECK(log.only().open == Quantity::of(100));
}

TEST_CASE("fix parents: fills beyond an order, and of no order") {
  Log log;
  log.child("a", "P-1", 100);
  log.fill("a", "e1", 100, 100, "2");
  log.fill("a", "e2", 30, 130, "2");
  CHECK(log.only().over_orders == Quantity::of(30));
  CHECK(log.only().is_flagged());
  log.say("GW", "R1", "8", "11=zz|526=P-1|17=e3|150=F|39=2|32=5|");
  CHECK(log.only().orphans == 1);
  CHECK(log.only().filled == Quantity::of(135));
}

TEST_CASE(
    "fix parents: children beyond the size are flagged as a gateway would have refused them") {
  Log log(of_size(250));
  log.child("a", "P-1", 100);
  log.child("b", "P-1", 100);
  log.child("c", "P-1", 100);  // 300 of 250
  log.child("d", "P-1", 50);   // fits: c would not have been there
  log.fill("a", "e1", 100, 100, "2");
  log.child("e", "P-1", 1);  // a fill frees nothing
  const auto sheet = log.only();
  CHECK(sheet.beyond == 2);
  CHECK(sheet.first_beyond == "c at 20261121-09:30:03");
  CHECK(sheet.would_be == Quantity::of(300));
  CHECK(sheet.is_flagged());
}

TEST_CASE("fix parents: a cancelled child makes room again") {
  Log log(of_size(100));
  log.child("a", "P-1", 100);
  log.say("GW", "R1", "8", "11=a|150=4|39=4|");
  log.child("b", "P-1", 100);
  CHECK(log.only().beyond == 0);
}

TEST_CASE("fix parents: an order that is passed on to a venue is one order") {
  Log log;
  log.child("a", "P-1", 100);
  log.say("GW", "X", "D", "11=a|526=P-1|55=ACME|54=1|38=100|");
  log.say("X", "GW", "8", "11=a|17=e1|150=F|39=2|32=100|14=100|");
  log.fill("a", "e1", 100, 100, "2");
  for (const auto* from : {"R1", "GW"}) {
    const auto* to = std::string_view(from) == "R1" ? "GW" : "X";
    log.say(from, to, "F", "11=x|41=a|55=ACME|54=1|");
  }
  const auto sheet = log.only();
  CHECK(sheet.cancels == 1);
  CHECK(sheet.children == 1);
  CHECK(sheet.filled == Quantity::of(100));
  CHECK(sheet.repeated_executions == 0);
  CHECK(log.parents.passed_on() == 2);
}

TEST_CASE("fix parents: two routers may use the same ClOrdID, and one session can be asked for") {
  const auto story = [](Log& log) {
    log.child("a", "P-1", 100);
    log.say("R2", "GW", "D", "11=a|526=P-1|55=ACME|54=1|38=7|");
  };
  Log all;
  story(all);
  CHECK(all.only().children == 2);
  CHECK(all.only().sent == Quantity::of(107));
  CHECK(all.parents.order_sessions() == std::vector<std::string>{"R1>GW", "R2>GW"});
  Log one({{526}, {}, {"R2"}});
  story(one);
  CHECK(one.only().sent == Quantity::of(7));
}

TEST_CASE("fix parents: the same line twice, a resend and a ClOrdID used again are three things") {
  Log log;
  log.child("a", "P-1", 100);
  log.parents.take(log.said.back());
  CHECK(log.parents.repeated_lines() == 1);
  log.say("R1", "GW", "D", "43=Y|11=a|526=P-1|55=ACME|54=1|38=100|");
  CHECK(log.only().poss_dups == 1);
  CHECK(log.only().children == 1);
  log.child("a", "P-1", 100);
  CHECK(log.only().repeated_ids == 1);
  CHECK(log.only().children == 2);
}

TEST_CASE("fix parents: without a tag each chain is its own, and tags that orders share are told") {
  Log log({{}, {}, {}});
  log.child("a", "P-1", 100);
  log.child("b", "P-1", 100);
  log.say("R1", "GW", "G", "11=c|41=b|55=ACME|54=1|38=300|");
  const auto sheets = log.parents.sheets();
  REQUIRE(sheets.size() == 2);
  CHECK(sheets[0].parent == "a");
  CHECK(sheets[1].open == Quantity::of(300));
  CHECK(log.parents.shared_tags().at(526) == 1);
}

TEST_CASE("fix parents: each order of a list, and CumQty that says more than the log") {
  Log log;
  log.say("R1", "GW", "E",
          "66=L|394=3|68=2|73=2|11=a|67=1|526=P-1|55=ACME|54=1|38=100|11=b|67=2|526=P-1|55=ACME|54="
          "1|38=50|");
  CHECK(log.only().children == 2);
  CHECK(log.only().sent == Quantity::of(150));
  log.fill("b", "e9", 10, 30, "1");
  CHECK(log.only().silent_executions == 1);
}

TEST_CASE("fix parents: quantities that do not fit stay at the end of the range") {
  Log log;
  for (int i = 0; i < 3; ++i)
    log.say("R1", "GW", "D", fmt::format("11=a{}|526=P-1|55=ACME|54=1|38=9000000000000|", i));
  CHECK(log.only().sent == Quantity::highest());
  log.say("R1", "GW", "D", "11=n|526=P-1|55=ACME|54=1|38=-5|");
  CHECK(log.only().children == 4);
}
