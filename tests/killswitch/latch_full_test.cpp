#include <doctest/doctest.h>

#include "killswitch/latch.hpp"
#include "tests/scratch.hpp"
#include "tests/small_disk.hpp"

using namespace interlock::killswitch;
using interlock::tests::Scratch;
using interlock::tests::SmallDisk;

namespace {
constexpr std::int64_t now = 1'795'253'400'000'000'000;
}

TEST_CASE("latch: on a disk that is full a trip is stored, in space that was there before") {
  const Scratch scratch;
  const SmallDisk disk(scratch.path());
  if (!disk.is_there()) {
    MESSAGE("not shown: a small file system takes the right to mount one");
    return;
  }
  const auto path = scratch / "latch";
  {
    Latch latch(path, now);
    for (const auto& kill : latch.active()) REQUIRE(latch.clear(kill.id, now).has_value());
  }
  disk.fill();
  Latch latch(path, now);
  for (const auto* venue : {"V1", "V2", "V3"})
    CHECK(latch.trip({ScopeKind::venue, venue}, Source::http, "anna", "x", now).persisted);
  CHECK(latch.trip({}, Source::http, "anna", "x", now).persisted);
  CHECK(Latch(path, now).active().size() == 4);
}
