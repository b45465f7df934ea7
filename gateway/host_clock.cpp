#include "gateway/host_clock.hpp"

#include <algorithm>

namespace interlock::gateway {

void HostClock::follow(std::int64_t wall_ns, std::int64_t mono_ns) {
  const std::int64_t most = (mono_ns - mono_ns_) / slew_parts;
  const std::int64_t apart = wall_ns - utc_ns(mono_ns);
  // The rest of a division is not lost: a reading too soon after the last one waits for the next.
  if (most > 0 || apart == 0) mono_ns_ = mono_ns;
  const std::int64_t moved = std::clamp(apart, -most, most);
  ahead_ += moved;
  offset_ns_ = apart - moved;
}

}  // namespace interlock::gateway
