// Profit and loss of the day: what was paid and received since it began, what was held then at its
// cost, and what is held now at its mark. It needs no cost basis of single trades, so that a bust
// or a correction undoes exactly what its execution did.
#pragma once

#include <initializer_list>

#include "risk/books_state.hpp"

namespace interlock::risk {

// What a buy of it costs, rounded up, or a sell brings, rounded down; in raw Money of the symbol's
// currency.
[[nodiscard]] Wide traded_value(Side side, Quantity quantity, Price price);

// The price of a fill; where the report named none, the worst at which it can have been.
[[nodiscard]] Price fill_price(const Books::State& state, const Order& order, Price reported);

// `quantity` of the holding was executed, or taken back, for the signed value of it.
void note_traded(Holding& holding, Side side, Wide value);

// What the holding began the day with cost so much a share.
void note_cost(Holding& holding, Wide at_day_begin, Price cost);

// Values the holding at the last two marks, and carries the difference to the scopes. One mark
// alone shows no loss; without any the holding has no value, and is counted as such.
void value_profit(const Books::State& state, Holding& holding, SymbolId symbol,
                  std::initializer_list<ScopeRecord*> scopes);

// A new day begins at the last marks.
void roll_profit(Books::State& state);

// The loss on which two marks agree, in raw Money; 0: none.
[[nodiscard]] Wide sure_loss(const Sums& sums);

}  // namespace interlock::risk
