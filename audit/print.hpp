// A record as one line for people, or as one line of JSON; secrets are masked in both.
#pragma once

#include <string>
#include <string_view>

#include "audit/journal.hpp"

namespace interlock::audit {

// `B204889 2026-11-21T09:30:00.123456789Z router_message R1 | in=34 8=FIX.4.2|9=... | PARENT_FILL`.
// Frames have | for SOH. What could steer a terminal is escaped.
[[nodiscard]] std::string print(const Record& record);

// Fields as a row of pairs, since a record may hold one several times. Bytes that are no UTF-8
// become U+FFFD: the journal has the originals.
[[nodiscard]] std::string print_json(const Record& record);

// A FIX frame without its secrets: 554, 925, 1402 and 1404, and 96 in a Logon, become ***.
[[nodiscard]] std::string mask_secrets(std::string_view frame);

}  // namespace interlock::audit
