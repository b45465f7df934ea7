// FIX frames as piped text, for tests.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "gateway/wire.hpp"

namespace interlock::gateway {

// "|" becomes SOH.
inline std::string bytes(std::string_view piped) {
  std::string text(piped);
  std::ranges::replace(text, '|', soh);
  return text;
}

// 8, 9 and 10 around "35=D|34=2|...".
inline std::string framed(std::string_view begin_string, std::string_view piped) {
  const std::string text = bytes(fmt::format("8={}|9={}|{}", begin_string, piped.size(), piped));
  return text + bytes(fmt::format("10={:03}|", checksum(text)));
}

inline constexpr std::string_view header_44 = "34=7|49=ROUTER|52=20261121-14:30:00.123|56=GATE|";
// An ordinary order, in the order of fields that engines write.
inline std::string order_44(std::string_view body =
                                "11=A1|453=1|448=TRADER|447=D|452=11|1=ACC|21=1|55=IBM|54=1|"
                                "60=20261121-14:30:00.123|38=100|40=2|44=10.25|59=0|58=note|") {
  return framed("FIX.4.4", fmt::format("35=D|{}{}", header_44, body));
}

inline const config::Dialect& fix44() { return config::built_in("FIX.4.4"); }
inline const config::Dialect& fix42() { return config::built_in("FIX.4.2"); }

// The frame's bytes, from what was understood of them.
inline std::string rejoined(const Parsed& parsed) {
  std::string text;
  for (const FieldView& field : parsed.fields)
    text += fmt::format("{}={}{}", field.tag, field.value, soh);
  return text;
}

}  // namespace interlock::gateway
