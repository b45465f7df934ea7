// The fields of a FIX frame as they stand, for who reads what a journal holds: nothing is judged.
#pragma once

#include <cstddef>
#include <optional>
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

}  // namespace interlock::audit
