// What an order and a position count for, and the one place where the sums of the books change.
#pragma once

#include <optional>

#include "risk/books_state.hpp"

namespace interlock::risk {

// |reference| × (1 + collar), rounded up; nullopt when it does not fit.
[[nodiscard]] std::optional<Price> with_collar(Price reference, const Collar& collar);

// Of a price or a rate: the last one that is known, or the one before.
enum class Mark : std::uint8_t { now, before };
// What one unit of the currency is worth in the policy's; nullopt: never known.
[[nodiscard]] std::optional<Price> rate_of(const Books::State& state, CurrencyId currency,
                                           Mark mark);

// |price| of another currency, rounded up, as one of the policy's; nullopt when it does not fit.
[[nodiscard]] std::optional<Price> in_policy_money(Price price, Price rate);

// The price of an order for every notional: max(|limit|, |reference| × (1 + collar)).
[[nodiscard]] std::optional<Price> notional_price(std::optional<Price> limit, Price reference,
                                                  const Collar& collar);
// The same, of a reference with its collar.
[[nodiscard]] std::optional<Price> notional_price(std::optional<Price> limit,
                                                  std::optional<Price> with_collar);

// Recomputes open, limit and held of the order (rules 1-7), and carries the difference to its
// parent, its holding and its five scopes.
void settle(Books::State& state, OrderRecord& order);

// Moves a position by what was executed (or, negative, taken back), for that value
// (profit.hpp).
void move_position(Books::State& state, const Order& order, Wide executed, Wide value);

// Puts a start-of-day position in place of the one that there was.
void put_position(Books::State& state, AccountId account, SymbolId symbol, Wide at_day_begin,
                  Price cost);

// After a D or G was entered: by how much it raised what its order counts for.
void count_turnover(Books::State& state, const OrderRecord& order, Money held_before);

// A new day: nothing is entered in it yet.
void roll_turnover(Books::State& state);

// Values all positions and open orders again.
void revalue(Books::State& state);

// The worse of two limit prices; no limit price is valued at the reference, which is in both.
[[nodiscard]] std::optional<Price> worse_limit(std::optional<Price> a, std::optional<Price> b);

}  // namespace interlock::risk
