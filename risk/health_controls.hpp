// Whether the gateway itself is well informed, and whether people are.
#pragma once

#include "risk/control.hpp"

namespace interlock::risk {

extern const Control alert_unacknowledged_control;
extern const Control ledger_stale_control;
extern const Control journal_failure_control;

}  // namespace interlock::risk
