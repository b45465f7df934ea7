#include "killswitch/stored.hpp"

#include <doctest/doctest.h>

#include <boost/crc.hpp>
#include <cstring>

using namespace interlock::killswitch;

namespace {

constexpr std::size_t crc_at = 12;
constexpr std::size_t payload_at = 24;

// Both copies changed alike, with a checksum that fits: what a wrong writer would leave.
template <typename Change>
std::string forged(Change change) {
  const auto whole = encode(
      {7, true, "id", {{7, {ScopeKind::venue, "V"}, Level::block, Source::http, "a", "c", 1}}});
  std::uint64_t payload_bytes = 0;  // behind them are zeros
  std::memcpy(&payload_bytes, whole.data() + crc_at + 4, sizeof payload_bytes);
  auto copy = whole.substr(0, payload_at + payload_bytes);
  change(copy);
  boost::crc_32_type crc;
  crc.process_bytes(copy.data() + payload_at, copy.size() - payload_at);
  const std::uint32_t sum = crc.checksum();
  std::memcpy(copy.data() + crc_at, &sum, sizeof sum);
  const std::uint64_t length = copy.size() - payload_at;
  std::memcpy(copy.data() + crc_at + 4, &length, sizeof length);
  copy.resize(whole.size() / 2);
  return copy + copy;
}

}  // namespace

TEST_CASE("stored: what is encoded is decoded") {
  const auto read = decode(forged([](std::string&) {}));
  REQUIRE(read.has_value());
  CHECK(read->next_id == 7);
  CHECK(read->clean_stop);
  CHECK(read->armed_identity == "id");
  REQUIRE(read->kills.size() == 1);
  CHECK(read->kills[0].scope == Scope{ScopeKind::venue, "V"});
  CHECK(read->kills[0].level == Level::block);
  CHECK(read->kills[0].tripped_at_ns == 1);
}

TEST_CASE("stored: the space behind it is zero, and a few kills more take no other size") {
  Stored stored{1, true, "id", {}};
  const auto size = encode(stored).size();
  for (std::uint64_t id = 1; id <= 100; ++id)
    stored.kills.push_back(
        {id, {ScopeKind::symbol, "ACME"}, Level::kill, Source::breach, "R1", "a cause", 1});
  auto bytes = encode(stored);
  CHECK(bytes.size() == size);
  bytes[size / 2 - 1] = 1;
  bytes[size - 1] = 1;
  REQUIRE_FALSE(decode(bytes).has_value());
  CHECK(decode(bytes).error() == "bytes stand behind it");
}

TEST_CASE("stored: a version of another build is refused") {
  const auto read = decode(forged([](std::string& copy) { copy[8] = 1; }));
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error() == "its version is not one of this build");
}

TEST_CASE("stored: a scope, a source or a count of another build is refused") {
  const std::size_t count_at = payload_at + 8 + 1 + 8 + 2;
  const std::size_t kind_at = count_at + 8 + 8;
  const std::size_t level_at = kind_at + 1 + 8 + 1;
  const std::size_t source_at = level_at + 1;
  for (const auto at : {count_at, kind_at, level_at, source_at}) {
    CAPTURE(at);
    CHECK_FALSE(decode(forged([&](std::string& copy) { copy[at] = 99; })).has_value());
  }
}

TEST_CASE("stored: content that is too short or too long is refused, whatever its checksum says") {
  CHECK_FALSE(decode(forged([](std::string& copy) { copy += 'x'; })).has_value());
  std::size_t size = 0;
  CHECK(decode(forged([&](std::string& copy) { size = copy.size() - payload_at; })).has_value());
  for (std::size_t cut = 1; cut <= size; ++cut) {
    CAPTURE(cut);
    CHECK_FALSE(
        decode(forged([&](std::string& copy) { copy.resize(copy.size() - cut); })).has_value());
  }
}
