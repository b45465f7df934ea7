// What the controls that watch share: their limits have to be set before an order may go, and what
// breaks one shuts a scope.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "risk/asking.hpp"
#include "risk/fact.hpp"

namespace interlock::risk {

// The refusal for want of a limit: what nobody set, nobody can watch.
template <ScopeKind... kinds, class Value>
[[nodiscard]] std::optional<Breach> ask_is_set(const Question& question, const Subject& subject,
                                               Limit<Value> ScopeLimits::*which,
                                               std::string_view control) {
  const auto asked =
      ask_scopes<kinds...>(question, subject, which, [](Scope, const Value&) { return Wide{0}; });
  if (!asked.unset) [[likely]]
    return std::nullopt;
  return no_limit(question.directory, control, *asked.unset);
}

// Calls broken(scope, observed, limit) for each limit of `which` that observe(scope, limit) is
// beyond.
template <class Value, class Observe, class Broken>
void watch_scopes(const Watch& watch, const Scopes& scopes, Limit<Value> ScopeLimits::*which,
                  Observe observe, Broken broken) {
  for (const Scope scope : scopes) {
    const Limit<Value>& limit = limits_of(watch.limits, scope).*which;
    if (limit.state != Limit<Value>::State::value) continue;
    const Wide observed = observe(scope, limit.value);
    if (observed > size_of(limit.value)) broken(scope, observed, limit.value);
  }
}

// A limit of `scope` is broken, which shuts `shut`.
template <class Value>
[[nodiscard]] Breach shutting(Reason reason, Level level, Scope shut, Scope scope, Wide observed,
                              const Value& limit, std::string fact) {
  Breach breach =
      limit_breach(reason, scope, use_text(observed, limit), limit_text(limit), std::move(fact));
  breach.trip = Trip{level, shut};
  return breach;
}

}  // namespace interlock::risk
