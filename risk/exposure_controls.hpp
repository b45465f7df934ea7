// The controls of what orders and positions add up to.
#pragma once

#include "risk/control.hpp"

namespace interlock::risk {

extern const Control gross_notional_control;

}  // namespace interlock::risk
