// How full each limit was at most: written down once an hour, so that a year's journal can tell.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/floor.hpp"
#include "gateway/snapshot.hpp"

namespace interlock::gateway {

// On the loop's thread.
class LimitUses {
 public:
  static constexpr std::int64_t every_ns = 3'600'000'000'000;
  static constexpr std::size_t written_max = 500;  // of one hour, the fullest

  explicit LimitUses(Floor& floor) : floor_(floor) {}
  void look(const std::vector<LimitView>& limits);  // as a snapshot shows them
  void tick();                                      // writes when an hour of UTC is over
  void write();

 private:
  struct Use {
    LimitView at_most;
    std::int64_t at_ns = 0;
  };
  Floor& floor_;
  std::unordered_map<std::string, Use> uses_;
  std::int64_t hour_ = 0;  // that the uses are of
};

}  // namespace interlock::gateway
