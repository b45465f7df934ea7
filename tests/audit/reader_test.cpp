#include "audit/reader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "audit/crc32c.hpp"
#include "tests/audit/journal_fixture.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::bytes_of;
using interlock::tests::put_bytes;
using interlock::tests::Scratch;

namespace {

constexpr std::size_t first_record = 64;
constexpr std::size_t record_bytes = 56;  // "record N", padded

void write(const Scratch& scratch, int records) {
  const auto journal = open(scratch.path());
  add_many(*journal, records);
}

template <typename Change>
void change(const std::filesystem::path& file, Change how) {
  auto bytes = bytes_of(file);
  how(bytes);
  put_bytes(file, bytes);
}

// Changes a record and gives it a checksum that fits, as one would who knows the format.
template <typename Change>
void forge(std::string& segment, int record, Change how) {
  auto* at = segment.data() + first_record + record_bytes * static_cast<std::size_t>(record - 1);
  how(at);
  const auto length = crc32c(bytes(std::string_view(at, 4)));
  const auto crc = crc32c(bytes(std::string_view(at + 8, record_bytes - 8)), length);
  std::memcpy(at + 4, &crc, 4);
}

void check(const Scratch& scratch, Finding expected, bool opens = false) {
  const auto found = verify(scratch.path());
  CAPTURE(found.where);
  CHECK(name(found.finding) == name(expected));
  CHECK_FALSE(found.where.empty());
  const auto before = bytes_of(segment(scratch, 1));
  CHECK(problem_of_open(scratch.path()).empty() == opens);
  if (!opens) CHECK(bytes_of(segment(scratch, 1)) == before);
}

}  // namespace

TEST_CASE("reader: a whole journal, with the head of its chain") {
  const Scratch scratch;
  write(scratch, 5);
  const auto found = verify(scratch.path());
  CHECK(found.finding == Finding::whole);
  CHECK(found.last_good == 5);
  CHECK(found.records == 5);
  CHECK(found.where.empty());
  CHECK(found.chain.size() == 64);

  const Scratch other;
  write(other, 5);
  CHECK(verify(other.path()).chain != found.chain);  // each journal has an id of its own
}

TEST_CASE("reader: an empty journal is whole, no journal is none") {
  const Scratch scratch;
  CHECK(verify(scratch.path()).finding == Finding::no_journal);
  CHECK(verify(scratch / "nowhere").finding == Finding::no_journal);
  CHECK_FALSE(read(scratch.path(), [](const Record&) { return true; }).has_value());
  write(scratch, 0);
  const auto found = verify(scratch.path());
  CHECK(found.finding == Finding::whole);
  CHECK(found.records == 0);
  CHECK(found.chain.empty());
}

TEST_CASE("reader: each single bit anywhere in the segments and the seal is found") {
  const Scratch scratch;
  write(scratch, 80);
  REQUIRE(std::filesystem::exists(segment(scratch, 2)));
  REQUIRE(verify(scratch.path()).finding == Finding::whole);
  for (const auto& file : {segment(scratch, 1), segment(scratch, 2), scratch / "seal"}) {
    const auto whole = bytes_of(file);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      auto damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
      put_bytes(file, damaged);
      const auto found = verify(scratch.path());
      if (found.finding == Finding::whole) {
        CAPTURE(file.string());
        CAPTURE(at);
        FAIL_CHECK("not found");
      }
    }
    put_bytes(file, whole);
  }
  CHECK(verify(scratch.path()).finding == Finding::whole);
}

TEST_CASE("reader: a bit in a record is a wrong checksum, and reading stops before it") {
  const Scratch scratch;
  write(scratch, 5);
  change(segment(scratch, 1),
         [](auto& bytes) { bytes[first_record + 2 * record_bytes + 45] ^= 1; });
  check(scratch, Finding::bad_crc);
  CHECK(verify(scratch.path()).where == "segment 1, offset 176, record 3: damaged");
  int count = 0;
  const auto done = read(scratch.path(), [&](const Record&) { return ++count > 0; });
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().starts_with("bad_crc: segment 1"));
  CHECK(count == 2);
}

TEST_CASE("reader: a length that leads out of the segment") {
  const Scratch scratch;
  write(scratch, 5);
  change(segment(scratch, 1), [](auto& bytes) { bytes[first_record + 2] = 1; });
  check(scratch, Finding::bad_length);
}

