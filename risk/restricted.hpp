// The control of what may be traded at all, and of how a sell is marked.
#pragma once

#include "risk/control.hpp"

namespace interlock::risk {

extern const Control restricted_control;

}  // namespace interlock::risk
