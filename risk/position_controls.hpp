// The controls of what an account holds, and whom it would trade with.
#pragma once

#include "risk/control.hpp"

namespace interlock::risk {

extern const Control position_control;
extern const Control self_match_control;

}  // namespace interlock::risk
