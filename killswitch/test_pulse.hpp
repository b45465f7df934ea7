// The test of a contact loop: one output drops for a moment, and exactly its own input must follow.
// A short across the contact, which would hide a press, is found so, and a wire to the other
// channel. Time is an argument; each step is one look at the inputs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace interlock::killswitch {

class TestPulse {
 public:
  // Two channels take turns. `every_ns` 0: each once, and no more.
  TestPulse(std::size_t channels, std::int64_t every_ns) noexcept
      : channels_(channels), every_ns_(every_ns) {}

  enum class Output : std::uint8_t { leave, drop, raise };
  struct Step {
    Output output = Output::leave;  // what to do now with the output of `channel`
    std::size_t channel = 0;
    // The low input of `channel` is the test's, and no press: set for the looks of a test, from the
    // one after the drop to the one that sees the input high again.
    bool hides = false;
  };
  // `low`: which inputs are low now.
  Step step(const std::array<bool, 2>& low, std::int64_t now_ns) noexcept;

  [[nodiscard]] bool crossed(std::size_t channel) const noexcept { return crossed_[channel]; }

 private:
  enum class Phase : std::uint8_t { idle, dropped, raised };
  Step wait(const std::array<bool, 2>& low, std::int64_t now_ns) noexcept;
  Step watch_drop(const std::array<bool, 2>& low, std::int64_t now_ns) noexcept;
  Step watch_return(const std::array<bool, 2>& low, std::int64_t now_ns) noexcept;
  void conclude(bool other_low, std::int64_t now_ns) noexcept;

  std::size_t channels_;
  std::int64_t every_ns_;
  Phase phase_ = Phase::idle;
  std::size_t channel_ = 0;  // under test, or next
  std::int64_t since_ns_ = 0;
  bool followed_ = false;        // its input
  bool other_followed_ = false;  // the input of the other channel
  std::array<bool, 2> crossed_{};
  std::size_t untested_ = channels_;
  std::optional<std::int64_t> last_ns_;
};

}  // namespace interlock::killswitch
