// Buttons on USB and serial ports: a key, the big red one, and contacts on modem lines.
#include <doctest/doctest.h>

#include <string>

#include "tests/hil/devices.hpp"
#include "tests/hil/host.hpp"
#include "tests/hil/stage.hpp"

namespace interlock::hil {
namespace {

constexpr int presses = 5;

std::string button(std::string_view device, std::string_view on_loss) {
  return std::string(R"([[kill.button]]
id = "desk"
scope = "everything"
on_loss = ")") +
         std::string(on_loss) + "\"\n" + std::string(device) + "\n";
}

// 88 is F12 of linux/input-event-codes.h.
constexpr std::string_view key =
    R"(evdev = { device = "/dev/killswitch/key", key = 88, pressed = "down" })";

TEST_CASE("USB key: pressed from outside the machine") {
  Stage stage(button(key, "kill"));
  for (int press = 0; press < presses; ++press) {
    stage.arm();
    stage.press("usb key, with the host's way", [] { set_key(true); });
    CHECK_NE(stage.gateway().rearm(), "");
    set_key(false);
  }
}

TEST_CASE("USB key: unplugged, and plugged in again") {
  Stage stage(button(key, "kill"));
  stage.arm();
  stage.press("usb key, unplugged", unplug_keyboard);
  CHECK_NE(stage.gateway().rearm(), "");
  await_host("DEVICE_DELETED");
  plug_keyboard();
  stage.arm();
  stage.press("usb key, with the host's way", [] { set_key(true); });
  set_key(false);
}

TEST_CASE("USB key: unplugged for longer than `alarm_then_kill` allows, and not before") {
  Stage stage(button(key, "alarm_then_kill: 3 s"));
  stage.arm();
  const auto unplugged_ns = now_ns();
  unplug_keyboard();
  await_host("DEVICE_DELETED");
  const auto kill = stage.confirmed();
  CHECK_GE(kill.closed_ns - unplugged_ns, 3'000'000'000);
  stage.check_that_nothing_follows(kill);
  plug_keyboard();
  stage.arm();
}

TEST_CASE("big red button 1d34:000d: it is asked for its state, and pressed") {
  RedButton red;
  Stage stage(
      button(R"(hidraw = { device = "/dev/killswitch/red", profile = "dream_cheeky" })", "kill"));
  for (int press = 0; press < presses; ++press) {
    stage.arm();
    stage.press("big red button", [&] { red.set(true); });
    CHECK_NE(stage.gateway().rearm(), "");
    red.set(false);
  }
}

TEST_CASE("modem lines of a USB adapter: the loop opens, and DSR drops") {
  Modem modem;
  Stage stage(button(
      R"(serial = { device = "/dev/killswitch/modem", loops = ["dtr_dsr"], test_every = "1 s" })",
      "kill"));
  for (int press = 0; press < presses; ++press) {
    stage.arm();
    stage.press("modem line", [&] { modem.set(false); });
    CHECK_NE(stage.gateway().rearm(), "");
    modem.set(true);
  }
}

TEST_CASE("current loop on a serial port: cut, and bridged") {
  LoopedPort port;
  Stage stage(button(R"(serial = { device = "/dev/killswitch/port", )"
                     R"(loops = ["dtr_dsr", "rts_cts"], test_every = "1 s" })",
                     "kill"));
  stage.arm();
  stage.press("current loop, cut", [&] { port.cut(); });
  CHECK_NE(stage.gateway().rearm(), "");
  port.mend();
  stage.arm();
  stage.press("current loop, bridged", [&] { port.bridge(); });
  CHECK_NE(stage.gateway().rearm(), "");
}

}  // namespace
}  // namespace interlock::hil
