// What went out and what came back: orders, parents, positions, exposure and windows, built only
// from what passed here.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "risk/ids.hpp"
#include "risk/limits.hpp"
#include "risk/request.hpp"
#include "risk/units.hpp"
#include "risk/verdict.hpp"

namespace interlock::risk {

enum class OrderState : std::uint8_t {
  sent = 1,   // entered; the venue has not said anything
  live = 2,   // acknowledged
  ended = 3,  // filled, cancelled, expired, rejected: may still take a late fill or a bust
};

struct Order {
  RouterId router;
  VenueId venue;
  AccountId account;
  SymbolId symbol;
  ParentId parent;
  Attributions by;
  Side side = Side::buy;
  OrderType type = OrderType::limit;
  OrderState state = OrderState::sent;
  Quantity quantity;  // 38, last accepted
  Quantity cum;       // Σ 32 of what was booked, less what was busted
  Quantity open;      // worst case that may still execute, over all unanswered requests (rules 1-7)
  std::optional<Price>
      limit;  // worst for exposure over all unanswered requests; nullopt: no limit price
  bool cancel_in_flight = false;
  std::string cl_ord_id;  // the last accepted one; the first, while nothing is accepted
  Time entered_at;
};

struct Parent {
  AccountId account;
  SymbolId symbol;
  Side side = Side::buy;
  Quantity size;
  ParentSource source = ParentSource::declared;
  bool cancelled = false;  // by its owner
  Quantity cum;            // executed by all children; a bust does not give capacity back (rule 12)
  Quantity reported;       // executed as its OMS reports it, here and elsewhere; never falls
  Quantity open;           // Σ open(child)
  std::uint32_t children = 0;  // entered
  std::uint32_t refused = 0;   // refused by parent-fill
  [[nodiscard]] Quantity executed() const { return cum < reported ? reported : cum; }
  [[nodiscard]] Quantity used() const { return executed() + open; }
};

// Gross exposure of a scope: Σ over symbols of |position| × reference, + open buys + open sells.
struct Exposure {
  Money positions;
  Money open_buys;
  Money open_sells;
  std::uint32_t open_orders = 0;
  [[nodiscard]] Money gross() const { return positions + open_buys + open_sells; }
};

// Fills that map to no order of ours: booked here, never dropped (rule 9).
struct Quarantine {
  std::uint32_t fills = 0;
  Quantity shares;
  Money notional;
};

// Something impossible that a venue reported. The fact is booked; the anomaly is for the journal
// and the alert.
enum class Anomaly : std::uint8_t {
  none = 0,
  over_fill = 1,         // rule 8
  fill_after_end = 2,    // rule 9
  unknown_order = 3,     // rule 9: quarantined when it is a fill
  exec_id_reused = 4,    // rule 10: same ExecID, other content: booked
  cum_differs = 5,       // rule 11: 14 is not Σ 32
  unknown_exec_ref = 6,  // rule 12
  bad_value = 7,         // a negative or absent quantity where one is needed: booked as worst case
  life_after_end = 8,    // an order that ended (or a reject of one that lives): the worse one holds
};
[[nodiscard]] std::string_view name(Anomaly anomaly);

struct Learned {
  OrderId order;           // unknown: maps to no order
  bool duplicate = false;  // same ExecID, same content, or a status: nothing moved
  Anomaly anomaly = Anomaly::none;
  bool ended = false;             // the order ended with this report
  bool exhausted_parent = false;  // the parent became exhausted with this report
  bool missing_fills = false;     // 14 is more than Σ 32: ask the venue with H (rule 11)
};

// resized: known with another size, from a source that is trusted less.
enum class Declared : std::uint8_t { added, same, conflict, resized };
// refused: the size is none, or the source may not change it so.
enum class Resized : std::uint8_t { resized, same, refused, unknown_parent };

class Books {
 public:
  Books();
  ~Books();
  Books(Books&&) noexcept;
  Books& operator=(Books&&) noexcept;

  // --- changes: each is applied live and again, from the journal, after a restart ---

