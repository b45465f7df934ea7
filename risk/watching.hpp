// What the controls that watch share: their limits have to be set before an order may go, and what
// breaks one shuts a scope.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "risk/asking.hpp"
#include "risk/fact.hpp"

namespace interlock::risk {

// The refusal for want of one of these limits: what nobody set, nobody can watch.
template <ScopeKind... kinds, class... Values>
[[nodiscard, gnu::always_inline]] inline bool ask_are_set(const Question& question,
                                                          const Subject& subject, Verdict& verdict,
                                                          std::string_view control,
                                                          Limit<Values> ScopeLimits::*... each) {
  const auto is_set = [&]<class Value>(ScopeKind kind, Limit<Value> ScopeLimits::*which)
      __attribute__((always_inline)) {
    const ScopeLimits* limits = subject.worked_out.limits[place_of(kind)];
    if (is_attribution(kind) && !limits) return true;
    return (limits->*which).state != Limit<Value>::State::unset;
  };
  const auto is_set_everywhere = [&](auto which) __attribute__((always_inline)) {
    return (is_set(kinds, which) && ...);
  };
  if ((is_set_everywhere(each) && ...)) [[likely]]
    return true;
  const auto are_set = [&]<class Value>(Limit<Value> ScopeLimits::*which) {
    return refused_in<kinds...>(
        question, subject, verdict, control, which, [](Scope, const Value&) { return Wide{0}; },
        [](const Broken<Value>&) { return std::optional<Breach>{}; });
  };
  return (are_set(each) && ...);
}

// Calls broken(scope, observed, limit) if the limit of `scope` is such that observe(scope, limit)
// is beyond it.
template <class Value, class Observe, class Broken>
[[gnu::always_inline]] inline void watch_scope(const Watch& watch, Scope scope,
                                               Limit<Value> ScopeLimits::*which, Observe observe,
                                               Broken broken) {
  const Limit<Value>& limit = limits_of(watch.limits, scope).*which;
  if (limit.state != Limit<Value>::State::value) return;
  const Wide observed = observe(scope, limit.value);
  if (observed > size_of(limit.value)) broken(scope, observed, limit.value);
}
// The same in each scope of these kinds that was touched.
template <ScopeKind... kinds, class Value, class Observe, class Broken>
[[gnu::always_inline]] inline void watch_scopes(const Watch& watch,
                                                Limit<Value> ScopeLimits::*which, Observe observe,
                                                Broken broken) {
  const auto look = [&](Scope scope) __attribute__((always_inline)) {
    if (scope.id != nowhere) watch_scope(watch, scope, which, observe, broken);
  };
  (look(scope_in(watch.touched, kinds)), ...);
}

// How many came in the limit's window, and the same if they are more than it allows, else 0;
// nullptr: nothing was ever heard of that scope.
[[nodiscard]] inline Wide within(const Window* window, const Rate& rate, Time now) {
  return window ? window->within(rate.window, now) : 0;
}
[[nodiscard]] inline Wide beyond(const Window* window, const Rate& rate, Time now) {
  const bool is_more = window && window->reaches(std::uint64_t{rate.count} + 1, rate.window, now);
  return is_more ? window->within(rate.window, now) : 0;
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
