// Chapters of the configuration: its changes, limits and their use, people.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/evidence/chapters.hpp"
#include "risk/decide.hpp"

namespace interlock::cli::evidence {
namespace {

using audit::Field;
using audit::Kind;

// Each change of a record is a row of fields that begins with `change`.
std::vector<config::Change> changes_in(const Entry& entry, std::vector<std::string>& directions) {
  std::vector<config::Change> changes;
  const auto items = entry.fields.items();
  if (!items) return changes;
  for (const auto& item : *items) {
    if (item.field == Field::change) {
      changes.emplace_back();
      directions.emplace_back(item.bytes);
    }
    if (changes.empty()) continue;
    config::Change& change = changes.back();
    if (item.field == Field::scope_kind) change.scope_kind = item.bytes;
    if (item.field == Field::scope_id) change.scope = item.bytes;
    if (item.field == Field::key) change.key = item.bytes;
    if (item.field == Field::before) change.before = item.bytes;
    if (item.field == Field::after) change.after = item.bytes;
    if (item.field == Field::why) change.why = item.bytes;
    if (item.field == Field::owner) change.owner = item.bytes;
    if (item.field == Field::review) change.review = item.bytes;
  }
  return changes;
}

std::string rationale_of(const config::PolicyRow& row) {
  return row.owner.empty() ? "" : fmt::format("{}, review {}: {}", row.owner, row.review, row.why);
}

// Settings whose value stayed, and whose reason, owner or review date did not.
std::vector<config::Change> rationales(const Course& course) {
  std::map<std::tuple<std::string, std::string, std::string>, const config::PolicyRow*> known;
  for (const config::PolicyRow& row : course.policy_before)
    known[{row.scope_kind, row.scope, row.key}] = &row;
  std::vector<config::Change> changes;
  for (const config::PolicyRow& row : course.policy) {
    const auto found = known.find({row.scope_kind, row.scope, row.key});
    if (found == known.end() || found->second->value != row.value) continue;
    const std::string before = rationale_of(*found->second), after = rationale_of(row);
    if (before == after) continue;
    config::Change change;
    change.scope_kind = row.scope_kind;
    change.scope = row.scope;
    change.key = row.key;
    change.before = before;
    change.after = after;
    change.why = row.why;
    change.owner = row.owner;
    change.review = row.review;
    changes.push_back(std::move(change));
  }
  return changes;
}

class Changes : public Chapter {
 public:
  void take(const Entry& entry, const Course& course) override {
    if (entry.record.kind == Kind::rearm) note_rearm(entry);
    if (!entry.in_year) return;
    if (entry.record.kind == Kind::reload) reloaded(entry, course);
    if (!course.policy_is_new || course.policy_before.empty()) return;
    const bool by_start = course.policy_is_of_start;
    const std::string people = by_start ? "" : people_;
    if (by_start) {
      for (const config::Change& change : config::compare(course.policy_before, course.policy))
        add(entry, "start", "", std::string(config::name(change.direction)), change, "",
            course.config_hash);
    }
    for (const config::Change& change : rationales(course))
      add(entry, by_start ? "start" : "reload", people, "RATIONALE", change,
          by_start ? "" : reason_, course.config_hash);
  }
  void write(const Course& course, const Year&, Pack& pack) override {
    for (Row& row : rows_) {
      row.cells[0] = course.host;
      const auto approved = approved_.find(row.hash);
      if (row.by_start)
        row.cells[4] =
            approved == approved_.end() ? "nobody has re-armed under it" : approved->second;
      pack.table("changes").add(std::move(row.cells));
    }
  }

 private:
  struct Row {
    std::vector<Cell> cells;
    std::string hash;
    bool by_start = false;
  };
  void reloaded(const Entry& entry, const Course& course) {
    people_ = entry.text(Field::actor);
    reason_ = entry.text(Field::text);
    std::vector<std::string> directions;
    const auto changes = changes_in(entry, directions);
    for (std::size_t i = 0; i < changes.size(); ++i)
      add(entry, "reload", people_, directions[i], changes[i], reason_, course.config_hash);
    if (changes.empty()) add(entry, "reload", people_, "SAME", {}, reason_, course.config_hash);
  }
  void note_rearm(const Entry& entry) {
    const std::string identity = entry.text(Field::after);  // "BUILD HASH"
    const auto space = identity.rfind(' ');
    if (space != std::string::npos)
      approved_.try_emplace(identity.substr(space + 1), entry.text(Field::actor));
  }
  void add(const Entry& entry, const std::string& how, const std::string& people,
           const std::string& direction, const config::Change& change, const std::string& reason,
           const std::string& hash) {
    rows_.push_back({{"", entry.sequence(), at(entry.record.time_ns), how, people, direction,
                      change.scope_kind, change.scope, change.key, change.before, change.after,
                      change.why, change.owner, change.review, reason, hash},
                     hash,
                     how == "start"});
  }

