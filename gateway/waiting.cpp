#include "gateway/waiting.hpp"

#include <algorithm>

namespace interlock::gateway {

bool Waiting::holds_back(const Waiter& earlier, const Waiter& later) {
  const auto names = [&](const std::string& cl_ord_id) {
    return !cl_ord_id.empty() &&
           (cl_ord_id == later.cl_ord_id || cl_ord_id == later.orig_cl_ord_id);
  };
  const bool same_parent = !earlier.parent.empty() && earlier.parent == later.parent;
  return same_parent || names(earlier.cl_ord_id) || names(earlier.orig_cl_ord_id);
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
