// Fault 19: the event loop stands, and the gate has to be shut when it goes on.
#include "killswitch/loop_watch.hpp"

#include <doctest/doctest.h>

#include "tests/scratch.hpp"

namespace interlock::killswitch {
namespace {

constexpr std::int64_t tick_ns = 5'000'000;

class Watched {
 public:
  Watched() {
    const auto first = latch.active();
    for (const auto& kill : first) REQUIRE(latch.clear(kill.id, 1));
  }
  void look(int times, std::int64_t every_ns = tick_ns) {
    for (int i = 0; i < times; ++i) {
      now_ += every_ns;
      watch.look(now_, now_);
    }
  }
  tests::Scratch scratch;
  Latch latch{scratch / "latch", 1};
  int persisted = 0;
  LoopWatch watch{latch, [this] { ++persisted; }};

 private:
  std::int64_t now_ = 1'000'000'000'000;
};

}  // namespace

TEST_CASE(
    "fault 19: a loop that stands for 800 ms is killed, once, and the latch is to be written") {
  Watched it;
  it.watch.turned();
  it.look(160);
  CHECK(it.latch.active().empty());
  it.look(1);
  REQUIRE(it.latch.active().size() == 1);
  CHECK(it.latch.active()[0].cause == "the event loop stands");
  CHECK(it.latch.active()[0].level == Level::kill);
  CHECK(Latch::firm_killed(it.latch.word()));
  it.look(1000);
  CHECK(it.latch.active().size() == 1);
  CHECK(it.persisted == 1);
}

TEST_CASE("fault 19: a loop that turns is not killed, however long") {
  Watched it;
  for (int i = 0; i < 1000; ++i) {
    it.watch.turned();
    it.look(100);
  }
  CHECK(it.latch.active().empty());
}

TEST_CASE("fault 19: before its first turn and after its end nobody waits for the loop") {
  Watched it;
  it.look(1000);
  CHECK(it.latch.active().empty());
  it.watch.turned();
  it.look(1);
  it.watch.ended();
  it.look(1000);
  CHECK(it.latch.active().empty());
}

TEST_CASE("fault 19: a machine that stood still as a whole is no loop that stands") {
  Watched it;
  it.watch.turned();
  it.look(1);
  it.look(10, 60'000'000'000);  // ten times a minute in which nobody had a turn
  CHECK(it.latch.active().empty());
  it.look(7, 60'000'000'000);  // but a loop that never comes back is
  CHECK(it.latch.active().size() == 1);
}

TEST_CASE("fault 19: when it stands again after a re-arm, it is killed again") {
  Watched it;
  it.watch.turned();
  it.look(200);
  REQUIRE(it.latch.active().size() == 1);
  REQUIRE(it.latch.clear(it.latch.active()[0].id, 2));
  it.watch.turned();
  it.look(162);
  CHECK(it.latch.active().size() == 1);
}

}  // namespace interlock::killswitch
