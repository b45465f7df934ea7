#include "killswitch/button_source.hpp"

#include <doctest/doctest.h>

#include "tests/killswitch/fake_kernel.hpp"
#include "tests/scratch.hpp"

using namespace interlock::killswitch;
using namespace interlock::tests;

TEST_CASE("button source: each kind of device makes its own source, which is not open yet") {
  const Scratch scratch;
  FakeKernel kernel;
  const std::pair<Device, std::string> kinds[] = {
      {GpioDevice{.chip = "x", .lines = {3}}, "gpio  () line 3, without interrupts"},
      {EvdevDevice{.device = "x", .key = 183}, "bus 0 0000:0000 without serial, key 183"},
      {HidrawDevice{.device = "x"}, "bus 0 0000:0000 without serial"},
      {SerialDevice{.device = "x", .loops = {SerialDevice::Loop::dtr_dsr}}, "tty 0:0"},
      {SimulatedDevice{scratch / "s"}, "simulated at " + (scratch / "s").string()}};
  for (const auto& [device, name] : kinds) {
    const auto source = make_source(device, kernel);
    CHECK(source->about() == name);
    CHECK(source->channels() == 1);
    CHECK(source->fd() == -1);
    CHECK(look(*source).contact == Contact::unknown);
    CHECK(look(*source).error == ENODEV);
  }
}

TEST_CASE("button source: a device that is not there says so, for each kind that is opened") {
  FakeKernel kernel;
  for (const Device& device :
       {Device(GpioDevice{.chip = "x", .lines = {3}}),
        Device(EvdevDevice{.device = "x", .key = 183}), Device(HidrawDevice{.device = "x"}),
        Device(SerialDevice{.device = "x", .loops = {SerialDevice::Loop::dtr_dsr}})}) {
    const auto source = make_source(device, kernel);
    CHECK_FALSE(source->open());
    CHECK(errno == ENOENT);
  }
}
