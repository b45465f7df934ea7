// Eight bytes of text in one word, the first as the lowest: values, dates and times are looked at
// in a few steps that do not depend on what is in them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace interlock::gateway::eight_bytes {

static_assert(std::endian::native == std::endian::little);

inline constexpr std::uint64_t each = 0x0101010101010101;

[[nodiscard]] inline std::uint64_t at(const char* text) {
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  return word;
}

// The place of the first byte whose high bit is set in `marked`; 8: there is none.
[[nodiscard]] inline std::size_t first(std::uint64_t marked) {
  return static_cast<std::size_t>(std::countr_zero(marked)) / 8;
}

// A digit's high half is 3, and stays so when 6 is added.
[[nodiscard]] inline bool are_digits(std::uint64_t word) {
  constexpr std::uint64_t high_halves = each * 0xf0;
  return (word & high_halves) == each * 0x30 && ((word + each * 6) & high_halves) == each * 0x30;
}

// The offset of the first byte from `at` on that is not printable ASCII, eight bytes at a time;
// the end where there is none.
[[nodiscard]] inline std::size_t first_unprintable(std::string_view text, std::size_t at) {
  for (; at + 8 <= text.size(); at += 8) {
    const std::uint64_t word = eight_bytes::at(text.data() + at);
    // The high bit of each byte below 0x20, of 0x7f, and above. A borrow or carry only disturbs
    // bytes after the first that is marked, and only the first counts.
    const std::uint64_t marked = ((word - each * 0x20) | (word + each) | word) & (each * 0x80);
    if (marked != 0) return at + first(marked);
  }
  while (at < text.size() && text[at] >= ' ' && text[at] <= '~') ++at;
  return at;
}

}  // namespace interlock::gateway::eight_bytes
