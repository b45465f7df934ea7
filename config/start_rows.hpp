// What of a configuration is read at a start only, as rows: a reload that changes one is refused.
#pragma once

#include <vector>

#include "config/policy_rows.hpp"

namespace interlock::config {

[[nodiscard]] std::vector<PolicyRow> start_rows(const Config& config);

}  // namespace interlock::config
