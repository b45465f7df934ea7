// The controls that compare what leaves a router with what entered it, and with its peers.
#pragma once

#include "risk/control.hpp"

namespace interlock::risk {

extern const Control new_parents_control;
extern const Control parent_fan_out_control;
extern const Control peer_divergence_control;

}  // namespace interlock::risk
