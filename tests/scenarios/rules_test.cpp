// The accounting rules that only a whole gateway can show, in each version of FIX.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "scenarios/stage.hpp"
#include "tests/scratch.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

const std::filesystem::path configs = tests::source_dir() / "tests/scenarios/configs";

struct Version {
  const char* config;
  const char* order;  // what a D needs besides, its parent first
  const char* fresh;  // 150 of an acknowledgement
  const char* fill;   // of a fill
  const char* status;
};
constexpr Version versions[] = {{"fix42", "109=P-1 21=1", "20=0 150=0", "20=0 150=1", "20=3 150=1"},
                                {"pair", "526=P-1", "150=0", "150=F", "150=I"},
                                {"fix50sp2", "526=P-1", "150=0", "150=F", "150=I"}};

std::string with(std::string text, const std::string& passage, const std::string& instead) {
  for (auto at = text.find(passage); at != std::string::npos;
       at = text.find(passage, at + instead.size()))
    text.replace(at, passage.size(), instead);
  return text;
}

// Gives these lines in each version; {order}, {fresh}, {fill} and {status} stand for what differs,
// {a} for the rest of an order of 100 ACME.
void give_each(const std::string& lines) {
  for (const Version& version : versions) {
    std::string text = with(lines, "{order}", version.order);
    text = with(text, "{a}", "1=ACC 55=ACME 54=1 38=100 40=2 44=10.00");
    text = with(with(text, "{fresh}", version.fresh), "{fill}", version.fill);
    text = with(text, "{status}", version.status);
    const tests::Scratch scratch;
    tests::put_bytes(scratch / "rule.fix",
                     fmt::format("# A rule.\nconfig: {}\nparent P-1 ACC ACME buy 150\n{}",
                                 version.config, text));
    const auto stage = in_process(configs, version.config);
    const std::string wrong = give(read_play(scratch / "rule.fix"), *stage);
    CHECK_MESSAGE(wrong.empty(), version.config, ": ", wrong);
  }
}

TEST_CASE("rule 13: a ClOrdID is used once, with the same content or another, also after the end") {
  give_each(R"(router R1> D 11=a {order} {a}
venue X< D 11=a
router R1> D 11=a {order} {a}
router R1< 8 11=a 150=8 58~DUPLICATE_CL_ORD_ID
venue X> 8 37=v1 11=a 17=e1 {fill} 39=2 55=ACME 54=1 38=100 32=100 31=10.00 151=0 14=100 6=10.00
router R1< 8 11=a 17=e1
router R1> D 11=a {order} 1=ACC 55=ACME 54=1 38=10 40=2 44=10.00
router R1< 8 11=a 150=8 58~DUPLICATE_CL_ORD_ID
venue X< nothing
)");
}

TEST_CASE("rule 14: an order with 43=Y that was never seen is stale, and is refused") {
  give_each(R"(router R1> D 43=Y 11=a {order} {a}
router R1< 8 11=a 150=8 58~STALE_ORDER
venue X< nothing
router R1> D 11=b {order} 1=ACC 55=ACME 54=1 38=150 40=2 44=10.00
venue X< D 11=b
)");
}

TEST_CASE("rule 15: an order with 97=Y is looked up by its ClOrdID, and never evaluated again") {
  give_each(R"(router R1> D 11=a {order} {a}
venue X< D 11=a
router R1> D 97=Y 11=a {order} {a}
router R1< 8 11=a 39=A
router R1> D 97=Y 11=b {order} {a}
router R1< 8 11=b 150=8 58~STALE_ORDER
venue X< nothing
)");
}

TEST_CASE("rule 17: after a crash the books are those of the journal, and the gate is shut") {
  give_each(R"(router R1> D 11=a {order} {a}
venue X< D 11=a
venue X> 8 37=v1 11=a 17=e1 {fill} 39=1 55=ACME 54=1 38=100 32=40 31=10.00 151=60 14=40 6=10.00
router R1< 8 11=a 17=e1
restart crash
venue X< F 41=a 11=$own
venue X< H 11=a
venue X> 8 37=v1 11=a 17=0 {status} 39=1 55=ACME 54=1 38=100 151=60 14=40 6=10.00
compared X matched
router R1> D 11=b {order} 1=ACC 55=ACME 54=1 38=1 40=2 44=10.00
router R1< 8 11=b 150=8 58~KILLED
rearm
router R1> D 11=c {order} 1=ACC 55=ACME 54=1 38=51 40=2 44=10.00
router R1< 8 11=c 150=8 58~PARENT_FILL
router R1> D 11=d {order} 1=ACC 55=ACME 54=1 38=50 40=2 44=10.00
venue X< D 11=d
)");
}

