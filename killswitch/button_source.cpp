#include "killswitch/button_source.hpp"

namespace interlock::killswitch {
namespace {

struct Make {
  Kernel& kernel;
  auto operator()(const GpioDevice& device) const { return make_gpio(device, kernel); }
  auto operator()(const EvdevDevice& device) const { return make_evdev(device, kernel); }
  auto operator()(const HidrawDevice& device) const { return make_hidraw(device, kernel); }
  auto operator()(const SerialDevice& device) const { return make_serial(device, kernel); }
  auto operator()(const SimulatedDevice& device) const { return make_simulated(device); }
};

}  // namespace

std::unique_ptr<ButtonSource> make_source(const Device& device, Kernel& kernel) {
  return std::visit(Make{kernel}, device);
}

}  // namespace interlock::killswitch
