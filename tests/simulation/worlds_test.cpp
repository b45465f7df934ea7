// Seeded worlds: the books agree with the model to the share and the cent after each event, cover
// the truth, and are equal to it once all reports are in; a restart changes nothing.
#include <doctest/doctest.h>

#include "simulation/world.hpp"

using namespace interlock::simulation;

namespace {

constexpr std::uint64_t worlds = 2'000;

}  // namespace

TEST_CASE("worlds: no share is lost, and none is counted that cannot be executed") {
  Tally all;
  for (std::uint64_t seed = 1; seed <= worlds; ++seed) {  // of the even ones, reports overtake
    CAPTURE(seed);
    Tally tally;
    REQUIRE_NOTHROW(tally = World(seed).run());
    all += tally;
  }
  // They came across what they are there for.
  CHECK(all.entered > 10 * worlds);
  CHECK(all.sells > 3 * worlds);
  CHECK(all.replaces > 2 * worlds);
  CHECK(all.refused > worlds);
  CHECK(all.full_parents > worlds / 2);
  CHECK(all.reports > 20 * worlds);
  CHECK(all.overtaken > 5 * worlds);
  CHECK(all.late > worlds / 2);
  CHECK(all.lost > worlds / 2);
  CHECK(all.duplicates > worlds / 2);
  CHECK(all.busts > worlds / 4);
  CHECK(all.anomalies > worlds / 4);
  CHECK(all.rolls > worlds / 4);
  CHECK(all.restarts > worlds);
}
