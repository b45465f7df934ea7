#include "risk/exposure.hpp"

#include <algorithm>
#include <array>

#include "risk/locate.hpp"
#include "risk/profit.hpp"

namespace interlock::risk {
namespace {

// The worse of two limit prices; no limit price is valued at the reference, which is in both.
std::optional<Price> worse_limit(std::optional<Price> a, std::optional<Price> b) {
  if (!a || !b) return a ? a : b;
  return absolute(a->raw()) < absolute(b->raw()) ? b : a;
}

std::optional<Price> in_policy_money(const Books::State& state, const SymbolPrice& symbol,
                                     std::optional<Price> price) {
  const auto rate = rate_of(state, symbol.traits.currency, Mark::now);
  return price && rate ? in_policy_money(*price, *rate) : std::nullopt;
}

// Without a mark nothing is known of the value, and the highest one refuses what asks for it.
Money value_at(Quantity quantity, std::optional<Price> price) {
  if (quantity.is_zero()) return {};
  if (!price) return Money::highest();
  return notional(quantity, *price).value_or(Money::highest());
}

Money position_value(const Books::State& state, SymbolId symbol, Wide position) {
  const SymbolPrice* price = entry(state.prices, symbol);
  std::optional<Price> mark;
  if (price && price->mark) mark = in_policy_money(state, *price, price->mark);
  return value_at(narrow<Quantity>(absolute(position)), mark);
}

Money open_value(const Books::State& state, const Order& order) {
  const SymbolPrice* price = entry(state.prices, order.symbol);
  if (!price || !price->mark) return value_at(order.open, std::nullopt);
  const auto worst = notional_price(order.limit, *price->mark, price->collar);
  return value_at(order.open, in_policy_money(state, *price, worst));
}

// nullptr where nobody of that kind is known of it.
std::array<ScopeRecord*, 8> scopes_of(Books::State& state, const Order& order) {
  return {&state.firm,
          grown(state.routers, order.router),
          grown(state.venues, order.venue),
          grown(state.accounts, order.account),
          grown(state.symbols, order.symbol),
          grown(state.algos, order.by.algo),
          grown(state.traders, order.by.trader),
          grown(state.desks, order.by.desk)};
}

Quantity worst_open(const OrderRecord& order) {
  if (order.shown.state == OrderState::ended) return narrow<Quantity>(order.unseen());
  Quantity worst = order.accepted.quantity;
  for (const Terms& terms : order.unanswered) worst = std::max(worst, terms.quantity);
  return narrow<Quantity>(std::max<Wide>(order.unseen(), worst.raw() - order.cum));
}

std::optional<Price> worst_limit(const OrderRecord& order) {
  std::optional<Price> worst = order.accepted.limit;
  for (const Terms& terms : order.unanswered) worst = worse_limit(worst, terms.limit);
  return worst;
}

void list_as_open(Books::State& state, OrderRecord& order, bool is_open) {
  const bool was_open = order.open_index != nowhere;
  if (is_open == was_open) return;
  if (is_open) {
    order.open_index = static_cast<std::uint32_t>(state.open_orders.size());
    state.open_orders.push_back(order.id);
  } else {
    const OrderId last = state.open_orders.back();
    state.open_orders[order.open_index] = last;
    state.orders[last.value].open_index = order.open_index;
    state.open_orders.pop_back();
    order.open_index = nowhere;
  }
  for (ScopeRecord* scope : scopes_of(state, order.shown)) {
    if (scope) scope->sums.open_orders += is_open ? 1u : ~0u;
  }
}

void hold(Books::State& state, OrderRecord& order, Money held) {
  const Wide difference = Wide{held.raw()} - order.held.raw();
  order.held = held;
  if (difference == 0) return;
  for (ScopeRecord* scope : scopes_of(state, order.shown)) {
    if (!scope) continue;
    (is_buy(order.shown.side) ? scope->sums.open_buys : scope->sums.open_sells) += difference;
  }
}

void value_position(Books::State& state, Holding& holding, SymbolId symbol,
                    std::initializer_list<ScopeRecord*> scopes) {
  const Money value = position_value(state, symbol, holding.position);
  const Wide difference = Wide{value.raw()} - holding.value.raw();
  const Wide longs = holding.position > 0 ? Wide{value.raw()} : 0;
  for (ScopeRecord* scope : scopes) {
    if (!scope) continue;
    scope->sums.positions += difference;
    scope->sums.longs += longs - holding.longs;
  }
  holding.value = value;
  holding.longs = longs;
  value_profit(state, holding, symbol, scopes);
}

void value_holdings(Books::State& state) {
  for (auto& [key, holding] : state.holdings) {
    value_position(
        state, holding, key.symbol,
        {&state.firm, entry(state.accounts, key.account), entry(state.symbols, key.symbol)});
  }
  const auto value_of_holders = [&](Holdings& holdings, auto& scopes) {
    for (auto& [key, holding] : holdings) {
      value_position(state, holding, key.symbol, {&scopes[key.holder]});
    }
  };
  value_of_holders(state.router_holdings, state.routers);
  value_of_holders(state.venue_holdings, state.venues);
  value_of_holders(state.algo_holdings, state.algos);
  value_of_holders(state.trader_holdings, state.traders);
  value_of_holders(state.desk_holdings, state.desks);
}

}  // namespace

std::optional<Price> rate_of(const Books::State& state, CurrencyId currency, Mark mark) {
  if (currency == policy_currency) return Price::of(1);
  const CurrencyRate* known = entry(state.rates, currency);
  if (!known) return std::nullopt;
  return mark == Mark::now ? known->rate : known->before;
}

void settle(Books::State& state, OrderRecord& order) {
  const Wide open_before = order.shown.open.raw();
  order.shown.quantity = order.accepted.quantity;
  order.shown.cum = narrow<Quantity>(order.cum);
  order.shown.open = worst_open(order);
  order.shown.limit = worst_limit(order);
  const Wide difference = order.shown.open.raw() - open_before;
  if (ParentRecord* parent = state.declared(order.shown.parent)) {
    parent->open += difference;
    parent->shown->open = narrow<Quantity>(parent->open);
  }
  if (order.shown.account.known() && order.shown.symbol.known()) {
    Holding& holding = state.holdings[{nowhere, order.shown.account, order.shown.symbol}];
    (is_buy(order.shown.side) ? holding.open_buys : holding.open_sells) += difference;
    hold_locate(holding, order);
  }
  if (SymbolTotal* total = grown(state.totals, order.shown.symbol)) {
    (is_buy(order.shown.side) ? total->open_buys : total->open_sells) += difference;
  }
  rest(state.resting, order);
  hold(state, order, open_value(state, order.shown));
  const bool is_open = order.shown.state != OrderState::ended || order.shown.open.is_positive();
  list_as_open(state, order, is_open);
}

void move_position(Books::State& state, const Order& order, Wide executed, Wide value) {
  const Wide change = is_buy(order.side) ? executed : -executed;
  const auto move = [&](Holdings& holdings, std::uint32_t holder,
                        std::initializer_list<ScopeRecord*> scopes) {
    Holding& holding = holdings[{holder, order.account, order.symbol}];
    holding.position += change;
    holding.since_roll += change;
    note_traded(holding, order.side, value);
    value_position(state, holding, order.symbol, scopes);
  };
  if (SymbolTotal* total = grown(state.totals, order.symbol)) total->position += change;
  use_locate(state.holdings[{nowhere, order.account, order.symbol}], order.side, executed);
  move(state.holdings, nowhere,
       {&state.firm, grown(state.accounts, order.account), grown(state.symbols, order.symbol)});
  const auto move_of_holder = [&](Holdings& holdings, auto& scopes, auto holder) {
    if (holder.known()) move(holdings, holder.value, {grown(scopes, holder)});
  };
  move_of_holder(state.router_holdings, state.routers, order.router);
  move_of_holder(state.venue_holdings, state.venues, order.venue);
  move_of_holder(state.algo_holdings, state.algos, order.by.algo);
  move_of_holder(state.trader_holdings, state.traders, order.by.trader);
  move_of_holder(state.desk_holdings, state.desks, order.by.desk);
}

void put_position(Books::State& state, AccountId account, SymbolId symbol, Wide at_day_begin,
                  Price cost) {
  Holding& holding = state.holdings[{nowhere, account, symbol}];
  const Wide position = at_day_begin + holding.since_roll;
  if (SymbolTotal* total = grown(state.totals, symbol)) {
    total->position += position - holding.position;
  }
  holding.position = position;
  holding.cost = cost;
  note_cost(holding, at_day_begin, cost);
  value_position(state, holding, symbol,
                 {&state.firm, grown(state.accounts, account), grown(state.symbols, symbol)});
}

void count_turnover(Books::State& state, const OrderRecord& order, Money held_before) {
  const Wide entered = std::max<Wide>(0, Wide{order.held.raw()} - held_before.raw());
  for (ScopeRecord* scope : scopes_of(state, order.shown)) {
    if (scope) scope->sums.turnover += entered;
  }
}

void roll_turnover(Books::State& state) {
  state.firm.sums.turnover = 0;
  for (auto* scopes : {&state.routers, &state.venues, &state.accounts, &state.symbols, &state.algos,
                       &state.traders, &state.desks}) {
    for (ScopeRecord& scope : *scopes) scope.sums.turnover = 0;
  }
}

void revalue(Books::State& state) {
  value_holdings(state);
  for (const OrderId id : state.open_orders) {
    OrderRecord& order = state.orders[id.value];
    hold(state, order, open_value(state, order.shown));
  }
}

}  // namespace interlock::risk
