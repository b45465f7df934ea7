#include "gateway/host_clock.hpp"

#include <doctest/doctest.h>

namespace interlock::gateway {
namespace {

constexpr std::int64_t second = 1'000'000'000, begun = 1'767'623'400 * second;

// Reads once a millisecond for so long, while the host's clock is `ahead` of where it began.
void run(HostClock& clock, std::int64_t& mono_ns, std::int64_t time_ns, std::int64_t ahead_ns) {
  for (const std::int64_t end = mono_ns + time_ns; mono_ns < end;) {
    mono_ns += 1'000'000;
    clock.follow(begun + mono_ns + ahead_ns, mono_ns);
  }
}

TEST_CASE("host clock: what NTP slews is followed exactly") {
  HostClock clock(begun, 0);
  std::int64_t wall = begun;
  for (std::int64_t mono = 1'000'000; mono <= second; mono += 1'000'000) {
    wall += 1'000'500;  // 500 parts in a million too fast
    clock.follow(wall, mono);
    REQUIRE(clock.utc_ns(mono) == wall);
  }
  CHECK(clock.offset_ns() == 0);
}

TEST_CASE("host clock: a step moves ours by a millisecond a second, and never back") {
  for (const std::int64_t step : {3'600 * second, -3'600 * second, 86'400 * second}) {
    HostClock clock(begun, 0);
    std::int64_t mono = 0, last = begun;
    run(clock, mono, second, 0);
    for (int i = 0; i < 100; ++i) {
      run(clock, mono, second / 10, step);
      CHECK(clock.utc_ns(mono) > last);
      last = clock.utc_ns(mono);
    }
    const std::int64_t moved = last - (begun + mono);
    CHECK(moved == (step > 0 ? 10'000'000 : -10'000'000));
    CHECK(clock.offset_ns() == step - moved);
  }
}

TEST_CASE("host clock: a small step is caught up with, and a step that is taken back is over") {
  HostClock clock(begun, 0);
  std::int64_t mono = 0;
  run(clock, mono, 21 * second, 20'000'000);
  CHECK(clock.offset_ns() == 0);
  CHECK(clock.utc_ns(mono) == begun + mono + 20'000'000);
  run(clock, mono, second, 3'600 * second);
  run(clock, mono, 2 * second, 20'000'000);
  CHECK(clock.offset_ns() == 0);
}

TEST_CASE("host clock: readings in a quick row move it as much as few do") {
  HostClock clock(begun, 0);
  for (std::int64_t mono = 1; mono <= 1'000'000; ++mono) clock.follow(begun + mono + second, mono);
  CHECK(clock.utc_ns(1'000'000) == begun + 1'000'000 + 1'000);
}

}  // namespace
}  // namespace interlock::gateway
