// Whether this host's clock can be believed: what the kernel says of it, looked at once a second.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "gateway/floor.hpp"

namespace interlock::gateway {

// As ntp_adjtime(3) tells it. Whoever disciplines the clock (chrony, ntpd, phc2sys) tells the
// kernel.
struct KernelClock {
  bool synchronised = false;
  std::int64_t offset_ns = 0;  // that is still being worked off
  std::int64_t error_ns = 0;   // the most by which it may be wrong
};
// Changes nothing, and needs no privilege. nullopt: the kernel does not say.
[[nodiscard]] std::optional<KernelClock> read_kernel_clock();

class ClockWatch {
 public:
  using Read = std::function<std::optional<KernelClock>()>;

  explicit ClockWatch(Floor& floor) : floor_(floor) {}
  void watches(Read read) { read_ = std::move(read); }  // without one nothing is looked at
  // Doubt is an alarm, once while it lasts; where the configuration says so, it blocks the firm,
  // and again after each re-arm that comes before the doubt has ended.
  void tick();
  void look();  // at once: the gate is about to open
  [[nodiscard]] const ClockView& view() const { return view_; }

 private:
  void record();
  [[nodiscard]] std::string problem_of(const std::optional<KernelClock>& clock) const;

  Floor& floor_;
  Read read_;
  ClockView view_;
  bool looked_ = false;
  std::int64_t looked_ns_ = 0;
  std::int64_t recorded_ns_ = 0;
};

}  // namespace interlock::gateway
