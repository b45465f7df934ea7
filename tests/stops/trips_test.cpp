// Kills of a gateway that runs: a small round of what tests/bench/kill measures at length.
#include "stops/trips.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace interlock::stops {
namespace {

constexpr std::int64_t half_a_second_ns = 500'000'000;  // ten times what an answer may take

void answered_and_kept(Trips::Load load, std::uint32_t kills, std::uint32_t orders_a_second) {
  Tripped result = measure({.load = load, .kills = kills, .orders_a_second = orders_a_second});
  CHECK(result.unconfirmed == 0);
  CHECK(result.orders_after == 0);
  if (load != Trips::Load::idle) CHECK(result.orders >= kills);
  REQUIRE(result.gate_ns.size() == kills);
  std::ranges::sort(result.gate_ns);
  CHECK(result.gate_ns.front() >= 0);
  CHECK(result.gate_ns[kills / 2] < half_a_second_ns);
}

TEST_CASE("trips: 50 kills of an idle gateway are each confirmed") {
  answered_and_kept(Trips::Load::idle, 50, 1);
}
TEST_CASE("trips: 50 kills amid a flow of orders, and none with a number above the one reported") {
  answered_and_kept(Trips::Load::flowing, 50, 2'000);
}
TEST_CASE("trips: 10 kills while the venue does not read, and none above the one reported") {
  answered_and_kept(Trips::Load::stalled, 10, 10'000);
}

}  // namespace
}  // namespace interlock::stops
