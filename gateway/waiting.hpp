// Where children wait, undecided, for a parent whose copy is late (rule 24): bounded, in order, and
// emptied by a kill.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/leg.hpp"
#include "risk/units.hpp"

namespace interlock::gateway {

// A D, E, G or F whose number is accounted for, and that is not decided yet.
struct Waiter {
  std::uint64_t record = 0;  // of the journal, in which it stands
  std::uint32_t sequence = 0;
  std::string frame;
  std::vector<std::string> cl_ord_ids;  // 11 and 41; of a list, each order's
  std::vector<std::string> parents;     // that its orders name; of a G or F none
  risk::Time until;                     // decided then at the latest
  bool behind = false;                  // waits for another message, not for a parent
  // Waits for this one of its parents to be larger than that.
  std::optional<std::pair<std::string, risk::Quantity>> beyond;
};

class Waiting {
 public:
  static constexpr std::size_t most = 1'000;  // of one router, that wait for a parent

  explicit Waiting(std::size_t routers) : by_router_(routers) {}
  [[nodiscard]] std::deque<Waiter>& of(std::uint32_t router) { return by_router_[router]; }
  [[nodiscard]] bool full(std::uint32_t router) const { return by_router_[router].size() >= most; }
  // Whether a message of that router may not overtake what waits: it speaks of the same ClOrdID, or
  // is a child of the same parent.
  [[nodiscard]] bool holds_back(std::uint32_t router, const Waiter& message) const;
  // The same for one that waits itself, as to those before it.
  [[nodiscard]] static bool holds_back(const Waiter& earlier, const Waiter& later);
  [[nodiscard]] std::size_t size() const;

 private:
  std::vector<std::deque<Waiter>> by_router_;
};

}  // namespace interlock::gateway
