#include "risk/resting.hpp"

#include <algorithm>

#include "risk/books_state.hpp"

namespace interlock::risk {
namespace {

bool has_limit(OrderType type) { return type == OrderType::limit || type == OrderType::stop_limit; }

// How far an order trades as it stands now. Of single words, and taken from single words: a wide
// copy of what was just written in parts waits until the caches have taken all that was written
// before it, and that is the whole record of a new order.
struct Reach {
  bool is_open = false;
  bool has_limit = false;
  Price limit;
};

Reach reach_of(const OrderRecord& order) {
  if (order.shown.state == OrderState::ended || !order.shown.open.is_positive()) return {};
  const auto bound = [](const Terms& terms) { return has_limit(terms.type) && terms.limit; };
  Reach most{.is_open = true, .has_limit = bound(order.accepted), .limit = {}};
  if (most.has_limit) most.limit = *order.accepted.limit;
  for (const Terms& terms : order.unanswered) {
    if (!most.has_limit || !bound(terms)) return {.is_open = true, .has_limit = false, .limit = {}};
    most.limit = is_buy(order.shown.side) ? std::max(most.limit, *terms.limit)
                                          : std::min(most.limit, *terms.limit);
  }
  return most;
}

bool stands(const std::optional<Crossing>& resting, const Reach& reach) {
  if (!resting || !reach.is_open) return resting.has_value() == reach.is_open;
  if (!resting->limit || !reach.has_limit) return resting->limit.has_value() == reach.has_limit;
  return *resting->limit == reach.limit;
}

void add(RestingOrders& orders, const RestingKey& key, const Reach& reach) {
  RestingPrices& prices = orders[key];
  if (reach.has_limit) {
    ++prices.limits[reach.limit];
  } else {
    ++prices.boundless;
  }
}

void remove(RestingOrders& orders, const RestingKey& key, const Crossing& crossing) {
  RestingPrices& prices = orders[key];
  if (!crossing.limit) {
    --prices.boundless;
  } else if (const auto found = prices.limits.find(*crossing.limit); --found->second == 0) {
    prices.limits.erase(found);
  }
}

}  // namespace

Crossing crossing_of(OrderType type, std::optional<Price> limit) {
  return {has_limit(type) ? limit : std::nullopt};
}

void rest(RestingOrders& orders, OrderRecord& order) {
  const Reach reach = reach_of(order);
  if (stands(order.resting, reach)) return;
  const Order& shown = order.shown;
  for (const AccountId account : {shown.account, AccountId{}}) {
    const RestingKey key{shown.venue, shown.symbol, account, is_buy(shown.side)};
    if (order.resting) remove(orders, key, *order.resting);
    if (reach.is_open) add(orders, key, reach);
  }
  order.resting.reset();
  if (!reach.is_open) return;
  order.resting.emplace();
  if (reach.has_limit) order.resting->limit = reach.limit;
}

std::optional<Crossing> met_by(const RestingOrders& orders, VenueId venue, SymbolId symbol,
                               AccountId account, Side side, Crossing crossing) {
  const auto found = orders.find({venue, symbol, account, !is_buy(side)});
  if (found == orders.end()) return std::nullopt;
  const RestingPrices& others = found->second;
  if (others.boundless > 0) return Crossing{};
  if (others.limits.empty()) return std::nullopt;
  const Price best = is_buy(side) ? others.limits.begin()->first : others.limits.rbegin()->first;
  const bool meets =
      !crossing.limit || (is_buy(side) ? *crossing.limit >= best : *crossing.limit <= best);
  return meets ? std::optional{Crossing{best}} : std::nullopt;
}

}  // namespace interlock::risk
