// Sums of fixed-point values that cannot wrap, and give back exactly what was added to them.
#pragma once

#include <cstdint>
#include <limits>

namespace interlock::risk {

// A saturated 64-bit sum forgets by how much it was too large, and would be too small once
// something is taken away again; 2^64 additions of any 64-bit value fit in this one.
__extension__ using Wide = __int128;

// As a fixed-point value, at the end of the range when it does not fit.
template <class Value>
[[nodiscard]] constexpr Value narrow(Wide sum) {
  if (sum > std::numeric_limits<std::int64_t>::max()) return Value::highest();
  if (sum < std::numeric_limits<std::int64_t>::min()) return Value::lowest();
  return Value::of_raw(static_cast<std::int64_t>(sum));
}

[[nodiscard]] constexpr Wide absolute(Wide value) { return value < 0 ? -value : value; }

// value / by. Most values fit in 64 bits, whose division by a constant is a multiplication, where
// that of 128 is a call.
template <std::int64_t by>
[[nodiscard]] constexpr Wide divided_by(Wide value) {
  if (value >> 64 == 0) [[likely]]
    return static_cast<std::uint64_t>(value) / std::uint64_t{by};
  return value / by;
}

}  // namespace interlock::risk
