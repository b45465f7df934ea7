#include "risk/limit_controls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <expected>
#include <span>

#include "risk/books_state.hpp"
#include "risk/exposure.hpp"
#include "risk/fact.hpp"
#include "risk/subject.hpp"

namespace interlock::risk {
namespace {

Scope symbol_scope(const Subject& s) { return {ScopeKind::symbol, s.symbol.value}; }
Scope account_scope(const Subject& s) { return {ScopeKind::account, s.account.value}; }
Scope router_scope(const Subject& s) { return {ScopeKind::router, s.router.value}; }
Scope venue_scope(const Subject& s) { return {ScopeKind::venue, s.venue.value}; }
Scope parent_scope(const Subject& s) { return {ScopeKind::parent, s.parent.value}; }

// What a router may read: its own flow, and its own account's and parent's. What stands in a venue,
// in a symbol or in the firm is partly of others.
bool is_own(Scope scope) {
  return scope.kind == ScopeKind::router || scope.kind == ScopeKind::account ||
         scope.kind == ScopeKind::parent;
}

template <class Value>
std::int64_t size_of(const Value& value) {
  return value.raw();
}
std::int64_t size_of(const Rate& rate) { return rate.count; }

// Where a limit is broken, the scope with the lowest one; an unset limit of any scope comes first.
template <class Value>
struct Asked {
  std::optional<Scope> unset;
  std::optional<Scope> broken;
  const Value* limit = nullptr;
  Wide observed = 0;
};
template <class Value, class Observe>
Asked<Value> ask_scopes(const Limits& limits, std::span<const Scope> scopes,
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

Breach limit_breach(Reason reason, Scope scope, std::string observed, std::string limit,
                    std::string fact) {
  Breach breach = state_breach(reason, scope, std::move(fact));
  breach.observed = std::move(observed);
  breach.limit = std::move(limit);
  return breach;
}

Breach does_not_fit(const Subject& subject) {
  return state_breach(
      Reason::malformed, router_scope(subject),
      fmt::format("quantity {} times its price does not fit", subject.quantity.text()));
}

// The reference price and the collar around it, or the refusal for want of one of them.
struct Reference {
  Price price;
  Collar collar;  // of zero where a person wrote `none`
  bool has_collar = false;
};
std::expected<Reference, Breach> reference_of(const Question& question, const Subject& subject) {
  const Scope scope = symbol_scope(subject);
  const Limit<Collar>& collar = limits_of(question.limits, scope).price_collar;
  if (collar.state == Limit<Collar>::State::unset) {
    return std::unexpected(no_limit(question.directory, "price-collar", scope));
  }
  const auto* known = entry(question.references.by_symbol, subject.symbol);
  const auto refuse = [&](std::string_view what) {
    return std::unexpected(state_breach(
        Reason::no_reference_price, scope,
        fmt::format("the reference price of {} is {}", words(question.directory, scope), what)));
  };
  if (!known || !*known || (*known)->price.is_zero()) return refuse("missing");
  const Duration age = question.now - (*known)->as_of;
  // One from the future is no better known than one that is too old.
  const Duration most = question.limits.reference_age_max;
  if (age > most || age.ns < -most.ns) return refuse("too old");
  return Reference{(*known)->price, collar.value, collar.state == Limit<Collar>::State::value};
}

// |position| on the other side covers the open same-side quantity and this order.
bool is_reducing(const Books::State& state, const Subject& subject) {
  const auto found = state.holdings.find({nowhere, subject.account, subject.symbol});
  if (found == state.holdings.end()) return false;
  const Holding& holding = found->second;
  if (is_buy(subject.side)) {
    return holding.open_buys + subject.increment.raw() <= -holding.position;
  }
  return holding.open_sells + subject.increment.raw() <= holding.position;
}

// By how much the request raises what its order counts for in the exposures.
std::optional<Wide> money_added(const Subject& subject, const Reference& reference) {
  Quantity quantity = subject.increment;
  std::optional<Price> limit = subject.limit;
  Wide held = 0;
  if (subject.order) {
    quantity = subject.order->shown.open + subject.increment;
    limit = worse_limit(limit, subject.order->shown.limit);
    held = subject.order->held.raw();
  }
  const auto price = notional_price(limit, reference.price, reference.collar);
  const auto value = price ? notional(quantity, *price) : std::nullopt;
  if (!value) return std::nullopt;
  return std::max<Wide>(0, value->raw() - held);
}

}  // namespace

const ScopeLimits& limits_of(const Limits& limits, Scope scope) {
  static const ScopeLimits unset;
  const std::vector<ScopeLimits>* table = nullptr;
  switch (scope.kind) {
    case ScopeKind::firm:
      return limits.firm;
    case ScopeKind::parent:
      return limits.parent;
    case ScopeKind::router:
      table = &limits.routers;
      break;
    case ScopeKind::venue:
      table = &limits.venues;
      break;
    case ScopeKind::account:
      table = &limits.accounts;
      break;
    case ScopeKind::symbol:
      table = &limits.symbols;
      break;
  }
  return table && scope.id < table->size() ? (*table)[scope.id] : unset;
}

std::optional<Breach> ask_order_rate(const Question& question) {
  const Subject subject = subject_of(question.books.state(), question.request);
  const std::array scopes{parent_scope(subject), router_scope(subject), account_scope(subject),
                          symbol_scope(subject), venue_scope(subject),  Scope{}};
  const auto asked = ask_scopes(
      question.limits, scopes, &ScopeLimits::order_rate, [&](Scope scope, const Rate& rate) {
        return Wide{question.books.entered_within(scope, rate.window, question.now)} + 1;
      });
  if (asked.unset) return no_limit(question.directory, "order-rate", *asked.unset);
  if (!asked.broken) return std::nullopt;
  const auto limit = fmt::format("{} in {}", asked.limit->count, words(asked.limit->window));
  const std::string count = std::to_string(static_cast<std::uint32_t>(asked.observed));
  const std::string who = words(question.directory, *asked.broken);
  return limit_breach(Reason::order_rate, *asked.broken, count, limit,
                      is_own(*asked.broken)
                          ? fmt::format("order {} of at most {} for {}", count, limit, who)
                          : fmt::format("the rate of {} is reached", who));
}

std::optional<Breach> ask_order_qty(const Question& question) {
  const Subject subject = subject_of(question.books.state(), question.request);
  const std::array scopes{symbol_scope(subject), account_scope(subject)};
  const auto asked =
      ask_scopes(question.limits, scopes, &ScopeLimits::order_qty,
                 [&](Scope, const Quantity&) { return Wide{subject.quantity.raw()}; });
  if (asked.unset) return no_limit(question.directory, "order-qty", *asked.unset);
  if (!asked.broken) return std::nullopt;
  const std::string quantity = subject.quantity.text();
  return limit_breach(Reason::order_qty, *asked.broken, quantity, asked.limit->text(),
                      fmt::format("quantity {} is over {} of {}", quantity, asked.limit->text(),
                                  words(question.directory, *asked.broken)));
}

std::optional<Breach> ask_price_collar(const Question& question) {
  const Subject subject = subject_of(question.books.state(), question.request);
  const auto reference = reference_of(question, subject);
  if (!reference) return reference.error();
  if (!reference->has_collar) return std::nullopt;
  const auto farthest = with_collar(reference->price, reference->collar);
  if (!farthest) return does_not_fit(subject);
  const Wide centre = reference->price.raw();
  const Wide reach = farthest->raw() - absolute(centre);
  for (const auto& price : {subject.limit, subject.stop}) {
    if (!price || absolute(price->raw() - centre) <= reach) continue;
    const std::string limit = fmt::format("{} to {}", narrow<Price>(centre - reach).text(),
                                          narrow<Price>(centre + reach).text());
    const Scope scope = symbol_scope(subject);
    return limit_breach(Reason::price_collar, scope, price->text(), limit,
                        fmt::format("price {} is outside {} of {}", price->text(), limit,
                                    words(question.directory, scope)));
  }
  return std::nullopt;
}

std::optional<Breach> ask_order_notional(const Question& question) {
  const Subject subject = subject_of(question.books.state(), question.request);
  const auto reference = reference_of(question, subject);
  if (!reference) return reference.error();
  const auto price = notional_price(subject.limit, reference->price, reference->collar);
  const auto value = price ? notional(subject.quantity, *price) : std::nullopt;
  if (!value) return does_not_fit(subject);
  const std::array scopes{symbol_scope(subject), account_scope(subject)};
  const auto asked = ask_scopes(question.limits, scopes, &ScopeLimits::order_notional,
                                [&](Scope, const Money&) { return Wide{value->raw()}; });
  if (asked.unset) return no_limit(question.directory, "order-notional", *asked.unset);
  if (!asked.broken) return std::nullopt;
  return limit_breach(Reason::order_notional, *asked.broken, value->text(), asked.limit->text(),
                      fmt::format("notional {} is over {} of {}", value->text(),
                                  asked.limit->text(), words(question.directory, *asked.broken)));
}

std::optional<Breach> ask_gross_notional(const Question& question) {
  const Books::State& state = question.books.state();
  const Subject subject = subject_of(state, question.request);
  const auto reference = reference_of(question, subject);
  if (!reference) return reference.error();
  const auto added = money_added(subject, *reference);
  if (!added) return does_not_fit(subject);
  const bool is_free = *added == 0 || is_reducing(state, subject);
  const auto gross_with_order = [&](Scope scope, const Money&) -> Wide {
    const ScopeRecord* record = state.scope(scope);
    if (is_free) return 0;
    if (!record) return *added;
    return record->sums.positions + record->sums.open_buys + record->sums.open_sells + *added;
  };
  const std::array scopes{account_scope(subject), symbol_scope(subject), router_scope(subject),
                          venue_scope(subject), Scope{}};
  const auto asked =
      ask_scopes(question.limits, scopes, &ScopeLimits::gross_notional, gross_with_order);
  if (asked.unset) return no_limit(question.directory, "gross-notional", *asked.unset);
  if (!asked.broken) return std::nullopt;
  const std::string who = words(question.directory, *asked.broken);
  if (asked.observed >= Money::highest().raw()) {
    return state_breach(Reason::no_reference_price, *asked.broken,
                        fmt::format("something open in {} has no reference price", who));
  }
  const std::string gross = narrow<Money>(asked.observed).text();
  return limit_breach(
      Reason::gross_notional, *asked.broken, gross, asked.limit->text(),
      is_own(*asked.broken)
          ? fmt::format("gross {} is over {} of {}", gross, asked.limit->text(), who)
          : fmt::format("the gross notional of {} is reached", who));
}

}  // namespace interlock::risk
