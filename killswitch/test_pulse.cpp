#include "killswitch/test_pulse.hpp"

namespace interlock::killswitch {
namespace {

constexpr std::int64_t pulse_ns = 5'000'000;
// For the output to drop, and again to rise, and the input to tell: a USB adapter takes its time.
constexpr std::int64_t follow_within_ns = 20'000'000;

}  // namespace

TestPulse::Step TestPulse::step(const std::array<bool, 2>& low, std::int64_t now_ns) noexcept {
  switch (phase_) {
    case Phase::idle:
      return wait(low, now_ns);
    case Phase::dropped:
      return watch_drop(low, now_ns);
    case Phase::raised:
      return watch_return(low, now_ns);
  }
  return {};
}

TestPulse::Step TestPulse::wait(const std::array<bool, 2>& low, std::int64_t now_ns) noexcept {
  const bool due = untested_ > 0 || (every_ns_ > 0 && last_ns_ && now_ns - *last_ns_ >= every_ns_);
  if (!due || low[0] || (channels_ > 1 && low[1])) return {};
  phase_ = Phase::dropped;
  since_ns_ = now_ns;
  followed_ = other_followed_ = false;
  return {Output::drop, channel_, false};
}

TestPulse::Step TestPulse::watch_drop(const std::array<bool, 2>& low,
                                      std::int64_t now_ns) noexcept {
  followed_ = followed_ || low[channel_];
  other_followed_ = other_followed_ || (channels_ > 1 && low[1 - channel_]);
  const std::int64_t lasted_ns = now_ns - since_ns_;
  const bool over = lasted_ns >= (followed_ ? pulse_ns : follow_within_ns);
  if (!over) return {Output::leave, channel_, true};
  phase_ = Phase::raised;
  since_ns_ = now_ns;
  return {Output::raise, channel_, true};
}

TestPulse::Step TestPulse::watch_return(const std::array<bool, 2>& low,
                                        std::int64_t now_ns) noexcept {
  const std::size_t tested = channel_;
  const bool other_low = channels_ > 1 && low[1 - tested];
  if (!low[tested]) {
    conclude(other_low, now_ns);
    return {Output::leave, tested, true};
  }
  other_followed_ = other_followed_ || other_low;
  if (now_ns - since_ns_ < follow_within_ns) return {Output::leave, tested, true};
  phase_ = Phase::idle;  // it is a press, and the test says nothing; it is made again
  return {Output::leave, tested, false};
}

void TestPulse::conclude(bool other_low, std::int64_t now_ns) noexcept {
  phase_ = Phase::idle;
  last_ns_ = now_ns;
  if (untested_ > 0) --untested_;
  // An other channel that is still low is pressed, and was perhaps not moved by this test.
  if (!followed_) {
    crossed_[channel_] = true;
  } else if (!other_low) {
    crossed_[channel_] = other_followed_;
  }
  channel_ = (channel_ + 1) % channels_;
}

}  // namespace interlock::killswitch
