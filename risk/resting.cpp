#include "risk/resting.hpp"

#include <algorithm>

#include "risk/books_state.hpp"

namespace interlock::risk {
namespace {

std::optional<Crossing> crossing_of(const OrderRecord& order) {
  if (order.shown.state == OrderState::ended || !order.shown.open.is_positive()) {
    return std::nullopt;
  }
  Crossing most = crossing_of(order.accepted.type, order.accepted.limit);
  for (const Terms& terms : order.unanswered) {
    const Crossing other = crossing_of(terms.type, terms.limit);
    if (!most.limit || !other.limit) return Crossing{};
    most.limit = is_buy(order.shown.side) ? std::max(*most.limit, *other.limit)
                                          : std::min(*most.limit, *other.limit);
  }
  return most;
}

void add(RestingOrders& orders, const RestingKey& key, Crossing crossing) {
  RestingPrices& prices = orders[key];
  if (crossing.limit) {
    ++prices.limits[*crossing.limit];
  } else {
    ++prices.boundless;
  }
}

void remove(RestingOrders& orders, const RestingKey& key, Crossing crossing) {
  RestingPrices& prices = orders[key];
  if (!crossing.limit) {
    --prices.boundless;
  } else if (const auto found = prices.limits.find(*crossing.limit); --found->second == 0) {
    prices.limits.erase(found);
  }
}

}  // namespace

Crossing crossing_of(OrderType type, std::optional<Price> limit) {
  const bool has_limit = type == OrderType::limit || type == OrderType::stop_limit;
  return {has_limit ? limit : std::nullopt};
}

void rest(RestingOrders& orders, OrderRecord& order) {
  const auto crossing = crossing_of(order);
  if (crossing == order.resting) return;
  const Order& shown = order.shown;
  for (const AccountId account : {shown.account, AccountId{}}) {
    const RestingKey key{shown.venue, shown.symbol, account, is_buy(shown.side)};
    if (order.resting) remove(orders, key, *order.resting);
    if (crossing) add(orders, key, *crossing);
  }
  order.resting = crossing;
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
