// What the journal does ahead of need and at once: the space of two segments, pages that can be
// written, and syncs that somebody waits for.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

#include "audit/seal.hpp"
#include "tests/audit/journal_fixture.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::Scratch;

namespace {

std::atomic<bool> disk_works = true;
std::atomic<int> syncs = 0;
int sync_when_it_works(int descriptor, void* from, std::size_t bytes) {
  disk_works.wait(false);
  ++syncs;
  return sync_to_disk(descriptor, from, bytes);
}

struct Hanging {
  Hanging() { disk_works = false; }
  ~Hanging() {
    disk_works = true;
    disk_works.notify_all();
  }
};

std::unique_ptr<Journal> open_on_that_disk(const Scratch& scratch) {
  auto opened = Journal::open(
      {.directory = scratch.path(), .segment_bytes = 4096, .sync_file = sync_when_it_works});
  REQUIRE(opened.has_value());
  return std::move(*opened);
}

// How often `work` was stopped by a page that it could not write at once.
std::int64_t stops(const std::function<void()>& work) {
  rusage before{}, after{};
  ::getrusage(RUSAGE_THREAD, &before);
  work();
  ::getrusage(RUSAGE_THREAD, &after);
  return after.ru_minflt - before.ru_minflt;
}

}  // namespace

TEST_CASE("journal: the space of two segments is held back, and used when a disk hangs") {
  const Scratch scratch;
  const auto journal = open_on_that_disk(scratch);
  CHECK(std::filesystem::file_size(scratch / "spare-1") == 4096);
  CHECK(std::filesystem::file_size(scratch / "spare-2") == 4096);
  const std::string text(1000, 'x');
  std::uint32_t last = 0;
  {
    const Hanging disk;
    // The thread that allocates is brought to the disk that hangs before it is asked for space.
    add(*journal, text);
    journal->hurry();
    std::expected<Location, std::string> at;
    while ((at = journal->append(Kind::alert, now, 1, "R1", bytes(text)))) last = at->segment;
    CHECK(last == 3);
    CHECK(at.error() == "the disk has not allocated a segment in 1000 ms");
    CHECK(journal->space_problem() == at.error());  // the next one does not wait as long
  }
  // As soon as it works there are two again.
  while (!journal->space_problem().empty() || !std::filesystem::exists(scratch / "spare-2"))
    std::this_thread::yield();
  CHECK(journal->append(Kind::alert, now, 1, "R1", bytes(text))->segment == 4);
}

TEST_CASE("journal: after a sync there are pages for as much again, and a writer is not stopped") {
  // Not in memory: only what comes to a disk is protected until it is written.
  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() / fmt::format("interlock-ready-{}", ::getpid());
  {
    const auto journal = open(directory, 64 << 20);
    const std::string text(1000, 'x');
    const auto write = [&] {
      for (int i = 0; i < 200; ++i) add(*journal, text);
    };
    std::int64_t least = 1000;
    // The thread that syncs may come in between, and has then seen but a part of what was written.
    for (int time = 0; time < 20 && least > 20; ++time) {
      write();
      REQUIRE(journal->sync().has_value());
      least = std::min(least, stops(write));
    }
    CHECK(least <= 20);  // some of its own; two hundred records are 50 pages
  }
  std::filesystem::remove_all(directory);
}

TEST_CASE("journal: what is hurried is on disk without a pause, and who waits is told") {
  const Scratch scratch;
  const auto journal = open_on_that_disk(scratch);
  std::atomic<std::uint64_t> told = 0;
  journal->on_sync([&] {
    told = journal->on_disk();
    told.notify_all();
  });
  for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) {
    add(*journal, "to be sent");
    journal->hurry();
    for (auto known = told.load(); known < sequence; known = told.load()) told.wait(known);
    CHECK(journal->on_disk() == sequence);
  }
  CHECK(syncs >= 20);
  {
    const Hanging disk;
    add(*journal, "on a disk that hangs");
    journal->hurry();
    CHECK(journal->on_disk() == 20);
  }
  journal->on_sync({});
}

TEST_CASE("journal: under a row of hurried syncs there is a checkpoint for each second") {
  const Scratch scratch;
  const auto journal = open(scratch.path());
  constexpr std::int64_t half_a_second = 500'000'000;
  for (std::int64_t number = 1; number <= 20; ++number) {
    REQUIRE(journal->append(Kind::alert, now, number * half_a_second, "R1", {}).has_value());
    journal->hurry();
    while (journal->on_disk() < journal->next_sequence() - 1) std::this_thread::yield();
  }
  const auto seal_bytes = std::filesystem::file_size(scratch / "seal");
  CHECK((seal_bytes - seal_header_bytes) / checkpoint_bytes >= 9);
}