  std::vector<Row> rows_;
  std::string people_, reason_;                  // of the last reload
  std::map<std::string, std::string> approved_;  // people by the hash that they armed
};

struct Peak {
  std::string used, limit;
  std::int64_t share = -1;  // millionths
  std::int64_t at_ns = 0;
};
using PeakKey = std::tuple<std::string, std::string, std::string>;  // control, kind, scope

class Limits : public Chapter {
 public:
  void take(const Entry& entry, const Course&) override {
    if (entry.record.kind != Kind::use || !entry.in_year) return;
    const auto items = entry.fields.items();
    if (!items) return;
    PeakKey key;
    Peak peak;
    for (const auto& item : *items) {
      if (item.field == Field::control) std::get<0>(key) = item.bytes;
      if (item.field == Field::scope_kind) std::get<1>(key) = item.bytes;
      if (item.field == Field::scope_id) std::get<2>(key) = item.bytes;
      if (item.field == Field::used) peak.used = item.bytes;
      if (item.field == Field::limit) peak.limit = item.bytes;
      if (item.field == Field::share) peak.share = number_in(item.bytes);
      if (item.field != Field::time) continue;  // the last of each
      peak.at_ns = number_in(item.bytes);
      if (Peak& known = peaks_[key]; peak.share > known.share) known = peak;
    }
  }
  void write(const Course& course, const Year&, Pack& pack) override {
    const std::string today = day_of(course.last_ns);
    for (const config::PolicyRow& row : course.policy) {
      if (row.scope_kind == "start") continue;
      const bool overdue = !row.review.empty() && row.review < today;
      std::vector<Cell> cells{course.host, row.scope_kind,         row.scope, row.key,
                              row.value,   std::int64_t{row.line}, row.why,   row.owner,
                              row.review,  overdue ? "yes" : ""};
      const auto [control, peak] = peak_of(row);
      cells.insert(
          cells.end(),
          {control, peak.used, peak.limit,
           peak.share < 0 ? "" : fmt::format("{:.2f}", static_cast<double>(peak.share) / 1e4),
           at(peak.at_ns)});
      pack.table("limits").add(std::move(cells));
    }
  }

 private:
  [[nodiscard]] std::pair<std::string, Peak> peak_of(const config::PolicyRow& row) const {
    std::pair<std::string, Peak> fullest;
    for (const risk::Control& control : risk::controls()) {
      if (!has_key(control, row.key)) continue;
      const auto known = peaks_.find({std::string(control.id), row.scope_kind, row.scope});
      if (known == peaks_.end() || known->second.share <= fullest.second.share) continue;
      fullest = {std::string(control.id), known->second};
    }
    return fullest;
  }

  std::map<PeakKey, Peak> peaks_;
};

class People : public Chapter {
 public:
  void take(const Entry& entry, const Course& course) override {
    if (!course.policy_is_new) return;
    std::map<std::string, std::string> now;
    for (const config::PolicyRow& row : course.policy) {
      const bool is_person = row.scope_kind == "start" && row.scope.starts_with("person ");
      if (is_person && row.key == "may") now[row.scope.substr(7)] = row.value;
    }
    for (Held& each : held_) {
      const auto still = now.find(each.person);
      if (each.until_ns != 0) continue;
      if (still != now.end() && still->second == each.rights)
        now.erase(still);
      else
        each.until_ns = entry.record.time_ns;
    }
    for (auto& [person, rights] : now) held_.push_back({person, rights, entry.record.time_ns, 0});
  }
  void write(const Course& course, const Year& year, Pack& pack) override {
    for (const Held& each : held_) {
      if (each.until_ns != 0 && each.until_ns < year.from_ns) continue;
      pack.table("people").add({course.host, each.person, each.rights, at(each.from_ns),
                                each.until_ns == 0 ? "in force" : at(each.until_ns)});
    }
  }

 private:
  struct Held {
    std::string person, rights;
    std::int64_t from_ns = 0, until_ns = 0;
  };
  std::vector<Held> held_;
};

}  // namespace

bool has_key(const risk::Control& control, std::string_view key) {
  // A setting outside the tables of scopes has the name of its own table in front.
  if (const auto dot = key.rfind('.'); dot != std::string_view::npos) key.remove_prefix(dot + 1);
  std::string_view keys = control.keys;
  while (!keys.empty()) {
    const auto end = std::min(keys.find_first_of(", "), keys.size());
    if (keys.substr(0, end) == key) return true;
    keys.remove_prefix(std::min(end + 1, keys.size()));
  }
  return false;
}

std::int64_t number_in(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return static_cast<std::int64_t>(number);
}

void add_policy_chapters(std::vector<std::unique_ptr<Chapter>>& chapters) {
  chapters.push_back(std::make_unique<Changes>());
  chapters.push_back(std::make_unique<Limits>());
  chapters.push_back(std::make_unique<People>());
}

}  // namespace interlock::cli::evidence
