#include "audit/journal.hpp"

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "tests/audit/journal_fixture.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::bytes_of;
using interlock::tests::put_bytes;
using interlock::tests::Scratch;

TEST_CASE("journal: what is appended is read, by the writer and from outside") {
  const Scratch scratch;
  const auto journal = open(scratch.path());
  CHECK(journal->next_sequence() == 1);
  CHECK(journal->cut_tail().empty());
  const std::string frame("8=FIX.4.2\0\x01", 11);
  const auto first = journal->append(Kind::router_message, now, 7, "R1", bytes(frame));
  const auto second = journal->append(Kind::stop, now - 1, 8, "", {});
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(first->sequence == 1);
  CHECK(second->sequence == 2);
  CHECK(journal->next_sequence() == 3);

  const auto record = journal->at(*first);
  CHECK(record.location.sequence == 1);
  CHECK(record.kind == Kind::router_message);
  CHECK(record.time_ns == now);
  CHECK(record.mono_ns == 7);
  CHECK(record.actor == "R1");
  CHECK(text_of(record.payload) == frame);
  CHECK(journal->at(*second).payload.empty());
  CHECK(texts(*journal) == std::vector<std::string>{frame, ""});
  CHECK(texts(scratch.path()) == texts(*journal));
}

TEST_CASE("journal: a restart goes on where the last run ended") {
  const Scratch scratch;
  add_many(*open(scratch.path()), 3);
  {
    const auto journal = open(scratch.path());
    CHECK(journal->cut_tail().empty());
    CHECK(journal->next_sequence() == 4);
    add_many(*journal, 2);
  }
  const auto journal = open(scratch.path());
  CHECK(texts(*journal) ==
        std::vector<std::string>{"record 1", "record 2", "record 3", "record 4", "record 5"});
  CHECK(verify(scratch.path()).finding == Finding::whole);
}

TEST_CASE("journal: a record of every length and any actor comes back") {
  const Scratch scratch;
  const auto journal = open(scratch.path(), 1 << 20);
  std::vector<Location> locations;
  for (std::size_t length = 0; length < 600; ++length) {
    const std::string actor(length % 256, 'a');
    const auto location =
        journal->append(Kind::alert, now, 1, actor, bytes(std::string(length, 'p')));
    REQUIRE(location.has_value());
    locations.push_back(*location);
  }
  for (std::size_t length = 0; length < 600; ++length) {
    const auto record = journal->at(locations[length]);
    CHECK(record.actor.size() == length % 256);
    CHECK(record.payload.size() == length);
  }
}

TEST_CASE("journal: segments follow one another, and old records can still be asked") {
  const Scratch scratch;
  std::vector<Location> locations;
  {
    const auto journal = open(scratch.path());
    for (int number = 1; number <= 200; ++number) {
      locations.push_back(add(*journal, "record " + std::to_string(number)));
    }
    CHECK(locations.back().segment > 2);
    CHECK(text_of(journal->at(locations.front()).payload) == "record 1");
    CHECK(journal->bytes() > 2 * 4096);
  }
  CHECK(verify(scratch.path()).finding == Finding::whole);
  const auto journal = open(scratch.path());
  for (int number = 1; number <= 200; ++number) {
    const auto record = journal->at(locations[static_cast<std::size_t>(number) - 1]);
    CHECK(text_of(record.payload) == "record " + std::to_string(number));
  }
  CHECK(texts(*journal).size() == 200);
}

TEST_CASE("journal: a record may fill a segment to its last byte, and not one more") {
  const Scratch scratch;
  const auto journal = open(scratch.path());
  const std::size_t most = 4096 - 64 - 8 - 40;
  CHECK_FALSE(journal->append(Kind::alert, now, 1, "", bytes(std::string(most + 1, 'x'))));
  CHECK_FALSE(journal->append(Kind::alert, now, 1, std::string(256, 'a'), {}).has_value());
  CHECK(journal->next_sequence() == 1);
  for (int number = 0; number < 3; ++number) {
    CHECK(journal->append(Kind::alert, now, 1, "", bytes(std::string(most, 'x'))).has_value());
  }
  CHECK(journal->sync().has_value());
  const auto verified = verify(scratch.path());
  CHECK(verified.finding == Finding::whole);
  CHECK(verified.last_good == 3);
}

