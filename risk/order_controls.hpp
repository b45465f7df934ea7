// The controls of one order by itself: its size, its worth, its price.
#pragma once

#include "risk/control.hpp"

namespace interlock::risk {

extern const Control order_qty_control;
extern const Control order_notional_control;
extern const Control price_collar_control;

}  // namespace interlock::risk
