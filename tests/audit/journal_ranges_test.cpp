// What is said to be on disk was brought there: each byte of it, and what a start has cut off.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "tests/audit/journal_fixture.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::Scratch;

namespace {

std::mutex mutex;  // of what the thread that syncs has done
std::vector<std::span<const std::byte>> ranges;
int whole = 0;

int note_and_sync(int descriptor, void* from, std::size_t bytes) {
  const int done = sync_to_disk(descriptor, from, bytes);
  const std::lock_guard lock(mutex);
  if (from == nullptr) ++whole;
  if (from != nullptr) ranges.emplace_back(static_cast<const std::byte*>(from), bytes);
  return done;
}

bool is_synced(std::span<const std::byte> bytes) {
  const std::lock_guard lock(mutex);
  return std::ranges::any_of(ranges, [&](const std::span<const std::byte>& range) {
    return range.data() <= bytes.data() &&
           bytes.data() + bytes.size() <= range.data() + range.size();
  });
}

std::unique_ptr<Journal> open_and_note(const Scratch& scratch) {
  auto opened = Journal::open(
      {.directory = scratch.path(), .segment_bytes = 5 * 4096, .sync_file = note_and_sync});
  REQUIRE(opened.has_value());
  return std::move(*opened);
}

}  // namespace

TEST_CASE("journal: each record that is said to be on disk was in a range that was synced") {
  const Scratch scratch;
  const auto journal = open_and_note(scratch);
  std::mt19937 random(20261127);
  std::uint32_t segments = 0;
  for (int round = 0; round < 60; ++round) {
    std::vector<Location> written;
    for (auto count = random() % 20; count > 0; --count)
      written.push_back(add(*journal, std::string(random() % 900, 'x')));
    REQUIRE(journal->sync().has_value());
    for (const Location& location : written) {
      CHECK(is_synced(journal->at(location).payload));
      segments = std::max(segments, location.segment);
    }
    const std::lock_guard lock(mutex);
    ranges.clear();
  }
  CHECK(segments > 5);
}

TEST_CASE("journal: what a start cuts off is synced before anything is written in its place") {
  const Scratch scratch;
  add_many(*open(scratch.path(), 5 * 4096), 3);
  {
    const auto end = std::filesystem::file_size(segment(scratch, 1));
    std::fstream file(segment(scratch, 1), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(end - 100));
    file << "what a disk made of the last pages";
  }
  whole = 0;
  const auto journal = open_and_note(scratch);
  CHECK_FALSE(journal->cut_tail().empty());
  CHECK(whole == 1);
}
