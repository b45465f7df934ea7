// A kill is cleared in two steps where a thread must not wait for the disk: stored, then opened.
#include <doctest/doctest.h>

#include "killswitch/latch.hpp"
#include "tests/scratch.hpp"

using namespace interlock::killswitch;
using interlock::tests::Scratch;

namespace {

constexpr std::int64_t now = 1'795'253'400'000'000'000;

struct Killed {
  Scratch scratch;
  Latch latch{scratch / "latch", now};
  std::uint64_t id = 0;
  Killed() {
    for (const auto& kill : latch.active()) REQUIRE(latch.clear(kill.id, now).has_value());
    id = latch.trip({}, Source::http, "anna", "runaway", now).kill.id;
  }
  [[nodiscard]] bool is_killed_on_disk() const {
    return Latch::firm_killed(Latch(scratch / "latch", now).word());
  }
};

}  // namespace

TEST_CASE("latch steps: stored without the kill it is shut, and open when the second step came") {
  Killed killed;
  const auto stored = killed.latch.store_cleared(killed.id);
  REQUIRE(stored.has_value());
  CHECK(Latch::firm_killed(killed.latch.word()));
  CHECK(killed.latch.active().size() == 1);
  const auto opened = killed.latch.open(*stored);
  REQUIRE(opened.has_value());
  CHECK(opened->id == killed.id);
  CHECK_FALSE(Latch::firm_killed(killed.latch.word()));
  CHECK_FALSE(killed.is_killed_on_disk());
  CHECK_FALSE(killed.latch.open(*stored).has_value());
}

TEST_CASE("latch steps: what changes between them keeps it shut, here and on disk") {
  Killed killed;
  const auto stored = killed.latch.store_cleared(killed.id);
  REQUIRE(stored.has_value());
  SUBCASE("another kill") {
    killed.latch.trip({ScopeKind::venue, "V"}, Source::http, "b", "", now);
  }
  SUBCASE("another kill, not yet on disk") {
    killed.latch.trip_in_memory({ScopeKind::venue, "V"}, Source::http, "b", "", now);
  }
  SUBCASE("what was armed") { killed.latch.note_armed("another"); }
  SUBCASE("nothing, but who asked has gone") { killed.latch.stands(); }
  CHECK_FALSE(killed.latch.open(*stored).has_value());
  CHECK(Latch::firm_killed(killed.latch.word()));
  CHECK(killed.latch.persist().has_value());
  CHECK(killed.is_killed_on_disk());
}
