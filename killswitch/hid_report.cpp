#include "killswitch/hid_report.hpp"

#include <vector>

namespace interlock::killswitch {
namespace {

// Tag and type of the items that matter here; the two low bits, which give a length, are cleared.
enum Item : std::uint8_t {
  input = 0x80,
  report_size = 0x74,
  report_id = 0x84,
  report_count = 0x94,
  push = 0xA4,
  pop = 0xB4
};
constexpr std::uint8_t long_item = 0xFE;

struct Globals {
  std::uint32_t id = 0;
  std::uint32_t size = 0;  // of one field, in bits
  std::uint32_t count = 0;
};

struct Reading {
  Globals now;
  std::vector<Globals> pushed;
  bool seen = false;
  bool several = false;
  std::uint32_t id = 0;
  std::uint64_t bits = 0;

  void take(std::uint8_t item, std::uint32_t value) {
    switch (item) {
      case Item::input:
        several = several || (seen && id != now.id);
        seen = true;
        id = now.id;
        bits += std::uint64_t{now.size} * now.count;
        break;
      case Item::report_size:
        now.size = value;
        break;
      case Item::report_id:
        now.id = value;
        break;
      case Item::report_count:
        now.count = value;
        break;
      case Item::push:
        pushed.push_back(now);
        break;
      case Item::pop:
        if (pushed.empty()) break;
        now = pushed.back();
        pushed.pop_back();
        break;
      default:
        break;
    }
  }
};

}  // namespace

std::optional<InputReport> only_input_report(std::span<const std::uint8_t> descriptor) {
  Reading reading;
  while (!descriptor.empty()) {
    const std::uint8_t prefix = descriptor[0];
    const bool is_long = prefix == long_item && descriptor.size() > 1;
    const std::size_t length = is_long ? 2U + descriptor[1] : (prefix & 3) == 3 ? 4U : prefix & 3U;
    if (descriptor.size() <= length) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < length && !is_long; ++i)
      value |= std::uint32_t{descriptor[i + 1]} << 8 * i;
    if (!is_long) reading.take(prefix & 0xFC, value);
    descriptor = descriptor.subspan(length + 1);
  }
  if (!reading.seen || reading.several || reading.id > 0xFF) return std::nullopt;
  const std::size_t numbered = reading.id != 0 ? 1 : 0;
  return InputReport{static_cast<std::uint8_t>(reading.id),
                     static_cast<std::size_t>((reading.bits + 7) / 8) + numbered};
}

}  // namespace interlock::killswitch
