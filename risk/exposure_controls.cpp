#include "risk/exposure_controls.hpp"

#include <fmt/format.h>

#include "risk/asking.hpp"
#include "risk/fact.hpp"
#include "risk/inventory.hpp"

namespace interlock::risk {
namespace {

using Kind = ScopeKind;

std::optional<Breach> ask_gross_notional(const Question& question, const Subject& subject) {
  const Books::State& state = question.books.state();
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
  const Scopes scopes(subject, {Kind::account, Kind::symbol, Kind::router, Kind::venue, Kind::algo,
                                Kind::trader, Kind::desk, Kind::firm});
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

void use_gross_notional(Inventory& inventory) {
  list_use(inventory, "gross-notional",
           {Kind::firm, Kind::router, Kind::venue, Kind::account, Kind::symbol, Kind::algo,
            Kind::trader, Kind::desk},
           &ScopeLimits::gross_notional, [&](Scope scope, const Money&) {
             return std::optional<Wide>{inventory.books.exposure(scope).gross().raw()};
           });
}

}  // namespace

constinit const Control gross_notional_control{
    .id = "gross-notional",
    .rule = "15c3-5(c)(1)(i), RTS 6 15(4)",
    .reason = Reason::gross_notional,
    .action = Action::refuse,
    .scopes = "account, symbol, router, venue, firm, algo, trader, desk",
    .keys = "max_gross_notional",
    .asks =
        "Do positions at their reference prices, all open buys, all open sells and this order "
        "together stay within the limit? An order that only reduces a position is not held "
        "back.",
    .why =
        "Capital thresholds. Knight's account had a limit of two million dollars that no order "
        "ever met.",
    .releasable = true,
    .ask = ask_gross_notional,
    .use = use_gross_notional,
};

}  // namespace interlock::risk
