// Values with their unit in the text: what a person writes in the configuration, and nothing
// looser.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "risk/limits.hpp"
#include "risk/units.hpp"

namespace interlock::config {

// Each reads the whole text or gives nullopt. Numbers may have `_` between digits ("5_000_000").
// A sign, an exponent, zero where a limit would stop everything unsaid, and what does not fit are
// all refused.

// "5 M USD", "250 K USD", "1.5 B USD", "5_000 USD", in `currency`.
[[nodiscard]] std::optional<risk::Money> parse_money(std::string_view text,
                                                     std::string_view currency);
// "3 %", up to four decimals; or an amount, "0.03 USD".
[[nodiscard]] std::optional<risk::Collar> parse_collar(std::string_view text,
                                                       std::string_view currency);
// "500 / 1 s", "20 / 100 ms"
[[nodiscard]] std::optional<risk::Rate> parse_rate(std::string_view text);
// "5 M USD / 1 s", in `currency`.
[[nodiscard]] std::optional<risk::MoneyRate> parse_money_rate(std::string_view text,
                                                              std::string_view currency);
// "500 %", up to four decimals
[[nodiscard]] std::optional<risk::Ratio> parse_ratio(std::string_view text);
// us, ms, s, min, h: "500 ms"; up to 31 days
[[nodiscard]] std::optional<risk::Duration> parse_duration(std::string_view text);
// B, KiB, MiB, GiB: "256 MiB"; up to 64 GiB
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);
// "75 %", whole, 1 to 100
[[nodiscard]] std::optional<std::uint8_t> parse_percent(std::string_view text);
// "09:30" or "09:30:00", as seconds after midnight
[[nodiscard]] std::optional<std::int32_t> parse_time_of_day(std::string_view text);
// "127.0.0.1:9012", "[::1]:9012": a literal and a port
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);
// "10.0.0.0/8" or "10.0.0.7"
[[nodiscard]] bool is_network(std::string_view text);
[[nodiscard]] bool is_loopback(std::string_view host);

// The other way, for people: "5 M USD", "3 %", "500 / 1 s".
[[nodiscard]] std::string text_of(risk::Money money, std::string_view currency);
[[nodiscard]] std::string text_of(risk::Quantity quantity, std::string_view currency);
[[nodiscard]] std::string text_of(const risk::Collar& collar, std::string_view currency);
[[nodiscard]] std::string text_of(const risk::Rate& rate, std::string_view currency);
[[nodiscard]] std::string text_of(const risk::MoneyRate& rate, std::string_view currency);
[[nodiscard]] std::string text_of(risk::Count count, std::string_view currency);
[[nodiscard]] std::string text_of(risk::Ratio ratio, std::string_view currency);
[[nodiscard]] std::string text_of(risk::Forbidden forbidden, std::string_view currency);
[[nodiscard]] std::string text_of(risk::Duration duration);
[[nodiscard]] std::string text_of(const LocalDate& date);     // "2027-03-31"
[[nodiscard]] std::string text_of(const Schedule& schedule);  // "always", or all of it

}  // namespace interlock::config
