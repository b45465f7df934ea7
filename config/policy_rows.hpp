// The policy as rows of text, each setting with its line and who answers for it, and what differs
// between two policies: what `check` prints, the API shows and the journal of a change holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace interlock::config {

struct PolicyRow {
  // A kind of scope ("router"); "gateway": holds for all that passes; "restriction": forbids;
  // "start": is read at a start only.
  std::string scope_kind;
  std::string scope;  // "R1"; empty: there is only one of that kind
  std::string key;    // as in the file; a scope has it once
  std::string value;  // in one spelling: equal texts are equal settings
  std::uint32_t line = 0;
  std::string why;
  std::string owner;
  std::string review;  // 2027-03-31
};

// Every setting of the policy, and every setting that is read at a start only.
[[nodiscard]] std::vector<PolicyRow> policy_rows(const Config& config);

enum class Direction : std::uint8_t {
  tightened,
  loosened,  // also where it cannot be told
  added,
  removed,
  fixed,  // read at a start only: no reload may change it
};
[[nodiscard]] std::string_view name(Direction direction);  // "TIGHTENED"

struct Change {
  Direction direction = Direction::loosened;
  bool loosens = true;  // something may pass that was refused before: it takes two people
  std::string scope_kind, scope, key;
  std::string before, after;  // values; empty where there is none
  // Of the new setting; of the old one where it was removed.
  std::uint32_t line = 0;
  std::string why, owner, review;
};

// In the order of `after`, what was removed last. Lines and reasons alone are no change.
[[nodiscard]] std::vector<Change> compare(const std::vector<PolicyRow>& before,
                                          const std::vector<PolicyRow>& after);
[[nodiscard]] std::vector<Change> compare(const Config& before, const Config& after);

// "LOOSENED  account 7731  max_order_qty  100000 -> 200000"
[[nodiscard]] std::string text_of(const Change& change);

}  // namespace interlock::config
