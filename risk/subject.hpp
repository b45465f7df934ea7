// A request put together with the order that it names: what the controls and the windows speak of.
#pragma once

#include <optional>
#include <string_view>

#include "risk/books_state.hpp"
#include "risk/request.hpp"

namespace interlock::risk {

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
};

// A G speaks for its order's venue, account, symbol and parent: it may not change them.
[[nodiscard]] Subject subject_of(const Books::State& state, const Request& request);

[[nodiscard]] RouterId router_of(const Request& request);
[[nodiscard]] std::string_view cl_ord_id_of(const Request& request);

}  // namespace interlock::risk
