#include "risk/units.hpp"

#include <array>

#include "risk/wide.hpp"

namespace interlock::risk {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr int digits_that_fit = 18;
constexpr auto powers = [] {
  std::array<std::int64_t, digits_that_fit + 1> of_ten{1};
  for (std::size_t i = 1; i < of_ten.size(); ++i) of_ten[i] = of_ten[i - 1] * 10;
  return of_ten;
}();

// A number that is kept negative, since the lowest raw value has no positive. `is_short`: it fits
// with all its decimals, however its digits are.
template <bool is_short>
class Negative {
 public:
  void append(int digit) {
    if constexpr (is_short)
      value_ = value_ * 10 - digit;
    else
      fits_ = fits_ && !__builtin_mul_overflow(value_, std::int64_t{10}, &value_) &&
              !__builtin_sub_overflow(value_, std::int64_t{digit}, &value_);
  }
  void append_zeros(int count) {
    if constexpr (is_short)
      value_ *= powers[static_cast<std::size_t>(count)];
    else
      while (count-- > 0) append(0);
  }
  [[nodiscard]] bool fits() const { return fits_; }
  [[nodiscard]] std::int64_t value() const { return value_; }

 private:
  std::int64_t value_ = 0;
  bool fits_ = true;
};

template <bool is_short>
std::expected<std::int64_t, DecimalError> parse(std::string_view text, int decimals) {
  const bool is_negative = text.front() == '-';
  if (is_negative) text.remove_prefix(1);
  Negative<is_short> read;
  std::size_t at = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) read.append(text[at] - '0');
  if (at == 0) return std::unexpected(DecimalError::not_a_decimal);
  int places = 0;
  bool too_many = false;
  if (at < text.size()) {
    if (text[at] != '.' || ++at == text.size()) return std::unexpected(DecimalError::not_a_decimal);
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (places < decimals) {
        read.append(text[at] - '0');
        ++places;
      } else {
        too_many = too_many || text[at] != '0';
      }
    }
    if (at < text.size()) return std::unexpected(DecimalError::not_a_decimal);
  }
  if (too_many) return std::unexpected(DecimalError::too_many_decimals);
  read.append_zeros(decimals - places);
  if (!read.fits()) return std::unexpected(DecimalError::does_not_fit);
  if (is_negative) return read.value();
  if (read.value() == std::numeric_limits<std::int64_t>::min()) {
    return std::unexpected(DecimalError::does_not_fit);
  }
  return -read.value();
}

}  // namespace

std::expected<std::int64_t, DecimalError> parse_decimal(std::string_view text, int decimals) {
  if (text.empty()) return std::unexpected(DecimalError::empty);
  const bool is_short = text.size() + static_cast<std::size_t>(decimals) <= digits_that_fit;
  return is_short ? parse<true>(text, decimals) : parse<false>(text, decimals);
}

std::string format_decimal(std::int64_t raw, int decimals) {
  const bool is_negative = raw < 0;
  std::uint64_t rest = is_negative ? 0 - static_cast<std::uint64_t>(raw) : std::uint64_t(raw);
  std::string reversed;
  bool is_significant = false;
  for (int i = 0; i < decimals; ++i, rest /= 10) {
    const char digit = static_cast<char>('0' + rest % 10);
    is_significant = is_significant || digit != '0';
    if (is_significant) reversed += digit;
  }
  if (is_significant) reversed += '.';
  do {
    reversed += static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (is_negative) reversed += '-';
  return {reversed.rbegin(), reversed.rend()};
}

std::optional<Money> notional(Quantity quantity, Price price) {
  constexpr std::int64_t unit = Quantity::one / Money::one * Price::one;
  const Wide product = Wide{quantity.raw()} * price.raw();
  const Wide magnitude = product < 0 ? -product : product;
  const Wide rounded = divided_by<unit>(magnitude + unit - 1);
  const Wide raw = product < 0 ? -rounded : rounded;
  if (raw > Money::highest().raw() || raw < Money::lowest().raw()) return std::nullopt;
  return Money::of_raw(static_cast<std::int64_t>(raw));
}

}  // namespace interlock::risk
