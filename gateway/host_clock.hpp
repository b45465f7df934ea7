// Our own time of day: it begins as the host's, runs with the monotonic clock, and follows the
// host's by slewing. A host whose clock is stepped does not step ours.
#pragma once

#include <atomic>
#include <cstdint>

namespace interlock::gateway {

class HostClock {
 public:
  // At most a millisecond a second: twice what NTP itself slews by, so that we lose nothing to it.
  static constexpr std::int64_t slew_parts = 1'000;

  // Both as they were read at the same moment.
  HostClock(std::int64_t wall_ns, std::int64_t mono_ns)
      : ahead_(wall_ns - mono_ns), mono_ns_(mono_ns) {}

  // The loop's thread, at each reading: comes nearer to the host's clock.
  void follow(std::int64_t wall_ns, std::int64_t mono_ns);

  // Any thread: our UTC at this monotonic time.
  [[nodiscard]] std::int64_t utc_ns(std::int64_t mono_ns) const { return mono_ns + ahead_.load(); }
  // The host's clock less ours, as it was followed last.
  [[nodiscard]] std::int64_t offset_ns() const { return offset_ns_; }

 private:
  std::atomic<std::int64_t> ahead_;  // our UTC less the monotonic clock
  std::int64_t mono_ns_;
  std::int64_t offset_ns_ = 0;
};

}  // namespace interlock::gateway
