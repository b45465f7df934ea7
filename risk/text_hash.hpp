// Hash and equality of names in flat tables: every message looks up several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace interlock::risk {

// Sixteen bytes a multiplication, where one that goes byte by byte takes that for each: names are
// some 20 long. It protects against nobody who picks names to collide; that costs time only.
struct TextHash {
  using is_transparent = void;
  using is_avalanching = void;  // each bit of the text reaches each bit of the hash
  std::size_t operator()(std::string_view text) const {
    constexpr std::uint64_t first = 0x9e3779b97f4a7c15u, second = 0xe7037ed1a0b428dbu;
    std::uint64_t hash = text.size() * second;
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left > 16; at += 16, left -= 16) hash = mixed(eight(at) ^ first, eight(at + 8) ^ hash);
    // The last bytes, up to sixteen; the halves overlap where there are fewer.
    std::uint64_t head = 0, tail = 0;
    if (left >= 8) {
      head = eight(at);
      tail = eight(at + left - 8);
    } else if (left >= 4) {
      head = four(at);
      tail = four(at + left - 4);
    } else if (left > 0) {
      const auto byte = [&](std::size_t i) {
        return std::uint64_t{static_cast<unsigned char>(at[i])};
      };
      head = byte(0) << 16 | byte(left / 2) << 8 | byte(left - 1);
    }
    return mixed(head ^ first, tail ^ hash ^ second);
  }

 private:
  static std::uint64_t eight(const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
  }
  static std::uint64_t four(const char* at) {
    std::uint32_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
  }
  static std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
    __extension__ const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
};
struct TextEqual {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return a == b; }
};

}  // namespace interlock::risk
