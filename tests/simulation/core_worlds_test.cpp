// Seeded worlds around a whole core: after a trip nothing that opens risk leaves, what is sent of a
// parent is at most its size, the books cover the truth, and a journal gives the same books and
// verdicts again.
#include <doctest/doctest.h>

#include "simulation/core_world.hpp"

using namespace interlock::simulation;

namespace {

constexpr std::uint64_t worlds = 200;

}  // namespace

TEST_CASE("core worlds: a kill holds, a restart changes nothing, and no parent is exceeded") {
  CoreTally all;
  for (std::uint64_t seed = 1; seed <= worlds; ++seed) {
    CAPTURE(seed);
    CoreTally tally;
    REQUIRE_NOTHROW(tally = CoreWorld(seed).run());
    all += tally;
  }
  // They came across what they are there for.
  CHECK(all.entered > 3 * worlds);
  CHECK(all.reports > 5 * worlds);
  CHECK(all.lost > worlds / 2);
  CHECK(all.kills > worlds);
  CHECK(all.rearms > worlds / 4);
  CHECK(all.restarts > worlds);
  CHECK(all.shut_out > worlds);
  CHECK(all.judged > 5 * worlds);
  CHECK(all.asked > worlds);
  CHECK(all.held_back > worlds / 10);
}
