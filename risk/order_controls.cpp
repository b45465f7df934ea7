#include "risk/order_controls.hpp"

#include <fmt/format.h>

#include "risk/asking.hpp"
#include "risk/exposure.hpp"
#include "risk/fact.hpp"
#include "risk/inventory.hpp"

namespace interlock::risk {
namespace {

using Kind = ScopeKind;

constexpr auto of_each_order = [](Scope, const auto&) { return std::optional<Wide>{}; };

std::optional<Breach> ask_order_qty(const Question& question, const Subject& subject) {
  const auto asked = ask_scopes<Kind::symbol, Kind::account>(
      question, subject, &ScopeLimits::order_qty,
      [&](Scope, const Quantity&) { return Wide{subject.quantity.raw()}; });
  if (asked.unset) return no_limit(question.directory, "order-qty", *asked.unset);
  if (!asked.broken) return std::nullopt;
  const std::string quantity = subject.quantity.text();
  return limit_breach(Reason::order_qty, *asked.broken, quantity, asked.limit->text(),
                      fmt::format("quantity {} is over {} of {}", quantity, asked.limit->text(),
                                  words(question.directory, *asked.broken)));
}

std::optional<Breach> ask_price_collar(const Question& question, const Subject& subject) {
  const Reference* reference = reference_of(question, subject);
  if (!reference) return no_reference(question, subject);
  if (!reference->has_collar) return std::nullopt;
  const auto farthest = reference->farthest;
  if (!farthest) return does_not_fit(subject);
  const Wide centre = reference->price.raw();
  const Wide reach = farthest->raw() - absolute(centre);
  for (const auto& price : {subject.limit, subject.stop}) {
    if (!price || absolute(price->raw() - centre) <= reach) continue;
    const std::string limit = fmt::format("{} to {}", narrow<Price>(centre - reach).text(),
                                          narrow<Price>(centre + reach).text());
    const Scope scope = scope_of(subject.symbol);
    return limit_breach(Reason::price_collar, scope, price->text(), limit,
                        fmt::format("price {} is outside {} of {}", price->text(), limit,
                                    words(question.directory, scope)));
  }
  return std::nullopt;
}

// Of a new order it is what it will be held at.
std::optional<Money> value_of(const Subject& subject, const Reference& reference) {
  if (!subject.order) {
    const auto added = money_added(subject, reference);
    return added ? std::optional{narrow<Money>(*added)} : std::nullopt;
  }
  const auto price = money_price(subject.limit, reference);
  return price ? notional(subject.quantity, *price) : std::nullopt;
}

std::optional<Breach> ask_order_notional(const Question& question, const Subject& subject) {
  const Reference* reference = reference_of(question, subject);
  if (!reference) return no_reference(question, subject);
  const auto value = value_of(subject, *reference);
  if (!value) return does_not_fit(subject);
  const auto asked = ask_scopes<Kind::symbol, Kind::account>(
      question, subject, &ScopeLimits::order_notional,
      [&](Scope, const Money&) { return Wide{value->raw()}; });
  if (asked.unset) return no_limit(question.directory, "order-notional", *asked.unset);
  if (!asked.broken) return std::nullopt;
  return limit_breach(Reason::order_notional, *asked.broken, value->text(), asked.limit->text(),
                      fmt::format("notional {} is over {} of {}", value->text(),
                                  asked.limit->text(), words(question.directory, *asked.broken)));
}

}  // namespace

constinit const Control order_qty_control{
    .id = "order-qty",
    .rule = "15c3-5(c)(1)(ii), RTS 6 15(1)(c)",
    .reason = Reason::order_qty,
    .action = Action::refuse,
    .scopes = "symbol, account",
    .keys = "max_order_qty",
    .asks = "Is OrderQty (38) of the order, or the new total of the replace, within the limit?",
    .why = "An order of the wrong size is the most common mistake of people and of programs.",
    .releasable = true,
    .ask = ask_order_qty,
    .use =
        [](Inventory& inventory) {
          list_use(inventory, "order-qty", {Kind::account, Kind::symbol}, &ScopeLimits::order_qty,
                   of_each_order);
        },
};

constinit const Control order_notional_control{
    .id = "order-notional",
    .rule = "15c3-5(c)(1)(ii), RTS 6 15(1)(b)",
    .reason = Reason::order_notional,
    .action = Action::refuse,
    .scopes = "symbol, account",
    .keys = "max_order_notional",
    .asks =
        "Is quantity times price within the limit? The price is the larger of the limit price "
        "and the reference raised by its collar.",
    .why = "Neither a market order nor a sell at 0.01 may hide what it is worth.",
    .releasable = true,
    .ask = ask_order_notional,
    .use =
        [](Inventory& inventory) {
          list_use(inventory, "order-notional", {Kind::account, Kind::symbol},
                   &ScopeLimits::order_notional, of_each_order);
        },
};

constinit const Control price_collar_control{
    .id = "price-collar",
    .rule = "15c3-5(c)(1)(ii), RTS 6 15(1)(a)",
    .reason = Reason::price_collar,
    .action = Action::refuse,
    .scopes = "symbol",
    .keys = "price_collar",
    .asks = "Are the limit price and the stop price within a distance of the reference price?",
    .why =
        "It holds in every trading session: the SEC found that Knight's price cap did not cover "
        "orders received before the open.",
    .releasable = true,
    .ask = ask_price_collar,
    .use =
        [](Inventory& inventory) {
          list_use(inventory, "price-collar", {Kind::symbol}, &ScopeLimits::price_collar,
                   of_each_order);
        },
};

}  // namespace interlock::risk