TEST_CASE("reader: headers of another version, number, journal or place") {
  const Scratch scratch;
  write(scratch, 100);
  SUBCASE("version") {
    change(segment(scratch, 1), [](auto& bytes) { bytes[8] = 2; });
    check(scratch, Finding::bad_header);
    CHECK(verify(scratch.path()).where.find("its version is 2, this build reads 1") !=
          std::string::npos);
  }
  SUBCASE("number") {
    std::filesystem::copy_file(segment(scratch, 1), segment(scratch, 2),
                               std::filesystem::copy_options::overwrite_existing);
    check(scratch, Finding::bad_header);
  }
  SUBCASE("journal") {
    const Scratch other;
    write(other, 100);
    std::filesystem::copy_file(segment(other, 2), segment(scratch, 2),
                               std::filesystem::copy_options::overwrite_existing);
    check(scratch, Finding::bad_header);
  }
}

TEST_CASE("reader: a deleted record") {
  const Scratch scratch;
  write(scratch, 5);
  change(segment(scratch, 1), [](auto& bytes) {
    bytes.erase(first_record + record_bytes, record_bytes);
    bytes.append(record_bytes, '\0');
  });
  check(scratch, Finding::sequence_gap);
  CHECK(verify(scratch.path()).where.find("record 3 stands here") != std::string::npos);
}

TEST_CASE("reader: swapped records, a repeated record") {
  const Scratch scratch;
  write(scratch, 5);
  change(segment(scratch, 1), [](auto& bytes) {
    const auto second = bytes.begin() + first_record + record_bytes;
    SUBCASE("swapped") { std::swap_ranges(second, second + record_bytes, second + record_bytes); }
    SUBCASE("repeated") { std::copy_n(second, record_bytes, second + record_bytes); }
  });
  check(scratch, Finding::sequence_gap);
}

TEST_CASE("reader: the last records taken away at a border") {
  const Scratch scratch;
  write(scratch, 5);
  change(segment(scratch, 1), [](auto& bytes) {
    std::memset(bytes.data() + first_record + 3 * record_bytes, 0, 2 * record_bytes);
  });
  check(scratch, Finding::sequence_gap);
  CHECK(verify(scratch.path()).where.find("a checkpoint has record 5") != std::string::npos);
}

TEST_CASE("reader: a file that ends early, in a record or at its border") {
  const Scratch scratch;
  write(scratch, 5);
  for (const auto size : {first_record + 2 * record_bytes, first_record + 100, first_record}) {
    std::filesystem::resize_file(segment(scratch, 1), size);
    check(scratch, Finding::bad_length);
  }
  std::filesystem::resize_file(segment(scratch, 1), 10);
  check(scratch, Finding::bad_header);
}

TEST_CASE("reader: a segment that is missing: the last, one in the middle, all") {
  const Scratch scratch;
  write(scratch, 200);
  REQUIRE(std::filesystem::exists(segment(scratch, 3)));
  SUBCASE("the last, without a trace in the segment before") {
    const auto last = segment(scratch, 4);
    REQUIRE_FALSE(std::filesystem::exists(last));
    std::filesystem::remove(segment(scratch, 3));
    change(segment(scratch, 2), [](auto& bytes) {
      const auto end = bytes.rfind("\xff\xff\xff\xff");
      std::memset(bytes.data() + end, 0, 4);
    });
  }
  SUBCASE("one in the middle") { std::filesystem::remove(segment(scratch, 2)); }
  SUBCASE("the first") { std::filesystem::remove(segment(scratch, 1)); }
  SUBCASE("all") {
    for (int number = 1; number <= 3; ++number) std::filesystem::remove(segment(scratch, number));
  }
  check(scratch, Finding::segment_missing);
}

TEST_CASE("reader: a segment's end mark taken away") {
  const Scratch scratch;
  write(scratch, 200);
  change(segment(scratch, 1),
         [](auto& bytes) { std::memset(bytes.data() + bytes.rfind("\xff\xff\xff\xff"), 0, 4); });
  check(scratch, Finding::sequence_gap);
}

