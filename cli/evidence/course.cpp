#include <fmt/format.h>

#include <chrono>

#include "cli/evidence/chapters.hpp"
#include "console/view.hpp"
#include "killswitch/latch.hpp"

namespace interlock::cli::evidence {
namespace {

using audit::Field;
using audit::Kind;

bool is_firm(const Entry& entry) {
  return entry.text(Field::scope_kind) == name(killswitch::ScopeKind::firm);
}

}  // namespace

void Course::take(const Entry& entry) {
  policy_is_new = false;
  run_begins = entry.record.run != run_;
  run_ = entry.record.run;
  if (run_begins) running = false;
  switch (entry.record.kind) {
    case Kind::start:
      build = entry.text(Field::build);
      config_hash = entry.text(Field::config_hash);
      running = at_start_ = true;
      break;
    case Kind::stop:
      running = false;
      break;
    case Kind::policy:
      take_rows(entry);
      break;
    case Kind::reload:
      config_hash = entry.text(Field::config_hash);
      at_start_ = false;
      break;
    case Kind::kill:
      // What leaves orders that reduce a position through still shuts the gate for the others.
      if (is_firm(entry)) firm_kills_.insert(entry.number(Field::kill_id));
      break;
    case Kind::rearm:
      firm_kills_.erase(entry.number(Field::kill_id));
      break;
    default:
      break;
  }
  armed = running && firm_kills_.empty();
  if (first_ns == 0) first_ns = entry.record.time_ns;
  last_ns = entry.record.time_ns;
}

void Course::take_rows(const Entry& entry) {
  const std::string part = entry.text(Field::text);  // "2 of 5"
  const auto of = part.find(" of ");
  if (of == std::string::npos) return;
  if (part.starts_with("1 ")) coming_.clear();
  const auto items = entry.fields.items();
  if (!items) return;
  for (const auto& item : *items) {
    if (item.field == Field::scope_kind) coming_.emplace_back().scope_kind = item.bytes;
    if (coming_.empty()) continue;
    config::PolicyRow& row = coming_.back();
    if (item.field == Field::scope_id) row.scope = item.bytes;
    if (item.field == Field::key) row.key = item.bytes;
    if (item.field == Field::after) row.value = item.bytes;
    if (item.field == Field::line) row.line = static_cast<std::uint32_t>(number_in(item.bytes));
    if (item.field == Field::why) row.why = item.bytes;
    if (item.field == Field::owner) row.owner = item.bytes;
    if (item.field == Field::review) row.review = item.bytes;
  }
  if (part.substr(0, of) != part.substr(of + 4)) return;
  policy_before = std::exchange(policy, std::exchange(coming_, {}));
  policy_is_new = true;
  policy_is_of_start = at_start_;
  for (const config::PolicyRow& row : policy)
    if (row.scope_kind == "start" && row.scope == "node" && row.key == "name") host = row.value;
}

void Listing::write(const Course& course, const Year&, Pack& pack) {
  for (std::vector<Cell>& row : rows_) {
    row.at(0) = course.host;
    pack.table(table_).add(std::move(row));
  }
}

std::string at(std::int64_t utc_ns) { return utc_ns == 0 ? "" : console::rfc3339(utc_ns); }

std::string day_of(std::int64_t utc_ns) { return console::rfc3339(utc_ns).substr(0, 10); }

std::vector<std::string> days_between(std::int64_t from_ns, std::int64_t until_ns) {
  constexpr std::int64_t day_ns = 86'400'000'000'000;
  std::vector<std::string> days;
  for (std::int64_t day = from_ns / day_ns; day <= until_ns / day_ns; ++day)
    days.push_back(day_of(day * day_ns));
  return days;
}

}  // namespace interlock::cli::evidence
