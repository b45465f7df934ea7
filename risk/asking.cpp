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

// What one unit of the currency is worth in the policy's; absent, `refuse` was told the want of it.
template <class Refuse>
std::optional<Price> find_rate(const Question& question, CurrencyId currency, Refuse refuse) {
  if (currency == policy_currency) [[likely]]
    return Price::of(1);
  const auto* known = entry(question.references.by_currency, currency);
  const auto refused = [&](std::string_view what) {
    refuse(what);
    return std::optional<Price>{};
  };
  if (!known || !*known || !(*known)->price.is_positive()) return refused("missing");
  const Duration age = question.now - (*known)->as_of;
  const Duration most = question.limits.rate_age_max;
  if (age > most || age.ns < -most.ns) return refused("too old");
  return (*known)->price;
}

// The reference price and the collar around it, put into `found`; the verdict, if one is wanted,
// says why there is none.
void find_reference(const Question& question, const Subject& subject,
                    std::optional<Reference>& found, Verdict* verdict) {
  const Scope scope = scope_of(subject.symbol);
  const auto refuse = [&](auto say) {
    if (verdict) static_cast<void>(refused(*verdict, say));
  };
  const auto refuse_price = [&](std::string_view what) {
    return refuse([&] {
      return state_breach(
          Reason::no_reference_price, scope,
          fmt::format("the reference price of {} is {}", words(question.directory, scope), what));
    });
  };
  const Limit<Collar>& collar = limits_in(subject, ScopeKind::symbol).price_collar;
  if (collar.state == Limit<Collar>::State::unset) {
    return refuse([&] { return no_limit(question.directory, "price-collar", scope); });
  }
  const SymbolTraits traits = traits_of(question.limits, subject.symbol);
  const auto* known = entry(question.references.by_symbol, subject.symbol);
  if (!known || !*known || (*known)->price.is_zero()) return refuse_price("missing");
  const Price price = (*known)->price;
  if (price < Price{} && !traits.negative_prices) return refuse_price("below zero");
  const Duration age = question.now - (*known)->as_of;
  // One from the future is no better known than one that is too old.
  const Duration most = age_max(question.limits.reference_ages, question.session);
  if (age > most || age.ns < -most.ns) return refuse_price("too old");
  const auto rate = find_rate(question, traits.currency, [&](std::string_view what) {
    refuse([&] {
      return state_breach(
          Reason::no_currency_rate, scope,
          fmt::format("the rate of {}, the currency of {}, is {}",
                      printable(question.directory.currencies.name(traits.currency)),
                      words(question.directory, scope), what));
    });
  });
  if (!rate) return;
  // Field by field, into its place: a copy would wait for each of them.
  Reference& reference = found.emplace();
  reference.price = price;
  reference.collar = collar.value;
  reference.has_collar = collar.state == Limit<Collar>::State::value;
  reference.farthest = with_collar(price, collar.value);
  reference.rate = *rate;
}

// By how much the request raises what its order counts for; nullopt: it does not fit.
std::optional<Wide> added_by(const Subject& subject, const Reference& reference) {
  if (!reference.farthest) return std::nullopt;
  Quantity quantity = subject.increment;
  Wide worst = reference.farthest->raw();
  Wide held = 0;
  if (subject.limit) worst = std::max(worst, absolute(subject.limit->raw()));
  if (const OrderRecord* order = subject.order) {
    quantity = order->shown.open + subject.increment;
    if (order->shown.limit) worst = std::max(worst, absolute(order->shown.limit->raw()));
    held = order->held.raw();
  }
  const auto worst_price = fitting(worst);
  const auto price = worst_price ? in_policy_money(*worst_price, reference.rate) : std::nullopt;
  const auto value = price ? notional(quantity, *price) : std::nullopt;
  if (!value) return std::nullopt;
  return std::max<Wide>(0, value->raw() - held);
}

