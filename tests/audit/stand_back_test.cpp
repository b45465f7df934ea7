// Who follows the thread that takes orders lets it pass.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>

#include "tests/audit/journal_fixture.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::Scratch;

namespace {

std::atomic<int> nice_of_sync = -100;

int note_and_sync(int descriptor, void* from, std::size_t bytes) {
  nice_of_sync = ::getpriority(PRIO_PROCESS, 0);  // of the calling thread
  return sync_to_disk(descriptor, from, bytes);
}

}  // namespace

TEST_CASE("journal: the thread that seals and syncs stands back behind the one that writes") {
  const Scratch scratch;
  const int ours = ::getpriority(PRIO_PROCESS, 0);
  auto journal = Journal::open(
      {.directory = scratch.path(), .segment_bytes = 4096, .sync_file = note_and_sync});
  REQUIRE(journal);
  add_many(**journal, 3);
  REQUIRE((*journal)->sync());
  CHECK(nice_of_sync == std::min(19, ours + 10));
  CHECK(::getpriority(PRIO_PROCESS, 0) == ours);
}
