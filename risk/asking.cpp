#include "risk/asking.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "risk/exposure.hpp"
#include "risk/fact.hpp"

namespace interlock::risk {
namespace {

Duration age_max(const ReferenceAges& ages, SessionState session) {
  switch (session) {
    case SessionState::closed:
      return ages.closed;
    case SessionState::pre_open:
      return ages.pre_open;
    case SessionState::open:
      return ages.open;
  }
  return {};
}

// What one unit of the currency is worth in the policy's, or the refusal for want of it.
std::expected<Price, Breach> rate_of(const Question& question, CurrencyId currency, Scope symbol) {
  if (currency == policy_currency) return Price::of(1);
  const auto refuse = [&](std::string_view what) {
    return std::unexpected(
        state_breach(Reason::no_currency_rate, symbol,
                     fmt::format("the rate of {}, the currency of {}, is {}",
                                 printable(question.directory.currencies.name(currency)),
                                 words(question.directory, symbol), what)));
  };
  const auto* known = entry(question.references.by_currency, currency);
  if (!known || !*known || !(*known)->price.is_positive()) return refuse("missing");
  const Duration age = question.now - (*known)->as_of;
  const Duration most = question.limits.rate_age_max;
  if (age > most || age.ns < -most.ns) return refuse("too old");
  return (*known)->price;
}

// The reference price and the collar around it, or the refusal for want of one of them.
std::expected<Reference, Breach> find_reference(const Question& question, const Subject& subject) {
  const Scope scope = scope_of(subject.symbol);
  const Limit<Collar>& collar = limits_of(question.limits, scope).price_collar;
  if (collar.state == Limit<Collar>::State::unset) {
    return std::unexpected(no_limit(question.directory, "price-collar", scope));
  }
  const SymbolTraits traits = traits_of(question.limits, subject.symbol);
  const auto* known = entry(question.references.by_symbol, subject.symbol);
  const auto refuse = [&](std::string_view what) {
    return std::unexpected(state_breach(
        Reason::no_reference_price, scope,
        fmt::format("the reference price of {} is {}", words(question.directory, scope), what)));
  };
  if (!known || !*known || (*known)->price.is_zero()) return refuse("missing");
  if ((*known)->price < Price{} && !traits.negative_prices) return refuse("below zero");
  const Duration age = question.now - (*known)->as_of;
  // One from the future is no better known than one that is too old.
  const Duration most = age_max(question.limits.reference_ages, question.session);
  if (age > most || age.ns < -most.ns) return refuse("too old");
  const auto rate = rate_of(question, traits.currency, scope);
  if (!rate) return std::unexpected(rate.error());
  return Reference{.price = (*known)->price,
                   .collar = collar.value,
                   .has_collar = collar.state == Limit<Collar>::State::value,
                   .farthest = with_collar((*known)->price, collar.value),
                   .rate = *rate};
}

}  // namespace

void look_up_scopes(const Question& question, const Subject& subject) {
  WorkedOut& known = subject.worked_out;
  known.has_scopes = true;
  const auto put = [&](ScopeKind kind, auto id, const auto& limits, const auto& records) {
    if (is_attribution(kind) && !id.known()) return;
    const ScopeLimits* limit = entry(limits, id);
    known.limits[place_of(kind)] = limit ? limit : &nobody_set;
    known.records[place_of(kind)] = entry(records, id);
  };
  const Limits& limits = question.limits;
  const Books::State& state = question.books.state();
  known.limits[place_of(ScopeKind::firm)] = &limits.firm;
  known.records[place_of(ScopeKind::firm)] = &state.firm;
  known.limits[place_of(ScopeKind::parent)] = &limits.parent;
  put(ScopeKind::router, subject.router, limits.routers, state.routers);
  put(ScopeKind::venue, subject.venue, limits.venues, state.venues);
  put(ScopeKind::account, subject.account, limits.accounts, state.accounts);
  put(ScopeKind::symbol, subject.symbol, limits.symbols, state.symbols);
  put(ScopeKind::algo, subject.by.algo, limits.algos, state.algos);
  put(ScopeKind::trader, subject.by.trader, limits.traders, state.traders);
  put(ScopeKind::desk, subject.by.desk, limits.desks, state.desks);
}

Scopes::Scopes(const Touched& touched, std::initializer_list<ScopeKind> kinds) {
  for (const ScopeKind kind : kinds) {
    const Scope scope = scope_in(touched, kind);
    if (scope.id != nowhere) scopes_[size_++] = scope;
  }
}

bool is_own(Scope scope) {
  return scope.kind != ScopeKind::firm && scope.kind != ScopeKind::venue &&
         scope.kind != ScopeKind::symbol;
}

std::int64_t size_of(const Collar& limit) {
  return limit.kind == Collar::Kind::amount ? limit.amount.raw() : limit.parts_per_million;
}

std::string limit_text(Quantity limit) { return limit.text(); }
std::string limit_text(Money limit) { return limit.text(); }
std::string limit_text(const Rate& limit) {
  return fmt::format("{} in {}", limit.count, words(limit.window));
}
std::string limit_text(const MoneyRate& limit) {
  return fmt::format("{} in {}", limit.amount.text(), words(limit.window));
}
std::string limit_text(Count limit) { return std::to_string(limit.value); }
std::string limit_text(Ratio limit) { return format_decimal(limit.parts_per_million, 4) + " %"; }
std::string limit_text(Forbidden) { return "refuse"; }
std::string limit_text(const Collar& limit) {
  return limit.kind == Collar::Kind::amount ? limit.amount.text()
                                            : fmt::format("{} ppm", limit.parts_per_million);
}

std::string use_text(Wide used, Quantity) { return narrow<Quantity>(used).text(); }
std::string use_text(Wide used, Money) { return narrow<Money>(used).text(); }
std::string use_text(Wide used, const MoneyRate&) { return narrow<Money>(used).text(); }
std::string use_text(Wide used, Ratio) {
  return format_decimal(narrow<Quantity>(used).raw(), 4) + " %";
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
      Reason::malformed, scope_of(subject.router),
      fmt::format("quantity {} times its price does not fit", subject.quantity.text()));
}

const Reference* look_up_reference(const Question& question, const Subject& subject) {
  auto found = find_reference(question, subject);
  return found ? &subject.worked_out.reference.emplace(*found) : nullptr;
}

Breach no_reference(const Question& question, const Subject& subject) {
  return find_reference(question, subject).error();
}

std::optional<Price> money_price(std::optional<Price> limit, const Reference& reference) {
  const auto worst = notional_price(limit, reference.farthest);
  return worst ? in_policy_money(*worst, reference.rate) : std::nullopt;
}

std::optional<Wide> work_out_added(const Subject& subject, const Reference& reference) {
  Quantity quantity = subject.increment;
  std::optional<Price> limit = subject.limit;
  Wide held = 0;
  if (subject.order) {
    quantity = subject.order->shown.open + subject.increment;
    limit = worse_limit(limit, subject.order->shown.limit);
    held = subject.order->held.raw();
  }
  const auto price = money_price(limit, reference);
  const auto value = price ? notional(quantity, *price) : std::nullopt;
  if (!value) return std::nullopt;
  return std::max<Wide>(0, value->raw() - held);
}

}  // namespace interlock::risk
