// The test of a contact loop, on a port, and one look after the other.
#include "killswitch/test_pulse.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include "tests/killswitch/fake_port.hpp"

using namespace interlock::killswitch;
using namespace interlock::tests;

namespace {

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

TEST_CASE(
    "pulse: a loop that is sound is tested at the start and every minute, and shows nothing") {
  for (const bool counts : {false, true}) {
    Bench bench(one_loop(), [&](Port& port) { port.counts = counts; });
    auto seen = bench.run(100 * ms);
    CHECK(bench.pulses() == 1);
    seen = bench.run(minute);
    CHECK(bench.pulses() == 2);
    CHECK_FALSE(seen.pressed);
    CHECK_FALSE(seen.unknown);
    CHECK(seen.changes == 0);
    CHECK_FALSE(seen.last[0].crossed);
    CHECK(bench.port.outputs == (TIOCM_DTR | TIOCM_RTS));
  }
}

TEST_CASE("pulse: two channels are tested in turn") {
  Bench bench(two_loops());
  std::vector<int> dropped;
  bench.port.answer(TIOCMBIC, [&](int, void* lines) {
    dropped.push_back(*static_cast<int*>(lines));
    return bench.port.set(bench.port.outputs & ~dropped.back());
  });
  CHECK_FALSE(bench.run(100 * ms).pressed);
  CHECK(dropped == std::vector<int>{TIOCM_DTR, TIOCM_RTS});
  CHECK_FALSE(bench.run(2 * minute).pressed);
  CHECK(dropped == std::vector<int>{TIOCM_DTR, TIOCM_RTS, TIOCM_DTR, TIOCM_RTS});
}

TEST_CASE("pulse: an output is down for 5 ms, and for 20 ms when its input does not follow") {
  for (const bool is_short : {false, true}) {
    Bench bench(one_loop(), [&](Port& port) { port.forced = is_short ? TIOCM_DSR : 0; });
    std::int64_t down_ns = 0;
    for (int i = 0; i < 50; ++i) {
      look_at_all(*bench.source, bench.now);
      if ((bench.port.outputs & TIOCM_DTR) == 0) down_ns += ms;
      bench.now += ms;
    }
    CHECK(down_ns == (is_short ? 20 : 5) * ms);
  }
}

TEST_CASE("pulse: a short across the contact is found, and stays told until a pulse succeeds") {
  Bench bench;
  bench.run(100 * ms);
  bench.port.forced = TIOCM_DSR;
  CHECK_FALSE(bench.run(100 * ms).last[0].crossed);
  CHECK(bench.run(minute).last[0].crossed);
  bench.port.forced = 0;
  CHECK(bench.run(minute / 2).last[0].crossed);
  CHECK_FALSE(bench.run(minute).last[0].crossed);
}

TEST_CASE("pulse: a wire to the other channel is found, and what it moves is a press at once") {
  Bench bench(two_loops(), [](Port& port) { port.joined = true; });
  const auto seen = bench.run(100 * ms);
  CHECK(seen.last[0].crossed);
  CHECK_FALSE(seen.last[1].crossed);
  CHECK(seen.pressed);
}

TEST_CASE("pulse: while a button is pressed nothing is tested") {
  Bench bench(two_loops());
  bench.run(100 * ms);
  const int before = bench.pulses();
  bench.port.contact(1, false);
  bench.run(2 * minute);
  CHECK(bench.pulses() == before);
  bench.port.contact(1, true);
  bench.run(100 * ms);
  CHECK(bench.pulses() == before + 1);
}

TEST_CASE("pulse: a press during a pulse is told by the other channel at once") {
  Bench bench(two_loops());
  look_at_all(*bench.source, bench.now);
  REQUIRE(bench.port.outputs == TIOCM_RTS);
  bench.port.contact(0, false);
  bench.port.contact(1, false);
  CHECK(bench.look_now()[1].contact == Contact::pressed);
  const auto seen = bench.run(100 * ms);
  CHECK(seen.last[0].contact == Contact::pressed);
  CHECK_FALSE(seen.last[0].crossed);
  CHECK_FALSE(seen.last[1].crossed);
}

TEST_CASE("pulse: of one channel a press during a pulse is told at most 40 ms later") {
  for (const bool counts : {false, true}) {
    Bench bench(one_loop(), [&](Port& port) { port.counts = counts; });
    look_at_all(*bench.source, bench.now);
    REQUIRE(bench.port.outputs == TIOCM_RTS);
    bench.port.contact(0, false);
    CHECK(bench.run(45 * ms).pressed);
    CHECK_FALSE(bench.look_now()[0].crossed);
  }
}

TEST_CASE("pulse: an input that follows late, within 20 ms, is no press and no fault") {
  Bench bench;
  std::int64_t changed_ns = -1'000 * ms;
  int before = TIOCM_DSR | TIOCM_CAR, last = before;
  bench.port.answer(TIOCMGET, [&](int, void* into) {
    if (bench.port.inputs() != last) {
      before = std::exchange(last, bench.port.inputs());
      changed_ns = bench.now;
    }
    *static_cast<int*>(into) = bench.now - changed_ns < 14 * ms ? before : last;
    return 0;
  });
  const auto seen = bench.run(2 * minute + minute / 2);
  CHECK(bench.pulses() == 3);
  CHECK_FALSE(seen.pressed);
  CHECK_FALSE(seen.last[0].crossed);
}

TEST_CASE("pulse: looks that come late do not make a press of it") {
  Bench bench;
  for (int i = 0; i < 10; ++i) {
    const auto sample = look_at_all(*bench.source, bench.now)[0];
    CHECK(sample.contact == Contact::safe);
    CHECK_FALSE(sample.crossed);
    bench.now += 90 * ms;
  }
  CHECK(bench.port.outputs == (TIOCM_DTR | TIOCM_RTS));
}

TEST_CASE("pulse: none is made where none is wanted, but the first") {
  auto device = one_loop();
  device.test_every_ns = 0;
  Bench bench(device);
  bench.run(3 * minute);
  CHECK(bench.pulses() == 1);
}