TEST_CASE("journal: a second writer is refused while the first lives") {
  const Scratch scratch;
  {
    const auto journal = open(scratch.path());
    add_many(*journal, 1);
    CHECK(problem_of_open(scratch.path()).find("another instance runs") != std::string::npos);
    add_many(*journal, 1);
  }
  CHECK(open(scratch.path())->next_sequence() == 3);
}

TEST_CASE("journal: a directory that cannot be written, or an odd segment size, is an error") {
  const Scratch scratch;
  put_bytes(scratch / "file", "x");
  CHECK(problem_of_open(scratch / "file/journal").find("cannot open") != std::string::npos);
  CHECK_FALSE(Journal::open({.directory = scratch / "j", .segment_bytes = 5000}).has_value());
  CHECK_FALSE(Journal::open({.directory = scratch / "j", .segment_bytes = 0}).has_value());
}

TEST_CASE("journal: the monotonic time of a run never falls, a new run may begin anywhere") {
  const Scratch scratch;
  {
    const auto journal = open(scratch.path());
    REQUIRE(journal->append(Kind::alert, now, 100, "", {}).has_value());
    const auto later = journal->append(Kind::alert, now, 50, "", {});
    CHECK(journal->at(*later).mono_ns == 100);
  }
  {
    const auto journal = open(scratch.path());
    const auto rebooted = journal->append(Kind::start, now, 5, "", {});
    CHECK(journal->at(*rebooted).mono_ns == 5);
  }
  CHECK(verify(scratch.path()).finding == Finding::whole);
}

TEST_CASE("journal: sync seals all, and nothing is unsynced after it") {
  const Scratch scratch;
  const auto journal = open(scratch.path());
  CHECK(journal->sync().has_value());
  CHECK(journal->unsynced_age_ns(now) == 0);
  add_many(*journal, 500);
  CHECK(journal->sync().has_value());
  CHECK(journal->unsynced_age_ns(now) == 0);
  CHECK(verify(scratch.path()).last_good == 500);
}

namespace {
std::atomic<int> syncs_before_failure = 0;
int failing_sync(int descriptor, void* from, std::size_t bytes) {
  if (syncs_before_failure-- > 0) return sync_to_disk(descriptor, from, bytes);
  errno = EIO;
  return -1;
}
std::atomic<bool> sync_may_go_on = true;
int stuck_sync(int descriptor, void* from, std::size_t bytes) {
  sync_may_go_on.wait(false);
  return sync_to_disk(descriptor, from, bytes);
}
}  // namespace

