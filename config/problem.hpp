// What is wrong in a file, where, and what to do about it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace interlock::config {

struct Problem {
  enum class Severity : std::uint8_t { error, warning };
  Severity severity = Severity::error;
  std::string file;
  std::uint32_t line = 0;    // 1-based
  std::uint32_t column = 0;  // 1-based
  std::string text;          // "unknown key 'max_net_notinal' in [firm]"
  std::string excerpt;       // the source line, or empty
  std::uint32_t width = 1;   // of the underlined part
  std::string hint;          // "did you mean 'max_net_notional'?"
};

// As the UX lays down: file:line:column: severity: text, the line, a caret, the hint.
[[nodiscard]] std::string render(const std::vector<Problem>& problems);
[[nodiscard]] bool any_error(const std::vector<Problem>& problems);

}  // namespace interlock::config
