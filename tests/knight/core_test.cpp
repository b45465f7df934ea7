// Every control, in the real core: in process on a clock of its own, and over sockets.
#include <doctest/doctest.h>

#include "cli/knight_core.hpp"
#include "cli/knight_sockets.hpp"

using namespace interlock::cli::knight;

namespace {

Script short_morning() {
  Script script;
  script.roll_back_minute = 5;
  script.length_minutes = 6;
  return script;
}

}  // namespace

TEST_CASE(
    "all: R8 is killed within three seconds of the open, the seven go on until the roll-back, "
    "and then each is killed as fast") {
  const Figures all = against_core(Morning(short_morning()), {});
  CHECK(all.shares_beyond_parents == 0);
  CHECK(all.honest_refusals == 0);
  CHECK(all.honest_orders_out > 7 * 60);
  REQUIRE(all.kill_ms);
  CHECK(*all.kill_ms > 0);
  CHECK(*all.kill_ms < 3'000);
  CHECK(all.latch == "kill");
  REQUIRE(all.roll_back_kill_ms);
  CHECK(*all.roll_back_kill_ms >= 0);
  CHECK(*all.roll_back_kill_ms < 3'000);
  CHECK(all.child_orders_refused > 0);
}

TEST_CASE("all: at the mean pace of the day R8 is killed within a second") {
  Script script = short_morning();
  script.is_stress = true;
  script.length_minutes = 1;
  const Figures all = against_core(Morning(script), {});
  CHECK(all.shares_beyond_parents == 0);
  CHECK(all.honest_refusals == 0);
  REQUIRE(all.kill_ms);
  CHECK(*all.kill_ms < 1'000);
  CHECK(all.latch == "kill");
}

TEST_CASE(
    "all: with the 97 rejects on the wire nobody takes their alert, and R8 is shut before the "
    "open; hidden, it is killed after it") {
  Script script = short_morning();
  script.length_minutes = script.roll_back_minute = 1;
  const Figures hidden = against_core(Morning(script), {});
  REQUIRE(hidden.stop_ms);
  CHECK(*hidden.stop_ms > 0);
  CHECK(hidden.reason == "PARENT_FILL");
  script.has_rejects = true;
  const Figures visible = against_core(Morning(script), {});
  REQUIRE(visible.stop_ms);
  CHECK(*visible.stop_ms < 0);
  CHECK(visible.latch == "block");
  CHECK(visible.reason == "ALERT_UNACKNOWLEDGED");
  CHECK(visible.child_orders_out < hidden.child_orders_out);
  CHECK(visible.shares_beyond_parents == 0);
  CHECK(visible.honest_refusals == 0);
}

TEST_CASE("all: a router that starts all 212 at the open, and counts, is not refused one order") {
  Script script = short_morning();
  script.is_stress = true;
  script.variant = Variant::honest;
  script.length_minutes = 1;
  const Morning morning(script);
  std::int64_t wanted = 0;
  for (const Parent& parent : morning.affected) wanted += parent.size;
  const Figures all = against_core(morning, {});
  CHECK(all.shares == wanted);
  CHECK(all.shares_beyond_parents == 0);
  CHECK(!all.first_refusal_ms);
  CHECK(!all.kill_ms);
  CHECK(all.honest_refusals == 0);
}

TEST_CASE("all: fills that arrive two seconds late let no share beyond a parent pass") {
  const Figures all = against_core(Morning(short_morning()), {.fill_after_ns = 2 * second_ns});
  CHECK(all.shares_beyond_parents == 0);
  CHECK(all.honest_refusals == 0);
  REQUIRE(all.kill_ms);
  CHECK(*all.kill_ms < 3'000);
}

TEST_CASE(
    "all: a worse Power Peg gets no share beyond a parent, and no honest router is refused "
    "but for what was taken of its own parent") {
  for (const Variant variant :
       {Variant::others_parents, Variant::new_parents, Variant::wrong_side, Variant::slow_leak}) {
    CAPTURE(static_cast<int>(variant));
    Script script = short_morning();
    script.variant = variant;
    script.length_minutes = variant == Variant::slow_leak ? 11 : 1;
    script.roll_back_minute = script.length_minutes;
    const Figures all = against_core(Morning(script), {});
    CHECK(all.shares_beyond_parents == 0);
    CHECK(all.child_orders_refused > 0);
    if (variant == Variant::others_parents) {
      REQUIRE(all.kill_ms);
      CHECK(*all.kill_ms < 3'000);
    } else {
      CHECK(all.honest_refusals == 0);
    }
  }
}

// The bounds in time are those of a slow and busy machine, not the product's.
TEST_CASE("all over sockets: no share beyond a parent, R8 is killed, the seven go on") {
  const Figures all = over_sockets(Morning(short_morning()), {.shown_ns = 2 * second_ns});
  CHECK(all.shares_beyond_parents == 0);
  CHECK(all.honest_refusals == 0);
  CHECK(all.honest_orders_out + all.child_orders_out > 0);
  REQUIRE(all.kill_ms);
  CHECK(*all.kill_ms < 30'000);
  REQUIRE(all.roll_back_kill_ms);
}
