// One control on the books, against a shorter morning.
#include <doctest/doctest.h>

#include <algorithm>

#include "cli/knight_alone.hpp"

using namespace interlock;
using namespace interlock::cli::knight;

namespace {

const risk::Control& control(std::string_view id) {
  const auto found = std::ranges::find(risk::controls(), id, &risk::Control::id);
  REQUIRE(found != risk::controls().end());
  return *found;
}

Script minutes(std::int64_t length, std::int64_t roll_back) {
  Script script;
  script.length_minutes = length;
  script.roll_back_minute = roll_back;
  return script;
}

}  // namespace

TEST_CASE("alone: parent-fill lets no share beyond a parent pass, and kills all eight") {
  const Figures alone = with_one_control(Morning(minutes(5, 4)), control("parent-fill"));
  CHECK(alone.shares_beyond_parents == 0);
  CHECK(alone.honest_refusals == 0);
  CHECK(alone.honest_orders_out > 0);
  REQUIRE(alone.kill_ms);
  CHECK(*alone.kill_ms > 0);
  CHECK(*alone.kill_ms < 3'000);
  CHECK(alone.latch == "kill");
  REQUIRE(alone.roll_back_kill_ms);
  CHECK(*alone.roll_back_kill_ms < 3'000);
}

TEST_CASE("alone: a control that sees nothing wrong in any single order changes nothing") {
  const Morning morning(minutes(2, 1));
  const Figures none = without_control(morning);
  const Figures alone = with_one_control(morning, control("parent-match"));
  CHECK(alone.executions == none.executions);
  CHECK(alone.shares_beyond_parents == none.shares_beyond_parents);
  CHECK(alone.dollars_beyond_parents == none.dollars_beyond_parents);
  CHECK(!alone.first_refusal_ms);
  CHECK(!alone.kill_ms);
}
