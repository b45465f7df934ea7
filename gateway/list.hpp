// A NewOrderList (E) as the orders that it holds, each readable like a NewOrderSingle, and the
// entries of a ListStatus (N).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/translate.hpp"
#include "gateway/wire.hpp"

namespace interlock::gateway {

// The orders of a strictly read E, in their order, as D's without a header. An error: a list that
// has no check, such as one in fragments (68, 893), or one that waits for a ListExecute (433).
[[nodiscard]] std::expected<std::vector<Parsed>, Untranslatable> orders_in(const Parsed& list);

// The entries of the orders' group (73) of an E or N, each with its own fields only.
[[nodiscard]] std::vector<Parsed> entries_in(const Parsed& list);

// The ClOrdIDs of a request that went to a venue: one a leg of an E, else the one of its 11.
[[nodiscard]] std::vector<std::string_view> cl_ord_ids_in(const Parsed& request);

}  // namespace interlock::gateway
