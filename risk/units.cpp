#include "risk/units.hpp"

#include <optional>

#include "risk/wide.hpp"

namespace interlock::risk {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Appends one digit to a number that is kept negative, since the lowest raw value has no positive.
bool append_digit(std::int64_t& negative, int digit) {
  return !__builtin_mul_overflow(negative, std::int64_t{10}, &negative) &&
         !__builtin_sub_overflow(negative, std::int64_t{digit}, &negative);
}

// Of a short one, as nearly all are; nullopt: it is long, or no decimal, or has too many places.
std::optional<std::int64_t> short_decimal(std::string_view text, int decimals) {
  constexpr std::size_t digits_max = 18;  // these fit, whatever they are
  const bool is_negative = !text.empty() && text.front() == '-';
  if (is_negative) text.remove_prefix(1);
  if (text.size() + static_cast<std::size_t>(decimals) > digits_max) return std::nullopt;
  std::int64_t value = 0;
  std::size_t at = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) value = value * 10 + (text[at] - '0');
  if (at == 0) return std::nullopt;
  int places = 0;
  if (at < text.size()) {
    if (text[at] != '.' || ++at == text.size()) return std::nullopt;
    for (; at < text.size() && is_digit(text[at]); ++at, ++places)
      value = value * 10 + (text[at] - '0');
    if (at < text.size() || places > decimals) return std::nullopt;
  }
  for (; places < decimals; ++places) value *= 10;
  return is_negative ? -value : value;
}

}  // namespace

std::expected<std::int64_t, DecimalError> parse_decimal(std::string_view text, int decimals) {
  if (const auto value = short_decimal(text, decimals)) return *value;
  if (text.empty()) return std::unexpected(DecimalError::empty);
  const bool is_negative = text.front() == '-';
  if (is_negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction;
  if (point != std::string_view::npos) {
    fraction = text.substr(point + 1);
    if (fraction.empty()) return std::unexpected(DecimalError::not_a_decimal);
  }
  if (whole.empty()) return std::unexpected(DecimalError::not_a_decimal);
  for (const char c : whole) {
    if (!is_digit(c)) return std::unexpected(DecimalError::not_a_decimal);
  }
  for (const char c : fraction) {
    if (!is_digit(c)) return std::unexpected(DecimalError::not_a_decimal);
  }
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  const auto places = static_cast<std::size_t>(decimals);
  if (fraction.size() > places) return std::unexpected(DecimalError::too_many_decimals);

  std::int64_t negative = 0;
  bool fits = true;
  for (const char c : whole) fits = fits && append_digit(negative, c - '0');
  for (std::size_t i = 0; i < places; ++i) {
    fits = fits && append_digit(negative, i < fraction.size() ? fraction[i] - '0' : 0);
  }
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
