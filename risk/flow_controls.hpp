// The controls of how much comes in a time: orders, messages, notional, executions.
#pragma once

#include "risk/control.hpp"

namespace interlock::risk {

extern const Control order_rate_control;

}  // namespace interlock::risk
