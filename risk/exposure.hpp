// What an order and a position count for, and the one place where the sums of the books change.
#pragma once

#include <algorithm>
#include <optional>

#include "risk/books_state.hpp"

namespace interlock::risk {

[[nodiscard]] inline std::optional<Price> fitting(Wide raw) {
  if (raw > Price::highest().raw()) return std::nullopt;
  return Price::of_raw(static_cast<std::int64_t>(raw));
}

// |reference| × (1 + collar), rounded up; nullopt when it does not fit.
[[nodiscard]] inline std::optional<Price> with_collar(Price reference, const Collar& collar) {
  constexpr std::int64_t ppm = 1'000'000;
  const Wide size = absolute(reference.raw());
  if (collar.kind == Collar::Kind::amount) return fitting(size + collar.amount.raw());
  return fitting(divided_by<ppm>(size * (ppm + collar.parts_per_million) + ppm - 1));
}

// Of a price or a rate: the last one that is known, or the one before.
enum class Mark : std::uint8_t { now, before };
// What one unit of the currency is worth in the policy's; nullopt: never known.
[[nodiscard]] std::optional<Price> rate_of(const Books::State& state, CurrencyId currency,
                                           Mark mark);

// |price| of another currency, rounded up, as one of the policy's; nullopt when it does not fit.
[[nodiscard]] inline std::optional<Price> in_policy_money(Price price, Price rate) {
  constexpr std::int64_t one = Price::one;
  if (rate.raw() == one) [[likely]]
    return fitting(absolute(price.raw()));
  return fitting(divided_by<one>(absolute(price.raw()) * rate.raw() + one - 1));
}

// The price of an order for every notional: max(|limit|, |reference| × (1 + collar)), the latter
// being `worst`.
[[nodiscard]] inline std::optional<Price> notional_price(std::optional<Price> limit,
                                                         std::optional<Price> worst) {
  if (!worst || !limit) return worst;
  const auto size = fitting(absolute(limit->raw()));
  if (!size) return std::nullopt;
  return std::max(*worst, *size);
}
[[nodiscard]] inline std::optional<Price> notional_price(std::optional<Price> limit,
                                                         Price reference, const Collar& collar) {
  return notional_price(limit, with_collar(reference, collar));
}

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

}  // namespace interlock::risk