TEST_CASE("rule 19: 35=3 and 35=j release an order only where they name it") {
  give_each(R"(router R1> D 11=a {order} {a}
venue X< D 11=a 34=$number
venue X> j 372=D 380=3
router R1< j 372=D
router R1> D 11=b {order} {a}
router R1< 8 11=b 150=8 58~PARENT_FILL
venue X> j 45=$number 372=D 380=3
router R1< j 372=D
router R1> D 11=c {order} {a}
venue X< D 11=c 34=$next
venue X> 3 45=$next
router R1< 8 11=c 150=8
router R1> D 11=d {order} {a}
venue X< D 11=d
)");
}

TEST_CASE("rule 19: a reject that names a replace restores what was before it") {
  give_each(R"(router R1> D 11=a {order} {a}
venue X< D 11=a
venue X> 8 37=v1 11=a 17=n1 {fresh} 39=0 55=ACME 54=1 38=100 32=0 31=0 151=100 14=0 6=0
router R1< 8 11=a
router R1> G 11=b 41=a {order} 1=ACC 55=ACME 54=1 38=150 40=2 44=10.00
venue X< G 11=b 34=$number
router R1> D 11=c {order} 1=ACC 55=ACME 54=1 38=50 40=2 44=10.00
router R1< 8 11=c 150=8 58~PARENT_FILL
venue X> j 45=$number 372=G 380=3
router R1< j 372=G
router R1> D 11=d {order} 1=ACC 55=ACME 54=1 38=50 40=2 44=10.00
venue X< D 11=d
)");
}

TEST_CASE("rule 20: of a list that is refused in part nothing is left") {
  give_each(R"(router R1> E 66=l1 394=3 68=2 73=2 11=a {order} 67=1 {a} 11=b {order} 67=2 {a}
router R1< N 66=l1 431=7
venue X< nothing
)");
}

TEST_CASE("rule 9: a trade that only a TradeCaptureReport tells is an alert, in each version") {
  constexpr std::string_view lines = R"(# A trade capture.
config: {}
parent P-1 ACC ACME buy 150
router R1> D 11=a 526=P-1 1=ACC 55=ACME 54=1 38=100 40=2 44=10.00
venue X< D 11=a
venue X> AE 571=t1 570=N 17=e1 55=ACME 32=40 31=10.00 75=20260105 552=1 54=1 {}
router R1< AE 571=t1
venue X> 8 37=v1 11=a 17={} 150=F 39=1 55=ACME 54=1 38=100 32=40 31=10.00 151=60 14=40 6=10.00
router R1< 8 11=a
advance 6s
)";
  for (const char* config : {"pair", "fix50sp2"}) {
    for (const std::string_view told : {"e1", "e2"}) {
      CAPTURE(std::string(config));
      const tests::Scratch scratch;
      const bool is_50 = std::string_view(config) == "fix50sp2";
      tests::put_bytes(scratch / "trade.fix",
                       fmt::format(fmt::runtime(lines), config, is_50 ? "" : "37=v1 11=a", told));
      const auto stage = in_process(configs, config);
      REQUIRE(give(read_play(scratch / "trade.fix"), *stage) == "");
      const bool alerted = rebuild(*stage).live_desk.contains("trade-not-told");
      CHECK(alerted == (told == "e2"));
    }
  }
}

TEST_CASE("rule 24: a child waits for its parent's copy, at most so long, and is then refused") {
  const auto stage = in_process(configs, "late");
  const auto play = tests::source_dir() / "tests/scenarios/late-parent-is-waited-for.fix";
  CHECK(give(read_play(play), *stage) == "");
}

TEST_CASE("rule 24: the same for a parent that was just raised") {
  const auto stage = in_process(configs, "late");
  const auto play = tests::source_dir() / "tests/scenarios/late-raise-is-waited-for.fix";
  CHECK(give(read_play(play), *stage) == "");
}

}  // namespace
}  // namespace interlock::scenarios
