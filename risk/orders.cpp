#include <algorithm>

#include "risk/books_state.hpp"

namespace interlock::risk {

Wide OrderRecord::executed_as_said() const {
  if (!claimed) return 0;
  Wide executed = *claimed;
  for (const Retraction& each : retractions) {
    if (claimed_at && each.at > *claimed_at) executed += each.change;
  }
  return executed;
}

Wide OrderRecord::unseen() const { return std::max<Wide>(0, executed_as_said() - cum); }

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
