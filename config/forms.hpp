// Forms of values that several sections share.
#pragma once

#include "config/config.hpp"
#include "config/reader.hpp"

namespace interlock::config {

[[nodiscard]] Form<Address> address_form();
[[nodiscard]] Form<risk::Duration> duration_form();
[[nodiscard]] Form<std::uint32_t> seconds_form();  // whole seconds: FIX has no other
[[nodiscard]] Form<std::uint64_t> bytes_form();
[[nodiscard]] Form<std::uint8_t> percent_form();

}  // namespace interlock::config
