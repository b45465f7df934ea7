// How much of something one may do in a time: what is not used up comes back evenly.
#pragma once

#include <algorithm>
#include <cstdint>

namespace interlock::gateway {

class Allowance {
 public:
  // `burst` at once, and then one each `every_ns`.
  constexpr Allowance(std::uint32_t burst, std::int64_t every_ns)
      : every_ns_(every_ns), full_ns_(every_ns * burst), left_ns_(full_ns_) {}

  // False: it is used up, and nothing is taken.
  bool take(std::int64_t mono_ns) {
    if (!has(mono_ns)) return false;
    left_ns_ -= every_ns_;
    return true;
  }
  [[nodiscard]] bool has(std::int64_t mono_ns) {
    left_ns_ = std::min(full_ns_, left_ns_ + std::max<std::int64_t>(mono_ns - at_ns_, 0));
    at_ns_ = mono_ns;
    return left_ns_ >= every_ns_;
  }

 private:
  std::int64_t every_ns_;
  std::int64_t full_ns_;
  std::int64_t left_ns_;
  std::int64_t at_ns_ = 0;
};

}  // namespace interlock::gateway
