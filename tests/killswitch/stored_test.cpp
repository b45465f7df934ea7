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
  auto copy = whole.substr(0, whole.size() / 2);
  change(copy);
  boost::crc_32_type crc;
  crc.process_bytes(copy.data() + payload_at, copy.size() - payload_at);
  const std::uint32_t sum = crc.checksum();
  std::memcpy(copy.data() + crc_at, &sum, sizeof sum);
  const std::uint64_t length = copy.size() - payload_at;
  std::memcpy(copy.data() + crc_at + 4, &length, sizeof length);
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
  const auto size = forged([](std::string&) {}).size() / 2 - payload_at;
  for (std::size_t cut = 1; cut <= size; ++cut) {
    CAPTURE(cut);
    CHECK_FALSE(
        decode(forged([&](std::string& copy) { copy.resize(copy.size() - cut); })).has_value());
  }
}
