// The records of one journal in their order, and what stands at each of them: build, policy, gate.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "audit/fields.hpp"
#include "audit/journal.hpp"
#include "cli/evidence/pack.hpp"
#include "config/policy_rows.hpp"

namespace interlock::cli::evidence {

struct Entry {
  const audit::Record& record;
  audit::FieldReader fields;
  bool in_year = false;

  [[nodiscard]] std::string text(audit::Field field) const {
    return std::string(fields.text(field).value_or(""));
  }
  [[nodiscard]] std::int64_t number(audit::Field field) const {
    return static_cast<std::int64_t>(fields.number(field).value_or(0));
  }
  [[nodiscard]] std::int64_t sequence() const {
    return static_cast<std::int64_t>(record.location.sequence);
  }
};

// What a journal says of its host up to the record that was taken last.
class Course {
 public:
  void take(const Entry& entry);

  std::string host;  // the node's name
  std::string build, config_hash;
  std::vector<config::PolicyRow> policy;  // in force
  std::vector<config::PolicyRow> policy_before;
  bool policy_is_new = false;  // by this record, whole
  bool policy_is_of_start = false;
  bool run_begins = false;  // by this record, which need not be its start
  bool running = false;
  bool armed = false;  // orders of the firm may pass
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;  // of the record before

 private:
  std::uint16_t run_ = 0;
  void take_rows(const Entry& entry);

  std::set<std::int64_t> firm_kills_;
  std::vector<config::PolicyRow> coming_;
  bool at_start_ = false;
};

struct Year {
  std::int64_t from_ns = 0, until_ns = 0;  // UTC
};

// Fills its tables from one journal.
class Chapter {
 public:
  virtual ~Chapter() = default;
  // Each record that is proven and before the year's end, in order; `course` has taken it already.
  virtual void take(const Entry& entry, const Course& course) = 0;
  virtual void write(const Course& course, const Year& year, Pack& pack) = 0;
};

// RFC 3339; empty for 0.
[[nodiscard]] std::string at(std::int64_t utc_ns);
[[nodiscard]] std::string day_of(std::int64_t utc_ns);  // "2026-01-05"
// Every day from one time to another, both included.
[[nodiscard]] std::vector<std::string> days_between(std::int64_t from_ns, std::int64_t until_ns);

}  // namespace interlock::cli::evidence
