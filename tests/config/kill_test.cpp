// [kill]: buttons and lights, and what is said of each mistake in them.
#include <doctest/doctest.h>

#include <string>
#include <variant>

#include "tests/config/folder.hpp"

namespace interlock::config {
namespace {

using killswitch::OnLoss;

std::string button(const std::string& keys, const std::string& scope = "\"everything\"") {
  return fmt::format("[[kill.button]]\nid = \"rack\"\nscope = {}\n{}\n", scope, keys);
}

// The sample with these tables behind [kill].
Loaded with(const std::string& tables) { return Folder().with("[stop]", tables + "\n[stop]"); }

void says(const std::string& tables, const std::string& words) {
  const auto loaded = with(tables);
  const auto text = render(loaded.problems);
  INFO(tables, "\n", text);
  CHECK(text.find(words) != std::string::npos);
}

void refused(const std::string& tables, const std::string& words) {
  says(tables, words);
  CHECK_FALSE(with(tables).config);
}

constexpr const char* gpio = R"(on_loss = "kill"
gpio = { chip = "/dev/gpiochip0", lines = [17] })";

TEST_CASE("kill: a wired button needs four keys, and the rest has the field's defaults") {
  const auto loaded = with(button(gpio));
  REQUIRE_MESSAGE(loaded.config, render(loaded.problems));
  REQUIRE(loaded.config->buttons.size() == 1);
  const auto& rack = loaded.config->buttons[0];
  CHECK(rack.id == "rack");
  CHECK(rack.scope == killswitch::Scope{});
  CHECK(rack.on_loss.action == OnLoss::Action::kill);
  CHECK(rack.confirm_ns == 0);
  CHECK(rack.release_ns == 500'000'000);
  CHECK(rack.discrepancy_ns == 500'000'000);
  CHECK(rack.chatter_max == 20);
  const auto& device = std::get<killswitch::GpioDevice>(rack.device);
  CHECK(device.chip == "/dev/gpiochip0");
  CHECK(device.lines == std::vector<std::uint32_t>{17});
  CHECK(device.pressed_is_open);
  CHECK_FALSE(device.active_low);
  CHECK(device.bias == killswitch::GpioDevice::Bias::as_is);
}

TEST_CASE("kill: every kind of device, with all its keys") {
  const auto device = [](const std::string& keys) {
    const auto loaded = with(button("on_loss = \"alarm_then_kill: 10 s\"\n" + keys));
    REQUIRE_MESSAGE(loaded.config, render(loaded.problems));
    CHECK(loaded.config->buttons[0].on_loss.action == OnLoss::Action::alarm_then_kill);
    CHECK(loaded.config->buttons[0].on_loss.after_ns == 10'000'000'000);
    return loaded.config->buttons[0].device;
  };
  const auto pins = std::get<killswitch::GpioDevice>(
      device(R"(gpio = { chip = "/dev/a", lines = [3, 4], pressed = "closed", active_low = true, )"
             R"(bias = "pull_up" })"));
  CHECK(pins.lines == std::vector<std::uint32_t>{3, 4});
  CHECK_FALSE(pins.pressed_is_open);
  CHECK(pins.active_low);
  CHECK(pins.bias == killswitch::GpioDevice::Bias::pull_up);
  const auto key = std::get<killswitch::EvdevDevice>(
      device(R"(evdev = { device = "/dev/input/by-id/x", key = 183, pressed = "up" })"));
  CHECK(key.key == 183);
  CHECK(key.pressed_is_up);
  const auto red = std::get<killswitch::HidrawDevice>(
      device(R"(hidraw = { device = "/dev/red", profile = "dream_cheeky" })"));
  CHECK(red.profile == killswitch::HidrawDevice::Profile::dream_cheeky);
  const auto bit = std::get<killswitch::HidrawDevice>(
      device(R"(hidraw = { device = "/dev/red", profile = "bit", byte = 2, mask = 4, )"
             R"(pressed = "clear" })"));
  CHECK(bit.byte == 2);
  CHECK(bit.mask == 4);
  CHECK_FALSE(bit.pressed_is_set);
  const auto loop = std::get<killswitch::SerialDevice>(
      device(R"(serial = { device = "/dev/ttyS0", loops = ["dtr_dsr", "rts_cts"], )"
             R"(test_every = "30 s" })"));
  CHECK(loop.loops.size() == 2);
  CHECK(loop.test_every_ns == 30'000'000'000);
  const auto sim = std::get<killswitch::SimulatedDevice>(device(R"(sim = { socket = "b.sock" })"));
  CHECK(sim.socket.filename() == "b.sock");
}

TEST_CASE("kill: a button of one scope") {
  const auto loaded = with(button(gpio, R"({ router = "R1" })"));
  REQUIRE_MESSAGE(loaded.config, render(loaded.problems));
  CHECK(loaded.config->buttons[0].scope == killswitch::Scope{killswitch::ScopeKind::router, "R1"});
  refused(button(gpio, R"({ router = "R7" })"), "there is no router 'R7'");
  refused(button(gpio, R"({ robot = "R1" })"), "'robot' with that name is no scope");
  refused(button(gpio, R"({ firm = "x" })"), "'firm' with that name is no scope");
  refused(button(gpio, R"("all")"), "scope is neither \"everything\" nor one kind with a name");
}

TEST_CASE("kill: what a button cannot do without, and what it cannot be") {
  refused("[[kill.button]]\nid = \"rack\"\n" + std::string(gpio),
          "button rack has no 'scope': what a press stops is never a default");
  refused(button(R"(gpio = { chip = "/dev/gpiochip0", lines = [17] })"),
          "button rack has no 'on_loss': what an unplugged button means is never a default");
  refused(button(R"(on_loss = "ignore")"), "on_loss = \"ignore\" is not what a loss means");
  refused(button(R"(on_loss = "alarm_then_kill: 10")"), "is not what a loss means");
  refused(button(R"(on_loss = "kill")"), "button rack has 0 devices, and needs one");
  refused(button(std::string(gpio) + "\nsim = { socket = \"x\" }"),
          "button rack has 2 devices, and needs one");
  refused(button(gpio) + button(gpio), "button rack is declared twice");
  refused(button(R"(on_loss = "kill"
gpio = { chip = "gpiochip0", lines = [17] })"),
          "chip = \"gpiochip0\" is not an absolute path");
  refused(button(R"(on_loss = "kill"
gpio = { chip = "/dev/gpiochip0", lines = [1, 1] })"),
          "one line, or two different ones");
  refused(button(R"(on_loss = "kill"
gpio = { chip = "/dev/gpiochip0" })"),
          "has no 'lines'");
  refused(button(R"(on_loss = "kill"
evdev = { device = "/dev/input/event0", key = 116 })"),
          "the machine itself acts on this key");
  refused(button(R"(on_loss = "kill"
serial = { device = "/dev/ttyS0", loops = ["dtr_dsr", "dtr_dcd"] })"),
          "two that are fed by different outputs");
  refused(button(std::string(gpio) + "\nconfirm = \"6 ms\""), "confirm is 0 to 5 ms");
  refused(button(std::string(gpio) + "\nrelease = \"10 ms\""), "release is 50 to 60000 ms");
  refused(button(std::string(gpio) + "\nchatter = 2"), "chatter = 2 is not");
  refused(button(R"(on_loss = "alarm"
gpio = { chip = "/dev/gpiochip0", lines = [17] })"),
          "no button's loss would ever stop anything");
  says(button(R"(on_loss = "kill"
gpio = { chip = "/dev/gpiochip0", lines = [17], pressed = "closed" })"),
       "a cut wire of this button stops nothing");
}

TEST_CASE("kill: a simulated button is not for production") {
  Folder folder;
  const auto text = Folder::edited(
      Folder::edited(sample(), "environment = \"test\"", "environment = \"production\""), "[stop]",
      button("on_loss = \"kill\"\nsim = { socket = \"b\" }") + "\n[stop]");
  CHECK(render(folder.parse(text).problems)
            .find("a simulated button stops nothing when it is needed") != std::string::npos);
}

TEST_CASE("kill: lights have a meaning and one lamp") {
  const auto loaded = with(R"([[kill.light]]
shows = "armed"
led = "/sys/class/leds/green"
[[kill.light]]
shows = "killed"
gpio = { chip = "/dev/gpiochip0", line = 5, active_low = true }
)");
  REQUIRE_MESSAGE(loaded.config, render(loaded.problems));
  REQUIRE(loaded.config->lights.size() == 2);
  CHECK(std::get<killswitch::Led>(loaded.config->lights[0].lamp).folder == "/sys/class/leds/green");
  CHECK(std::get<killswitch::LampLine>(loaded.config->lights[1].lamp).line == 5);
  refused("[[kill.light]]\nled = \"/sys/class/leds/x\"\n", "a light has no 'shows'");
  refused("[[kill.light]]\nshows = \"armed\"\n", "a light has no 'led'");
  refused("[[kill.light]]\nshows = \"dead\"\nled = \"/sys/class/leds/x\"\n",
          "shows = \"dead\" is not a known word");
}

TEST_CASE("kill: where the file and the guard's page are, and who may re-arm after a button") {
  Folder folder;
  const auto plain = folder.parse(sample());
  REQUIRE(plain.config);
  CHECK(plain.config->touch_file == plain.config->state_dir / "kill-now");
  CHECK(plain.config->guard_page.empty());
  CHECK_FALSE(plain.config->hardware_rearm_anywhere);
  const auto set = folder.with("cancel_timeout = \"30 s\"",
                               "cancel_timeout = \"30 s\"\ntouch_file = \"stop\"\n"
                               "page = \"/run/interlock/page\"\nhardware_rearm = \"anywhere\"");
  REQUIRE_MESSAGE(set.config, render(set.problems));
  CHECK(set.config->touch_file.filename() == "stop");
  CHECK(set.config->guard_page == "/run/interlock/page");
  CHECK(set.config->hardware_rearm_anywhere);
}

}  // namespace
}  // namespace interlock::config
