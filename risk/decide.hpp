// The decision: one table of controls in order of precedence, the first refusal wins, nothing
// changes.
#pragma once

#include <vector>

#include "risk/control.hpp"

namespace interlock::risk {

// May it go? A cancel always may, but one F in flight an order. Changes nothing:
// the caller applies Books::enter or Books::refuse with the verdict.
[[nodiscard]] Verdict decide(const Question& question);

// What the controls say of what has just happened: each breach carries the trip that it asks for,
// or, without one, is an alert.
[[nodiscard]] std::vector<Breach> watch(const Watch& watch);

// How full each limit is, fullest first.
[[nodiscard]] std::vector<LimitUse> limits_in_use(const Books& books, const Limits& limits,
                                                  const References& references,
                                                  const Directory& directory, Time now);

}  // namespace interlock::risk
