// The fields of a FIX frame as they stand, for who reads what a journal holds: nothing is judged.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace interlock::audit {

// One after the other. A data field may hold SOH: its length stands in the field before it.
class FrameFields {
 public:
  explicit FrameFields(std::string_view frame) : rest_(frame) {}
  struct Item {
    unsigned tag = 0;        // 0: no number stands there
    std::string_view name;   // "554="
    std::string_view value;  // without the SOH
    bool ended = false;      // by an SOH
  };
  [[nodiscard]] std::optional<Item> next();

 private:
  std::string_view rest_;
  std::size_t length_ = 0;
};

// The first value of that tag; empty when it is not there.
[[nodiscard]] std::string_view frame_value(std::string_view frame, unsigned tag);

// The frame without its secrets: 554, 925, 1402 and 1404, and 96 in a Logon, become ***. The one
// place that knows which they are.
[[nodiscard]] std::string mask_secrets(std::string_view frame);

}  // namespace interlock::audit
