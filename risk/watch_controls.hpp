// The controls that watch what no limit counts: what a router says that it was never to say.
#pragma once

#include "risk/control.hpp"

namespace interlock::risk {

extern const Control tag_dialect_control;

}  // namespace interlock::risk
