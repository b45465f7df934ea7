// Fixed-point quantity, price and money: no floating point, and nothing that wraps.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace interlock::risk {

// Why a decimal text is not a value: the gate refuses on each, and says which it was.
enum class DecimalError : std::uint8_t { empty, not_a_decimal, too_many_decimals, does_not_fit };

// Reads `[-]digits[.digits]` (FIX float: no sign '+', no exponent, no spaces) as raw units of
// 10^-decimals.
[[nodiscard]] std::expected<std::int64_t, DecimalError> parse_decimal(std::string_view text,
                                                                      int decimals);

// Writes raw units of 10^-decimals as the shortest exact decimal ("10.5", "-0.01", "100").
[[nodiscard]] std::string format_decimal(std::int64_t raw, int decimals);

// A 64-bit count of 10^-Decimals units, of one kind that mixes with no other.
// Sums that do not fit stay at the end of the range, so that every limit then refuses.
template <class Kind, int Decimals>
class Fixed {
 public:
  static constexpr int decimals = Decimals;
  static constexpr std::int64_t one = [] {
    std::int64_t value = 1;
    for (int i = 0; i < Decimals; ++i) value *= 10;
    return value;
  }();

  constexpr Fixed() = default;
  [[nodiscard]] static constexpr Fixed of_raw(std::int64_t raw) {
    Fixed value;
    value.raw_ = raw;
    return value;
  }
  // `units` whole units; at the end of the range when that does not fit.
  [[nodiscard]] static constexpr Fixed of(std::int64_t units) {
    std::int64_t raw = 0;
    if (__builtin_mul_overflow(units, one, &raw)) return units < 0 ? lowest() : highest();
    return of_raw(raw);
  }
  [[nodiscard]] static std::expected<Fixed, DecimalError> parse(std::string_view text) {
    const auto raw = parse_decimal(text, Decimals);
    if (!raw) return std::unexpected(raw.error());
    return of_raw(*raw);
  }
  [[nodiscard]] static constexpr Fixed highest() {
    return of_raw(std::numeric_limits<std::int64_t>::max());
  }
  [[nodiscard]] static constexpr Fixed lowest() {
    return of_raw(std::numeric_limits<std::int64_t>::min());
  }

  [[nodiscard]] constexpr std::int64_t raw() const { return raw_; }
  [[nodiscard]] std::string text() const { return format_decimal(raw_, Decimals); }
  [[nodiscard]] constexpr bool is_zero() const { return raw_ == 0; }
  [[nodiscard]] constexpr bool is_positive() const { return raw_ > 0; }

  friend constexpr auto operator<=>(Fixed, Fixed) = default;
  friend constexpr Fixed operator+(Fixed a, Fixed b) {
    std::int64_t raw = 0;
    if (__builtin_add_overflow(a.raw_, b.raw_, &raw)) return b.raw_ < 0 ? lowest() : highest();
    return of_raw(raw);
  }
  friend constexpr Fixed operator-(Fixed a, Fixed b) {
    std::int64_t raw = 0;
    if (__builtin_sub_overflow(a.raw_, b.raw_, &raw)) return b.raw_ < 0 ? highest() : lowest();
    return of_raw(raw);
  }
  constexpr Fixed& operator+=(Fixed other) { return *this = *this + other; }
  constexpr Fixed& operator-=(Fixed other) { return *this = *this - other; }

 private:
  std::int64_t raw_ = 0;
};

using Quantity = Fixed<struct QuantityKind, 6>;  // shares or contracts, in millionths; FIX Qty
using Price = Fixed<struct PriceKind, 8>;        // per share, in 10^-8; FIX Price
using Money = Fixed<struct MoneyKind, 4>;        // of the one policy currency, in 10^-4

// Quantity × price, rounded away from zero; nullopt when it does not fit in Money.
[[nodiscard]] std::optional<Money> notional(Quantity quantity, Price price);

// UTC nanoseconds since 1970. Time is an argument everywhere; only the loop and the mains read a
// clock.
struct Time {
  std::int64_t ns = 0;
  friend constexpr auto operator<=>(Time, Time) = default;
};
struct Duration {
  std::int64_t ns = 0;
  friend constexpr auto operator<=>(Duration, Duration) = default;
};
[[nodiscard]] constexpr Duration operator-(Time a, Time b) { return {a.ns - b.ns}; }
[[nodiscard]] constexpr Time operator+(Time a, Duration b) { return {a.ns + b.ns}; }
[[nodiscard]] constexpr Time operator-(Time a, Duration b) { return {a.ns - b.ns}; }
[[nodiscard]] constexpr Duration milliseconds(std::int64_t n) { return {n * 1'000'000}; }
[[nodiscard]] constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000'000}; }

}  // namespace interlock::risk
