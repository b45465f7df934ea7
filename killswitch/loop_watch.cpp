#include "killswitch/loop_watch.hpp"

#include <algorithm>

namespace interlock::killswitch {

void LoopWatch::look(std::int64_t mono_ns, std::int64_t utc_ns) noexcept {
  const std::int64_t step = std::min(mono_ns - looked_ns_, step_ns);
  looked_ns_ = mono_ns;
  const std::uint64_t turns = turns_.load(std::memory_order_relaxed);
  if (turns != seen_ || turns == 0 || ended_.load()) {
    seen_ = turns;
    silent_ns_ = 0;
    tripped_ = false;
    return;
  }
  silent_ns_ += step;
  if (silent_ns_ < silence_ns || tripped_) return;
  tripped_ = true;
  latch_.trip_in_memory({}, Source::internal, "interlock", "the event loop stands", utc_ns);
  if (persist_) persist_();
}

}  // namespace interlock::killswitch
