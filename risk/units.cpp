#include "risk/units.hpp"

#include "risk/wide.hpp"

namespace interlock::risk {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Appends one digit to a number that is kept negative, since the lowest raw value has no positive.
bool append_digit(std::int64_t& negative, int digit) {
  return !__builtin_mul_overflow(negative, std::int64_t{10}, &negative) &&
         !__builtin_sub_overflow(negative, std::int64_t{digit}, &negative);
}

}  // namespace

std::expected<std::int64_t, DecimalError> parse_decimal(std::string_view text, int decimals) {
  if (text.empty()) return std::unexpected(DecimalError::empty);
  const bool is_negative = text.front() == '-';
  if (is_negative) text.remove_prefix(1);
  std::int64_t negative = 0;
  bool fits = true;
  const auto append = [&](int digit) { fits = fits && append_digit(negative, digit); };
  std::size_t at = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) append(text[at] - '0');
  if (at == 0) return std::unexpected(DecimalError::not_a_decimal);
  int places = 0;
  bool too_many = false;
  if (at < text.size()) {
    if (text[at] != '.' || ++at == text.size()) return std::unexpected(DecimalError::not_a_decimal);
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (places < decimals) {
        append(text[at] - '0');
        ++places;
      } else {
        too_many = too_many || text[at] != '0';
      }
    }
    if (at < text.size()) return std::unexpected(DecimalError::not_a_decimal);
  }
  if (too_many) return std::unexpected(DecimalError::too_many_decimals);
  for (; places < decimals; ++places) append(0);
  if (!fits) return std::unexpected(DecimalError::does_not_fit);
  if (is_negative) return negative;
  if (negative == std::numeric_limits<std::int64_t>::min()) {
    return std::unexpected(DecimalError::does_not_fit);
  }
  return -negative;
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
