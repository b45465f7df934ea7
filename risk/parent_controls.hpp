// The controls that compare a child with its parent.
#pragma once

#include <optional>

#include "risk/decide.hpp"

namespace interlock::risk {

// Symbol, side and account of the child are the parent's, and a G changes none of them.
[[nodiscard]] std::optional<Breach> ask_parent_match(const Question& question);
// What the children executed and have open, and this one, fit in the parent.
[[nodiscard]] std::optional<Breach> ask_parent_fill(const Question& question);

}  // namespace interlock::risk