TEST_CASE("reader: a record rewritten with a fitting checksum breaks the chain") {
  const Scratch scratch;
  write(scratch, 5);
  change(segment(scratch, 1),
         [](auto& bytes) { forge(bytes, 2, [](char* record) { record[44] = 'X'; }); });
  check(scratch, Finding::chain_differs);
  CHECK(verify(scratch.path()).last_good == 0);
}

TEST_CASE("reader: damage behind a checkpoint leaves the checkpoint certain") {
  const Scratch scratch;
  std::string chain;
  {
    const auto journal = open(scratch.path());
    add_many(*journal, 3);
    REQUIRE(journal->sync().has_value());
    chain = verify(scratch.path()).chain;
    add_many(*journal, 2);
  }
  change(segment(scratch, 1),
         [](auto& bytes) { forge(bytes, 4, [](char* record) { record[44] = 'X'; }); });
  check(scratch, Finding::chain_differs);
  CHECK(verify(scratch.path()).last_good == 3);
  CHECK(verify(scratch.path()).chain == chain);
}

TEST_CASE("reader: a monotonic clock that goes back within a run") {
  const Scratch scratch;
  write(scratch, 5);
  change(segment(scratch, 1),
         [](auto& bytes) { forge(bytes, 3, [](char* record) { record[32] = 1; }); });
  check(scratch, Finding::time_goes_back);
}

TEST_CASE("reader: a record of another version or with an actor beyond its end") {
  const Scratch scratch;
  write(scratch, 5);
  change(segment(scratch, 1), [](auto& bytes) {
    SUBCASE("magic") {
      forge(bytes, 3, [](char* record) { record[8] = 'X'; });
    }
    SUBCASE("version") {
      forge(bytes, 3, [](char* record) { record[12] = 2; });
    }
    SUBCASE("actor") {
      forge(bytes, 3, [](char* record) { record[13] = 11; });
    }
    SUBCASE("padding") {
      forge(bytes, 3, [](char* record) { record[55] = 1; });
    }
  });
  check(scratch, Finding::bad_length);
}

TEST_CASE("reader: a seal that is missing or damaged") {
  const Scratch scratch;
  write(scratch, 5);
  const auto seal = scratch / "seal";
  SUBCASE("missing") { std::filesystem::remove(seal); }
  SUBCASE("empty") { put_bytes(seal, ""); }
  SUBCASE("header") {
    change(seal, [](auto& bytes) { bytes[0] = 'X'; });
  }
  SUBCASE("a checkpoint before the last") {
    write(scratch, 5);
    change(seal, [](auto& bytes) { bytes[70] ^= 1; });
  }
  SUBCASE("a checkpoint twice") {
    change(seal, [](auto& bytes) { bytes += bytes.substr(64); });
  }
  check(scratch, Finding::checkpoint_missing);
}

TEST_CASE("reader: a seal of another journal") {
  const Scratch scratch;
  const Scratch other;
  write(scratch, 5);
  write(other, 5);
  put_bytes(scratch / "seal", bytes_of(other / "seal"));
  check(scratch, Finding::bad_header);
}

TEST_CASE("reader: checkpoints taken away leave a tail that is not sealed") {
  const Scratch scratch;
  write(scratch, 5);
  std::filesystem::resize_file(scratch / "seal", 64);
  const auto found = verify(scratch.path());
  CHECK(found.finding == Finding::unsealed_tail);
  CHECK(found.last_good == 0);
  CHECK(found.records == 5);
}

TEST_CASE("reader: while a process writes, only what is sealed is judged") {
  const Scratch scratch;
  const auto journal = open(scratch.path());
  add_many(*journal, 3);
  REQUIRE(journal->sync().has_value());
  add_many(*journal, 2);
  const auto found = verify(scratch.path());
  CHECK(found.finding == Finding::whole);
  CHECK(found.last_good >= 3);
  CHECK(texts(scratch.path()).size() == 5);
  change(segment(scratch, 1), [](auto& bytes) { bytes[first_record + record_bytes] ^= 1; });
  CHECK(verify(scratch.path()).finding != Finding::whole);
}

TEST_CASE("reader: reading ends when it is told to") {
  const Scratch scratch;
  write(scratch, 5);
  int count = 0;
  CHECK(read(scratch.path(), [&](const Record&) { return ++count < 2; }).has_value());
  CHECK(count == 2);
}
