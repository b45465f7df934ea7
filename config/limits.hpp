// The limits of the policy by key and scope: which scope carries which, and how each is written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/reader.hpp"
#include "risk/limits.hpp"
#include "risk/verdict.hpp"

namespace interlock::config {

// Calls visit(key, limit) for each limit that a scope of `kind` carries: the one list of them.
template <class ScopeLimits, class Visit>
void each_limit(risk::ScopeKind kind, ScopeLimits& limits, Visit visit) {
  const auto carries = [kind](auto... kinds) { return ((kind == kinds) || ...); };
  using enum risk::ScopeKind;
  visit("max_orders", limits.order_rate);
  if (carries(symbol, account)) {
    visit("max_order_qty", limits.order_qty);
    visit("max_order_notional", limits.order_notional);
    visit("max_position", limits.position);
  }
  if (carries(symbol)) visit("price_collar", limits.price_collar);
  if (carries(router)) {
    visit("max_duplicates", limits.duplicates);
    visit("max_new_parents", limits.new_parents);
    visit("max_peer_divergence", limits.peer_divergence);
  }
  if (carries(parent, router)) {
    visit("max_child_messages", limits.child_messages);
    visit("max_child_shares", limits.child_shares);
  }
  if (carries(parent, router, algo)) visit("max_executions", limits.execution_rate);
  if (carries(router, venue)) {
    visit("max_messages", limits.message_rate);
    visit("max_rejects", limits.rejects);
  }
  if (!carries(parent)) visit("max_gross_notional", limits.gross_notional);
  if (carries(account, symbol, firm)) {
    visit("max_net_notional", limits.net_notional);
    visit("max_notional_rate", limits.notional_rate);
  }
  if (carries(account, router, firm)) {
    visit("max_turnover", limits.turnover);
    visit("reduce_only_at_loss", limits.reduce_at_loss);
    visit("kill_at_loss", limits.kill_at_loss);
  }
  if (carries(router, account, symbol)) visit("max_open_orders", limits.open_orders);
  if (carries(account, firm)) visit("self_match", limits.self_match);
  if (carries(venue, firm)) {
    visit("max_orphan_fills", limits.orphan_fills);
    visit("max_orphan_shares", limits.orphan_shares);
    visit("max_orphan_notional", limits.orphan_notional);
  }
  if (carries(venue)) visit("max_over_fill", limits.over_fill);
}

// Reads the limits that `section` has on top of those that `limits` already holds; a section with
// any says why, who answers for them, and when to look again. Amounts are in config.currency.
void read_limits(Section& section, risk::ScopeKind kind, Config& config, risk::ScopeLimits& limits);

// One limit as the file writes it ("200_000", "5 M USD"); its line stays. What is wrong, in words:
// then nothing is changed.
[[nodiscard]] std::optional<std::string> set_limit(risk::ScopeKind kind, std::string_view key,
                                                   std::string_view value,
                                                   std::string_view currency,
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
