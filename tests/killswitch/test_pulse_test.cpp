// One look after the other at the inputs of a loop under test.
#include "killswitch/test_pulse.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace interlock::killswitch;

namespace {

constexpr std::int64_t ms = 1'000'000;
using Output = TestPulse::Output;

struct Look {
  std::int64_t at_ns;
  std::array<bool, 2> low;
  Output output;  // what is done then
  bool hides;
};

void plays(TestPulse& pulse, const std::vector<Look>& looks) {
  for (const auto& look : looks) {
    CAPTURE(look.at_ns);
    const auto step = pulse.step(look.low, look.at_ns);
    CHECK(step.output == look.output);
    CHECK(step.hides == look.hides);
    CHECK(step.channel == 0);
  }
}

}  // namespace

TEST_CASE("pulse: what the other input does after the output rose again counts too") {
  TestPulse pulse(2, 0);
  plays(pulse, {{0, {false, false}, Output::drop, false},
                {5 * ms, {true, false}, Output::raise, true},
                {10 * ms, {true, true}, Output::leave, true},
                {15 * ms, {false, false}, Output::leave, true}});
  CHECK(pulse.crossed(0));
  CHECK_FALSE(pulse.crossed(1));
}

TEST_CASE("pulse: an input that does not return within 20 ms is a press, which is shown at once") {
  TestPulse pulse(1, 0);
  plays(pulse, {{0, {false, false}, Output::drop, false},
                {5 * ms, {true, false}, Output::raise, true},
                {24 * ms, {true, false}, Output::leave, true},
                {25 * ms, {true, false}, Output::leave, false},
                {30 * ms, {true, false}, Output::leave, false},
                {35 * ms, {false, false}, Output::drop, false}});  // the test is made again
  CHECK_FALSE(pulse.crossed(0));
}

TEST_CASE("pulse: another channel that is pressed meanwhile is no wire between them") {
  TestPulse pulse(2, 0);
  plays(pulse, {{0, {false, false}, Output::drop, false},
                {5 * ms, {true, true}, Output::raise, true},
                {10 * ms, {false, true}, Output::leave, true}});
  CHECK_FALSE(pulse.crossed(0));
  CHECK_FALSE(pulse.crossed(1));
}
