#include "risk/exposure_controls.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "risk/asking.hpp"
#include "risk/fact.hpp"
#include "risk/inventory.hpp"

namespace interlock::risk {
namespace {

using Kind = ScopeKind;

Wide gross_of(const Sums& sums) { return sums.positions + sums.open_buys + sums.open_sells; }

Wide net_of(const Sums& sums, Wide more_buys, Wide more_sells) {
  return std::max(sums.longs + sums.open_buys + more_buys,
                  sums.positions - sums.longs + sums.open_sells + more_sells);
}

Breach money_breach(const Question& question, const Control& control, std::string_view name,
                    const Broken<Money>& broken) {
  const std::string who = words(question.directory, broken.scope);
  if (broken.observed >= Money::highest().raw()) {
    return state_breach(Reason::no_reference_price, broken.scope,
                        fmt::format("something open in {} has no reference price", who));
  }
  const std::string used = narrow<Money>(broken.observed).text();
  return limit_breach(
      control.reason, broken.scope, used, broken.limit.text(),
      is_own(broken.scope)
          ? fmt::format("{} {} is over {} of {}", name, used, broken.limit.text(), who)
          : fmt::format("the {} notional of {} is reached", name, who));
}

// What the three limits of money have in common. observe(sums, added): with the request.
template <Kind... kinds, class Observe>
[[gnu::always_inline]] inline bool ask_money(const Question& question, const Subject& subject,
                                             Verdict& verdict, const Control& control,
                                             std::string_view name,
                                             Limit<Money> ScopeLimits::*which, Observe observe) {
  if (!subject.worked_out.added) return cannot_be_valued(question, subject, verdict);
  const Wide added = *subject.worked_out.added;
  const auto refuse = [=, &question, &control](const Broken<Money>& broken) {
    return money_breach(question, control, name, broken);
  };
  // It adds nothing, or only reduces: it passes where a limit is set, whatever that is.
  if (added == 0 || subject.worked_out.reduces) {
    return ask_scopes<kinds...>(
        question, subject, verdict, control.id, which, [](Scope, const Money&) { return Wide{0}; },
        refuse);
  }
  return ask_scopes<kinds...>(
      question, subject, verdict, control.id, which,
      [added, observe, &subject](Scope scope, const Money&) {
        return observe(sums_in(subject, scope.kind), added);
      },
      refuse);
}

bool ask_gross_notional(const Question& question, const Subject& subject, Verdict& verdict) {
  return ask_money<Kind::account, Kind::symbol, Kind::router, Kind::venue, Kind::algo, Kind::trader,
                   Kind::desk, Kind::firm>(
      question, subject, verdict, gross_notional_control, "gross", &ScopeLimits::gross_notional,
      [](const Sums& sums, Wide added) { return gross_of(sums) + added; });
}

bool ask_net_notional(const Question& question, const Subject& subject, Verdict& verdict) {
  const bool buys = is_buy(subject.side);
  return ask_money<Kind::account, Kind::symbol, Kind::firm>(
      question, subject, verdict, net_notional_control, "net", &ScopeLimits::net_notional,
      [=](const Sums& sums, Wide added) {
        return net_of(sums, buys ? added : 0, buys ? 0 : added);
      });
}

bool ask_turnover(const Question& question, const Subject& subject, Verdict& verdict) {
  return ask_money<Kind::account, Kind::router, Kind::firm>(
      question, subject, verdict, turnover_control, "turnover", &ScopeLimits::turnover,
      [](const Sums& sums, Wide added) { return sums.turnover + added; });
}

bool ask_open_orders(const Question& question, const Subject& subject, Verdict& verdict) {
  const std::uint32_t more = subject.order ? 0 : 1;
  return ask_scopes<Kind::router, Kind::account, Kind::symbol>(
      question, subject, verdict, "open-orders", &ScopeLimits::open_orders,
      [=, &subject](Scope scope, const Count&) -> Wide {
        return more == 0 ? 0 : std::int64_t{sums_in(subject, scope.kind).open_orders} + more;
      },
      [&question](const Broken<Count>& broken) {
        const std::string who = words(question.directory, broken.scope);
        const std::string count = use_text(broken.observed, broken.limit);
        const std::string limit = limit_text(broken.limit);
        return limit_breach(
            Reason::open_orders, broken.scope, count, limit,
            is_own(broken.scope)
                ? fmt::format("open order {} of at most {} for {}", count, limit, who)
                : fmt::format("the number of open orders in {} is reached", who));
      });
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
