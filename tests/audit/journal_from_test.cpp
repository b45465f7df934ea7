// Journals that are opened from a later segment on, or only to be read.
#include <algorithm>
#include <fstream>

#include "audit/seal.hpp"
#include "tests/audit/journal_fixture.hpp"

namespace interlock::audit::tests {
namespace {

using interlock::tests::Scratch;

constexpr std::uint64_t small = 4096;

std::unique_ptr<Journal> open_from(const Scratch& scratch, std::uint32_t segment) {
  auto journal =
      Journal::open({.directory = scratch.path(), .segment_bytes = small, .from_segment = segment});
  if (!journal) FAIL(journal.error());
  return std::move(*journal);
}

void flip(const std::filesystem::path& file, std::uint64_t at) {
  std::filesystem::permissions(file, std::filesystem::perms::owner_write,
                               std::filesystem::perm_options::add);
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekg(static_cast<std::streamoff>(at));
  const char was = static_cast<char>(bytes.get());
  bytes.seekp(static_cast<std::streamoff>(at));
  bytes.put(static_cast<char>(was ^ 1));
}

std::uint32_t last_segment(const Scratch& scratch) {
  return read_seal(scratch.path()).value().checkpoints.back().segment;
}

TEST_CASE("journal: opened from any segment it goes on where it ended, and verifies whole") {
  for (int records = 120; records < 300; records += 23) {
    CAPTURE(records);
    for (std::uint32_t segment = 1; segment < 7; ++segment) {
      CAPTURE(segment);
      const Scratch scratch;
      add_many(*open(scratch.path()), records);
      {
        const auto journal = open_from(scratch, segment);  // one that is not there: from the first
        CHECK(journal->next_sequence() == static_cast<std::uint64_t>(records) + 1);
        CHECK(journal->bytes() == (*Journal::open_to_read(scratch.path()))->bytes());
        CHECK(texts(*journal).size() == static_cast<std::size_t>(records));
        add_many(*journal, 40);
      }
      const auto verified = verify(scratch.path());
      CHECK(name(verified.finding) == "whole");
      CHECK(verified.records == static_cast<std::uint64_t>(records) + 40);
      CHECK(last_segment(scratch) > 2);
    }
  }
}

TEST_CASE("journal: what stands before the segment is not looked at, all behind it is") {
  const Scratch scratch;
  add_many(*open(scratch.path()), 300);
  const auto last = last_segment(scratch);
  REQUIRE(last > 3);
  flip(segment(scratch, 2), 100);
  CHECK(problem_of_open(scratch.path()).find("damaged") != std::string::npos);
  CHECK(open_from(scratch, 3)->next_sequence() == 301);
  CHECK(name(verify(scratch.path()).finding) != "whole");
  flip(segment(scratch, 3), 100);
  const auto damaged =
      Journal::open({.directory = scratch.path(), .segment_bytes = small, .from_segment = 3});
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().find("segment 3") != std::string::npos);
}

TEST_CASE("journal: it is replayed from a mark, up to a record") {
  const Scratch scratch;
  std::vector<Mark> marks{{}};
  const auto journal = open(scratch.path());
  for (int number = 1; number <= 120; ++number) {
    add_many(*journal, 1);
    REQUIRE(journal->sync());
    const auto checkpoint = read_seal(scratch.path()).value().checkpoints.back();
    marks.push_back({checkpoint.sequence, checkpoint.segment, checkpoint.offset});
  }
  for (const Mark& mark : marks) {
    std::vector<std::uint64_t> seen;
    const auto done =
        journal->replay([&](const Record& record) { seen.push_back(record.location.sequence); },
                        mark, mark.sequence + 7);
    REQUIRE(done);
    CHECK(seen.size() == std::min<std::size_t>(7, 120 - mark.sequence));
    CHECK((seen.empty() || seen.front() == mark.sequence + 1));
  }
}

TEST_CASE("journal: one that is only read is not changed, also beside its writer") {
  const Scratch scratch;
  const auto writer = open(scratch.path());
  add_many(*writer, 70);
  const auto reader = Journal::open_to_read(scratch.path());
  REQUIRE_MESSAGE(reader, reader.error());
  add_many(*writer, 70);
  CHECK((*reader)->next_sequence() == 71);
  CHECK(texts(**reader).size() == 70);
  CHECK_FALSE((*reader)->append(Kind::alert, now, 0, "R1", bytes("x")));
  CHECK(texts(*writer).size() == 140);
  REQUIRE(writer->sync());
  CHECK(name(verify(scratch.path()).finding) == "whole");
  CHECK_FALSE(Journal::open_to_read(scratch / "none"));
  CHECK_FALSE(std::filesystem::exists(scratch / "none"));
}

}  // namespace
}  // namespace interlock::audit::tests
