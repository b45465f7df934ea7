#include "config/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace interlock::config {
namespace {

// A file's bytes must not reach a terminal as control sequences, nor move the caret.
std::string printable(std::string_view text) {
  std::string out(text);
  for (auto& c : out) {
    if (c == '\t') c = ' ';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return out;
}

std::string count(std::size_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

void render(std::string& out, const Problem& problem) {
  const auto* severity = problem.severity == Problem::Severity::error ? "error" : "warning";
  out += problem.file;
  if (problem.line != 0) out += fmt::format(":{}:{}", problem.line, problem.column);
  out += fmt::format(": {}: {}\n", severity, printable(problem.text));
  if (problem.excerpt.empty()) {
    if (!problem.hint.empty()) out += fmt::format("      {}\n", printable(problem.hint));
    return;
  }
  const auto indent = problem.column == 0 ? 0 : problem.column - 1;
  out += fmt::format("{:>5} | {}\n", problem.line, printable(problem.excerpt));
  out += fmt::format("      | {:{}}{:^>{}}", "", indent, "", std::max(1u, problem.width));
  if (!problem.hint.empty()) out += ' ' + printable(problem.hint);
  out += '\n';
}

}  // namespace

std::string render(const std::vector<Problem>& problems) {
  if (problems.empty()) return {};
  std::string out;
  for (const auto& problem : problems) render(out, problem);
  const auto errors = static_cast<std::size_t>(
      std::ranges::count(problems, Problem::Severity::error, &Problem::severity));
  const auto warnings = problems.size() - errors;
  out += count(errors, "error");
  if (warnings > 0) out += ", " + count(warnings, "warning");
  return out + '\n';
}

bool any_error(const std::vector<Problem>& problems) {
  return std::ranges::find(problems, Problem::Severity::error, &Problem::severity) !=
         problems.end();
}

}  // namespace interlock::config
