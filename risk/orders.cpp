#include <algorithm>

#include "risk/books_state.hpp"

namespace interlock::risk {

Wide OrderRecord::unseen() const {
  Wide executed = claimed;
  for (const Retraction& each : retractions) {
    if (ended_at && each.at > *ended_at) executed += each.change;
  }
  return closed_by_venue ? std::max<Wide>(0, executed - cum) : Wide{0};
}

OrderRecord& Orders::add() {
  if (size_ % page_size == 0) pages_.push_back({std::make_unique<Records>(), 0});
  OrderRecord& order = (*this)[size_];
  order.id = OrderId{size_++};
  return order;
}

void Orders::forget(OrderId id) {
  Page& page = pages_[id.value / page_size];
  (*page.records)[id.value % page_size] = {};
  if (++page.forgotten == page_size) page.records.reset();
}

const OrderRecord* Orders::find(OrderId id) const {
  if (id.value >= size_) return nullptr;
  const Page& page = pages_[id.value / page_size];
  if (!page.records) return nullptr;
  const OrderRecord& order = (*page.records)[id.value % page_size];
  return order.id.known() ? &order : nullptr;
}

}  // namespace interlock::risk
