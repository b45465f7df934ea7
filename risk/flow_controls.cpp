#include "risk/flow_controls.hpp"

#include <fmt/format.h>

#include "risk/asking.hpp"
#include "risk/fact.hpp"
#include "risk/inventory.hpp"

namespace interlock::risk {
namespace {

using Kind = ScopeKind;

std::optional<Breach> ask_order_rate(const Question& question, const Subject& subject) {
  const Scopes scopes(subject, {Kind::parent, Kind::router, Kind::account, Kind::symbol,
                                Kind::venue, Kind::algo, Kind::trader, Kind::desk, Kind::firm});
  const auto asked = ask_scopes(
      question.limits, scopes, &ScopeLimits::order_rate, [&](Scope scope, const Rate& rate) {
        return Wide{question.books.entered_within(scope, rate.window, question.now)} + 1;
      });
  if (asked.unset) return no_limit(question.directory, "order-rate", *asked.unset);
  if (!asked.broken) return std::nullopt;
  const std::string limit = limit_text(*asked.limit);
  const std::string count = std::to_string(static_cast<std::uint32_t>(asked.observed));
  const std::string who = words(question.directory, *asked.broken);
  return limit_breach(Reason::order_rate, *asked.broken, count, limit,
                      is_own(*asked.broken)
                          ? fmt::format("order {} of at most {} for {}", count, limit, who)
                          : fmt::format("the rate of {} is reached", who));
}

void use_order_rate(Inventory& inventory) {
  list_use(inventory, "order-rate",
           {Kind::firm, Kind::router, Kind::venue, Kind::account, Kind::symbol, Kind::algo,
            Kind::trader, Kind::desk, Kind::parent},
           &ScopeLimits::order_rate, [&](Scope scope, const Rate& rate) {
             return std::optional<Wide>{
                 inventory.books.entered_within(scope, rate.window, inventory.now)};
           });
}

}  // namespace

constinit const Control order_rate_control{
    .id = "order-rate",
    .rule = "15c3-5(c)(1)(ii), RTS 6 15(1)(d)",
    .reason = Reason::order_rate,
    .action = Action::refuse,
    .scopes = "firm, router, venue, account, symbol, parent, algo, trader, desk",
    .keys = "max_orders",
    .asks = "How many new orders and replaces, refused ones too, came in the last window?",
    .why = "A router that repeats itself shows in its rate before it shows in any position.",
    .ask = ask_order_rate,
    .use = use_order_rate,
};

}  // namespace interlock::risk
