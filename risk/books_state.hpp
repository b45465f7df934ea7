// What the books hold, for the files of this room that change it (books, learn) or read it
// (controls).
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "risk/activity.hpp"
#include "risk/books.hpp"
#include "risk/in_parts.hpp"
#include "risk/pages.hpp"
#include "risk/resting.hpp"
#include "risk/wide.hpp"
#include "risk/window.hpp"

namespace interlock::risk {

inline constexpr std::uint32_t nowhere = UINT32_MAX;

// What a D or G asked for. `serial` is 0 for the D and rises with each G of the order.
struct Terms {
  std::uint32_t serial = 0;
  Quantity quantity;
  std::optional<Price> limit;
  OrderType type = OrderType::limit;
  Side side = Side::buy;
};

// By how much a bust or a correction changed what a venue said was executed, and when.
struct Retraction {
  Time at;
  Wide change = 0;
};

struct OrderRecord {
  OrderId id;  // unknown: forgotten
  Order shown;
  Terms accepted;                  // of the D, while nothing is accepted
  std::vector<Terms> unanswered;   // replaces that the venue has not answered
  std::uint32_t serials = 1;       // given out
  Wide cum = 0;                    // behind shown.cum
  bool closed_by_venue = false;    // ended by a report that said so, not by being filled
  std::optional<Wide> claimed;     // 14 of the latest report that moved something (rule 11)
  std::optional<Time> claimed_at;  // by the venue's clock, as are the next four
  std::optional<Time> ended_at;
  std::optional<Time> quantity_at;  // of the reports that `accepted` is from
  std::optional<Time> limit_at;
  std::optional<Time> heard_at;  // of the latest report
  std::vector<Retraction> retractions;
  std::uint32_t last_day = 0;          // of the last request or fact
  Money held;                          // what open counts for in the exposures
  Quantity short_open;                 // what open counts for in the locate of its holding
  std::optional<Crossing> resting;     // as it stands in State::resting
  std::uint32_t open_index = nowhere;  // in State::open_orders

  // What 14 said was executed, less what was taken back after that.
  [[nodiscard]] Wide executed_as_said() const;
  // ... and no fill has shown yet: it counts as open, also after the end,
  // and where a replace went below it.
  [[nodiscard]] Wide unseen() const;
};

// Orders by their id, in pages, so that those of earlier days can go while one of them lives on.
// References to an order stay valid.
class Orders {
 public:
  OrderRecord& add();
  void forget(OrderId id);
  // nullptr: forgotten, or never given out.
  [[nodiscard]] const OrderRecord* find(OrderId id) const;
  [[nodiscard]] OrderRecord& operator[](std::uint32_t id) { return page(id)[id % page_size]; }
  [[nodiscard]] const OrderRecord& operator[](std::uint32_t id) const {
    return page(id)[id % page_size];
  }
  [[nodiscard]] std::uint32_t size() const { return size_; }  // ids run from 0 to it

  template <class Archive>
  void save(Archive& archive) const;
  template <class Archive>
  void load(Archive& archive);

 private:
  static constexpr std::uint32_t page_size = 32;  // small: whoever begins one waits for it
  using Records = std::array<OrderRecord, page_size>;
  struct Page {
    std::unique_ptr<Records> records;  // nullptr: all are forgotten
    std::uint32_t forgotten = 0;
  };
  [[nodiscard]] Records& page(std::uint32_t id) const { return *pages_[id / page_size].records; }

