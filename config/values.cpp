#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <charconv>
#include <utility>

namespace interlock::config {
namespace {

constexpr std::int64_t ns_per_s = 1'000'000'000;
constexpr std::int64_t duration_max = std::int64_t{31} * 24 * 3600 * ns_per_s;

struct Unit {
  std::string_view name;
  std::int64_t factor;
};
constexpr std::array duration_units{Unit{"h", 3600 * ns_per_s}, Unit{"min", 60 * ns_per_s},
                                    Unit{"s", ns_per_s}, Unit{"ms", 1'000'000}, Unit{"us", 1'000}};
constexpr std::array byte_units{Unit{"B", 1}, Unit{"KiB", 1 << 10}, Unit{"MiB", 1 << 20},
                                Unit{"GiB", 1 << 30}};
constexpr std::array money_units{Unit{"K", 1'000}, Unit{"M", 1'000'000}, Unit{"B", 1'000'000'000}};
constexpr std::int64_t size_max = std::int64_t{64} << 30;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number and the words after it. `5M USD` reads as `5 M USD`.
struct Measure {
  std::string number;  // digits[.digits], without `_`
  std::vector<std::string_view> words;
};

std::string_view trim(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::optional<Measure> measure(std::string_view text) {
  Measure read;
  text = trim(text);
  std::size_t i = 0;
  for (; i < text.size() && (is_digit(text[i]) || text[i] == '.' || text[i] == '_'); ++i) {
    if (text[i] != '_') {
      read.number += text[i];
    } else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
      return std::nullopt;
    }
  }
  if (read.number.empty()) return std::nullopt;
  for (text = trim(text.substr(i)); !text.empty(); text = trim(text)) {
    const auto end = std::min(text.find(' '), text.size());
    read.words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return read;
}

// Positive, times `factor`, when it fits.
std::optional<std::int64_t> scaled(std::string_view number, int decimals, std::int64_t factor) {
  const auto raw = risk::parse_decimal(number, decimals);
  std::int64_t product = 0;
  if (!raw || *raw <= 0 || __builtin_mul_overflow(*raw, factor, &product)) return std::nullopt;
  return product;
}

template <std::size_t n>
std::optional<std::int64_t> factor_of(const std::array<Unit, n>& units, std::string_view name) {
  const auto found = std::ranges::find(units, name, &Unit::name);
  return found == units.end() ? std::nullopt : std::optional{found->factor};
}

// One number and one of `units`, between 1 and `max`.
template <std::size_t n>
std::optional<std::int64_t> parse_unit(std::string_view text, const std::array<Unit, n>& units,
                                       std::int64_t max) {
  const auto read = measure(text);
  if (!read || read->words.size() != 1) return std::nullopt;
  const auto factor = factor_of(units, read->words[0]);
  if (!factor) return std::nullopt;
  const auto value = scaled(read->number, 0, *factor);
  return value && *value <= max ? value : std::nullopt;
}

template <class T>
std::optional<T> parse_whole(std::string_view text, T max) {
  T value = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (text.empty() || !is_digit(text[0]) || error != std::errc{} || end != last || value > max)
    return std::nullopt;
  return value;
}

}  // namespace

std::optional<risk::Money> parse_money(std::string_view text, std::string_view currency) {
  const auto read = measure(text);
  if (!read || read->words.empty() || read->words.size() > 2 || read->words.back() != currency)
    return std::nullopt;
  const auto factor =
      read->words.size() == 2 ? factor_of(money_units, read->words[0]) : std::optional{1L};
  if (!factor) return std::nullopt;
  const auto raw = scaled(read->number, risk::Money::decimals, *factor);
  return raw ? std::optional{risk::Money::of_raw(*raw)} : std::nullopt;
}

std::optional<risk::Collar> parse_collar(std::string_view text, std::string_view currency) {
  const auto read = measure(text);
  if (!read || read->words.size() != 1) return std::nullopt;
  risk::Collar collar;
  if (read->words[0] == "%") {
    const auto parts = scaled(read->number, 4, 1);  // of 10^-4 percent: millionths
    if (!parts) return std::nullopt;
    collar.parts_per_million = *parts;
    return collar;
  }
  const auto raw = scaled(read->number, risk::Price::decimals, 1);
  if (!raw || read->words[0] != currency) return std::nullopt;
  collar.kind = risk::Collar::Kind::amount;
  collar.amount = risk::Price::of_raw(*raw);
  return collar;
}

std::optional<risk::Rate> parse_rate(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto count = measure(text.substr(0, slash));
  const auto window = parse_duration(text.substr(slash + 1));
  if (!count || !count->words.empty() || !window) return std::nullopt;
  const auto whole = parse_whole<std::uint32_t>(count->number, UINT32_MAX);
  if (!whole || *whole == 0) return std::nullopt;
  return risk::Rate{*whole, *window};
}

std::optional<risk::MoneyRate> parse_money_rate(std::string_view text, std::string_view currency) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto amount = parse_money(text.substr(0, slash), currency);
  const auto window = parse_duration(text.substr(slash + 1));
  if (!amount || !window) return std::nullopt;
  return risk::MoneyRate{*amount, *window};
}

std::optional<risk::Ratio> parse_ratio(std::string_view text) {
  const auto read = measure(text);
  if (!read || read->words.size() != 1 || read->words[0] != "%") return std::nullopt;
  const auto parts = scaled(read->number, 4, 1);  // of 10^-4 percent: millionths
  return parts ? std::optional{risk::Ratio{*parts}} : std::nullopt;
}

std::optional<risk::Duration> parse_duration(std::string_view text) {
  const auto ns = parse_unit(text, duration_units, duration_max);
  return ns ? std::optional{risk::Duration{*ns}} : std::nullopt;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto bytes = parse_unit(text, byte_units, size_max);
  return bytes ? std::optional{static_cast<std::uint64_t>(*bytes)} : std::nullopt;
}

std::optional<std::uint8_t> parse_percent(std::string_view text) {
  const auto percent = parse_unit(text, std::array{Unit{"%", 1}}, 100);
  return percent ? std::optional{static_cast<std::uint8_t>(*percent)} : std::nullopt;
}

std::optional<std::int32_t> parse_time_of_day(std::string_view text) {
  if ((text.size() != 5 && text.size() != 8) || text[2] != ':') return std::nullopt;
  const auto hour = parse_whole<std::int32_t>(text.substr(0, 2), 23);
  const auto minute = parse_whole<std::int32_t>(text.substr(3, 2), 59);
  std::optional<std::int32_t> second = 0;
  if (text.size() == 8)
    second = text[5] == ':' ? parse_whole<std::int32_t>(text.substr(6), 59) : std::nullopt;
  if (!hour || !minute || !second) return std::nullopt;
  return *hour * 3600 + *minute * 60 + *second;
}

std::optional<Address> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const auto port = parse_whole<std::uint16_t>(text.substr(colon + 1), UINT16_MAX);
  const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error || !port || address.is_v6() != bracketed) return std::nullopt;
  return Address{std::string(host), *port};
}

bool is_network(std::string_view text) {
  boost::system::error_code error;
  const std::string copy(text);
  boost::asio::ip::make_address(copy, error);
  if (!error) return true;
  boost::asio::ip::make_network_v4(copy, error);
  if (!error) return true;
  boost::asio::ip::make_network_v6(copy, error);
  return !error;
}

bool is_loopback(std::string_view host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

std::string text_of(risk::Money money, std::string_view currency) {
  for (const auto& [name, factor] : {money_units[2], money_units[1], money_units[0]})
    if (money.raw() != 0 && money.raw() % (risk::Money::one * factor) == 0)
      return fmt::format("{} {} {}", money.raw() / (risk::Money::one * factor), name, currency);
  return fmt::format("{} {}", money.text(), currency);
}

std::string text_of(risk::Quantity quantity, std::string_view) { return quantity.text(); }

std::string text_of(const risk::Collar& collar, std::string_view currency) {
  if (collar.kind == risk::Collar::Kind::amount)
    return fmt::format("{} {}", collar.amount.text(), currency);
  return risk::format_decimal(collar.parts_per_million, 4) + " %";
}

std::string text_of(const risk::Rate& rate, std::string_view) {
  return fmt::format("{} / {}", rate.count, text_of(rate.window));
}

std::string text_of(const risk::MoneyRate& rate, std::string_view currency) {
  return fmt::format("{} / {}", text_of(rate.amount, currency), text_of(rate.window));
}

std::string text_of(risk::Count count, std::string_view) { return std::to_string(count.value); }

std::string text_of(risk::Ratio ratio, std::string_view) {
  return risk::format_decimal(ratio.parts_per_million, 4) + " %";
}

std::string text_of(risk::Forbidden, std::string_view) { return "refuse"; }

std::string text_of(risk::Duration duration) {
  for (const auto& unit : duration_units)
    if (duration.ns % unit.factor == 0)
      return fmt::format("{} {}", duration.ns / unit.factor, unit.name);
  return fmt::format("{} ns", duration.ns);
}

std::string text_of(const LocalDate& date) {
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

std::string text_of(const Schedule& schedule) {
  if (schedule.always) return "always";
  auto text = fmt::format("{:02}:{:02}:{:02} to {:02}:{:02}:{:02} {}, weekdays {:07b}",
                          schedule.open_s / 3600, schedule.open_s / 60 % 60, schedule.open_s % 60,
                          schedule.close_s / 3600, schedule.close_s / 60 % 60,
                          schedule.close_s % 60, schedule.zone, schedule.weekdays);
  for (const auto& holiday : schedule.holidays) text += fmt::format(" not {}", text_of(holiday));
  return text;
}

}  // namespace interlock::config
