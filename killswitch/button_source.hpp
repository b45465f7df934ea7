// A device with one or two contacts, read by the button thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "killswitch/button.hpp"
#include "killswitch/kernel.hpp"

namespace interlock::killswitch {

enum class Contact : std::uint8_t {
  safe = 1,
  pressed = 2,
  unknown = 3  // cannot be read
};

// What one channel showed when it was last looked at.
struct Sample {
  Contact contact = Contact::unknown;  // the level, read now
  // It was pressed at some time since the last look, though the level may be safe again: from edge
  // events, or from gaps in their numbers.
  bool was_pressed = false;
  std::uint32_t changes = 0;  // of level since the last look, as far as the device tells
  std::int64_t changed_at_ns =
      0;                 // CLOCK_MONOTONIC of the first of them, by the kernel; 0: not told
  bool crossed = false;  // a test pulse found a short, or a wire to the other channel
  // The errno that made it unknown. 0 while unknown: the device is open, but has not told its state
  // yet, as some need some milliseconds to; it stays open, and is not lost.
  int error = 0;
};

// Used by one thread. Nothing here waits, and nothing but `open` and `about` may ask for memory.
class ButtonSource {
 public:
  virtual ~ButtonSource() = default;

  [[nodiscard]] virtual std::size_t channels() const noexcept = 0;
  // A cut wire, an unplugged device and a dead reader look like a press.
  [[nodiscard]] virtual bool fail_safe() const noexcept = 0;
  // By its stable name; false with errno while it is not there. Tried again every 100 ms. After a
  // failed `look` it has to be opened anew.
  virtual bool open() noexcept = 0;
  // To poll for POLLIN between looks; -1: none, or not open.
  [[nodiscard]] virtual int fd() const noexcept = 0;
  // Reads every level, whatever edges were seen; `into` has `channels()` places. When a level
  // cannot be read, every channel is unknown with the error, and the device is closed; a press that
  // was seen before that is still told. `now_ns` is CLOCK_MONOTONIC.
  virtual void look(std::span<Sample> into, std::int64_t now_ns) noexcept = 0;
  // For evidence: what stands behind the name, such as "usb 1209:a1b2 serial 0042 at usb-1/input0".
  [[nodiscard]] virtual std::string about() const = 0;
};

// One file a device; each is defined in its own, killswitch/gpio.cpp and so on.
[[nodiscard]] std::unique_ptr<ButtonSource> make_gpio(GpioDevice device, Kernel& kernel);
[[nodiscard]] std::unique_ptr<ButtonSource> make_evdev(EvdevDevice device, Kernel& kernel);
[[nodiscard]] std::unique_ptr<ButtonSource> make_hidraw(HidrawDevice device, Kernel& kernel);
[[nodiscard]] std::unique_ptr<ButtonSource> make_serial(SerialDevice device, Kernel& kernel);
[[nodiscard]] std::unique_ptr<ButtonSource> make_simulated(SimulatedDevice device);
[[nodiscard]] std::unique_ptr<ButtonSource> make_source(const Device& device, Kernel& kernel);

}  // namespace interlock::killswitch
