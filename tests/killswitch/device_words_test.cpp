#include "killswitch/device_words.hpp"

#include <doctest/doctest.h>

using namespace interlock::killswitch;

namespace {

template <typename Kind>
Kind read(std::string_view kind, std::string_view words) {
  const auto device = device_of(kind, words);
  REQUIRE_MESSAGE(device.has_value(), device.error());
  return std::get<Kind>(*device);
}
std::string problem(std::string_view kind, std::string_view words) {
  const auto device = device_of(kind, words);
  return device ? "" : device.error();
}

}  // namespace

TEST_CASE("device words: a line of a chip") {
  const auto least = read<GpioDevice>("gpio", "chip=/dev/gpiochip0,line=4");
  CHECK(least.chip == "/dev/gpiochip0");
  CHECK(least.lines == std::vector<std::uint32_t>{4});
  CHECK(least.pressed_is_open);
  CHECK_FALSE(least.active_low);
  CHECK(least.bias == GpioDevice::Bias::as_is);
  const auto most = read<GpioDevice>(
      "gpio", "bias=pull_up,active_low=true,pressed=closed,line=4,chip=/dev/x,line=0");
  CHECK(most.lines == std::vector<std::uint32_t>{4, 0});
  CHECK_FALSE(most.pressed_is_open);
  CHECK(most.active_low);
  CHECK(most.bias == GpioDevice::Bias::pull_up);
}

TEST_CASE("device words: a key, a report, a loop and a socket") {
  const auto evdev = read<EvdevDevice>("evdev", "device=/dev/input/x,key=183,pressed=up");
  CHECK(evdev.key == 183);
  CHECK(evdev.pressed_is_up);
  const auto bit =
      read<HidrawDevice>("hidraw", "device=/dev/x,profile=bit,byte=2,mask=128,pressed=clear");
  CHECK(bit.profile == HidrawDevice::Profile::bit);
  CHECK(bit.byte == 2);
  CHECK(bit.mask == 128);
  CHECK_FALSE(bit.pressed_is_set);
  CHECK(read<HidrawDevice>("hidraw", "device=/dev/x,profile=dream_cheeky").profile ==
        HidrawDevice::Profile::dream_cheeky);
  const auto serial =
      read<SerialDevice>("serial", "device=/dev/x,loop=dtr_dsr,loop=rts_cts,test_every=90 s");
  CHECK(serial.loops == std::vector{SerialDevice::Loop::dtr_dsr, SerialDevice::Loop::rts_cts});
  CHECK(serial.test_every_ns == 90'000'000'000);
  CHECK(read<SimulatedDevice>("sim", "socket=/run/x").socket == "/run/x");
}

TEST_CASE("device words: what the gateway's configuration refuses, the guard refuses") {
  CHECK(problem("gpio", "chip=/dev/x,line=4,bias=pull_up") ==
        "--gpio: bias: an open circuit would read as a closed one; pull_up goes with active_low = "
        "true, pull_down with active_low = false");
  CHECK(problem("gpio", "chip=/dev/x,line=4,bias=pull_down,active_low=true") != "");
  CHECK(problem("evdev", "device=/dev/x,key=116").contains("the machine itself acts on this key"));
}

TEST_CASE("device words: what is wrong is said") {
  CHECK(problem("gpio", "line=4").contains("needs chip= and an absolute path"));
  CHECK(problem("gpio", "chip=gpiochip0,line=4").contains("absolute"));
  CHECK(problem("gpio", "chip=/dev/x").contains("needs line="));
  CHECK(problem("gpio", "chip=/dev/x,line=4,line=4").contains("different lines"));
  CHECK(problem("gpio", "chip=/dev/x,line=1,line=2,line=3").contains("needs line="));
  CHECK(problem("gpio", "chip=/dev/x,line=-1").contains("line=-1 is not from 0 to 65535"));
  CHECK(problem("gpio", "chip=/dev/x,line=4x").contains("line=4x"));
  CHECK(problem("gpio", "chip=/dev/x,line=4,bias=up") ==
        "--gpio: bias=up is none of as_is, pull_up, pull_down, disabled");
  CHECK(problem("gpio", "chip=/dev/x,line=4,colour=red") == "--gpio: there is no word 'colour'");
  CHECK(problem("gpio", "chip=/dev/x,chip=/dev/y,line=4").contains("stands twice"));
  CHECK(problem("gpio", "chip=/dev/x,line").contains("'line' is no KEY=VALUE"));
  CHECK(problem("evdev", "device=/dev/x").contains("key="));
  CHECK(problem("evdev", "device=/dev/x,key=768").contains("1 to 767"));
  CHECK(problem("hidraw", "device=/dev/x").contains("none of dream_cheeky, bit"));
  CHECK(problem("hidraw", "device=/dev/x,profile=bit,mask=0").contains("mask=0"));
  CHECK(problem("hidraw", "device=/dev/x,profile=dream_cheeky,byte=1").contains("no word 'byte'"));
  CHECK(problem("serial", "device=/dev/x,loop=dtr_dsr,loop=dtr_dcd").contains("different outputs"));
  CHECK(problem("serial", "device=/dev/x,loop=dtr_dsr,test_every=x").contains("no duration"));
  CHECK(problem("sim", "").contains("needs socket="));
  CHECK(problem("pedal", "").contains("no kind of button 'pedal'"));
}

TEST_CASE("device words: what a loss means") {
  CHECK(on_loss_of("kill")->action == OnLoss::Action::kill);
  CHECK(on_loss_of("alarm")->action == OnLoss::Action::alarm);
  for (const auto* words :
       {"alarm_then_kill: 10 s", "alarm_then_kill:10s", "alarm_then_kill: 10000 ms"}) {
    CAPTURE(words);
    REQUIRE(on_loss_of(words).has_value());
    CHECK(on_loss_of(words)->action == OnLoss::Action::alarm_then_kill);
    CHECK(on_loss_of(words)->after_ns == 10'000'000'000);
  }
  for (const auto* words :
       {"", "alarm_then_kill", "alarm_then_kill: 0 s", "alarm_then_kill: 10",
        "alarm_then_kill: 99999999999999999999 s", "alarm_then_kill: 86400001 s", "never"}) {
    CAPTURE(words);
    CHECK_FALSE(on_loss_of(words).has_value());
  }
}
