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

bool ask_order_qty(const Question& question, const Subject& subject, Verdict& verdict) {
  return ask_scopes<Kind::symbol, Kind::account>(
      question, subject, verdict, "order-qty", &ScopeLimits::order_qty,
      [&](Scope, const Quantity&) -> Wide { return subject.quantity.raw(); },
      [&](const Broken<Quantity>& broken) {
        const std::string quantity = subject.quantity.text();
        return limit_breach(
            Reason::order_qty, broken.scope, quantity, broken.limit.text(),
            fmt::format("quantity {} is over {} of {}", quantity, broken.limit.text(),
                        words(question.directory, broken.scope)));
      });
}

Breach outside_collar(const Question& question, const Subject& subject, Price price, Wide centre,
                      Wide reach) {
  const std::string limit = fmt::format("{} to {}", narrow<Price>(centre - reach).text(),
                                        narrow<Price>(centre + reach).text());
  const Scope scope = scope_of(subject.symbol);
  return limit_breach(Reason::price_collar, scope, price.text(), limit,
                      fmt::format("price {} is outside {} of {}", price.text(), limit,
                                  words(question.directory, scope)));
}

bool ask_price_collar(const Question& question, const Subject& subject, Verdict& verdict) {
  const auto& reference = subject.worked_out.reference;
  if (!reference) return cannot_be_valued(question, subject, verdict);
  if (!reference->has_collar) return true;
  if (!reference->farthest) return cannot_be_valued(question, subject, verdict);
  const Wide centre = reference->price.raw();
  const Wide reach = reference->farthest->raw() - absolute(centre);
  const auto is_outside = [=](const std::optional<Price>& price) {
    return price && absolute(price->raw() - centre) > reach;
  };
  if (!is_outside(subject.limit) && !is_outside(subject.stop)) [[likely]]
    return true;
  return refused(verdict, [&] {
    const Price price = is_outside(subject.limit) ? *subject.limit : *subject.stop;
    return outside_collar(question, subject, price, centre, reach);
  });
}

// Of a new order it is what it will be held at; nullopt: it cannot be valued.
std::optional<Wide> value_of(const Subject& subject) {
  if (!subject.order) return subject.worked_out.added;
  const auto& reference = subject.worked_out.reference;
  const auto price = reference ? money_price(subject.limit, *reference) : std::nullopt;
  const auto value = price ? notional(subject.quantity, *price) : std::nullopt;
  return value ? std::optional<Wide>{value->raw()} : std::nullopt;
}

bool ask_order_notional(const Question& question, const Subject& subject, Verdict& verdict) {
  const auto value = value_of(subject);
  if (!value) return cannot_be_valued(question, subject, verdict);
  return ask_scopes<Kind::symbol, Kind::account>(
      question, subject, verdict, "order-notional", &ScopeLimits::order_notional,
      [value = *value](Scope, const Money&) { return value; },
      [&question](const Broken<Money>& broken) {
        const std::string worth = narrow<Money>(broken.observed).text();
        return limit_breach(Reason::order_notional, broken.scope, worth, broken.limit.text(),
                            fmt::format("notional {} is over {} of {}", worth, broken.limit.text(),
                                        words(question.directory, broken.scope)));
      });
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
