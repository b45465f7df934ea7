// What the loop makes of the buttons: records, alerts, drills, and the answer when their thread is
// silent. Presses reach the latch without it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "audit/journal.hpp"
#include "gateway/actions.hpp"
#include "gateway/floor.hpp"
#include "gateway/snapshot.hpp"
#include "killswitch/panel.hpp"

namespace interlock::gateway {

class Buttons {
 public:
  static constexpr std::int64_t drill_ns = 60'000'000'000;
  // Longer without a look at the buttons, and the firm is killed. Counted while the loop itself
  // runs: at most `step_max_ns` from one check to the next, so that a machine that stood still as a
  // whole is no dead thread.
  static constexpr std::int64_t silent_max_ns = 100'000'000;
  static constexpr std::int64_t step_max_ns = 20'000'000;

  explicit Buttons(Floor& floor) : floor_(floor) {}

  // What is known of them besides their panel.
  struct Wiring {
    std::function<std::string(std::size_t)> about;  // the device behind each
    std::vector<bool> fail_safe;
    std::string priority;  // of their thread
  };
  // Once, before the first turn; without it there are no buttons. The panel outlives this.
  void connect(killswitch::Panel& panel, Wiring wiring);

  // On the order path: is their thread alive?
  void watch_thread(std::int64_t mono_ns);
  // The loop has acted upon that word of the latch.
  void acknowledged(std::uint64_t word, std::int64_t mono_ns);
  // Takes what they showed since, and ends drills whose time is over.
  void tick();
  // Begins a drill; its end is seen in `views`.
  ActionOutcome test(const std::string& person, const std::string& id);
  // What stands in the way of a re-arm; empty: nothing.
  [[nodiscard]] std::string problem() const { return panel_ == nullptr ? "" : panel_->problem(); }
  [[nodiscard]] std::vector<ButtonView> views() const;
  // Rises with each change of what `views` says.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  [[nodiscard]] std::string thread() const { return wiring_.priority; }
  void replayed(const audit::Record& record);  // after a restart

  template <class Archive>
  void serialize(Archive& archive) {  // for a snapshot
    auto& [floor, panel, wiring, buttons, drills, version, tick, looked_at, silent] = *this;
    archive(drills);
  }

 private:
  struct Drill {
    std::string person;
    std::int64_t until_mono_ns = 0, until_utc_ns = 0;
    std::vector<bool> pressed;       // by channel
    std::int64_t contact_at_ns = 0;  // of the first press
    std::int64_t latched_at_ns = 0;
    std::uint64_t word = 0;       // of the latch, for that press
    std::int64_t gate_at_ns = 0;  // the loop acknowledged it
    bool released = false;
  };
  struct Button {
    killswitch::ButtonState state;
    std::string words = "not looked at yet";
    std::int64_t pressed_at_ns = 0;  // UTC, the last time
    std::int64_t drilled_at_ns = 0;  // UTC of the last drill that passed
    std::int64_t latency_ns = 0;     // contact to gate, of the last press that was measured
    std::int64_t contact_at_ns = 0;  // of a kill whose gate is not acknowledged yet
    std::uint64_t word = 0;
    std::string drill_result;
    std::optional<Drill> drill;
  };
  void take(const killswitch::ButtonEvent& event);
  void note(std::size_t index, const killswitch::ButtonEvent& event);
  void raise(std::size_t index, const killswitch::ButtonState& before,
             const killswitch::ButtonState& after);
  void drilled(std::size_t index, const killswitch::ButtonEvent& event);
  void end_drill(std::size_t index, std::string missing);
  [[nodiscard]] std::size_t find(std::string_view id) const;

  Floor& floor_;
  killswitch::Panel* panel_ = nullptr;
  Wiring wiring_;
  std::vector<Button> buttons_;
  std::map<std::string, std::int64_t> replayed_drills_;  // by button, UTC
  std::uint64_t version_ = 0;
  std::int64_t seen_tick_ns_ = 0, looked_at_ns_ = 0, silent_ns_ = 0;
};

}  // namespace interlock::gateway
