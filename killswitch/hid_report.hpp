// What the input reports of a HID device look like, by its report descriptor (HID 1.11, 6.2.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace interlock::killswitch {

struct InputReport {
  std::uint8_t id = 0;   // its first byte when it is read; 0: reports are not numbered
  std::size_t size = 0;  // in bytes, as it is read: with the id
};

// None: the device has no input report, has several, or the descriptor is cut off.
[[nodiscard]] std::optional<InputReport> only_input_report(
    std::span<const std::uint8_t> descriptor);

}  // namespace interlock::killswitch
