#include "gateway/wire_values.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "gateway/eight_bytes.hpp"
#include "risk/units.hpp"

namespace interlock::gateway {
namespace {

using config::FieldRule;
using config::FieldType;

constexpr int value_is_incorrect = 5;
constexpr int incorrect_data_format = 6;

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// HH:MM:SS: the colons as digits, if they are there.
std::uint64_t without_colons(std::uint64_t word) {
  constexpr std::uint64_t places = 0xff0000ff0000;
  constexpr std::uint64_t colons = eight_bytes::each * ':' & places;
  constexpr std::uint64_t digits = eight_bytes::each * '0' & places;
  return (word & places) == colons ? word ^ colons ^ digits : 0;
}

// `text` is all digits and short, so this cannot fail.
int number(std::string_view text) {
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}

bool is_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stopped == end;
}

bool is_decimal(std::string_view text) {
  const auto whole = risk::parse_decimal(text, 0);
  return whole || whole.error() == risk::DecimalError::too_many_decimals;
}

bool is_date(std::string_view text) {
  if (text.size() != 8 || !eight_bytes::are_digits(eight_bytes::at(text.data()))) return false;
  const std::chrono::year_month_day date{
      std::chrono::year{number(text.substr(0, 4))},
      std::chrono::month{static_cast<unsigned>(number(text.substr(4, 2)))},
      std::chrono::day{static_cast<unsigned>(number(text.substr(6, 2)))}};
  return date.ok();
}

// HH:MM:SS, with 3, 6 or 9 decimals or none. Second 60 is a leap second.
bool is_time(std::string_view text) {
  if (text.size() < 8 || !eight_bytes::are_digits(without_colons(eight_bytes::at(text.data()))))
    return false;
  if (number(text.substr(0, 2)) > 23 || number(text.substr(3, 2)) > 59 ||
      number(text.substr(6, 2)) > 60)
    return false;
  if (text.size() == 8) return true;
  const bool known_precision = text.size() == 12 || text.size() == 15 || text.size() == 18;
  return known_precision && text[8] == '.' && all_digits(text.substr(9));
}

bool is_timestamp(std::string_view text) {
  return text.size() > 9 && text[8] == '-' && is_date(text.substr(0, 8)) && is_time(text.substr(9));
}

// YYYYMM, YYYYMMDD, or YYYYMMwN for the week.
bool is_month_year(std::string_view text) {
  if (text.size() == 8 && text[6] != 'w') return is_date(text);
  if (text.size() == 8 && (text[7] < '1' || text[7] > '5')) return false;
  if ((text.size() != 6 && text.size() != 8) || !all_digits(text.substr(0, 6))) return false;
  const int month = number(text.substr(4, 2));
  return month >= 1 && month <= 12;
}

// A count that says how the frame is to be cut must be written in one way only: no leading zero.
bool is_structural_count(std::string_view text) {
  return text.front() != '0' && read_count(text).has_value();
}

const char* format_fault(FieldType type, std::string_view value) {
  switch (type) {
    case FieldType::string:
    case FieldType::multiple:
    case FieldType::data:
      return nullptr;
    case FieldType::character:
      return value.size() == 1 ? nullptr : "is not one character";
    case FieldType::integer:
      return is_integer(value) ? nullptr : "is not an integer";
    case FieldType::sequence:
      return read_count(value).value_or(0) > 0 ? nullptr : "is not a number from 1 to 2147483647";
    case FieldType::quantity:
      return risk::Quantity::parse(value) ? nullptr : "is not a quantity";
    case FieldType::price:
      return risk::Price::parse(value) ? nullptr : "is not a price";
    case FieldType::decimal:
      return is_decimal(value) ? nullptr : "is not a decimal";
    case FieldType::boolean:
      return value == "Y" || value == "N" ? nullptr : "is not Y or N";
    case FieldType::timestamp:
      return is_timestamp(value) ? nullptr : "is not a UTC timestamp";
    case FieldType::date:
      return is_date(value) ? nullptr : "is not a date";
    case FieldType::time:
      return is_time(value) ? nullptr : "is not a time";
    case FieldType::month_year:
      return is_month_year(value) ? nullptr : "is not a month and year";
    case FieldType::length:
    case FieldType::group:
      return is_structural_count(value) ? nullptr : "is not a count";
  }
  return "has an unknown type";
}

bool allows_each(const config::Values& values, std::string_view value) {
  while (true) {
    const std::size_t space = value.find(' ');
    const std::string_view single = value.substr(0, space);
    if (single.empty() || !values.allows(single)) return false;
    if (space == std::string_view::npos) return true;
    value.remove_prefix(space + 1);
  }
}

}  // namespace

std::optional<std::int64_t> read_timestamp(std::string_view text) {
  using namespace std::chrono;
  if (!is_timestamp(text)) return std::nullopt;
  const sys_days day{year{number(text.substr(0, 4))} / number(text.substr(4, 2)) /
                     number(text.substr(6, 2))};
  const auto time = day + hours{number(text.substr(9, 2))} + minutes{number(text.substr(12, 2))} +
                    seconds{number(text.substr(15, 2))};
  std::int64_t fraction = 0;
  for (std::size_t i = 18; i < 27; ++i) {
    fraction = fraction * 10 + (i < text.size() ? text[i] - '0' : 0);
  }
  return duration_cast<nanoseconds>(time.time_since_epoch()).count() + fraction;
}

std::optional<std::uint32_t> read_count(std::string_view digits) {
  constexpr std::uint64_t highest = 2'147'483'647;
  if (digits.empty() || digits.size() > 10) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value > highest) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

ValueFault check_closely(const FieldRule& rule, std::string_view value) {
  if (value.size() > rule.bytes_max) return {"is too long", value_is_incorrect};
  if (const char* const clause = format_fault(rule.type, value))
    return {clause, incorrect_data_format};
  const bool is_allowed = rule.type == FieldType::multiple ? allows_each(rule.values, value)
                                                           : rule.values.allows(value);
  if (!is_allowed) return {"has a value that is not allowed", value_is_incorrect};
  return {};
}

}  // namespace interlock::gateway
