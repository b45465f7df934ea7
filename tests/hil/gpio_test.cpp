// Contacts on lines of a GPIO chip, normally closed against ground.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "tests/hil/devices.hpp"
#include "tests/hil/stage.hpp"

namespace interlock::hil {
namespace {

constexpr int presses = 5;

std::string on_lines(std::string_view lines, std::string_view more = "") {
  return R"([[kill.button]]
id = "rack"
scope = "everything"
on_loss = "kill"
gpio = { chip = "/dev/killswitch/gpio", lines = [)" +
         std::string(lines) + "], pressed = \"open\", active_low = true, bias = \"pull_up\" }\n" +
         std::string(more);
}

TEST_CASE("GPIO: a press opens the circuit") {
  set_line(3, true);
  Stage stage(on_lines("3"));
  CHECK_EQ(stage.gateway().get("/api/v1/state").at("button_thread"), "real-time 60");
  for (int press = 0; press < presses; ++press) {
    stage.arm();
    stage.press("gpio", [] { set_line(3, false); });
    CHECK_NE(stage.gateway().rearm(), "");  // while it is held
    set_line(3, true);
  }
}

TEST_CASE("GPIO: held at the start, and nothing opens the gate before it is released") {
  set_line(3, false);
  Stage stage(on_lines("3"));
  CHECK_EQ(stage.state(), "killed");
  CHECK_NE(stage.gateway().rearm(), "");
  CHECK_EQ(stage.state(), "killed");
  stage.check_that_all_is_refused();
  set_line(3, true);
  stage.arm();
}

TEST_CASE("GPIO: the chip goes, and comes back") {
  set_line(3, true);
  Stage stage(on_lines("3"));
  stage.arm();
  stage.press("gpio, chip removed", remove_gpio_chip);
  CHECK_NE(stage.gateway().rearm(), "");
  return_gpio_chip();
  stage.arm();
  stage.press("gpio", [] { set_line(3, false); });
  set_line(3, true);
}

TEST_CASE("GPIO: a chip that may not be opened is a loss") {
  set_line(3, true);
  REQUIRE_EQ(::chmod("/dev/killswitch/gpio", 0600), 0);
  Stage stage(on_lines("3"));
  CHECK_EQ(stage.state(), "killed");
  CHECK_NE(stage.gateway().rearm(), "");
  stage.check_that_all_is_refused();
  REQUIRE_EQ(::chmod("/dev/killswitch/gpio", 0660), 0);
  stage.arm();
}

TEST_CASE("GPIO: one wire of two is cut; mended, it still needs a press of both") {
  for (const unsigned line : {4u, 5u}) set_line(line, true);
  Stage stage(on_lines("4, 5"));
  stage.arm();
  stage.press("gpio, one wire of two", [] { set_line(5, false); });
  CHECK_NE(stage.gateway().rearm(), "");
  stage.wait_for_button("its channels differ");
  set_line(5, true);
  ::sleep(1);  // longer than a release takes: what refuses now is the discrepancy
  CHECK_NE(stage.gateway().rearm(), "");
  for (const bool closed : {false, true}) {
    for (const unsigned line : {4u, 5u}) set_line(line, closed);
    ::usleep(100'000);  // many ticks
  }
  stage.arm();
}

TEST_CASE("GPIO: a contact that chatters faster than `confirm` is a press all the same") {
  set_line(3, true);
  Stage stage(on_lines("3", "confirm = \"5 ms\"\n"));
  stage.arm();
  std::atomic<bool> chatters = true;
  std::thread contact;
  stage.press("gpio, chatter", [&] {
    contact = std::thread([&] {
      for (bool closed = false; chatters; closed = !closed) {
        set_line(3, closed);
        ::usleep(500);
      }
      set_line(3, true);
    });
  });
  chatters = false;
  contact.join();
  stage.arm();
}

}  // namespace
}  // namespace interlock::hil
