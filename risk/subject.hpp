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

// What one control has worked out and the next one asks again: of the same books, limits and
// prices, as long as the decision lasts.
struct WorkedOut {
  // By kind of scope; see find_scopes(). nullptr: the subject has none of that kind, and nothing
  // was ever counted there.
  bool has_scopes = false;
  std::array<const ScopeLimits*, std::size(scope_kinds)> limits{};
  std::array<const ScopeRecord*, std::size(scope_kinds)> records{};
  std::optional<Reference> reference;
  std::optional<Wide> added;  // by how much it raises what its order counts for
  std::optional<bool> reduces;
  std::optional<const Holding*> holding;  // of its account in its symbol; nullptr: none
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
  Quantity increment;  // CONTROLS: by how much it raises what may still execute
  mutable WorkedOut worked_out = {};
};

// A G speaks for its order's venue, account, symbol and parent: it may not change them.
[[nodiscard]] Subject subject_of(const Books::State& state, const Request& request);

[[nodiscard]] RouterId router_of(const Request& request);
[[nodiscard]] std::string_view cl_ord_id_of(const Request& request);

}  // namespace interlock::risk
