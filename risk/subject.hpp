// A request put together with the order that it names: what the controls and the windows speak of.
#pragma once

#include <array>
#include <iterator>
#include <optional>
#include <string_view>

#include "risk/books_state.hpp"
#include "risk/request.hpp"

namespace interlock::risk {

// The reference price and the collar around it.
struct Reference {
  Price price;
  Collar collar;  // of zero where a person wrote `none`
  bool has_collar = false;
  std::optional<Price> farthest;  // |price| with the collar; nullopt: does not fit
  Price rate = Price::of(1);      // of the symbol's currency, in the policy's
};

// What the controls share: worked out once, before the first of them is asked. Of the books, limits
// and prices as they are then.
struct WorkedOut {
  // By kind of scope. No limits: the subject has none of that kind.
  std::array<const ScopeLimits*, std::size(scope_kinds)> limits{};
  std::array<const ScopeRecord*, std::size(scope_kinds)> records{};
  const ParentRecord* parent = nullptr;  // nullptr: not declared
  const Holding* holding = nullptr;      // of its account in its symbol
  std::optional<Reference> reference;    // absent: cannot_be_valued() says why, as for the next
  std::optional<Wide> added;             // by how much it raises what its order counts for
  // |position| on the other side covers the open same-side quantity and this order (CONTROLS:
  // reducing).
  bool reduces = false;
};

struct Subject {
  const OrderRecord* order = nullptr;  // that a G or F names; nullptr for a D, or when unknown
  RouterId router;
  VenueId venue;
  AccountId account;
  SymbolId symbol;
  ParentId parent;
  Attributions by;
  Side side = Side::buy;
  OrderType type = OrderType::limit;
  Quantity quantity;
  std::optional<Price> limit;
  std::optional<Price> stop;
  Quantity increment;         // CONTROLS: by how much it raises what may still execute
  WorkedOut worked_out = {};  // for the controls only
};

// A G speaks for its order's venue, account, symbol and parent: it may not change them.
[[nodiscard]] Subject subject_of(const Books::State& state, const Request& request);
// With what the controls share.
struct Question;  // risk/control.hpp
[[nodiscard]] Subject subject_of(const Question& question);

[[nodiscard]] RouterId router_of(const Request& request);
[[nodiscard]] std::string_view cl_ord_id_of(const Request& request);

}  // namespace interlock::risk
