// What the controls share: the scopes of a subject, the lowest limit that is broken, and prices.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "risk/books_state.hpp"
#include "risk/control.hpp"
#include "risk/fact.hpp"
#include "risk/wide.hpp"

namespace interlock::risk {

inline constexpr ScopeLimits nobody_set{};

// The limits of a scope; of one that the policy does not know, every limit is unset.
[[nodiscard]] inline const ScopeLimits& limits_of(const Limits& limits, Scope scope) {
  const auto in = [&](const std::vector<ScopeLimits>& table) -> const ScopeLimits& {
    return scope.id < table.size() ? table[scope.id] : nobody_set;
  };
  switch (scope.kind) {
    case ScopeKind::firm:
      return limits.firm;
    case ScopeKind::parent:
      return limits.parent;
    case ScopeKind::router:
      return in(limits.routers);
    case ScopeKind::venue:
      return in(limits.venues);
    case ScopeKind::account:
      return in(limits.accounts);
    case ScopeKind::symbol:
      return in(limits.symbols);
    case ScopeKind::algo:
      return in(limits.algos);
    case ScopeKind::trader:
      return in(limits.traders);
    case ScopeKind::desk:
      return in(limits.desks);
  }
  return nobody_set;
}

// Of a symbol that the policy says nothing of: its own currency, and no price below zero.
[[nodiscard]] inline SymbolTraits traits_of(const Limits& limits, SymbolId symbol) {
  const SymbolTraits* traits = entry(limits.symbol_traits, symbol);
  return traits ? *traits : SymbolTraits{};
}

[[nodiscard]] inline Scope scope_of(RouterId id) { return {ScopeKind::router, id.value}; }
[[nodiscard]] inline Scope scope_of(VenueId id) { return {ScopeKind::venue, id.value}; }
[[nodiscard]] inline Scope scope_of(AccountId id) { return {ScopeKind::account, id.value}; }
[[nodiscard]] inline Scope scope_of(SymbolId id) { return {ScopeKind::symbol, id.value}; }
[[nodiscard]] inline Scope scope_of(ParentId id) { return {ScopeKind::parent, id.value}; }
[[nodiscard]] inline Scope scope_of(AlgoId id) { return {ScopeKind::algo, id.value}; }
[[nodiscard]] inline Scope scope_of(TraderId id) { return {ScopeKind::trader, id.value}; }
[[nodiscard]] inline Scope scope_of(DeskId id) { return {ScopeKind::desk, id.value}; }

[[nodiscard]] constexpr bool is_attribution(ScopeKind kind) {
  return kind == ScopeKind::algo || kind == ScopeKind::trader || kind == ScopeKind::desk;
}

// The scope of a kind under which a Subject, or what is Touched, falls; its id may be unknown.
template <class Of>
[[nodiscard]] constexpr Scope scope_in(const Of& subject, ScopeKind kind) {
  switch (kind) {
    case ScopeKind::firm:
      return {kind, 0};
    case ScopeKind::router:
      return {kind, subject.router.value};
    case ScopeKind::venue:
      return {kind, subject.venue.value};
    case ScopeKind::account:
      return {kind, subject.account.value};
    case ScopeKind::symbol:
      return {kind, subject.symbol.value};
    case ScopeKind::parent:
      return {kind, subject.parent.value};
    case ScopeKind::algo:
      return {kind, subject.by.algo.value};
    case ScopeKind::trader:
      return {kind, subject.by.trader.value};
    case ScopeKind::desk:
      return {kind, subject.by.desk.value};
  }
  return {kind, nowhere};
}

// What a router may read: its own flow, and its own account's and parent's. What stands in a venue,
// in a symbol or in the firm is partly of others.
[[nodiscard]] bool is_own(Scope scope);

// A limit as the number that is compared, in raw units, and as text.
[[nodiscard]] inline std::int64_t size_of(Quantity limit) { return limit.raw(); }
[[nodiscard]] inline std::int64_t size_of(Money limit) { return limit.raw(); }
[[nodiscard]] inline std::int64_t size_of(const Rate& limit) { return limit.count; }
[[nodiscard]] inline std::int64_t size_of(const MoneyRate& limit) { return limit.amount.raw(); }
[[nodiscard]] inline std::int64_t size_of(Count limit) { return limit.value; }
[[nodiscard]] inline std::int64_t size_of(Ratio limit) { return limit.parts_per_million; }
[[nodiscard]] inline std::int64_t size_of(Forbidden) { return 0; }
[[nodiscard]] std::int64_t size_of(const Collar& limit);
[[nodiscard]] std::string limit_text(Quantity limit);
[[nodiscard]] std::string limit_text(Money limit);
[[nodiscard]] std::string limit_text(const Rate& limit);
[[nodiscard]] std::string limit_text(const MoneyRate& limit);
[[nodiscard]] std::string limit_text(Count limit);
[[nodiscard]] std::string limit_text(Ratio limit);
[[nodiscard]] std::string limit_text(Forbidden limit);
[[nodiscard]] std::string limit_text(const Collar& limit);
// What is used of such a limit, as text.
[[nodiscard]] std::string use_text(Wide used, Quantity);
[[nodiscard]] std::string use_text(Wide used, Money);
[[nodiscard]] std::string use_text(Wide used, const MoneyRate&);
[[nodiscard]] std::string use_text(Wide used, Ratio);
template <class Value>
[[nodiscard]] std::string use_text(Wide used, const Value&) {
  return std::to_string(static_cast<std::int64_t>(used));
}

// A decision asks some sixty limits. So the scopes of its subject are looked up once, and each
// limit is a few instructions, the kind of its scope being known when the control is compiled.
[[nodiscard]] constexpr std::size_t place_of(ScopeKind kind) {
  return static_cast<std::size_t>(kind) - 1;
}

// The limits of the subject's scope of that kind; not of an attribution.
[[nodiscard]] inline const ScopeLimits& limits_in(const Subject& subject, ScopeKind kind) {
  return *subject.worked_out.limits[place_of(kind)];
}
// What is counted in the subject's scope of that kind; empty for a parent's, and where nothing was
// ever entered.
[[nodiscard]] inline const ScopeRecord& record_in(const Subject& subject, ScopeKind kind) {
  return *subject.worked_out.records[place_of(kind)];
}
// Of a scope in which nothing was ever entered, every sum is 0.
inline constexpr Sums no_sums{};
[[nodiscard]] inline const Sums& sums_in(const Subject& subject, ScopeKind kind) {
  return record_in(subject, kind).sums;
}
[[nodiscard]] inline const Sums& sums_of(const Books& books, Scope scope) {
  const ScopeRecord* record = books.state().scope(scope);
  return record ? record->sums : no_sums;
}

// Of an order that passes, a control is some comparisons. What is said of one that does not is a
// function of its own, so that the way of those that pass needs no room for texts. say(): the
// breach; an optional one where there may be nothing to say.
template <class Say>
[[nodiscard, gnu::noinline, gnu::cold]] bool refused(Verdict& verdict, Say say) {
  verdict.breach = say();
  return verdict.may_go();
}

// A limit that is broken: of several, the lowest.
template <class Value>
struct Broken {
  Scope scope;
  const Value& limit;
  Wide observed;
};

// The refusal of what ask_scopes() found not to be within its limits: an unset limit comes before
// any broken one.
template <ScopeKind... kinds, class Value, class Observe, class Refuse>
[[nodiscard, gnu::noinline, gnu::cold]] bool refused_in(const Question& question,
                                                        const Subject& subject, Verdict& verdict,
                                                        std::string_view control,
                                                        Limit<Value> ScopeLimits::*which,
                                                        Observe observe, Refuse refuse) {
  using State = Limit<Value>::State;
  const Value* lowest = nullptr;
  Scope where;
  Wide most = 0;
  for (const ScopeKind kind : {kinds...}) {
    const ScopeLimits* limits = subject.worked_out.limits[place_of(kind)];
    if (is_attribution(kind) && !limits) continue;
    const Limit<Value>& limit = limits->*which;
    const Scope scope = scope_in(subject, kind);
    if (limit.state == State::unset) {
      verdict.breach = no_limit(question.directory, control, scope);
      return false;
    }
    if (limit.state == State::none) continue;
    const Wide observed = observe(scope, limit.value);
    if (observed <= size_of(limit.value)) continue;
    if (lowest && size_of(*lowest) <= size_of(limit.value)) continue;
    lowest = &limit.value;
    where = scope;
    most = observed;
  }
  if (lowest) verdict.breach = refuse(Broken<Value>{where, *lowest, most});
  return verdict.may_go();
}

// The scopes of these kinds under which the subject falls, in the order of the kinds; an
// attribution that its router does not carry is left out. observe(scope, limit): what would count
// against it, with the request; where that is within the limit, any figure within it will do.
// refuse(Broken): the breach.
template <ScopeKind... kinds, class Value, class Observe, class Refuse>
[[nodiscard, gnu::always_inline]] inline bool ask_scopes(const Question& question,
                                                         const Subject& subject, Verdict& verdict,
                                                         std::string_view control,
                                                         Limit<Value> ScopeLimits::*which,
                                                         Observe observe, Refuse refuse) {
  using State = Limit<Value>::State;
  const auto is_within = [&](ScopeKind kind) __attribute__((always_inline)) {
    const ScopeLimits* limits = subject.worked_out.limits[place_of(kind)];
    if (is_attribution(kind) && !limits) return true;
    const Limit<Value>& limit = limits->*which;
    if (limit.state == State::value) [[likely]]
      return observe(scope_in(subject, kind), limit.value) <= size_of(limit.value);
    return limit.state == State::none;
  };
  if ((is_within(kinds) && ...)) [[likely]]
    return true;
  return refused_in<kinds...>(question, subject, verdict, control, which, observe, refuse);
}

[[nodiscard]] Breach limit_breach(Reason reason, Scope scope, std::string observed,
                                  std::string limit, std::string fact);

// The refusal of what has no reference price, or whose quantity times price is more than Money can
// say.
[[nodiscard, gnu::cold]] bool cannot_be_valued(const Question& question, const Subject& subject,
                                               Verdict& verdict);

// The price of an order for every notional (exposure.hpp), in the policy's currency; nullopt when
// it does not fit.
[[nodiscard]] std::optional<Price> money_price(std::optional<Price> limit,
                                               const Reference& reference);

}  // namespace interlock::risk
