// The controls of what orders and positions add up to, in money and in number.
#pragma once

#include "risk/control.hpp"

namespace interlock::risk {

extern const Control gross_notional_control;
extern const Control net_notional_control;
extern const Control turnover_control;
extern const Control open_orders_control;

}  // namespace interlock::risk
