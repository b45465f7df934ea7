// What a cut does: resets the connections to the venues, bars the way to them, ends the gateway.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "killswitch/barrier.hpp"
#include "killswitch/connections.hpp"
#include "killswitch/guard_logic.hpp"
#include "killswitch/page.hpp"
#include "killswitch/process.hpp"

namespace interlock::killswitch {

// Times are CLOCK_MONOTONIC, when each was done.
struct Cut {
  GuardCause cause = GuardCause::none;
  PageSeen page;
  std::uint32_t venues = 0;
  std::int64_t begun_ns = 0;
  ResetOutcome reset;  // of both rounds: before the barrier, and what came until it was up
  std::int64_t reset_ns = 0;
  BarrierOutcome barrier;
  std::int64_t barrier_ns = 0;  // when the wait for it ended
  int kill_error = 0;           // 0: SIGKILL was sent
  std::int64_t killed_ns = 0;
  bool dead = false;
  std::int64_t dead_ns = 0;
  ResetOutcome left;  // connections to the venues that are there after all of it
};

class Sever {
 public:
  using Clock = std::int64_t (*)();

  Sever(std::filesystem::path nft, Clock clock) : barrier_(std::move(nft)), clock_(clock) {}

  // In this order: a process that is killed first leaves what lies in the kernel to be sent, unless
  // its sockets linger for no time; a barrier that comes first keeps resets from the venues. `nft`
  // holds the kill up for 50 ms at the most. Returns when the process is dead, or after a second.
  Cut cut(GuardCause cause, const PageSeen& page, std::span<const PageVenue> venues,
          HeldProcess& gateway);

 private:
  Connections connections_;
  Barrier barrier_;
  Clock clock_;
};

// One line a step, for the log.
[[nodiscard]] std::vector<std::string> lines(const Cut& cut);
// One line of JSON, for the evidence. `utc_ns` is of its end.
[[nodiscard]] std::string json(const Cut& cut, std::int64_t utc_ns);

}  // namespace interlock::killswitch
