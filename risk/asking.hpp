// What the controls share: the scopes of a subject, the lowest limit that is broken, and prices.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>

#include "risk/books_state.hpp"
#include "risk/control.hpp"
#include "risk/wide.hpp"

namespace interlock::risk {

// The limits of a scope; of one that the policy does not know, every limit is unset.
[[nodiscard]] const ScopeLimits& limits_of(const Limits& limits, Scope scope);

// Of a symbol that the policy says nothing of: its own currency, and no price below zero.
[[nodiscard]] SymbolTraits traits_of(const Limits& limits, SymbolId symbol);

[[nodiscard]] inline Scope scope_of(RouterId id) { return {ScopeKind::router, id.value}; }
[[nodiscard]] inline Scope scope_of(VenueId id) { return {ScopeKind::venue, id.value}; }
[[nodiscard]] inline Scope scope_of(AccountId id) { return {ScopeKind::account, id.value}; }
[[nodiscard]] inline Scope scope_of(SymbolId id) { return {ScopeKind::symbol, id.value}; }
[[nodiscard]] inline Scope scope_of(ParentId id) { return {ScopeKind::parent, id.value}; }
[[nodiscard]] inline Scope scope_of(AlgoId id) { return {ScopeKind::algo, id.value}; }
[[nodiscard]] inline Scope scope_of(TraderId id) { return {ScopeKind::trader, id.value}; }
[[nodiscard]] inline Scope scope_of(DeskId id) { return {ScopeKind::desk, id.value}; }

// The scopes of these kinds under which the subject falls, in the order of the kinds; an
// attribution that its router does not carry is left out. At most as many as there are kinds.
class Scopes {
 public:
  Scopes(const Subject& subject, std::initializer_list<ScopeKind> kinds);
  // Of what happened: what it does not touch is left out.
  Scopes(const Touched& touched, std::initializer_list<ScopeKind> kinds);
  [[nodiscard]] const Scope* begin() const { return scopes_; }
  [[nodiscard]] const Scope* end() const { return scopes_ + size_; }

 private:
  Scope scopes_[std::size(scope_kinds)];
  std::size_t size_ = 0;
};

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

// Where a limit is broken, the scope with the lowest one; an unset limit of any scope comes first.
template <class Value>
struct Asked {
  std::optional<Scope> unset;
  std::optional<Scope> broken;
  const Value* limit = nullptr;
  Wide observed = 0;
};
// observe(scope, limit): what would count against it, with the request.
template <class Value, class Observe>
[[nodiscard]] Asked<Value> ask_scopes(const Limits& limits, const Scopes& scopes,
                                      Limit<Value> ScopeLimits::*which, Observe observe) {
  Asked<Value> asked;
  for (const Scope scope : scopes) {
    const Limit<Value>& limit = limits_of(limits, scope).*which;
    if (limit.state == Limit<Value>::State::unset) {
      asked.unset = scope;
      return asked;
    }
    if (limit.state == Limit<Value>::State::none) continue;
    const Wide observed = observe(scope, limit.value);
    if (observed <= size_of(limit.value)) continue;
    if (asked.limit && size_of(*asked.limit) <= size_of(limit.value)) continue;
    asked.broken = scope;
    asked.limit = &limit.value;
    asked.observed = observed;
  }
  return asked;
}

[[nodiscard]] Breach limit_breach(Reason reason, Scope scope, std::string observed,
                                  std::string limit, std::string fact);

// Quantity times price is more than Money can say.
[[nodiscard]] Breach does_not_fit(const Subject& subject);

// The reference price and the collar around it, or the refusal for want of one of them.
struct Reference {
  Price price;
  Collar collar;  // of zero where a person wrote `none`
  bool has_collar = false;
  Price rate = Price::of(1);  // of the symbol's currency, in the policy's
};
[[nodiscard]] std::expected<Reference, Breach> reference_of(const Question& question,
                                                            const Subject& subject);

// The price of an order for every notional (exposure.hpp), in the policy's currency; nullopt when
// it does not fit.
[[nodiscard]] std::optional<Price> money_price(std::optional<Price> limit,
                                               const Reference& reference);

// |position| on the other side covers the open same-side quantity and this order (CONTROLS:
// reducing).
[[nodiscard]] bool is_reducing(const Books::State& state, const Subject& subject);

// By how much the request raises what its order counts for in the exposures.
[[nodiscard]] std::optional<Wide> money_added(const Subject& subject, const Reference& reference);

}  // namespace interlock::risk
