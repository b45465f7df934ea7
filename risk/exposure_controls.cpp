#include "risk/exposure_controls.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "risk/asking.hpp"
#include "risk/fact.hpp"
#include "risk/inventory.hpp"

namespace interlock::risk {
namespace {

using Kind = ScopeKind;

// Whether the exposure limits let it go whatever they are: it adds nothing, or only reduces.
bool is_free(const Question& question, const Subject& subject, Wide added) {
  return added == 0 || is_reducing(question.books.state(), subject);
}

Wide gross_of(const Sums& sums) { return sums.positions + sums.open_buys + sums.open_sells; }

Wide net_of(const Sums& sums, Wide more_buys, Wide more_sells) {
  return std::max(sums.longs + sums.open_buys + more_buys,
                  sums.positions - sums.longs + sums.open_sells + more_sells);
}

// What the three limits of money have in common. observe(sums, added): with the request.
template <Kind... kinds, class Observe>
std::optional<Breach> ask_money(const Question& question, const Subject& subject,
                                const Control& control, std::string_view name,
                                Limit<Money> ScopeLimits::*which, Observe observe) {
  const Reference* reference = reference_of(question, subject);
  if (!reference) return no_reference(question, subject);
  const auto added = money_added(subject, *reference);
  if (!added) return does_not_fit(subject);
  const bool free = is_free(question, subject, *added);
  const auto asked =
      ask_scopes<kinds...>(question, subject, which, [&](Scope scope, const Money&) -> Wide {
        return free ? 0 : observe(sums_in(subject, scope.kind), *added);
      });
  if (asked.unset) return no_limit(question.directory, control.id, *asked.unset);
  if (!asked.broken) return std::nullopt;
  const std::string who = words(question.directory, *asked.broken);
  if (asked.observed >= Money::highest().raw()) {
    return state_breach(Reason::no_reference_price, *asked.broken,
                        fmt::format("something open in {} has no reference price", who));
  }
  const std::string used = narrow<Money>(asked.observed).text();
  return limit_breach(
      control.reason, *asked.broken, used, asked.limit->text(),
      is_own(*asked.broken)
          ? fmt::format("{} {} is over {} of {}", name, used, asked.limit->text(), who)
          : fmt::format("the {} notional of {} is reached", name, who));
}

std::optional<Breach> ask_gross_notional(const Question& question, const Subject& subject) {
  return ask_money<Kind::account, Kind::symbol, Kind::router, Kind::venue, Kind::algo, Kind::trader,
                   Kind::desk, Kind::firm>(
      question, subject, gross_notional_control, "gross", &ScopeLimits::gross_notional,
      [](const Sums& sums, Wide added) { return gross_of(sums) + added; });
}

std::optional<Breach> ask_net_notional(const Question& question, const Subject& subject) {
  const bool buys = is_buy(subject.side);
  return ask_money<Kind::account, Kind::symbol, Kind::firm>(
      question, subject, net_notional_control, "net", &ScopeLimits::net_notional,
      [&](const Sums& sums, Wide added) {
        return net_of(sums, buys ? added : 0, buys ? 0 : added);
      });
}

std::optional<Breach> ask_turnover(const Question& question, const Subject& subject) {
  return ask_money<Kind::account, Kind::router, Kind::firm>(
      question, subject, turnover_control, "turnover", &ScopeLimits::turnover,
      [](const Sums& sums, Wide added) { return sums.turnover + added; });
}

std::optional<Breach> ask_open_orders(const Question& question, const Subject& subject) {
  const std::uint32_t more = subject.order ? 0 : 1;
  const auto asked = ask_scopes<Kind::router, Kind::account, Kind::symbol>(
      question, subject, &ScopeLimits::open_orders, [&](Scope scope, const Count&) -> Wide {
        return more == 0 ? 0 : Wide{sums_in(subject, scope.kind).open_orders} + more;
      });
  if (asked.unset) return no_limit(question.directory, "open-orders", *asked.unset);
  if (!asked.broken) return std::nullopt;
  const std::string who = words(question.directory, *asked.broken);
  const std::string count = use_text(asked.observed, *asked.limit);
  const std::string limit = limit_text(*asked.limit);
  return limit_breach(Reason::open_orders, *asked.broken, count, limit,
                      is_own(*asked.broken)
                          ? fmt::format("open order {} of at most {} for {}", count, limit, who)
                          : fmt::format("the number of open orders in {} is reached", who));
}

// observe(sums): what is used now.
template <class Value, class Observe>
void list_sums(Inventory& inventory, std::string_view control, std::initializer_list<Kind> kinds,
               Limit<Value> ScopeLimits::*which, Observe observe) {
  list_use(inventory, control, kinds, which, [&](Scope scope, const Value&) {
    return std::optional<Wide>{observe(sums_of(inventory.books, scope))};
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
    .use =
        [](Inventory& inventory) {
          list_sums(inventory, "gross-notional",
                    {Kind::firm, Kind::router, Kind::venue, Kind::account, Kind::symbol, Kind::algo,
                     Kind::trader, Kind::desk},
                    &ScopeLimits::gross_notional, gross_of);
        },
};

constinit const Control net_notional_control{
    .id = "net-notional",
    .rule = "15c3-5(c)(1)(i)",
    .reason = Reason::net_notional,
    .action = Action::refuse,
    .scopes = "account, symbol, firm",
    .keys = "max_net_notional",
    .asks =
        "If all that is open on one side executed and nothing on the other: do the long positions "
        "and open buys, and the short positions and open sells, each stay within the limit? The "
        "larger of the two counts. An order that only reduces a position is not held back.",
    .why =
        "Of a book that is bought and sold in equal parts the gross says nothing about which way "
        "it leans; this is what a move of the market in the worse direction acts on.",
    .releasable = true,
    .ask = ask_net_notional,
    .use =
        [](Inventory& inventory) {
          list_sums(inventory, "net-notional", {Kind::firm, Kind::account, Kind::symbol},
                    &ScopeLimits::net_notional,
                    [](const Sums& sums) { return net_of(sums, 0, 0); });
        },
};

constinit const Control turnover_control{
    .id = "turnover",
    .rule = "15c3-5(c)(1)(i)",
    .reason = Reason::turnover,
    .action = Action::refuse,
    .scopes = "account, router, firm",
    .keys = "max_turnover",
    .asks =
        "Does all that was entered since the day roll, executed or not, stay within the limit with "
        "this order? A replace counts by what it adds. It never falls within a day: no cancel, "
        "rejection or bust gives any of it back. An order that only reduces a position passes, and "
        "counts.",
    .why =
        "Positions that are bought and sold again and again leave no exposure behind, and cost the "
        "spread each time: Knight's router traded four million times in 45 minutes.",
    .releasable = true,
    .ask = ask_turnover,
    .use =
        [](Inventory& inventory) {
          list_sums(inventory, "turnover", {Kind::firm, Kind::account, Kind::router},
                    &ScopeLimits::turnover, [](const Sums& sums) { return sums.turnover; });
        },
};

constinit const Control open_orders_control{
    .id = "open-orders",
    .rule = "15c3-5(c)(1)(ii), FIA 1.2",
    .reason = Reason::open_orders,
    .action = Action::refuse,
    .scopes = "router, account, symbol",
    .keys = "max_open_orders",
    .asks =
        "How many orders are open with this one? An order counts until the venue has said that it "
        "is over; a replace adds none. Reducing orders count too: a cancel, which always passes, "
        "makes room for them.",
    .why = "An algorithm that loses track of its orders shows in their number.",
    .releasable = true,
    .ask = ask_open_orders,
    .use =
        [](Inventory& inventory) {
          list_sums(inventory, "open-orders", {Kind::router, Kind::account, Kind::symbol},
                    &ScopeLimits::open_orders,
                    [](const Sums& sums) { return Wide{sums.open_orders}; });
        },
};

}  // namespace interlock::risk
