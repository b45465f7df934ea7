// Alerts as objects: raised once a kind and scope, counted up while open, acknowledged by a person.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "killswitch/latch.hpp"

namespace interlock::gateway {

// Never reuse a number.
enum class Severity : std::uint8_t {
  warning = 1,
  critical = 2,  // a person has to acknowledge it, or its scope is blocked
};
[[nodiscard]] std::string_view name(Severity severity);

struct Raised {
  Severity severity = Severity::warning;
  std::string kind;         // one word a cause: "retired-tag", "over_fill", "PRICE_COLLAR"
  killswitch::Scope scope;  // whom it concerns
  std::string text;
};

struct Alert {
  std::uint64_t id = 0;  // the number of the record that raised it
  Raised what;           // the text is that of the last time
  std::uint64_t count = 1;
  std::int64_t raised_at_ns = 0;  // UTC
  std::int64_t last_at_ns = 0;
  std::string acknowledged_by;    // empty: it is open
  std::string acknowledged_with;  // the reason
  std::int64_t acknowledged_at_ns = 0;
  [[nodiscard]] bool is_open() const { return acknowledged_by.empty(); }
};

class Alerts {
 public:
  static constexpr std::size_t acknowledged_kept = 500;

  // An open one of the same kind, scope and severity counts up instead of a new one.
  void raise(Raised what, std::uint64_t record, std::int64_t at_ns);
  // False: there is no such alert, or somebody has acknowledged it.
  bool acknowledge(std::uint64_t id, std::string_view by, std::string_view reason,
                   std::int64_t at_ns);
  [[nodiscard]] const Alert* find(std::uint64_t id) const;
  [[nodiscard]] const Alert* find_open(std::string_view kind, const killswitch::Scope& scope) const;
  // Oldest first: all open ones, and the last ones that were acknowledged.
  [[nodiscard]] const std::deque<Alert>& all() const { return all_; }

  template <class Archive>
  void serialize(Archive& archive) {  // for a snapshot
    archive(all_, acknowledged_);
  }

 private:
  std::deque<Alert> all_;
  std::size_t acknowledged_ = 0;
};

}  // namespace interlock::gateway
