// What a button is: a contact in a device, how it is wired, and what its loss means.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "killswitch/latch.hpp"

namespace interlock::killswitch {

// A line of a GPIO chip (kernel uAPI v2); two lines of one chip are two channels of one button.
struct GpioDevice {
  enum class Bias : std::uint8_t { as_is, pull_up, pull_down, disabled };
  std::filesystem::path chip;        // "/dev/gpiochip0", or a link that udev keeps
  std::vector<std::uint32_t> lines;  // offsets, one or two
  bool pressed_is_open = true;       // normally closed: no current is a press
  bool active_low = false;           // a closed circuit reads 0
  Bias bias = Bias::as_is;
};

// A key of an input device: /dev/input/by-id/….
struct EvdevDevice {
  std::filesystem::path device;
  std::uint16_t key = 0;       // linux/input-event-codes.h: KEY_F13 is 183
  bool pressed_is_up = false;  // the device holds the key down while all is well
};

// Reports of a HID device.
struct HidrawDevice {
  enum class Profile : std::uint8_t {
    dream_cheeky,  // 1d34:000d, the big red button: asked for its state, lid and button
    bit            // one bit of each input report
  };
  std::filesystem::path device;
  Profile profile = Profile::bit;
  std::uint32_t byte = 0;  // of the report, from 0
  std::uint8_t mask = 1;
  bool pressed_is_set = true;
};

// Modem lines of a serial port as a current loop: an output feeds the contact, an input sees it.
struct SerialDevice {
  enum class Loop : std::uint8_t {
    dtr_dsr,  // DTR -> contact -> DSR
    dtr_dcd,  // DTR -> contact -> DCD
    rts_cts   // RTS -> contact -> CTS; not on CDC-ACM, whose driver always says CTS = 1
  };
  std::filesystem::path device;
  std::vector<Loop> loops;  // one or two; two are two channels, and have different outputs
  std::int64_t test_every_ns = 60'000'000'000;  // a pulse that finds a short; 0: none
};

// No device: a Unix socket that takes "press", "release" and "lose". For demos and drills of
// people, not for trading.
struct SimulatedDevice {
  std::filesystem::path socket;
};

using Device = std::variant<GpioDevice, EvdevDevice, HidrawDevice, SerialDevice, SimulatedDevice>;

// Why a device, wired like this, could not be seen pressed, or is the machine's own. Whoever takes
// one from a person asks: the configuration, and the guard.
struct WiringProblem {
  std::string_view key;  // of the configuration: "lines", "bias", "key", "loops"
  std::string_view what;
  std::string_view hint;  // what to write instead
};
[[nodiscard]] std::optional<WiringProblem> wiring_problem(const Device& device);

// Contacts that are looked at each for itself: lines, loops, or one.
[[nodiscard]] std::size_t channels_of(const Device& device);

// What to do when the contact cannot be read: gone, unplugged, failing.
struct OnLoss {
  enum class Action : std::uint8_t {
    kill,             // at once
    alarm_then_kill,  // an alert, and a kill when it is not back in `after_ns`
    alarm             // an alert only
  };
  Action action = Action::kill;
  std::int64_t after_ns = 0;  // of alarm_then_kill
};

struct ButtonSettings {
  std::string id;
  Scope scope;
  Device device;
  OnLoss on_loss;
  std::int64_t confirm_ns = 0;            // 0 to 5 ms: a press has to last, from its first sample
  std::int64_t release_ns = 500'000'000;  // closed for as long is a release
  std::int64_t discrepancy_ns = 500'000'000;  // two channels may differ for as long
  std::uint32_t chatter_max = 20;             // changes of one channel within a second
};

}  // namespace interlock::killswitch
