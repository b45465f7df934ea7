#include "audit/follow.hpp"

#include <doctest/doctest.h>

#include "tests/audit/journal_fixture.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::bytes_of;
using interlock::tests::put_bytes;
using interlock::tests::Scratch;

namespace {

std::vector<std::uint64_t> look(Follower& follower) {
  std::vector<std::uint64_t> numbers;
  const auto looked =
      follower.look([&](const Record& record) { numbers.push_back(record.location.sequence); });
  if (!looked) FAIL(looked.error());
  return numbers;
}

}  // namespace

TEST_CASE("follow: each record once, as it comes, over the end of a segment") {
  const Scratch scratch;
  const auto journal = open(scratch.path());
  Follower follower(scratch.path(), 1);
  std::uint64_t next = 1;
  for (int round = 0; round < 40; ++round) {
    add_many(*journal, round % 7);
    for (const auto number : look(follower)) CHECK(number == next++);
    CHECK(next == journal->next_sequence());
  }
  CHECK(last_segment(scratch.path()) > 1);
}

TEST_CASE("follow: a journal that is not there yet has no records") {
  const Scratch scratch;
  Follower follower(scratch / "later", 1);
  CHECK(look(follower).empty());
  const auto journal = open(scratch / "later");
  add_many(*journal, 3);
  CHECK(look(follower) == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("follow: damage is told, after the records before it") {
  const Scratch scratch;
  {
    const auto journal = open(scratch.path());
    add_many(*journal, 3);
  }
  auto bytes = bytes_of(segment(scratch, 1));
  bytes[bytes.find("record 2")] = 'R';
  put_bytes(segment(scratch, 1), bytes);
  Follower follower(scratch.path(), 1);
  int seen = 0;
  const auto looked = follower.look([&](const Record&) { ++seen; });
  REQUIRE_FALSE(looked.has_value());
  CHECK(looked.error().find("bad_crc") != std::string::npos);
  CHECK(seen == 1);
}
