// All buttons of a gateway: what their samples mean goes to the latch on the button thread, and to
// the loop as events and states. No device and no clock.
#pragma once

#include <atomic>
#include <boost/lockfree/spsc_queue.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "killswitch/estop.hpp"
#include "killswitch/latch.hpp"

namespace interlock::killswitch {

struct Moment {
  std::int64_t mono_ns = 0;  // CLOCK_MONOTONIC
  std::int64_t utc_ns = 0;
};

// A button showed something new.
struct ButtonEvent {
  std::uint32_t button = 0;
  ButtonState state;
  Moment at;
  bool drill = false;      // it was pressed in a drill: no kill came of it
  std::uint64_t word = 0;  // of the latch, after a trip or a drill's press; 0: neither
};

class Panel {
 public:
  // `persist` is called after a trip, on the button thread: it must not wait.
  Panel(std::vector<ButtonSettings> settings, Latch& latch, std::function<void()> persist,
        Moment now);

  // --- the button thread ---
  // `samples` has a place for each of its channels. A demand trips the latch, and again whenever
  // the latch has changed meanwhile and its scope is not shut: a held button cannot be re-armed.
  void look(std::size_t button, std::span<const Sample> samples, Moment now) noexcept;
  // The file of `touch_file` is there, or has gone.
  void touched(bool there, const std::string& file, Moment now) noexcept;
  void ticked(std::int64_t mono_ns) noexcept { ticked_ns_.store(mono_ns); }

  // --- any thread ---
  [[nodiscard]] const std::vector<ButtonSettings>& settings() const { return settings_; }
  [[nodiscard]] std::int64_t last_tick_ns() const noexcept { return ticked_ns_.load(); }
  // A press is seen and measured, and is no kill, until then and as long as the whole firm is shut;
  // else it is one.
  void begin_drill(std::size_t button, std::int64_t until_mono_ns) noexcept;
  void end_drill(std::size_t button) noexcept;
  // What stands in the way of a re-arm, in words; empty: nothing.
  [[nodiscard]] std::string problem() const;

  // --- the loop ---
  bool take(ButtonEvent& event) { return events_.pop(event); }
  [[nodiscard]] std::uint64_t lost_events() const noexcept { return lost_events_.load(); }

 private:
  struct Button {
    Button(const ButtonSettings& settings, std::int64_t now_ns)
        : estop(settings, channels_of(settings.device), now_ns) {}
    Estop estop;
    ButtonState told;             // in the last event
    std::uint64_t word_seen = 0;  // of the latch, when its scope was last known to be shut
    bool drill_pressed = false;   // the press that is on belongs to a drill
    std::atomic<std::int64_t> drill_until_ns = 0;
    std::atomic<std::uint8_t> trouble = lost_bit;
  };
  static constexpr std::uint8_t held_bit = 1, lost_bit = 2, chatter_bit = 4, crossed_bit = 8,
                                discrepancy_bit = 16, drill_bit = 32;
  [[nodiscard]] bool drills(Button& button, const ButtonState& state, std::int64_t now_ns);
  std::uint64_t trip(const Scope& scope, Source source, std::string_view actor,
                     std::string_view cause, std::int64_t utc_ns) noexcept;

  std::vector<ButtonSettings> settings_;
  Latch& latch_;
  std::function<void()> persist_;
  std::vector<std::unique_ptr<Button>> buttons_;
  std::atomic<std::int64_t> ticked_ns_;
  std::atomic<bool> touched_ = false;
  std::uint64_t touched_word_ = 0;
  boost::lockfree::spsc_queue<ButtonEvent, boost::lockfree::capacity<512>> events_;
  std::atomic<std::uint64_t> lost_events_ = 0;
};

}  // namespace interlock::killswitch
