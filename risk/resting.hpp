// Open orders by what they could trade with: whether a new one would meet an own order is one look
// at the best prices of the other side, however many orders are open.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <optional>

#include "risk/ids.hpp"
#include "risk/request.hpp"
#include "risk/units.hpp"

namespace interlock::risk {

struct OrderRecord;

// The price up to which an order trades; nullopt: at any price.
struct Crossing {
  std::optional<Price> limit;
  friend bool operator==(const Crossing&, const Crossing&) = default;
};
// A market order, a stop that may become one, and a pegged order trade at any price.
[[nodiscard]] Crossing crossing_of(OrderType type, std::optional<Price> limit);

struct RestingKey {
  VenueId venue;
  SymbolId symbol;
  AccountId account;  // unknown: of all accounts
  bool is_buy = false;
  friend bool operator==(const RestingKey&, const RestingKey&) = default;
  friend std::size_t hash_value(const RestingKey& key) {
    // Not account before symbol: that would be one load of two numbers that were just written.
    const std::uint64_t pair = std::uint64_t{key.symbol.value} << 32 | key.account.value;
    return boost::hash<std::uint64_t>{}((pair * 31 + key.venue.value) * 2 + key.is_buy);
  }
};
struct RestingPrices {
  std::map<Price, std::uint32_t> limits;  // how many orders at each
  std::uint32_t boundless = 0;            // at any price
};
using RestingOrders = boost::unordered_flat_map<RestingKey, RestingPrices, boost::hash<RestingKey>>;

// Puts the order where it stands now: as aggressive as the most aggressive of its terms that the
// venue may hold, and nowhere once nothing of it can trade.
void rest(RestingOrders& orders, OrderRecord& order);

// The open order that one of this account (unknown: of any) would trade with, if it would; of
// several, the one with the best price.
[[nodiscard]] std::optional<Crossing> met_by(const RestingOrders& orders, VenueId venue,
                                             SymbolId symbol, AccountId account, Side side,
                                             Crossing crossing);

}  // namespace interlock::risk
