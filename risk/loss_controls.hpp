// The control of what the day has cost.
#pragma once

#include "risk/control.hpp"

namespace interlock::risk {

extern const Control daily_loss_control;

}  // namespace interlock::risk
