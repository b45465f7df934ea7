// What one person has asked for waits for a second one, and not for ever. A Proposal has an `id`,
// and `expires_at_ns` (UTC).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace interlock::gateway {

inline constexpr std::int64_t proposal_valid_ns = 600'000'000'000;

// That of the number, once those whose time is over are gone; the end of `all`: it does not wait.
template <class Proposal>
[[nodiscard]] typename std::vector<Proposal>::iterator find_waiting(std::vector<Proposal>& all,
                                                                    std::uint64_t id,
                                                                    std::int64_t now_ns) {
  std::erase_if(all, [&](const Proposal& each) { return each.expires_at_ns <= now_ns; });
  return std::ranges::find(all, id, &Proposal::id);
}

}  // namespace interlock::gateway