  std::vector<Page> pages_;
  std::uint32_t size_ = 0;
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
  [[nodiscard]] Wide executed() const;  // here, or as its OMS reports it: whichever is more
  [[nodiscard]] Wide used() const { return executed() + open; }
  std::optional<Time> complete_at;   // what is executed reached the size
  std::optional<Time> idle_at;       // a report left nothing open
  std::optional<Time> cancelled_at;  // by its owner
  std::vector<ParentRouter> routers;
  Window attempts;
};

// One exposure scope; the sums behind Exposure.
struct Sums {
  Wide positions = 0;
  Wide longs = 0;              // of the positions, those above zero
  Wide turnover = 0;           // entered since the day roll
  Wide profit = 0;             // of the day, at the last marks
  Wide profit_before = 0;      // ... and at the marks before
  std::uint32_t unvalued = 0;  // holdings of unknown worth
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
  Wide since_roll = 0;  // of the position: executed today; of the holding over all, as the next
  std::optional<Price> cost;  // of a share, as the day began
  Wide open_buys = 0;         // quantities
  Wide open_sells = 0;
  Wide locate = 0;     // shares that may be sold short today; of the holding over all only
  Wide located = 0;    // ... and how many of them are entered
  Wide begun_for = 0;  // what it was worth as the day began, or cost; in the symbol's currency
  Wide paid = 0;       // since then, less what was received
  Wide profit = 0, profit_before = 0;  // as they stand in the sums
  bool is_unvalued = false;
  Money value;     // |position| × mark, as it stands in the sums
  Wide longs = 0;  // ... of it, where the position is above zero
};

// Of all accounts in one symbol.
struct SymbolTotal {
  Wide position = 0;
  Wide open_buys = 0;
  Wide open_sells = 0;
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

// What one unit of a currency was last known to be worth in the policy's, and before that.
struct CurrencyRate {
  std::optional<Price> rate;
  std::optional<Price> before;
  Time as_of;
};

struct SymbolPrice {
  std::optional<Price> mark;         // the last reference price; positions are worth this
  std::optional<Price> mark_before;  // ... and the one before that: a loss needs two that agree
  Time marked_at;
  Collar collar;
  SymbolTraits traits;
};

// A fill or a correction, as long as a bust or a further correction may name it.
struct Execution {
  OrderId order;
  Quantity quantity;
  Price price;
  Wide counted = 0;  // to the parent: the most of it and of what it stands in for (rule 12)
  bool taken_back = false;
  std::uint32_t earlier = nowhere;       // another with the same ExecID
  std::uint32_t corrected_by = nowhere;  // the execution that stands in its place
};

// An ExecID that moved something.
struct SeenExecId {
  std::uint32_t latest = nowhere;  // execution; nowhere: it was no fill
  OrderId order;                   // unknown: it maps to none
  std::uint32_t day = 0;
  bool is_reused = false;     // with another content: each stands in State::contents
  std::uint64_t content = 0;  // the first, as a digest
};

// What a report under an ExecID that was used more than once said.
struct SeenContent {
  OrderId order;
  std::uint32_t day = 0;
};

// A bust or a correction that came before what it names.
struct Awaited {
  OrderId order;
  std::uint32_t by = nowhere;  // the correction; nowhere: a bust
  std::optional<Time> at;      // by the venue's clock
};

struct NamedOrder {
  OrderId order;
  std::uint32_t serial = nowhere;  // of the Terms with that ClOrdID; nowhere: a cancel's
};

template <class Value>
using ByText = boost::unordered_flat_map<std::string, Value, TextHash, TextEqual>;
template <class Value>
using ManyByText = InParts<ByText<Value>>;

struct Books::State {
  Orders orders;
  std::vector<OrderId> open_orders;
  // By RouterId: of today and of what is open; and of what ended before the last roll.
  std::vector<ManyByText<NamedOrder>> cl_ord_ids, earlier_cl_ord_ids;
  std::uint32_t day = 0;              // rolls so far
  std::vector<ParentRecord> parents;  // by ParentId

  ScopeRecord firm;
  std::vector<ScopeRecord> routers, venues, accounts, symbols, algos, traders, desks;
  std::vector<Window> exhausted_refusals;  // by RouterId: refused on an exhausted parent
  Window::Memory parent_memory;
  std::vector<SymbolPrice> prices;  // by SymbolId
  std::vector<CurrencyRate> rates;  // by CurrencyId
  std::vector<SymbolTotal> totals;  // by SymbolId
  RestingOrders resting;
  Holdings holdings;  // over all
  // As far as one router, venue, algo, trader or desk made them.
  Holdings router_holdings, venue_holdings, algo_holdings, trader_holdings, desk_holdings;

  Pages<Execution> executions;
  // By VenueId + 1, 0 for an unknown one.
  std::vector<ManyByText<SeenExecId>> exec_ids;
  std::vector<ByText<std::vector<Awaited>>> awaited;  // by the ExecRefID that they named
  // Of ExecIDs that were used more than once, by the digest of what was said.
  boost::unordered_flat_map<std::uint64_t, SeenContent> contents;
  Quarantine quarantine;
  Wide quarantine_shares = 0;
  Wide quarantine_notional = 0;
  Activity activity;

  [[nodiscard]] NamedOrder named(RouterId router, std::string_view cl_ord_id) const;
  [[nodiscard]] const ParentRecord* declared(ParentId parent) const;
  [[nodiscard]] ParentRecord* declared(ParentId parent);
  // nullptr for a parent's scope (its window is in ParentRecord) and for what was never seen.
  [[nodiscard]] const ScopeRecord* scope(Scope scope) const;
};

// Whether the venue has told of an execution under that ExecID, and it is not forgotten yet.
[[nodiscard]] bool is_told(const Books::State& state, VenueId venue, const std::string& exec_id);

// Looks again whether the parent is complete, after a change of its size or of what is executed.
// True: it became so.
bool note_complete(ParentRecord& parent, Time now);

// Entry `id` of a table that grows on demand; an unknown id has no entry.
template <class Table, class IdType>
[[nodiscard]] auto* grown(Table& table, IdType id) {
  if (!id.known()) return static_cast<typename Table::value_type*>(nullptr);
  if (id.value >= table.size()) table.resize(std::size_t{id.value} + 1);
  return &table[id.value];
}
template <class Table, class IdType>
[[nodiscard]] auto* entry(Table& table, IdType id) {
  // In bytes, so that the size of the table is not divided by that of an entry.
  constexpr std::size_t size = sizeof(typename Table::value_type);
  return id.value * size < table.size() * size ? table.data() + id.value : nullptr;
}

}  // namespace interlock::risk
