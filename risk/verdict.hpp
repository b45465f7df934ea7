// The answer to a request: it may go, or the one reason why not. Numbers and words are for ever.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "risk/ids.hpp"
#include "risk/units.hpp"

namespace interlock::risk {

// Never reuse a number. Retired numbers stay listed here as retired.
enum class Reason : std::uint16_t {
  // controls
  order_qty = 1,
  order_notional = 2,
  price_collar = 3,
  order_rate = 4,
  parent_fill = 5,
  parent_match = 6,
  gross_notional = 7,
  duplicate = 8,
  restricted = 9,
  message_rate = 10,
  notional_rate = 11,
  execution_rate = 12,
  parent_fan_out = 13,
  new_parents = 14,
  peer_divergence = 15,
  turnover = 16,
  net_notional = 17,
  position = 18,
  open_orders = 19,
  daily_loss = 20,
  self_match = 21,
  orphan_fills = 22,
  over_fill = 23,
  reject_storm = 24,
  tag_dialect = 25,
  alert_unacknowledged = 26,
  ledger_stale = 27,
  // states
  killed = 100,
  not_armed = 101,
  recovering = 102,
  venue_down = 103,
  stale_order = 104,  // 43=Y or 97=Y that was never seen
  parent_unknown = 105,
  no_reference_price = 106,
  no_limit = 107,
  malformed = 108,            // dialect, ranges, decimals, overflow
  unsupported = 109,          // message, side, or field combination with no check
  duplicate_cl_ord_id = 110,  // rule 13
  unknown_order = 111,        // G or F for an order that is not ours
  cancel_in_flight = 112,     // one F in flight an order
  no_route = 113,             // ExDestination names no venue of this router
  journal_failure = 114,
  unknown_account = 115,
  unknown_symbol = 116,
  not_delivered = 117,  // the venue proved that it never had the order
  blocked = 118,        // a scope of the order is blocked: as killed, but nothing was cancelled
  reduce_only = 119,    // a scope of the order takes only orders that reduce a position
  unknown_attribution = 120,  // algo, trader or desk: absent, or not in the policy
  no_currency_rate = 121,     // the symbol's currency has no fresh rate
};

// The code word: "PARENT_FILL". First word of Text (58), metric label, journal text.
[[nodiscard]] std::string_view code(Reason reason);
[[nodiscard]] std::optional<Reason> reason_of(std::string_view code);

enum class ScopeKind : std::uint8_t {
  firm = 1,
  router = 2,
  venue = 3,
  account = 4,
  symbol = 5,
  parent = 6,
  algo = 7,  // attributions (RTS 6 12(3)), where a tag carries them
  trader = 8,
  desk = 9,
};
inline constexpr ScopeKind scope_kinds[] = {
    ScopeKind::firm,   ScopeKind::router, ScopeKind::venue,  ScopeKind::account, ScopeKind::symbol,
    ScopeKind::parent, ScopeKind::algo,   ScopeKind::trader, ScopeKind::desk};
[[nodiscard]] std::string_view name(ScopeKind kind);
[[nodiscard]] std::optional<ScopeKind> scope_kind_of(std::string_view name);

// How far a scope is shut; a higher one includes the lower ones.
enum class Level : std::uint8_t {
  reduce_only = 1,  // only orders that reduce a position
  block = 2,        // no order
  kill = 3,         // no order, and what is open is cancelled
};
[[nodiscard]] std::string_view name(Level level);
[[nodiscard]] std::optional<Level> level_of(std::string_view name);

struct Scope {
  ScopeKind kind = ScopeKind::firm;
  std::uint32_t id = 0;  // index in the kind's table; 0 for the firm
  friend constexpr auto operator<=>(const Scope&, const Scope&) = default;
};

// A latch that closes: what a breach, beyond the refusal, brings about.
struct Trip {
  Level level = Level::kill;
  Scope scope;
  friend bool operator==(const Trip&, const Trip&) = default;
};

struct Breach {
  Reason reason = Reason::malformed;
  Scope scope;           // whose limit it was
  std::string observed;  // with the order, in the limit's own unit: "12100"
  std::string limit;     // "12000"; empty for a state
  std::string fact;      // one clause for people: "child 100 makes 12100 of parent P-00417's 12000"
  std::optional<Trip> trip;
  bool needs_a_person = false;  // where it shuts nothing: its alert is critical, else a warning
};

struct Verdict {
  std::optional<Breach> breach;
  [[nodiscard]] bool may_go() const { return !breach; }
};

}  // namespace interlock::risk
