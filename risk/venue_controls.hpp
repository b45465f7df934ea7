// What venues report that should not be: fills of no order of ours, fills beyond an order, rejects.
#pragma once

#include "risk/control.hpp"

namespace interlock::risk {

extern const Control orphan_fills_control;
extern const Control over_fill_control;
extern const Control reject_storm_control;

}  // namespace interlock::risk
