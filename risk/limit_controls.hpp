// The controls that compare an order, or what it adds up to, with the limits of its scopes.
#pragma once

#include <optional>

#include "risk/decide.hpp"

namespace interlock::risk {

[[nodiscard]] std::optional<Breach> ask_order_rate(const Question& question);
[[nodiscard]] std::optional<Breach> ask_order_qty(const Question& question);
[[nodiscard]] std::optional<Breach> ask_price_collar(const Question& question);
[[nodiscard]] std::optional<Breach> ask_order_notional(const Question& question);
[[nodiscard]] std::optional<Breach> ask_gross_notional(const Question& question);

// The limits of a scope; of one that the policy does not know, every limit is unset.
[[nodiscard]] const ScopeLimits& limits_of(const Limits& limits, Scope scope);

}  // namespace interlock::risk
