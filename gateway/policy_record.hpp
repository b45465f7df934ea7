// A policy as records of the journal: what was in force at any time needs no other file.
#pragma once

#include <vector>

#include "config/policy_rows.hpp"
#include "gateway/floor.hpp"

namespace interlock::gateway {

// Kind::policy, as many records as it takes; `text` of each is "2 of 5". A row begins with its
// scope_kind.
void record_policy(Floor& floor, const std::vector<config::PolicyRow>& rows);

}  // namespace interlock::gateway
