#include "killswitch/button.hpp"

#include <algorithm>
#include <array>

namespace interlock::killswitch {
namespace {

constexpr std::array<std::uint16_t, 3> keys_of_the_system{
    116, 142, 205};  // power, sleep, suspend: the machine acts on them

// One, or two different ones.
template <class Contacts, class Same>
bool one_or_two(const Contacts& contacts, Same same) {
  return contacts.size() == 1 || (contacts.size() == 2 && !same(contacts[0], contacts[1]));
}

std::optional<WiringProblem> problem_of(const GpioDevice& gpio) {
  if (!one_or_two(gpio.lines, std::equal_to{}))
    return WiringProblem{
        "lines", "a button has one line, or two different ones as two channels", {}};
  // A line that the bias pulls to the level of a closed circuit is closed for ever.
  if (gpio.bias == (gpio.active_low ? GpioDevice::Bias::pull_down : GpioDevice::Bias::pull_up))
    return WiringProblem{"bias", "an open circuit would read as a closed one",
                         "pull_up goes with active_low = true, pull_down with active_low = false"};
  return std::nullopt;
}

std::optional<WiringProblem> problem_of(const EvdevDevice& evdev) {
  if (std::ranges::find(keys_of_the_system, evdev.key) == keys_of_the_system.end())
    return std::nullopt;
  return WiringProblem{"key", "the machine itself acts on this key", "use F13 to F24: 183 to 194"};
}

std::optional<WiringProblem> problem_of(const SerialDevice& serial) {
  const auto by_rts = [](SerialDevice::Loop loop) { return loop == SerialDevice::Loop::rts_cts; };
  const auto fed_alike = [&](auto a, auto b) { return by_rts(a) == by_rts(b); };
  if (one_or_two(serial.loops, fed_alike)) return std::nullopt;
  return WiringProblem{"loops", "a button has one loop, or two that are fed by different outputs",
                       "write [\"dtr_dsr\", \"rts_cts\"]"};
}

std::optional<WiringProblem> problem_of(const HidrawDevice&) { return std::nullopt; }
std::optional<WiringProblem> problem_of(const SimulatedDevice&) { return std::nullopt; }

}  // namespace

std::optional<WiringProblem> wiring_problem(const Device& device) {
  return std::visit([](const auto& each) { return problem_of(each); }, device);
}

std::size_t channels_of(const Device& device) {
  if (const auto* gpio = std::get_if<GpioDevice>(&device)) return gpio->lines.size();
  if (const auto* serial = std::get_if<SerialDevice>(&device)) return serial->loops.size();
  return 1;
}

}  // namespace interlock::killswitch
