// The controls that compare a child with its parent.
#pragma once

#include "risk/control.hpp"

namespace interlock::risk {

extern const Control parent_match_control;
extern const Control parent_fill_control;

}  // namespace interlock::risk