// What a scope is shown as in which nothing was ever entered, or a position that there never was.
const ScopeRecord never_entered{};
const Holding never_held{};

template <class Entry, class IdType>
const Entry* entry_or(const std::vector<Entry>& table, IdType id, const Entry& otherwise) {
  return id.value * sizeof(Entry) < table.size() * sizeof(Entry) ? &table[id.value] : &otherwise;
}

void find_scopes(const Limits& limits, const Books::State& state, WorkedOut& known,
                 const Subject& subject) {
  const auto put = [&](ScopeKind kind, auto id, const auto& all_limits, const auto& records)
      __attribute__((always_inline)) {
    if (is_attribution(kind) && !id.known()) {
      known.records[place_of(kind)] = &never_entered;
      return;
    }
    known.limits[place_of(kind)] = entry_or(all_limits, id, nobody_set);
    known.records[place_of(kind)] = entry_or(records, id, never_entered);
  };
  known.limits[place_of(ScopeKind::firm)] = &limits.firm;
  known.records[place_of(ScopeKind::firm)] = &state.firm;
  known.limits[place_of(ScopeKind::parent)] = &limits.parent;
  known.records[place_of(ScopeKind::parent)] = &never_entered;
  put(ScopeKind::router, subject.router, limits.routers, state.routers);
  put(ScopeKind::venue, subject.venue, limits.venues, state.venues);
  put(ScopeKind::account, subject.account, limits.accounts, state.accounts);
  put(ScopeKind::symbol, subject.symbol, limits.symbols, state.symbols);
  put(ScopeKind::algo, subject.by.algo, limits.algos, state.algos);
  put(ScopeKind::trader, subject.by.trader, limits.traders, state.traders);
  put(ScopeKind::desk, subject.by.desk, limits.desks, state.desks);
}

// Of many parents, each is asked seldom: what is kept of one comes from memory while the rest is
// worked out.
void fetch(const void* row, std::size_t size) {
  for (std::size_t at = 0; at < size; at += 64) {
    __builtin_prefetch(static_cast<const char*>(row) + at);
  }
}
void fetch_parent(const Books::State& state, ParentId id) {
  if (const auto* parent = entry(state.parents, id)) fetch(parent, sizeof *parent);
  if (const auto* parent = entry(state.activity.parents, id)) fetch(parent, sizeof *parent);
}

bool reduces(const Subject& subject, const Holding& holding) {
  const Wide open = is_buy(subject.side) ? holding.open_buys : holding.open_sells;
  const Wide position = is_buy(subject.side) ? -holding.position : holding.position;
  return open + subject.increment.raw() <= position;
}

}  // namespace

Subject subject_of(const Question& question) {
  const Books::State& state = question.books.state();
  Subject subject = subject_of(state, question.request);
  fetch_parent(state, subject.parent);
  WorkedOut& known = subject.worked_out;
  find_scopes(question.limits, state, known, subject);
  const auto held = state.holdings.find({nowhere, subject.account, subject.symbol});
  known.holding = held == state.holdings.end() ? &never_held : &held->second;
  known.reduces = held != state.holdings.end() && reduces(subject, held->second);
  find_reference(question, subject, known.reference, nullptr);
  if (known.reference) known.added = added_by(subject, *known.reference);
  known.parent = state.declared(subject.parent);
  return subject;
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

bool cannot_be_valued(const Question& question, const Subject& subject, Verdict& verdict) {
  std::optional<Reference> reference;
  find_reference(question, subject, reference, &verdict);
  if (!reference) return false;
  verdict.breach = state_breach(
      Reason::malformed, scope_of(subject.router),
      fmt::format("quantity {} times its price does not fit", subject.quantity.text()));
  return false;
}

std::optional<Price> money_price(std::optional<Price> limit, const Reference& reference) {
  const auto worst = notional_price(limit, reference.farthest);
  return worst ? in_policy_money(*worst, reference.rate) : std::nullopt;
}

}  // namespace interlock::risk
