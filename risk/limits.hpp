// The policy as one immutable snapshot: every limit of every scope, with the line it came from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "risk/ids.hpp"
#include "risk/restrictions.hpp"
#include "risk/units.hpp"

namespace interlock::risk {

// A limit that nobody set refuses (NO_LIMIT); `none` has to be written by a person and is printed
// loudly.
template <class T>
struct Limit {
  enum class State : std::uint8_t { unset, none, value };
  State state = State::unset;
  T value{};
  std::uint32_t line = 0;  // of the configuration file, 1-based; 0 when unset

  [[nodiscard]] static Limit of(T value, std::uint32_t line = 0) {
    return {State::value, value, line};
  }
  [[nodiscard]] static Limit none(std::uint32_t line = 0) { return {State::none, T{}, line}; }
};

struct Rate {  // at most `count` in any sliding `window`
  std::uint32_t count = 0;
  Duration window;
};

struct Collar {  // how far a price may be from the reference: parts per million of it, or an amount
  enum class Kind : std::uint8_t { parts_per_million, amount };
  Kind kind = Kind::parts_per_million;
  std::int64_t parts_per_million = 0;
  Price amount;
};

struct MoneyRate {  // at most `amount` in any sliding `window`
  Money amount;
  Duration window;
};

struct Count {
  std::uint32_t value = 0;
};

struct Ratio {  // of something else: 1'000'000 is all of it
  std::int64_t parts_per_million = 0;
};

struct Forbidden {};  // "refuse": no figure, it may not happen at all

// The limits one scope may carry. Which scope carries which is said once more, for people, by
// config/limits.hpp; a control asks those of its own scopes.
struct ScopeLimits {
  Limit<Quantity> order_qty;       // symbol, account
  Limit<Money> order_notional;     // symbol, account
  Limit<Collar> price_collar;      // symbol
  Limit<Rate> duplicates;          // router: orders alike that may follow the first
  Limit<Rate> order_rate;          // every kind
  Limit<Rate> message_rate;        // router, venue
  Limit<MoneyRate> notional_rate;  // account, symbol, firm
  Limit<Rate> execution_rate;      // parent, router, algo
  Limit<Count> child_messages;     // parent; router: on average over its parents
  Limit<Ratio> child_shares;       // parent; router: of its parents' sizes together
  Limit<Rate> new_parents;         // router
  Limit<Ratio> peer_divergence;    // router: of the median of its peers
  Limit<Money> gross_notional;     // account, symbol, router, venue, firm, attributions
  Limit<Money> turnover;           // account, router, firm: since the day roll
  Limit<Money> net_notional;       // account, symbol, firm
  Limit<Quantity> position;        // account: in each symbol; symbol: of all accounts together
  Limit<Count> open_orders;        // router, account, symbol
  Limit<Money> reduce_at_loss;     // account, router, firm: from here on reduce-only
  Limit<Money> kill_at_loss;       // account, router, firm
  Limit<Forbidden> self_match;     // account, firm
  Limit<Count> orphan_fills;       // venue, firm
  Limit<Quantity> orphan_shares;   // venue, firm
  Limit<Money> orphan_notional;    // venue, firm
  Limit<Quantity> over_fill;       // venue: shares beyond one order
  Limit<Rate> rejects;             // router, venue
};

// What is particular to a symbol, beside its limits.
struct SymbolTraits {
  CurrencyId currency = policy_currency;  // of its prices
  bool negative_prices = false;           // its class of instruments trades below zero too
  bool marks_short_sales = true;          // shares: a sell says whether the seller holds them
};

// How old a reference price may be, by the state of the trading session.
struct ReferenceAges {
  Duration closed;
  Duration pre_open;
  Duration open;
};

struct ParentPolicy {
  Duration exhausted_grace;  // a child later than this after exhaustion kills its router
  std::uint32_t exhausted_refusals =
      20;  // or this many parent-fill refusals of one router in a second
};

// How old what the gateway goes by may be, before it stops what depends on it.
struct Staleness {
  Limit<Duration> journal;    // of the oldest record that is not on disk
  Limit<Duration> tee;        // of the last word of a router's tee
  Limit<Duration> drop_copy;  // of the last word of a venue's drop copy
};

struct Limits {
  std::uint64_t version = 0;
  ScopeLimits firm;
  ScopeLimits parent;                 // for each parent
  std::vector<ScopeLimits> routers;   // by RouterId
  std::vector<ScopeLimits> venues;    // by VenueId
  std::vector<ScopeLimits> accounts;  // by AccountId
  std::vector<ScopeLimits> symbols;   // by SymbolId
  std::vector<ScopeLimits> algos;     // by AlgoId
  std::vector<ScopeLimits> traders;   // by TraderId
  std::vector<ScopeLimits> desks;     // by DeskId
  ParentPolicy parents;
  Staleness staleness;
  Limit<Duration> acknowledge_within;       // of a critical alert, before it shuts its scope
  Count peer_sample{20};                    // parents of a router, below which they say nothing
  std::vector<SymbolTraits> symbol_traits;  // by SymbolId
  Restrictions restrictions;
  ReferenceAges reference_ages;    // an older reference price refuses
  Duration rate_age_max;           // an older rate of a currency refuses
  std::uint8_t warn_percent = 75;  // of a limit, for the warning level
};

// The last known reference price of each symbol, in its own currency; an absent one refuses
// (NO_REFERENCE_PRICE).
struct ReferencePrice {
  Price price;
  Time as_of;
};
struct References {
  std::vector<std::optional<ReferencePrice>> by_symbol;  // by SymbolId
  // By CurrencyId: what one unit is worth in the policy's currency, which needs none itself; an
  // absent one refuses (NO_CURRENCY_RATE).
  std::vector<std::optional<ReferencePrice>> by_currency;
};

}  // namespace interlock::risk
