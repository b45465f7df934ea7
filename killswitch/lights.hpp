// Lamps on the desk or the rack: they show what is so, not what was asked for. Dark means dead.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "killswitch/kernel.hpp"

namespace interlock::killswitch {

struct Led {  // of /sys/class/leds
  std::filesystem::path folder;
};
struct LampLine {  // an output of a GPIO chip
  std::filesystem::path chip;
  std::uint32_t line = 0;
  bool active_low = false;
};

struct LightSettings {
  enum class Shows : std::uint8_t {
    armed,    // orders of the whole firm may pass
    tripped,  // killed, and not all of it is confirmed yet: it blinks
    killed,   // killed and confirmed: the gate is shut, nothing waits to leave, nothing is alive
    fault     // a button, the journal or the button thread is in trouble
  };
  Shows shows = Shows::fault;
  std::variant<Led, LampLine> lamp;
};

// Not thread-safe.
class Lights {
 public:
  struct State {
    bool armed = false, tripped = false, killed = false, fault = false;
  };
  // Lamps that cannot be opened are tried again at each call of `show`; see `problem`.
  Lights(std::vector<LightSettings> settings, Kernel& kernel);
  ~Lights();
  Lights(const Lights&) = delete;
  Lights& operator=(const Lights&) = delete;

  // To be called several times a second: an LED with the kernel's one-shot trigger is lit for half
  // a second at a time, so that it goes dark with us. A GPIO line goes dark when its chip sees our
  // end.
  void show(State state, std::int64_t mono_ns) noexcept;
  // Which lamp cannot be lit, and why; empty: all can.
  [[nodiscard]] std::string problem() const;

 private:
  struct Lamp {
    std::variant<Led, LampLine> where;
    std::string name;
    int fd = -1;            // of "shot", of "brightness", or of the GPIO line
    bool one_shot = false;  // an LED that goes out by itself
    bool lit = false;
    std::int64_t lit_at_ns = 0;
    std::int64_t tried_at_ns = 0;
    int error = 0;
  };
  struct Use {
    LightSettings::Shows shows;
    std::size_t lamp;
  };
  void open(Lamp& lamp) noexcept;
  void open_led(Lamp& lamp, const Led& led);
  void open_line(Lamp& lamp, const LampLine& line);
  bool write_file(const std::filesystem::path& file, std::string_view text);
  void set(Lamp& lamp, bool lit, std::int64_t mono_ns) noexcept;

  Kernel& kernel_;
  std::vector<Lamp> lamps_;  // one a device, though several lights may share it
  std::vector<Use> uses_;
};

}  // namespace interlock::killswitch
