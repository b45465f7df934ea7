#include "risk/profit.hpp"

#include <algorithm>

#include "risk/exposure.hpp"

namespace interlock::risk {
namespace {

// Of raw Quantity times raw Price, for one raw Money.
constexpr std::int64_t units = Quantity::one / Money::one * Price::one;

template <std::int64_t by>
Wide divided_down(Wide value) {
  return value >= 0 ? divided_by<by>(value) : -divided_by<by>(-value + by - 1);
}

Wide value_down(Wide quantity, Price price) {
  return divided_down<units>(Wide{narrow<Quantity>(quantity).raw()} * price.raw());
}

// In the policy's currency, rounded down; saturated, as 64 bits of money times a rate fit.
Wide in_money(Wide profit, Price rate) {
  return divided_down<Price::one>(Wide{narrow<Money>(profit).raw()} * rate.raw());
}

Wide profit_at(const Holding& holding, Price mark, Price rate) {
  return in_money(value_down(holding.position, mark) - holding.begun_for - holding.paid, rate);
}

// The profit is not known: nothing was ever said of the price or of the rate.
struct Profit {
  Wide now = 0;
  Wide before = 0;
  bool is_known = true;
};

Profit profit_of(const Books::State& state, const Holding& holding, SymbolId symbol) {
  const bool is_flat = holding.position == 0;
  if (is_flat && holding.begun_for == 0 && holding.paid == 0) return {};
  const SymbolPrice* price = entry(state.prices, symbol);
  const CurrencyId currency = price ? price->traits.currency : policy_currency;
  const auto rate = rate_of(state, currency, Mark::now);
  if (!rate || (!is_flat && !(price && price->mark))) return {.is_known = false};
  const Price mark = is_flat ? Price{} : *price->mark;
  Profit profit;
  profit.now = profit_at(holding, mark, *rate);
  const auto rate_before = rate_of(state, currency, Mark::before);
  const auto mark_before = is_flat ? std::optional{Price{}} : price->mark_before;
  profit.before = rate_before && mark_before ? profit_at(holding, *mark_before, *rate_before)
                                             : std::max<Wide>(0, profit.now);
  return profit;
}

void roll(Books::State& state, Holdings& holdings) {
  for (auto& [key, holding] : holdings) {
    const SymbolPrice* price = entry(state.prices, key.symbol);
    // Without a mark it goes on at what it cost.
    holding.begun_for = price && price->mark ? value_down(holding.position, *price->mark)
                                             : holding.begun_for + holding.paid;
    holding.paid = 0;
  }
}

}  // namespace

Wide traded_value(Side side, Quantity quantity, Price price) {
  const Wide value = Wide{quantity.raw()} * price.raw();
  return is_buy(side) ? -divided_down<units>(-value) : divided_down<units>(value);
}

Price fill_price(const Books::State& state, const Order& order, Price reported) {
  if (!reported.is_zero()) return reported;
  if (order.limit) return *order.limit;
  const SymbolPrice* price = entry(state.prices, order.symbol);
  return price && price->mark ? *price->mark : Price{};
}

void note_traded(Holding& holding, Side side, Wide value) {
  holding.paid += is_buy(side) ? value : -value;
}

void note_cost(Holding& holding, Wide at_day_begin, Price cost) {
  holding.begun_for =
      -divided_down<units>(-Wide{narrow<Quantity>(at_day_begin).raw()} * cost.raw());
}

void value_profit(const Books::State& state, Holding& holding, SymbolId symbol,
                  std::initializer_list<ScopeRecord*> scopes) {
  const Profit profit = profit_of(state, holding, symbol);
  for (ScopeRecord* scope : scopes) {
    if (!scope) continue;
    scope->sums.profit += profit.now - holding.profit;
    scope->sums.profit_before += profit.before - holding.profit_before;
    scope->sums.unvalued += profit.is_known ? 0u : 1u;
    scope->sums.unvalued -= holding.is_unvalued ? 1u : 0u;
  }
  holding.profit = profit.now;
  holding.profit_before = profit.before;
  holding.is_unvalued = !profit.is_known;
}

void roll_profit(Books::State& state) {
  for (Holdings* holdings : {&state.holdings, &state.router_holdings, &state.venue_holdings,
                             &state.algo_holdings, &state.trader_holdings, &state.desk_holdings}) {
    roll(state, *holdings);
  }
  revalue(state);
}

Wide sure_loss(const Sums& sums) {
  if (sums.profit >= 0 || sums.profit_before >= 0) return 0;
  return -std::max(sums.profit, sums.profit_before);
}

}  // namespace interlock::risk
