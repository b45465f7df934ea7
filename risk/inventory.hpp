// How a control lists the use of its limits: for display, from the same state that it asks.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "risk/asking.hpp"
#include "risk/control.hpp"
#include "risk/wide.hpp"

namespace interlock::risk {

struct Inventory {
  const Books& books;
  const Limits& limits;
  const References& references;
  const Directory& directory;
  Time now;
  std::vector<ParentId> parents;  // the fullest ones: of many, only these are listed
  std::vector<LimitUse> rows = {};

  // All scopes of a kind.
  [[nodiscard]] std::vector<Scope> scopes(ScopeKind kind) const;
  // A row, as full as `used` of `limit` in raw units; a limit of `none` is never full.
  void add(LimitUse use, Wide used, std::int64_t limit);
};

// Each limit of `which` in scopes of these kinds. observe(scope, limit) gives what is used of it in
// the limit's raw unit; nothing for a limit that holds for each order anew.
template <class Value, class Observe>
void list_use(Inventory& inventory, std::string_view control,
              std::initializer_list<ScopeKind> kinds, Limit<Value> ScopeLimits::*which,
              Observe observe) {
  for (const ScopeKind kind : kinds) {
    for (const Scope scope : inventory.scopes(kind)) {
      const Limit<Value>& limit = limits_of(inventory.limits, scope).*which;
      if (limit.state == Limit<Value>::State::unset) continue;
      const bool is_none = limit.state == Limit<Value>::State::none;
      const std::optional<Wide> used = observe(scope, limit.value);
      inventory.add({.control = control,
                     .scope = scope,
                     .used = used ? use_text(*used, limit.value) : "",
                     .limit = is_none ? "none" : limit_text(limit.value),
                     .line = limit.line},
                    is_none ? Wide{0} : used.value_or(0), size_of(limit.value));
    }
  }
}

}  // namespace interlock::risk
