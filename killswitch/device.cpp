#include "killswitch/device.hpp"

#include <fmt/format.h>
#include <linux/input.h>

namespace interlock::killswitch {
namespace {

std::string bus_name(std::uint32_t bus) {
  switch (bus) {
    case BUS_USB:
      return "usb";
    case BUS_BLUETOOTH:
      return "bluetooth";
    case BUS_VIRTUAL:
      return "virtual";
    case BUS_HOST:
      return "host";
    default:
      return fmt::format("bus {}", bus);
  }
}

}  // namespace

std::string hardware_name(std::uint32_t bus, std::uint16_t vendor, std::uint16_t product,
                          std::string_view serial, std::string_view place, std::string_view name) {
  auto text = fmt::format("{} {:04x}:{:04x}", bus_name(bus), vendor, product);
  text += serial.empty() ? std::string(" without serial") : fmt::format(" serial {}", serial);
  if (!place.empty()) text += fmt::format(" at {}", place);
  if (!name.empty()) text += fmt::format(", {}", name);
  return text;
}

}  // namespace interlock::killswitch
