// FIX messages out of any text: an engine's log, a screen, a capture, an export. Whatever stands
// between fields (SOH, ^A, |, ;) and between messages; nothing in the text can make it fail.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace interlock::gateway {

class FixLog {
 public:
  // Of a message, with SOH between its fields; the view ends with the call.
  using Each = std::function<void(std::string_view frame)>;

  // In any pieces, in order.
  void feed(std::string_view text, const Each& each);
  void end(const Each& each);
  // Begun and not ended by a CheckSum: not given, since their last value may be cut off.
  [[nodiscard]] std::uint64_t incomplete() const { return incomplete_; }

 private:
  struct Begin {
    std::size_t at = 0;    // of the 8
    std::size_t rest = 0;  // of the 9
    std::string separator;
  };
  void read(const Each& each, bool at_end);
  [[nodiscard]] std::size_t find_begin(std::size_t from) const;
  [[nodiscard]] std::optional<Begin> begin_at(std::size_t at) const;
  [[nodiscard]] std::size_t end_of(const Begin& begin, std::size_t until) const;
  [[nodiscard]] std::size_t end_by_length(const Begin& begin, std::size_t until) const;
  void give(const Begin& begin, std::size_t end, const Each& each) const;

  std::string text_;  // not read yet
  std::uint64_t incomplete_ = 0;
};

}  // namespace interlock::gateway
