#include "audit/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "audit/crc32c.hpp"
#include "audit/stored.hpp"

namespace interlock::audit {
namespace {

constexpr std::string_view magic = "ILJRNL\r\n";
constexpr std::uint32_t segment_version = 1;
constexpr std::uint16_t record_magic = 0x4c49;
constexpr std::uint8_t record_version = 1;
constexpr std::size_t header_crc_at = 60;

std::uint32_t checksum(std::uint32_t length, Bytes padded) {
  return crc32c(padded.subspan(8), crc32c(std::as_bytes(std::span(&length, 1))));
}

void commit(std::byte* to, std::uint32_t length) {
  std::atomic_ref(*reinterpret_cast<std::uint32_t*>(to)).store(length, std::memory_order_release);
}

}  // namespace

void write_header(std::byte* to, const SegmentHeader& header) {
  std::memcpy(to, magic.data(), magic.size());
  store(to + 8, segment_version);
  store(to + 12, header.number);
  store(to + 16, header.bytes);
  store(to + 24, header.first_sequence);
  std::ranges::copy(header.id, to + 32);
  std::memset(to + 48, 0, 12);
  store(to + header_crc_at, crc32c(Bytes(to, header_crc_at)));
}

std::expected<SegmentHeader, std::string> parse_header(Bytes segment) {
  if (segment.size() < segment_header_bytes) return std::unexpected("it has no header");
  const auto* from = segment.data();
  if (std::memcmp(from, magic.data(), magic.size()) != 0) {
    return std::unexpected("it is not a segment of a journal");
  }
  if (const auto version = load<std::uint32_t>(from + 8); version != segment_version) {
    return std::unexpected(
        fmt::format("its version is {}, this build reads {}", version, segment_version));
  }
  if (load<std::uint32_t>(from + header_crc_at) != crc32c(segment.first(header_crc_at))) {
    return std::unexpected("its header has a wrong checksum");
  }
  SegmentHeader header{.number = load<std::uint32_t>(from + 12),
                       .bytes = load<std::uint64_t>(from + 16),
                       .first_sequence = load<std::uint64_t>(from + 24)};
  std::copy_n(from + 32, header.id.size(), header.id.begin());
  return header;
}

void write_record(std::byte* to, const RecordHead& head, Bytes payload) {
  const auto length =
      static_cast<std::uint32_t>(record_header_bytes + head.actor.size() + payload.size());
  store(to + 8, record_magic);
  store(to + 10, static_cast<std::uint16_t>(head.kind));
  store(to + 12, record_version);
  store(to + 13, static_cast<std::uint8_t>(head.actor.size()));
  store(to + 14, head.run);
  store(to + 16, head.sequence);
  store(to + 24, head.time_ns);
  store(to + 32, head.mono_ns);
  // memcpy: g++ copies ranges of bytes one by one at -O2.
  std::byte* body = to + record_header_bytes;
  if (!head.actor.empty()) std::memcpy(body, head.actor.data(), head.actor.size());
  if (!payload.empty()) std::memcpy(body + head.actor.size(), payload.data(), payload.size());
  store(to + 4, checksum(length, Bytes(to, padded(length))));
  commit(to, length);
}

void write_end(std::byte* to) { commit(to, end_of_segment); }

std::uint32_t length_at(const std::byte* at) {
  // atomic_ref of a const object is C++26; the load does not write.
  auto* word = reinterpret_cast<std::uint32_t*>(const_cast<std::byte*>(at));
  return std::atomic_ref(*word).load(std::memory_order_acquire);
}

Parsed view_record(const std::byte* at) {
  const auto length = length_at(at);
  const auto actor_bytes = load<std::uint8_t>(at + 13);
  const auto body = Bytes(at, length).subspan(record_header_bytes);
  return {
      .head = {.kind = static_cast<Kind>(load<std::uint16_t>(at + 10)),
               .run = load<std::uint16_t>(at + 14),
               .sequence = load<std::uint64_t>(at + 16),
               .time_ns = load<std::int64_t>(at + 24),
               .mono_ns = load<std::int64_t>(at + 32),
               .actor = {reinterpret_cast<const char*>(body.data()), actor_bytes}},
      .payload = body.subspan(actor_bytes),
      .padded = Bytes(at, padded(length)),
  };
}

std::expected<Parsed, Finding> parse_record(Bytes rest) {
  if (rest.size() < record_header_bytes) return std::unexpected(Finding::bad_length);
  const auto* from = rest.data();
  const auto length = length_at(from);
  if (length < record_header_bytes || padded(length) > rest.size()) {
    return std::unexpected(Finding::bad_length);
  }
  const auto whole = rest.first(padded(length));
  if (load<std::uint32_t>(from + 4) != checksum(length, whole)) {
    return std::unexpected(Finding::bad_crc);
  }
  if (load<std::uint16_t>(from + 8) != record_magic || from[12] != std::byte{record_version} ||
      record_header_bytes + load<std::uint8_t>(from + 13) > length ||
      !all_zero(whole.subspan(length))) {
    return std::unexpected(Finding::bad_length);
  }
  return view_record(from);
}

bool all_zero(Bytes bytes) {
  // Compared with itself, one byte on: memcmp is many times faster than a loop over 64 MiB.
  return bytes.empty() || (bytes[0] == std::byte{0} &&
                           std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

bool is_segment(std::string_view file_name) {
  return file_name.starts_with("journal-") && file_name.ends_with(".seg");
}

std::string segment_name(std::uint32_t number) { return fmt::format("journal-{:08}.seg", number); }

}  // namespace interlock::audit
