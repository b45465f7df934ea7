// SHA-256, for many short pieces.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace interlock::audit {

using Bytes = std::span<const std::byte>;
using Hash = std::array<std::byte, 32>;

// Of the pieces one behind the other.
[[nodiscard]] Hash sha256(std::initializer_list<Bytes> pieces);

[[nodiscard]] inline Bytes bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
[[nodiscard]] std::string to_hex(Bytes bytes);
// Empty: it is no hex.
[[nodiscard]] std::string from_hex(std::string_view hex);

}  // namespace interlock::audit
