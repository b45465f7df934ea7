#include "config/forms.hpp"

#include <algorithm>
#include <array>

#include "config/values.hpp"

namespace interlock::config {
namespace {

constexpr std::array<std::string_view, 7> weekdays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::int64_t ns_per_s = 1'000'000'000;

std::optional<std::uint32_t> parse_seconds(std::string_view text) {
  const auto duration = parse_duration(text);
  if (!duration || duration->ns % ns_per_s != 0) return std::nullopt;
  return static_cast<std::uint32_t>(duration->ns / ns_per_s);
}

}  // namespace

Form<Address> address_form() {
  return text_form<Address>("an address and a port, in figures (no name is looked up)",
                            "\"127.0.0.1:9012\"", parse_address);
}

Form<risk::Duration> duration_form() {
  return text_form<risk::Duration>("a duration", "\"500 ms\", \"30 s\"", parse_duration, true);
}

Form<std::uint32_t> seconds_form() {
  return text_form<std::uint32_t>("a duration in whole seconds", "\"30 s\"", parse_seconds, true);
}

Form<std::uint64_t> bytes_form() {
  return text_form<std::uint64_t>("a size", "\"64 MiB\"", parse_bytes, true);
}

Form<std::string> currency_form() {
  return text_form<std::string>("a currency", "\"USD\"",
                                [](std::string_view text) -> std::optional<std::string> {
                                  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
                                  if (text.size() != 3 || !std::ranges::all_of(text, upper))
                                    return std::nullopt;
                                  return std::string(text);
                                });
}

Form<std::uint8_t> percent_form() {
  return text_form<std::uint8_t>("a percentage", "\"75 %\"", parse_percent, true);
}

Form<std::int32_t> time_form() {
  return text_form<std::int32_t>("a time of day", "\"09:30\"", parse_time_of_day);
}

Form<std::uint8_t> weekday_form() {
  return text_form<std::uint8_t>(
      "a weekday", "\"Mon\"", [](std::string_view text) -> std::optional<std::uint8_t> {
        const auto found = std::ranges::find(weekdays, text);
        if (found == weekdays.end()) return std::nullopt;
        return static_cast<std::uint8_t>(1 << (found - weekdays.begin()));
      });
}

Form<LocalDate> date_form() {
  return {"a date", "2026-12-25", false, [](const toml::node& node) -> std::optional<LocalDate> {
            const auto* date = node.as_date();
            if (date == nullptr) return std::nullopt;
            return LocalDate{static_cast<std::int16_t>(date->get().year), date->get().month,
                             date->get().day};
          }};
}

Form<std::string> zone_form() {
  return text_form<std::string>("a time zone", "\"America/New_York\"",
                                [](std::string_view text) -> std::optional<std::string> {
                                  std::string zone(text);
                                  if (!zone_exists(zone)) return std::nullopt;
                                  return zone;
                                });
}

}  // namespace interlock::config
