// What the books hold, for the files of this room that change it (books, learn) or read it
// (controls).
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "risk/books.hpp"
#include "risk/wide.hpp"
#include "risk/window.hpp"

namespace interlock::risk {

inline constexpr std::uint32_t nowhere = UINT32_MAX;

// What a D or G asked for. `serial` is 0 for the D and rises with each G of the order.
struct Terms {
  std::uint32_t serial = 0;
  Quantity quantity;
  std::optional<Price> limit;
};

struct OrderRecord {
  OrderId id;
  Order shown;
  Terms accepted;                 // of the D, while nothing is accepted
  std::vector<Terms> unanswered;  // replaces that the venue has not answered
  std::uint32_t serials = 1;      // given out
  Wide cum = 0;                   // behind shown.cum
  Wide unseen = 0;  // after the end: what 14 said was executed and no fill has shown yet (rule 11)
  bool closed_by_venue = false;        // ended by a report that said so, not by being filled
  Money held;                          // what open counts for in the exposures
  std::uint32_t open_index = nowhere;  // in State::open_orders
};

// A router's standing on one parent.
struct ParentRouter {
  RouterId router;
  bool has_order = false;
  std::optional<Time> refused_at;  // first parent-fill refusal since the parent is exhausted
};

struct ParentRecord {
  std::optional<Parent> shown;  // absent: never declared
  Wide cum = 0;
  Wide open = 0;
  std::optional<Time> complete_at;   // cum reached the size
  std::optional<Time> idle_at;       // a report left nothing open
  std::optional<Time> cancelled_at;  // by its owner
  std::vector<ParentRouter> routers;
  Window attempts;
};

// One exposure scope; the sums behind Exposure.
struct Sums {
  Wide positions = 0;
  Wide open_buys = 0;
  Wide open_sells = 0;
  std::uint32_t open_orders = 0;
};

struct ScopeRecord {
  Sums sums;
  Window attempts;
};

// The position of one account in one symbol: over all, or as far as one holder made it.
struct Holding {
  Wide position = 0;
  Wide open_buys = 0;  // quantities; of the holding over all only
  Wide open_sells = 0;
  Money value;  // |position| × mark, as it stands in the sums
};
struct HoldingKey {
  std::uint32_t holder = nowhere;  // the holder's id in its kind; nowhere: over all
  AccountId account;
  SymbolId symbol;
  friend bool operator==(const HoldingKey&, const HoldingKey&) = default;
  friend std::size_t hash_value(const HoldingKey& key) {
    const std::uint64_t pair = std::uint64_t{key.account.value} << 32 | key.symbol.value;
    return boost::hash<std::uint64_t>{}(pair * 31 + key.holder);
  }
};
using Holdings = boost::unordered_flat_map<HoldingKey, Holding, boost::hash<HoldingKey>>;

struct SymbolPrice {
  std::optional<Price> mark;  // the last reference price; positions are worth this
  Collar collar;
};

// A fill, as long as a bust or a correction may name it.
struct Execution {
  OrderId order;
  Quantity quantity;
  bool taken_back = false;
  std::uint32_t earlier = nowhere;       // another with the same ExecID
  std::uint32_t corrected_by = nowhere;  // the execution that stands in its place
};

struct NamedOrder {
  OrderId order;
  std::uint32_t serial = nowhere;  // of the Terms with that ClOrdID; nowhere: a cancel's
};

template <class Value>
using ByText = boost::unordered_flat_map<std::string, Value, TextHash, TextEqual>;

struct Books::State {
  std::deque<OrderRecord> orders;  // by OrderId; a deque: references to an order stay valid
  std::vector<OrderId> open_orders;
  std::vector<ByText<NamedOrder>> cl_ord_ids;  // by RouterId
  std::vector<ParentRecord> parents;           // by ParentId

  ScopeRecord firm;
  std::vector<ScopeRecord> routers, venues, accounts, symbols, algos, traders, desks;
  std::vector<Window> exhausted_refusals;  // by RouterId: refused on an exhausted parent
  Window::Memory parent_memory;
  std::vector<SymbolPrice> prices;  // by SymbolId
  Holdings holdings;                // over all
  // As far as one router, venue, algo, trader or desk made them.
  Holdings router_holdings, venue_holdings, algo_holdings, trader_holdings, desk_holdings;

  std::vector<Execution> executions;
  // By VenueId + 1, 0 for an unknown one: the ExecIDs that moved something, with the latest
  // execution, or nowhere for a report that was no fill.
  std::vector<ByText<std::uint32_t>> exec_ids;
  // What the reports under those ExecIDs said, as a digest, and to which order.
  boost::unordered_flat_map<std::uint64_t, OrderId> contents;
  Quarantine quarantine;
  Wide quarantine_shares = 0;
  Wide quarantine_notional = 0;

  [[nodiscard]] NamedOrder named(RouterId router, std::string_view cl_ord_id) const;
  [[nodiscard]] const ParentRecord* declared(ParentId parent) const;
  [[nodiscard]] ParentRecord* declared(ParentId parent);
  // nullptr for a parent's scope (its window is in ParentRecord) and for what was never seen.
  [[nodiscard]] const ScopeRecord* scope(Scope scope) const;
};

// Entry `id` of a table that grows on demand; an unknown id has no entry.
template <class Table, class IdType>
[[nodiscard]] auto* grown(Table& table, IdType id) {
  if (!id.known()) return static_cast<typename Table::value_type*>(nullptr);
  if (id.value >= table.size()) table.resize(std::size_t{id.value} + 1);
  return &table[id.value];
}
template <class Table, class IdType>
[[nodiscard]] auto* entry(Table& table, IdType id) {
  return id.value < table.size() ? &table[id.value] : nullptr;
}

}  // namespace interlock::risk
