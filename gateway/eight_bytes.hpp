// Eight bytes of text in one word, the first as the lowest: tags, dates and times are looked at in
// a few steps that do not depend on what is in them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

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

// The place of the first byte `c`; 8: there is none. A borrow only disturbs what is behind it.
[[nodiscard]] inline std::size_t find(std::uint64_t word, char c) {
  const std::uint64_t different = word ^ each * static_cast<unsigned char>(c);
  return first((different - each) & ~different & each * 0x80);
}

// A digit's high half is 3, and stays so when 6 is added.
[[nodiscard]] inline bool are_digits(std::uint64_t word) {
  constexpr std::uint64_t high_halves = each * 0xf0;
  return (word & high_halves) == each * 0x30 && ((word + each * 6) & high_halves) == each * 0x30;
}

// The first `count` bytes, 1 to 7, as the last of eight, behind zeros.
[[nodiscard]] inline std::uint64_t behind_zeros(std::uint64_t word, std::size_t count) {
  return word << (64 - 8 * count) | each * '0' >> 8 * count;
}

// The number that eight digits are: pairs, then fours, then all of them.
[[nodiscard]] inline std::uint32_t number(std::uint64_t digits) {
  const std::uint64_t pairs = (digits & each * 0x0f) * (10 << 8 | 1) >> 8;
  const std::uint64_t fours = (pairs & 0x00ff00ff00ff00ff) * (100ull << 16 | 1) >> 16;
  return static_cast<std::uint32_t>((fours & 0x0000ffff0000ffff) * (10'000ull << 32 | 1) >> 32);
}

}  // namespace interlock::gateway::eight_bytes
