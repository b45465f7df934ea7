// Orders passed and refused in each second of the last quarter of an hour, and how long those of
// the last minute took, from the counters of the snapshots: for who opens the console only when
// something has happened.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <cstdint>
#include <deque>
#include <mutex>

#include "gateway/snapshot.hpp"

namespace interlock::console {

// Thread-safe.
class Flow {
 public:
  static constexpr std::int64_t seconds_kept = 900;
  static constexpr std::int64_t step_s = 5;
  static constexpr std::int64_t latency_s = 60;

  // About once a second; what has come since the last time counts for the snapshot's second.
  void note(const gateway::Snapshot& snapshot);
  // Sums of steps, the oldest first, and the rates of the last whole second.
  [[nodiscard]] boost::json::object json() const;
  // Of the orders of the last minute, the bounds within which half and 99 of 100 of them left.
  [[nodiscard]] boost::json::object latency() const;

 private:
  struct Count {
    std::uint64_t passed = 0, refused = 0;
  };
  [[nodiscard]] Count& at(std::int64_t second) {
    return counts_[static_cast<std::size_t>(second % seconds_kept)];
  }

  struct Taken {  // all since the start, as of a second
    std::int64_t second = 0;
    gateway::LatencyCounts all;
  };

  mutable std::mutex mutex_;
  std::deque<Taken> taken_;  // of the last minute, the oldest first
  std::array<Count, seconds_kept> counts_{};
  Count total_;                   // of the last snapshot
  std::int64_t last_second_ = 0;  // UTC; 0: nothing was noted
};

}  // namespace interlock::console
