// Shares that an account has located, so that it may sell them short (Regulation SHO): used up as
// orders are entered, and given back only for what a venue proves unexecuted.
#pragma once

#include "risk/books_state.hpp"
#include "risk/subject.hpp"

namespace interlock::risk {

[[nodiscard]] constexpr bool is_short(Side side) {
  return side == Side::sell_short || side == Side::sell_short_exempt;
}

// By how many shares the request, once entered, uses more of the locate of its holding.
[[nodiscard]] Wide locate_needed(const Subject& subject);

// After a change of open: what may still be sold short counts.
void hold_locate(Holding& holding, OrderRecord& order);

// What was sold short stays used; a bust gives none back, as it gives no parent's capacity back.
void use_locate(Holding& holding, Side side, Wide executed);

// A new day: nothing is located yet, and what is open goes on using shares.
void roll_locates(Books::State& state);

}  // namespace interlock::risk
