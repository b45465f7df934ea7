// A serial port whose outputs reach its inputs through contacts, and a source that looks at it.
#pragma once

#include <asm/termbits.h>
#include <doctest/doctest.h>
#include <linux/serial.h>
#include <sys/ioctl.h>

#include <functional>
#include <memory>
#include <vector>

#include "tests/killswitch/fake_kernel.hpp"

namespace interlock::tests {

using Loop = killswitch::SerialDevice::Loop;
constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t minute = 60'000 * ms;

// A port whose outputs reach its inputs through two contacts, as they are wired.
struct Port : FakeKernel {
  int gone = 0;
  unsigned number = 0x440;  // 4:64, the first UART
  int outputs = 0;
  bool closed[2] = {true, true};  // DTR -> DSR, RTS -> CTS
  int forced = 0;                 // inputs that are high whatever is wired
  bool joined = false;            // DTR's wire touches the one to CTS: CTS needs both
  bool counts = false;
  serial_icounter_struct counted{};
  int seen = 0;  // the inputs that were counted last
  termios modes{};

  Port() {
    paths["/dev/loop"] = 0;
    answer(TIOCEXCL, answers(0));
    answer(TIOCGDEV, [this](int, void* into) {
      *static_cast<unsigned*>(into) = number;
      return 0;
    });
    answer(TCSETS, [this](int, void* from) {
      modes = *static_cast<termios*>(from);
      return 0;
    });
    answer(TIOCMBIS, [this](int, void* lines) { return set(outputs | *static_cast<int*>(lines)); });
    answer(TIOCMBIC,
           [this](int, void* lines) { return set(outputs & ~*static_cast<int*>(lines)); });
    answer(TIOCMGET, [this](int, void* into) {
      *static_cast<int*>(into) = outputs | inputs();
      return -gone;
    });
    answer(TIOCGICOUNT, [this](int, void* into) {
      if (!counts) return -EINVAL;
      *static_cast<serial_icounter_struct*>(into) = counted;
      return 0;
    });
  }
  int inputs() const {
    int lines = forced;
    const bool dtr = (outputs & TIOCM_DTR) != 0, rts = (outputs & TIOCM_RTS) != 0;
    if (dtr && closed[0]) lines |= TIOCM_DSR | TIOCM_CAR;
    if (rts && closed[1] && (!joined || dtr)) lines |= TIOCM_CTS;
    return lines;
  }
  int set(int lines) {
    outputs = lines;
    count();
    return -gone;
  }
  void count() {
    const int changed = seen ^ inputs();
    seen ^= changed;
    if (changed & TIOCM_DSR) ++counted.dsr;
    if (changed & TIOCM_CTS) ++counted.cts;
    if (changed & TIOCM_CAR) ++counted.dcd;
  }
  void contact(std::size_t index, bool is_closed) {
    closed[index] = is_closed;
    count();
  }
};

inline killswitch::SerialDevice one_loop() {
  return {.device = "/dev/loop", .loops = {Loop::dtr_dsr}};
}
inline killswitch::SerialDevice two_loops() {
  return {.device = "/dev/loop", .loops = {Loop::dtr_dsr, Loop::rts_cts}};
}

// A source, and the clock that its looks are made by.
struct Bench {
  Port port;
  std::unique_ptr<killswitch::ButtonSource> source;
  std::int64_t now = 0;

  explicit Bench(const killswitch::SerialDevice& device = one_loop(),
                 const std::function<void(Port&)>& wire = {}) {
    if (wire) wire(port);
    source = killswitch::make_serial(device, port);
    REQUIRE(source->open());
  }
  // One look every 5 ms for as long; the worst that channel 0 or any other showed.
  struct Seen {
    bool pressed = false, unknown = false;
    std::uint32_t changes = 0;
    std::vector<killswitch::Sample> last;
  };
  Seen run(std::int64_t for_ns) {
    Seen seen;
    for (const std::int64_t end = now + for_ns; now < end; now += 5 * ms) {
      seen.last = look_at_all(*source, now);
      for (const auto& sample : seen.last) {
        seen.pressed =
            seen.pressed || sample.contact == killswitch::Contact::pressed || sample.was_pressed;
        seen.unknown = seen.unknown || sample.contact == killswitch::Contact::unknown;
        seen.changes += sample.changes;
      }
    }
    return seen;
  }
  std::vector<killswitch::Sample> look_now() {
    now += 5 * ms;
    return look_at_all(*source, now);
  }
  int pulses() const { return port.times(TIOCMBIC); }
};

}  // namespace interlock::tests
