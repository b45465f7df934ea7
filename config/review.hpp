// What a person has to look at again in a policy that loads: limits of "none" where a rule demands
// one, and limits whose day of review has passed.
#pragma once

#include <vector>

#include "config/config.hpp"

namespace interlock::config {

// Warnings, in the order of their lines.
[[nodiscard]] std::vector<Problem> review_policy(const Config& config, LocalDate today);

}  // namespace interlock::config
