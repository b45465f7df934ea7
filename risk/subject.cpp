#include "risk/subject.hpp"

#include <algorithm>

namespace interlock::risk {
namespace {

Subject of(const Books::State&, const NewOrder& request) {
  return {.router = request.router,
          .venue = request.venue,
          .account = request.account,
          .symbol = request.symbol,
          .parent = request.parent,
          .by = request.by,
          .side = request.side,
          .type = request.type,
          .quantity = request.quantity,
          .limit = request.limit,
          .stop = request.stop,
          .increment = request.quantity};
}

Subject named(const Books::State& state, RouterId router, std::string_view orig_cl_ord_id) {
  Subject subject;
  subject.router = router;
  const OrderId id = state.named(router, orig_cl_ord_id).order;
  if (!id.known()) return subject;
  const OrderRecord& order = state.orders[id.value];
  subject.order = &order;
  subject.venue = order.shown.venue;
  subject.account = order.shown.account;
  subject.symbol = order.shown.symbol;
  subject.parent = order.shown.parent;
  subject.by = order.shown.by;
  subject.side = order.shown.side;
  return subject;
}

Subject of(const Books::State& state, const Replace& request) {
  Subject subject = named(state, request.router, request.orig_cl_ord_id);
  subject.side = request.side;
  subject.type = request.type;
  subject.quantity = request.quantity;
  subject.limit = request.limit;
  subject.stop = request.stop;
  if (subject.order) {
    const Wide open = subject.order->shown.open.raw();
    const Wide wanted = request.quantity.raw() - subject.order->cum;
    subject.increment = narrow<Quantity>(std::max(wanted, open) - open);
  }
  return subject;
}

Subject of(const Books::State& state, const Cancel& request) {
  return named(state, request.router, request.orig_cl_ord_id);
}

}  // namespace

Subject subject_of(const Books::State& state, const Request& request) {
  return std::visit([&](const auto& each) { return of(state, each); }, request);
}

RouterId router_of(const Request& request) {
  return std::visit([](const auto& each) { return each.router; }, request);
}

std::string_view cl_ord_id_of(const Request& request) {
  return std::visit([](const auto& each) { return std::string_view{each.cl_ord_id}; }, request);
}

}  // namespace interlock::risk
