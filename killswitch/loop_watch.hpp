// Kills when the event loop stands: another thread looks, since one that stands cannot.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "killswitch/latch.hpp"

namespace interlock::killswitch {

class LoopWatch {
 public:
  // From the loop's last turn to the shut gate.
  static constexpr std::int64_t silence_ns = 800'000'000;
  // Of the time between two looks no more counts: where the looking thread had no turn either, the
  // machine stood still, and the loop is given its time anew.
  static constexpr std::int64_t step_ns = 50'000'000;

  // `persist` is called after a trip, on the looking thread: it must not wait.
  LoopWatch(Latch& latch, std::function<void()> persist)
      : latch_(latch), persist_(std::move(persist)) {}

  // --- the loop ---
  void turned() noexcept { turns_.fetch_add(1, std::memory_order_relaxed); }  // also: begins
  void ended() noexcept { ended_.store(true); }

  // --- the looking thread ---
  void look(std::int64_t mono_ns, std::int64_t utc_ns) noexcept;

 private:
  Latch& latch_;
  std::function<void()> persist_;
  std::atomic<std::uint64_t> turns_ = 0;
  std::atomic<bool> ended_ = false;
  std::uint64_t seen_ = 0;
  std::int64_t looked_ns_ = 0;
  std::int64_t silent_ns_ = 0;
  bool tripped_ = false;  // once for each time that it stands
};

}  // namespace interlock::killswitch
