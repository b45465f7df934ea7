#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>

#include "config/policy_rows.hpp"
#include "config/values.hpp"

namespace interlock::config {
namespace {

__extension__ using Wide = __int128;

// A value as a person writes it: an amount of some unit, perhaps in a window.
struct Measure {
  std::string_view unit;  // "USD", "%", "s", or none of a count
  Wide amount = 0;
  std::int64_t window_ns = 0;
};

constexpr int decimals = 8;

std::optional<Measure> measure_of(std::string_view text) {
  Measure read;
  if (const auto slash = text.find(" / "); slash != std::string_view::npos) {
    const auto window = parse_duration(text.substr(slash + 3));
    if (!window) return std::nullopt;
    read.window_ns = window->ns;
    text = text.substr(0, slash);
  }
  if (text.starts_with("0 ") && text != "0 %") {  // of no time, in whatever unit
    read.unit = "s";
    return read;
  }
  if (const auto duration = parse_duration(text)) {
    read.unit = "s";
    read.amount = duration->ns;
    return read;
  }
  const auto space = std::min(text.find(' '), text.size());
  const auto number = risk::parse_decimal(text.substr(0, space), decimals);
  if (!number) return std::nullopt;
  read.amount = *number;
  auto rest = text.substr(std::min(space + 1, text.size()));
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> factors{
      {{"K ", 1'000}, {"M ", 1'000'000}, {"B ", 1'000'000'000}}};
  for (const auto& [word, factor] : factors)
    if (rest.starts_with(word)) {
      read.amount *= factor;
      rest.remove_prefix(word.size());
      break;
    }
  read.unit = rest;
  return read;
}

// Whether nothing passes under `after` that `before` would have refused; where it cannot be told,
// no.
bool is_tighter(std::string_view before, std::string_view after) {
  if (before == "none") return true;
  if (after == "none") return false;
  if (after == "refuse") return true;
  const auto from = measure_of(before), to = measure_of(after);
  if (!from || !to || from->unit != to->unit) return false;
  if ((from->window_ns == 0) != (to->window_ns == 0)) return false;
  return to->amount <= from->amount && to->window_ns >= from->window_ns;
}

Change change_of(const PolicyRow& row) {
  Change change;
  change.scope_kind = row.scope_kind;
  change.scope = row.scope;
  change.key = row.key;
  change.line = row.line;
  change.why = row.why;
  change.owner = row.owner;
  change.review = row.review;
  return change;
}

bool forbids(const PolicyRow& row) { return row.scope_kind == "restriction"; }

Change added(const PolicyRow& row) {
  auto change = change_of(row);
  change.after = row.value;
  change.direction = row.scope_kind == "start" ? Direction::fixed : Direction::added;
  change.loosens = !forbids(row);
  return change;
}

Change removed(const PolicyRow& row) {
  auto change = change_of(row);
  change.before = row.value;
  change.direction = row.scope_kind == "start" ? Direction::fixed : Direction::removed;
  change.loosens = forbids(row) || row.scope_kind == "start";
  return change;
}

Change changed(const PolicyRow& before, const PolicyRow& after) {
  auto change = change_of(after);
  change.before = before.value;
  change.after = after.value;
  if (after.scope_kind == "start") {
    change.direction = Direction::fixed;
  } else if (is_tighter(before.value, after.value)) {
    change.direction = Direction::tightened;
    change.loosens = false;
  }
  return change;
}

using Key = std::tuple<std::string_view, std::string_view, std::string_view>;

std::map<Key, const PolicyRow*> by_key(const std::vector<PolicyRow>& rows) {
  std::map<Key, const PolicyRow*> found;
  for (const auto& row : rows) found.emplace(Key{row.scope_kind, row.scope, row.key}, &row);
  return found;
}

}  // namespace

std::string_view name(Direction direction) {
  switch (direction) {
    case Direction::tightened:
      return "TIGHTENED";
    case Direction::loosened:
      return "LOOSENED";
    case Direction::added:
      return "ADDED";
    case Direction::removed:
      return "REMOVED";
    case Direction::fixed:
      return "RESTART";
  }
  return "?";
}

std::vector<Change> compare(const std::vector<PolicyRow>& before,
                            const std::vector<PolicyRow>& after) {
  const auto old_rows = by_key(before), new_rows = by_key(after);
  std::vector<Change> changes;
  for (const auto& row : after) {
    const auto old = old_rows.find(Key{row.scope_kind, row.scope, row.key});
    if (old == old_rows.end()) {
      changes.push_back(added(row));
    } else if (old->second->value != row.value) {
      changes.push_back(changed(*old->second, row));
    }
  }
  for (const auto& row : before)
    if (!new_rows.contains(Key{row.scope_kind, row.scope, row.key}))
      changes.push_back(removed(row));
  return changes;
}

std::vector<Change> compare(const Config& before, const Config& after) {
  return compare(policy_rows(before), policy_rows(after));
}

std::string text_of(const Change& change) {
  const auto what = change.scope.empty() ? change.scope_kind
                                         : fmt::format("{} {}", change.scope_kind, change.scope);
  const auto shown = [](const std::string& value) {
    return value.empty() ? std::string("(absent)") : value;
  };
  return fmt::format("{:<9}  {}  {}  {} -> {}", name(change.direction), what, change.key,
                     shown(change.before), shown(change.after));
}

}  // namespace interlock::config
