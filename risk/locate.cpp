#include "risk/locate.hpp"

#include <algorithm>

namespace interlock::risk {
namespace {

// On any terms that the venue may hold.
bool is_short(const OrderRecord& order) {
  return is_short(order.accepted.side) ||
         std::ranges::any_of(order.unanswered,
                             [](const Terms& terms) { return is_short(terms.side); });
}

}  // namespace

Wide locate_needed(const Subject& subject) {
  if (!is_short(subject.side)) return 0;
  if (!subject.order) return subject.increment.raw();
  const Wide open = Wide{subject.order->shown.open.raw()} + subject.increment.raw();
  return open - subject.order->short_open.raw();
}

void hold_locate(Holding& holding, OrderRecord& order) {
  const Quantity short_open = is_short(order) ? order.shown.open : Quantity{};
  holding.located += Wide{short_open.raw()} - order.short_open.raw();
  order.short_open = short_open;
}

void use_locate(Holding& holding, Side side, Wide executed) {
  if (is_short(side)) holding.located += std::max<Wide>(0, executed);
}

void roll_locates(Books::State& state) {
  for (auto& [key, holding] : state.holdings) holding.locate = holding.located = 0;
  for (const OrderId id : state.open_orders) {
    const OrderRecord& order = state.orders[id.value];
    if (order.short_open.is_zero()) continue;
    state.holdings[{nowhere, order.shown.account, order.shown.symbol}].located +=
        order.short_open.raw();
  }
}

}  // namespace interlock::risk
