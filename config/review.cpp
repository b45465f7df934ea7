#include "config/review.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/policy_rows.hpp"
#include "config/values.hpp"
#include "risk/control.hpp"

namespace interlock::config {
namespace {

Problem warning_of(const Config& config, std::uint32_t line, std::string text, std::string hint) {
  Problem problem;
  problem.severity = Problem::Severity::warning;
  problem.file = config.file.string();
  problem.line = line;
  problem.column = 1;
  problem.text = std::move(text);
  problem.hint = std::move(hint);
  return problem;
}

// The rules of the control that asks this limit, where the law demands it.
std::string_view law_of(std::string_view key) {
  for (const auto& control : risk::controls()) {
    const bool is_demanded = control.rule.find("15c3-5") != std::string_view::npos ||
                             control.rule.find("RTS 6") != std::string_view::npos;
    if (!is_demanded) continue;
    for (auto keys = control.keys; !keys.empty();) {
      const auto end = std::min(keys.find(", "), keys.size());
      if (keys.substr(0, end) == key) return control.rule;
      keys.remove_prefix(std::min(end + 2, keys.size()));
    }
  }
  return {};
}

// One warning a line: a "none" of [defaults.X] is that of many.
void add_unlimited(const Config& config, std::vector<Problem>& problems) {
  std::map<std::pair<std::uint32_t, std::string>, std::string> scopes;
  for (const auto& row : policy_rows(config))
    if (row.value == "none" && !law_of(row.key).empty()) {
      auto& names = scopes[{row.line, row.key}];
      names += fmt::format("{}{}{}{}", names.empty() ? "" : ", ", row.scope_kind,
                           row.scope.empty() ? "" : " ", row.scope);
    }
  for (const auto& [where, names] : scopes)
    problems.push_back(warning_of(config, where.first,
                                  fmt::format("{} has no limit for {}, and {} demands one",
                                              where.second, names, law_of(where.second)),
                                  "write a limit instead of \"none\""));
}

void add_overdue(const Config& config, LocalDate today, std::vector<Problem>& problems) {
  std::set<std::uint32_t> lines;
  for (const auto& [line, rationale] : config.rationales)
    if (rationale.review < today && lines.insert(rationale.line).second)
      problems.push_back(warning_of(config, rationale.line,
                                    fmt::format("{} had to review these limits on {}",
                                                rationale.owner, text_of(rationale.review)),
                                    "look at them again, and write the next day of review"));
}

}  // namespace

std::vector<Problem> review_policy(const Config& config, LocalDate today) {
  std::vector<Problem> problems;
  add_unlimited(config, problems);
  add_overdue(config, today, problems);
  std::ranges::stable_sort(problems, {}, &Problem::line);
  return problems;
}

}  // namespace interlock::config
