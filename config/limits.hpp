// The limits of the policy by key and scope: which scope carries which, and how each is written.
#pragma once

#include <string_view>
#include <vector>

#include "config/reader.hpp"
#include "risk/limits.hpp"
#include "risk/verdict.hpp"

namespace interlock::config {

// Calls visit(key, limit) for each limit that a scope of `kind` carries: the one list of them.
template <class ScopeLimits, class Visit>
void each_limit(risk::ScopeKind kind, ScopeLimits& limits, Visit visit) {
  using Kind = risk::ScopeKind;
  if (kind == Kind::symbol || kind == Kind::account) {
    visit("max_order_qty", limits.order_qty);
    visit("max_order_notional", limits.order_notional);
  }
  if (kind == Kind::symbol) visit("price_collar", limits.price_collar);
  visit("max_orders", limits.order_rate);
  if (kind != Kind::parent) visit("max_gross_notional", limits.gross_notional);
}

// Reads the limits that `section` has on top of those that `limits` already holds. Amounts are in
// `currency`.
void read_limits(Section& section, risk::ScopeKind kind, std::string_view currency,
                 risk::ScopeLimits& limits);

// A scope, the section of the file that declares it, and the limits that hold for it.
struct LimitedScope {
  std::string_view name;  // empty: the firm, or every parent
  const toml::table* declared = nullptr;
  const risk::ScopeLimits* limits = nullptr;
};
// A limit that is set nowhere is an error: one for each key, naming the scopes that lack it.
void check_complete(Source& source, risk::ScopeKind kind, const std::vector<LimitedScope>& scopes);

}  // namespace interlock::config
