#include <doctest/doctest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

#include "tests/audit/journal_fixture.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::bytes_of;
using interlock::tests::put_bytes;
using interlock::tests::Scratch;

namespace {

// Shared with the child that is killed.
struct Acknowledged {
  std::atomic<std::uint64_t> last = 0;
};

[[noreturn]] void append_for_ever(const std::filesystem::path& directory, Acknowledged& told) {
  auto journal = Journal::open({.directory = directory, .segment_bytes = 64 << 10});
  while (journal) {
    const auto sequence = (*journal)->next_sequence();
    const std::string text =
        "record " + std::to_string(sequence) + std::string(sequence % 700, 'x');
    const auto location = (*journal)->append(Kind::alert, now, 1, "R1", bytes(text));
    if (!location) break;
    told.last = location->sequence;
    if (sequence % 16 == 0) ::usleep(100);  // the journal shall stay small enough to be read often
  }
  ::_exit(1);
}

// A journal of `sealed` records under a checkpoint and `unsealed` behind it, as a crash leaves it.
void write_with_tail(const Scratch& scratch, int sealed, int unsealed) {
  std::string seal;
  {
    const auto journal = open(scratch.path());
    add_many(*journal, sealed);
    REQUIRE(journal->sync().has_value());
    seal = bytes_of(scratch / "seal");
    add_many(*journal, unsealed);
  }
  put_bytes(scratch / "seal", seal);
}

}  // namespace

TEST_CASE(
    "journal crash: after kill -9 in the middle of writing every acknowledged record is there") {
  const Scratch scratch;
  void* shared = ::mmap(nullptr, sizeof(Acknowledged), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(shared != MAP_FAILED);
  auto& told = *new (shared) Acknowledged;
  for (std::uint64_t round = 1; round <= 20; ++round) {
    const auto before = told.last.load();
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) append_for_ever(scratch.path(), told);
    int status = 0;
    while (told.last < before + 50 * round && ::waitpid(child, &status, WNOHANG) == 0) {
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    const auto journal = open(scratch.path(), 64 << 10);
    CHECK(journal->next_sequence() > told.last);
    CHECK(journal->next_sequence() <= told.last + 2);
    std::uint64_t sequence = 0;
    CHECK(journal
              ->replay([&](const Record& record) {
                const auto expected = "record " + std::to_string(++sequence);
                if (!text_of(record.payload).starts_with(expected)) FAIL(expected);
              })
              .has_value());
    CHECK(sequence + 1 == journal->next_sequence());
    told.last = sequence;
  }
  CHECK(verify(scratch.path()).finding == Finding::whole);
  ::munmap(shared, sizeof(Acknowledged));
}

TEST_CASE("journal crash: records behind the last checkpoint are kept, and sealed later") {
  const Scratch scratch;
  write_with_tail(scratch, 5, 3);
  const auto before = verify(scratch.path());
  CHECK(before.finding == Finding::unsealed_tail);
  CHECK(before.last_good == 5);
  CHECK(before.records == 8);
  CHECK(texts(scratch.path()).size() == 8);
  {
    const auto journal = open(scratch.path());
    CHECK(journal->cut_tail().empty());
    CHECK(journal->next_sequence() == 9);
    CHECK(journal->unsynced_age_ns(now + 6) <= 1);
  }
  CHECK(verify(scratch.path()).finding == Finding::whole);
}

TEST_CASE(
    "journal crash: a byte changed behind the last checkpoint cuts the tail there, and says so") {
  const Scratch scratch;
  write_with_tail(scratch, 2, 3);
  const auto whole = bytes_of(segment(scratch, 1));
  const auto seal = bytes_of(scratch / "seal");
  const std::uint64_t record = 56;  // each of them, padded
  const std::uint64_t sealed_end = 64 + 2 * record;
  const auto end = 64 + 5 * record;
  for (auto at = sealed_end; at < 4096; at += at < end ? 1 : 29) {
    CAPTURE(at);
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    put_bytes(segment(scratch, 1), damaged);
    {
      const auto journal = open(scratch.path());
      CHECK_FALSE(journal->cut_tail().empty());
      const auto kept = std::min<std::uint64_t>((at - 64) / record, 5);
      CHECK(journal->next_sequence() == kept + 1);
      add(*journal, "after");
    }
    const auto healed = verify(scratch.path());
    CHECK(healed.finding == Finding::whole);
    put_bytes(scratch / "seal", seal);
  }
}

TEST_CASE("journal crash: pages that never reached the disk are cut, over segments") {
  const Scratch scratch;
  write_with_tail(scratch, 10, 200);
  REQUIRE(std::filesystem::exists(segment(scratch, 3)));
  SUBCASE("a hole in the first segment") {
    auto damaged = bytes_of(segment(scratch, 1));
    std::memset(damaged.data() + 2048, 0, 2048);
    put_bytes(segment(scratch, 1), damaged);
  }
  SUBCASE("the header of the second") { put_bytes(segment(scratch, 2), std::string(4096, '\0')); }
  SUBCASE("the second as a whole") { std::filesystem::remove(segment(scratch, 2)); }
  SUBCASE("the length of the second") { std::filesystem::resize_file(segment(scratch, 2), 1024); }
  {
    const auto journal = open(scratch.path());
    CHECK_FALSE(journal->cut_tail().empty());
    CHECK(journal->next_sequence() > 11);
    CHECK(journal->next_sequence() < 100);
    add_many(*journal, 150);
  }
  CHECK(verify(scratch.path()).finding == Finding::whole);
  CHECK(open(scratch.path())->cut_tail().empty());
}

TEST_CASE("journal crash: a later segment behind a hole is found, and cut with the hole") {
  const Scratch scratch;
  write_with_tail(scratch, 10, 200);
  auto first = bytes_of(segment(scratch, 1));
  std::memset(first.data() + first.rfind("\xff\xff\xff\xff"), 0, 4);
  put_bytes(segment(scratch, 1), first);
  std::filesystem::remove(segment(scratch, 2));
  CHECK(verify(scratch.path()).finding == Finding::segment_missing);
  CHECK_FALSE(open(scratch.path())->cut_tail().empty());
  CHECK_FALSE(std::filesystem::exists(segment(scratch, 3)));
  CHECK(verify(scratch.path()).finding == Finding::whole);
}

TEST_CASE("journal crash: a checkpoint that is not whole is dropped") {
  const Scratch scratch;
  write_with_tail(scratch, 4, 2);
  put_bytes(scratch / "seal", bytes_of(scratch / "seal") + "part of a checkpoint");
  CHECK(verify(scratch.path()).finding == Finding::checkpoint_missing);
  {
    const auto journal = open(scratch.path());
    CHECK_FALSE(journal->cut_tail().empty());
    CHECK(journal->next_sequence() == 7);
  }
  CHECK(verify(scratch.path()).finding == Finding::whole);
}

TEST_CASE("journal crash: a creation that did not finish is begun again") {
  const Scratch scratch;
  { const auto journal = open(scratch.path()); }
  std::filesystem::remove(segment(scratch, 1));
  put_bytes(scratch / "spare-1", "left over");
  add_many(*open(scratch.path()), 2);
  CHECK(verify(scratch.path()).finding == Finding::whole);
}
