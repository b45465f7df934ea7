// Forms of values that several sections share.
#pragma once

#include "config/config.hpp"
#include "config/reader.hpp"

namespace interlock::config {

[[nodiscard]] Form<Address> address_form();
[[nodiscard]] Form<risk::Duration> duration_form();
[[nodiscard]] Form<std::uint32_t> seconds_form();  // whole seconds: FIX has no other
[[nodiscard]] Form<std::uint64_t> bytes_form();
[[nodiscard]] Form<std::string> currency_form();  // three capitals
[[nodiscard]] Form<std::uint8_t> percent_form();
[[nodiscard]] Form<std::int32_t> time_form();     // of day, as seconds after midnight
[[nodiscard]] Form<std::uint8_t> weekday_form();  // as a bit of Schedule::weekdays
[[nodiscard]] Form<LocalDate> date_form();
[[nodiscard]] Form<std::string> zone_form();

}  // namespace interlock::config
