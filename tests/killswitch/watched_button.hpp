// A button that is looked at every 5 ms, and what it may show.
#pragma once

#include <array>
#include <cstdint>

#include "killswitch/estop.hpp"

namespace interlock::killswitch {

inline constexpr std::int64_t ms = 1'000'000;
inline constexpr std::int64_t tick = 5 * ms;

inline Sample safe() { return {.contact = Contact::safe}; }
inline Sample pressed() { return {.contact = Contact::pressed}; }
inline Sample lost(int error = 19) { return {.contact = Contact::unknown, .error = error}; }
inline Sample tapped() { return {.contact = Contact::safe, .was_pressed = true, .changes = 2}; }
inline Sample crossed() { return {.contact = Contact::safe, .crossed = true}; }

inline ButtonSettings wired() {
  return {.id = "b", .scope = {}, .device = GpioDevice{}, .on_loss = {}};
}
inline ButtonSettings unplugs_after(std::int64_t after_ns) {
  auto settings = wired();
  settings.on_loss = {OnLoss::Action::alarm_then_kill, after_ns};
  return settings;
}

// A button that is looked at every 5 ms.
class Watched {
 public:
  explicit Watched(const ButtonSettings& settings, std::size_t channels = 1)
      : estop_(settings, channels, now_ns) {}
  const ButtonState& show(const Sample& one) { return show(one, one); }
  const ButtonState& show(const Sample& a, const Sample& b) {
    now_ns += tick;
    const std::array samples{a, b};
    return estop_.look(samples, now_ns);
  }
  const ButtonState& show_for(const Sample& one, std::int64_t duration_ns) {
    return show_for(one, one, duration_ns);
  }
  const ButtonState& show_for(const Sample& a, const Sample& b, std::int64_t duration_ns) {
    for (const auto until = now_ns + duration_ns; now_ns < until;) show(a, b);
    return estop_.state();
  }
  [[nodiscard]] const ButtonState& state() const { return estop_.state(); }

  std::int64_t now_ns = 1'000'000 * ms;

 private:
  Estop estop_;
};

}  // namespace interlock::killswitch
