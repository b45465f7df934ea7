// Segments and records as bytes: what audit/FORMAT.md lays down, for writer and readers alike.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "audit/hash.hpp"
#include "audit/journal.hpp"
#include "audit/reader.hpp"

namespace interlock::audit {

using JournalId = std::array<std::byte, 16>;

constexpr std::size_t segment_header_bytes = 64;
constexpr std::size_t record_header_bytes = 40;
constexpr std::uint32_t end_of_segment = 0xffffffff;
constexpr std::size_t end_bytes = 8;  // kept free for it, so that records stay aligned
constexpr std::size_t actor_bytes_max = 255;

[[nodiscard]] constexpr std::uint64_t padded(std::uint64_t bytes) { return (bytes + 7) & ~7ull; }

struct SegmentHeader {
  std::uint32_t number = 0;
  std::uint64_t bytes = 0;
  std::uint64_t first_sequence = 0;
  JournalId id{};
};

void write_header(std::byte* to, const SegmentHeader& header);
// The error says what is wrong with it.
[[nodiscard]] std::expected<SegmentHeader, std::string> parse_header(Bytes segment);

struct RecordHead {
  Kind kind = Kind::start;
  std::uint16_t run = 0;
  std::uint64_t sequence = 0;
  std::int64_t time_ns = 0;
  std::int64_t mono_ns = 0;
  std::string_view actor;
};

// Writes all of the record, its length last: until then a reader sees that nothing is there. `to`
// is zero for the whole of the padded length.
void write_record(std::byte* to, const RecordHead& head, Bytes payload);
// Marks the end of a segment, in one store.
void write_end(std::byte* to);

// The length of the record at `at`: 0 when none is there yet, `end_of_segment` after the last.
[[nodiscard]] std::uint32_t length_at(const std::byte* at);

struct Parsed {
  RecordHead head;
  Bytes payload;
  Bytes padded;  // all bytes of the record
};

// A record that this process wrote or has parsed before.
[[nodiscard]] Parsed view_record(const std::byte* at);

// The record at the beginning of `rest`, whose length is neither zero nor `end_of_segment`.
[[nodiscard]] std::expected<Parsed, Finding> parse_record(Bytes rest);

// In the folder of a copy: it ends with a closed segment, and is never written on.
constexpr std::string_view copy_mark = "copy";

[[nodiscard]] bool all_zero(Bytes bytes);
[[nodiscard]] std::string segment_name(std::uint32_t number);  // "journal-00000001.seg"
[[nodiscard]] bool is_segment(std::string_view file_name);

}  // namespace interlock::audit
