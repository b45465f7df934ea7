// A record in one sentence, for the history of a parent and what followed on something.
#pragma once

#include <string>
#include <string_view>

#include "audit/orders.hpp"

namespace interlock::cli {

// "R1-18: buy 100 ACME @ 10.00 refused, PARENT_FILL: child 100 makes 1300 ..."
[[nodiscard]] std::string sentence(const audit::Record& record, const audit::About& about);

// "buy 100 ACME @ 10.00", of a new order, a replace or a report.
[[nodiscard]] std::string terms(std::string_view frame);

}  // namespace interlock::cli
