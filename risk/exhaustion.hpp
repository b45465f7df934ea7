// When a parent is exhausted, and when a router that goes on with it is a runaway: a race is
// refused, a runaway is killed (CONTROLS: definitions).
#pragma once

#include "risk/books_state.hpp"
#include "risk/subject.hpp"

namespace interlock::risk {

// For this child: everything executed; or nothing open and the rest smaller than the child; or
// cancelled by its owner.
[[nodiscard]] bool is_exhausted(const ParentRecord& parent, Quantity child);

// Whether a child of this router, refused by parent-fill now, kills the router.
[[nodiscard]] bool is_runaway(const Books::State& state, const ParentPolicy& policy,
                              const Subject& child, Time now);

// A child passed: the router heeds its parent, and an earlier refusal is no longer held against it.
void note_child(Books::State& state, const Order& child);

// Whether this router, which is blocked, goes on for exhausted parents at the rate that kills.
[[nodiscard]] bool is_runaway_while_blocked(const Books::State& state, const ParentPolicy& policy,
                                            RouterId router, Time now);

// A child was refused by parent-fill.
void note_refusal(Books::State& state, const Subject& child, Time now);

// A child was refused because its router, or what else it goes by, is blocked.
void note_blocked(Books::State& state, const Subject& child, Time now);

}  // namespace interlock::risk
