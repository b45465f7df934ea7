#include "gateway/waiting.hpp"

#include <algorithm>

namespace interlock::gateway {

bool Waiting::holds_back(const Waiter& earlier, const Waiter& later) {
  const auto share = [](const auto& these, const auto& those) {
    return std::ranges::any_of(these, [&](const std::string& one) {
      return std::ranges::find(those, one) != those.end();
    });
  };
  return share(earlier.parents, later.parents) || share(earlier.cl_ord_ids, later.cl_ord_ids);
}

bool Waiting::holds_back(std::uint32_t router, const Waiter& message) const {
  return std::ranges::any_of(by_router_[router],
                             [&](const Waiter& earlier) { return holds_back(earlier, message); });
}

std::size_t Waiting::size() const {
  std::size_t sum = 0;
  for (const auto& waiters : by_router_) sum += waiters.size();
  return sum;
}

}  // namespace interlock::gateway
