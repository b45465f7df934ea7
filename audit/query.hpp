// Which records somebody asks for: what `interlock audit query`, `export` and `tail` share.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "audit/orders.hpp"
#include "risk/verdict.hpp"

namespace interlock::audit {

// All that is set has to hold.
struct Filter {
  std::int64_t from_ns = std::numeric_limits<std::int64_t>::min();
  std::int64_t to_ns = std::numeric_limits<std::int64_t>::max();
  std::uint64_t from_sequence = 0;
  std::uint64_t to_sequence = std::numeric_limits<std::uint64_t>::max();
  std::string router, account, parent;
  std::string cl_ord_id;               // with its chain: what tag 41 links to it, before and after
  std::string person;                  // one of those who did it
  std::optional<risk::Reason> reason;  // of a refusal, or what a kill or an alert came from
  std::optional<Kind> kind;
};

// A date, an RFC 3339 time, or a record's number with or without its B; the error is for people.
[[nodiscard]] std::expected<void, std::string> set_from(Filter& filter, std::string_view text);
// The same; a date is its last moment.
[[nodiscard]] std::expected<void, std::string> set_to(Filter& filter, std::string_view text);
// "B204889" or "204889".
[[nodiscard]] std::optional<std::uint64_t> record_number(std::string_view text);
[[nodiscard]] std::optional<Kind> kind_of(std::string_view name);

// One question, asked of records in their order.
class Question {
 public:
  explicit Question(Filter filter) : filter_(std::move(filter)) {}
  // A record before those that are asked about: the ClOrdID's chain may go through it.
  void learn(const Record& record, const About& about);
  [[nodiscard]] bool wants(const Record& record, const About& about) const;
  // Records before a wanted one may have to be learned from.
  [[nodiscard]] bool has_chain() const { return !filter_.cl_ord_id.empty(); }

 private:
  [[nodiscard]] bool wants(const About& about, const Subject& subject) const;
  [[nodiscard]] bool names_id(const Subject& subject) const;

  Filter filter_;
  std::set<std::pair<std::string, std::string>, std::less<>> chains_;  // router, first ClOrdID
};

using EachAbout = std::function<bool(const Record&, const About&)>;  // false ends the walk

// Each record that the filter wants, in order; the journal may be in the middle of being written.
// The error: what is damaged, after the records before it.
[[nodiscard]] std::expected<void, std::string> query(const std::filesystem::path& directory,
                                                     const Filter& filter, const EachAbout& each);

}  // namespace interlock::audit