  // First write wins: a second declaration that differs in anything is a conflict and changes
  // nothing, unless it differs in the size only and its source is trusted more.
  Declared declare(const ParentDeclaration& declaration, Time now);
  // Its OMS changed the size. Who may: trusted as much as the source that it has, for a raise;
  // anybody but the router itself for less, also for less than is used (rule 23).
  Resized resize(ParentId parent, Quantity size, ParentSource source, Time now);
  // What the OMS says is executed of it, over all ways to market. Returns by how much that is more
  // than our own children's: it was executed elsewhere.
  Quantity report_executed(ParentId parent, Quantity executed, Time now);
  // Its owner cancelled the parent: no child may enter any more.
  void cancel_parent(ParentId parent, Time now);
  // Reserves for a request whose verdict is `may go` (rules 1, 3, 5, 7). The order, existing or
  // new.
  OrderId enter(const Request& request, Time now);
  // Counts a refusal: windows (refused attempts count in order-rate), parent-fill grace.
  void refuse(const Request& request, const Breach& breach, Time now);
  // An application message of a router, whatever becomes of it; one that went to a venue.
  void message(RouterId router, Time now);
  void message(VenueId venue, Time now);
  // Counts a refusal of a message that never came to the controls.
  void reject(RouterId router, Reason reason, Time now);
  // Books a fact. Facts are never refused; impossible ones come back as an anomaly.
  Learned learn(const Report& report, Time now);
  // New reference prices: positions are valued again.
  void mark(const References& references);
  // The position of an account in a symbol as the day began, and what a share of it cost; what was
  // executed since the roll is added. False for an unknown account or symbol: nothing changes.
  bool load_position(AccountId account, SymbolId symbol, Quantity position, Price cost);
  // A new trading day. Open orders stay, with all their names and executions; a ClOrdID of an order
  // that has ended may be used again, and what ended before the last roll is forgotten (rule 18).
  void roll_day(Time now);
  // How many shares of the symbol the account may sell short today, in place of what it was; what
  // is entered already stays used.
  void load_locate(AccountId account, SymbolId symbol, Quantity shares);
  // Before any request: which scopes exist, so that windows and exposures are flat tables.
  void size_for(const Directory& directory, const Limits& limits);

  // --- questions ---

  [[nodiscard]] OrderId find(RouterId router,
                             std::string_view cl_ord_id) const;  // any ClOrdID of its chain
  // Rule 13: used since the day roll, or by an order that is open.
  [[nodiscard]] bool is_taken(RouterId router, std::string_view cl_ord_id) const;
  [[nodiscard]] const Order& order(OrderId id) const;  // of a forgotten one: ended, all else empty
  [[nodiscard]] std::uint32_t order_count() const;     // ids run from 0, forgotten ones too
  [[nodiscard]] std::vector<OrderId> open_orders() const;  // open > 0 or state sent/live
  [[nodiscard]] const Parent* parent(ParentId id) const;   // nullptr: never declared
  [[nodiscard]] Exposure exposure(Scope scope) const;      // of every kind but a parent
  // What the day has cost, as far as two marks agree on it; zero: nothing.
  [[nodiscard]] Money loss(Scope scope) const;
  // Notional entered since the day roll; it never falls within a day.
  [[nodiscard]] Money turnover(Scope scope) const;
  [[nodiscard]] std::uint32_t entered_within(Scope scope, Duration window, Time now) const;
  [[nodiscard]] Quantity position(AccountId account, SymbolId symbol) const;
  [[nodiscard]] const Quarantine& quarantine() const;
  // A digest of everything above, equal for equal books: replay is compared with it.
  [[nodiscard]] std::uint64_t digest() const;

  // All of it as bytes, and back, for the same build only. `restore` throws where the bytes end too
  // early, and then changes nothing.
  void save(std::ostream& to) const;
  void restore(std::istream& from);

  struct State;  // for risk/ only: the controls read it
  [[nodiscard]] const State& state() const { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

}  // namespace interlock::risk
