// What the gate does with a message of a router, by its MsgType (35).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace interlock::gateway {

enum class MessageClass : std::uint8_t {
  order,        // D, G, F: checked
  list,         // E: checked as one decision
  mass_cancel,  // q, CA: becomes a cancel of each of its own orders
  no_risk,      // asks, informs, or only lowers risk: passed as it is, also while killed
  no_check,     // everything else is refused
};

[[nodiscard]] constexpr MessageClass class_of(std::string_view type) {
  constexpr std::array<std::string_view, 12> no_risk{"H", "AF", "M", "Q", "a", "c",
                                                     "e", "g",  "x", "K", "Z", "u"};
  if (type == "D" || type == "G" || type == "F") return MessageClass::order;
  if (type == "E") return MessageClass::list;
  if (type == "q" || type == "CA") return MessageClass::mass_cancel;
  return std::ranges::find(no_risk, type) != no_risk.end() ? MessageClass::no_risk
                                                           : MessageClass::no_check;
}

}  // namespace interlock::gateway
