// A record as one line for people, or as one line of JSON; secrets are masked in both.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "audit/fields.hpp"
#include "audit/frame.hpp"
#include "audit/journal.hpp"
#include "audit/orders.hpp"

namespace interlock::audit {

// What is shown for a frame without its secrets; SOH stays between its fields. None: the frame.
using FrameText = std::function<std::string(std::string_view)>;

// `B204889 2026-11-21T09:30:00.123456789Z router_message R1 | in=34 8=FIX.4.2|9=... | PARENT_FILL`.
// Frames have | for SOH. What could steer a terminal is escaped.
[[nodiscard]] std::string print(const Record& record, const FrameText& words = {});

// Fields as a row of pairs, since a record may hold one several times. Bytes that are no UTF-8
// become U+FFFD: the journal has the originals. Frames keep SOH, as \u0001, but in words have |.
[[nodiscard]] std::string print_json(const Record& record, const FrameText& words = {});
// And what it is about.
[[nodiscard]] std::string print_json(const Record& record, const About& about,
                                     const FrameText& words = {});

// --- its parts, as `print` has them ---
[[nodiscard]] std::string time_text(std::int64_t utc_ns);
[[nodiscard]] std::string kind_text(Kind kind);    // "kind_99" where there is no name
[[nodiscard]] std::string name_text(Field field);  // "field_99"
[[nodiscard]] std::string value_text(const FieldReader::Item& item, const FrameText& words = {});
[[nodiscard]] std::string for_people(std::string_view text);  // escaped, with | for SOH

}  // namespace interlock::audit
