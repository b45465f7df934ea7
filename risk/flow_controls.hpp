// The controls of how much comes in a time: orders, messages, notional, executions, repeats.
#pragma once

#include "risk/control.hpp"

namespace interlock::risk {

extern const Control duplicate_control;
extern const Control order_rate_control;
extern const Control message_rate_control;
extern const Control notional_rate_control;
extern const Control execution_rate_control;

}  // namespace interlock::risk
