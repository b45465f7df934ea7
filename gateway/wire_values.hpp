// Whether a field's text is a value of its declared type: the innermost of the gatekeeper's checks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/dialect.hpp"

namespace interlock::gateway {

// What is wrong with a value, as a clause that follows "tag N"; nullptr when nothing is.
struct ValueFault {
  const char* clause = nullptr;
  int reject_reason = 0;  // 373: 5 value is incorrect, 6 incorrect data format
  explicit operator bool() const { return clause != nullptr; }
};
[[nodiscard]] ValueFault check_closely(const config::FieldRule& rule, std::string_view value);
// The value is not empty and holds no control character: the reader has seen to that. Most are
// texts or one character, of which it is said at once that they are right.
[[nodiscard]] inline ValueFault check_value(const config::FieldRule& rule, std::string_view value) {
  using config::FieldType;
  const bool has_form =
      rule.type == FieldType::string || (rule.type == FieldType::character && value.size() == 1);
  if (has_form && value.size() <= rule.bytes_max && rule.values.allows(value)) return {};
  return check_closely(rule, value);
}

// Digits only, 0..2^31-1, at most ten of them; nullopt otherwise.
[[nodiscard]] std::optional<std::uint32_t> read_count(std::string_view digits);

// As `fix_timestamp`, into storage that is used again.
void write_timestamp(std::int64_t utc_ns, std::string& into);

}  // namespace interlock::gateway
