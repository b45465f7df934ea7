// Which addresses may connect at all, before any byte is read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace interlock::gateway {

// `allow` holds literals and CIDR networks ("10.1.0.0/16", "::1"); an empty list allows nobody.
[[nodiscard]] bool address_allowed(std::string_view address, const std::vector<std::string>& allow);

}  // namespace interlock::gateway