TEST_CASE("journal: after a sync that failed nothing is appended, and it is not tried again") {
  const Scratch scratch;
  const int created = 1;  // the first segment
  SUBCASE("of the segment") { syncs_before_failure = created; }
  SUBCASE("of the seal") { syncs_before_failure = created + 1; }
  auto opened = Journal::open(
      {.directory = scratch.path(), .segment_bytes = 4096, .sync_file = failing_sync});
  REQUIRE(opened.has_value());
  auto& journal = **opened;
  add_many(journal, 1);
  const auto synced = journal.sync();
  REQUIRE_FALSE(synced.has_value());
  CHECK(synced.error().find("Input/output error") != std::string::npos);
  syncs_before_failure = 1000;
  const auto refused = journal.append(Kind::alert, now, 9, "", {});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error() == synced.error());
  CHECK(journal.next_sequence() == 2);
  CHECK_FALSE(journal.sync().has_value());
  CHECK(journal.unsynced_age_ns(now + 1'000'000'000) >= 0);
}

TEST_CASE("journal: the age of what is not on disk is told while the disk is stuck") {
  const Scratch scratch;
  auto opened =
      Journal::open({.directory = scratch.path(), .segment_bytes = 4096, .sync_file = stuck_sync});
  REQUIRE(opened.has_value());
  auto& journal = **opened;
  sync_may_go_on = false;
  for (int number = 1; number <= 150; ++number) add(journal, "over several segments");
  CHECK(journal.unsynced_age_ns(now + 1 + 5000) == 5000);
  CHECK(journal.unsynced_age_ns(now - 5000) == 0);
  sync_may_go_on = true;
  sync_may_go_on.notify_all();
  CHECK(journal.sync().has_value());
  CHECK(journal.unsynced_age_ns(now + 5000) == 0);
}

TEST_CASE("journal: on a full disk an append fails when its segment is full, and records nothing") {
  const Scratch scratch;
  if (::mount("tmpfs", scratch.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
    MESSAGE("skipped: mounting a small disk is not permitted here");
    return;
  }
  const auto directory = scratch / "journal";
  std::uint64_t recorded = 0;
  {
    const auto journal = open(directory, 256 << 10);
    CHECK(journal->space_problem().empty());
    std::expected<Location, std::string> location;
    while (true) {
      location = journal->append(Kind::alert, now, 1, "R1", bytes(std::string(1000, 'x')));
      if (!location) break;
      recorded = location->sequence;
      REQUIRE(recorded < 2000);
    }
    CHECK(recorded > 600);
    CHECK(location.error().find("No space left") != std::string::npos);
    CHECK(journal->next_sequence() == recorded + 1);
    CHECK(journal->space_problem().find("No space left") != std::string::npos);
    CHECK(journal->sync().has_value());  // the seal has its own space
    put_bytes(scratch / "filler", std::string(1 << 20, 'f'));
    CHECK_FALSE(journal->append(Kind::alert, now, 1, "R1", bytes(std::string(1000, 'x'))));
  }
  CHECK(verify(directory).last_good == recorded);
  CHECK(verify(directory).finding == Finding::whole);
  CHECK(problem_of_open(directory).find("No space left") != std::string::npos);
  ::umount(scratch.path().c_str());
}

TEST_CASE("journal: on a full disk the seal goes on in the space that it has kept") {
  const Scratch scratch;
  if (::mount("tmpfs", scratch.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
    MESSAGE("skipped: mounting a small disk is not permitted here");
    return;
  }
  {
    const auto journal = open(scratch / "journal", 256 << 10);
    put_bytes(scratch / "filler", std::string(1 << 20, 'f'));
    for (int number = 0; number < 200; ++number) {
      add(*journal, "x");
      REQUIRE(journal->sync().has_value());
    }
    CHECK(std::filesystem::file_size(scratch / "journal/seal") > 2 * 4096);
  }
  ::umount(scratch.path().c_str());
}

TEST_CASE("journal: readers and the sealer follow a writer at full speed") {
  const Scratch scratch;
  const auto journal = open(scratch.path(), 64 << 10);
  std::atomic<bool> done = false;
  std::jthread reader([&] {
    std::uint64_t last_good = 0;
    while (!done) {
      const auto found = verify(scratch.path());
      CHECK(found.finding == Finding::whole);
      CHECK(found.last_good >= last_good);
      last_good = found.last_good;
      std::uint64_t count = 0;
      CHECK(read(scratch.path(), [&](const Record& record) {
              return record.location.sequence == ++count;
            }).has_value());
      (void)journal->unsynced_age_ns(now);
      (void)journal->bytes();
    }
  });
  for (int round = 0; round < 30; ++round) {
    add_many(*journal, 200);
    CHECK(journal->sync().has_value());
  }
  done = true;
  reader.join();
  CHECK(verify(scratch.path()).last_good == 6000);
}

TEST_CASE("journal: every kind has a name") {
  for (std::uint16_t number = 1; number <= 17; ++number) {
    CHECK_FALSE(name(static_cast<Kind>(number)).empty());
  }
  CHECK(name(static_cast<Kind>(18)).empty());
}
