// A host whose clock was set while we ran: it is recorded and told, and changes nothing of ours.
#pragma once

#include <cstdint>

#include "gateway/floor.hpp"

namespace interlock::gateway {

class ClockSteps {
 public:
  // Beyond it the host's clock was set, or its machine stood still; NTP slews less in an hour.
  static constexpr std::int64_t step_ns = 1'000'000'000;

  explicit ClockSteps(Floor& floor) : floor_(floor) {}
  // The host's clock less ours.
  void seen(std::int64_t offset_ns);
  // Times that the host has put on files: ours, and never later than now.
  [[nodiscard]] risk::Time of_file(risk::Time time) const;
  void by_our_time(risk::References& of_files) const;

 private:
  void tell(std::int64_t offset_ns);

  Floor& floor_;
  std::int64_t offset_ns_ = 0;
  std::int64_t told_ns_ = 0;  // the offset that is on record; 0: none
};

}  // namespace interlock::gateway
