// The plain files beside the configuration, line by line, and where the problems of a line go.
#pragma once

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"
#include "risk/units.hpp"

namespace interlock::config {

struct Cell {
  std::string_view text;
  std::uint32_t column = 1;
};

// One line of a file, and where its problems go.
class Line {
 public:
  Line(const std::filesystem::path& file, std::uint32_t number, std::string_view text,
       std::vector<Problem>& problems)
      : file_(file), number_(number), text_(text), problems_(problems) {}

  // Split at `separator`; runs of spaces are one when it is a space.
  [[nodiscard]] std::vector<Cell> cells(char separator) const {
    std::vector<Cell> cells;
    for (std::size_t begin = 0; begin <= text_.size();) {
      const auto end = std::min(text_.find(separator, begin), text_.size());
      if (separator != ' ' || end > begin)
        cells.push_back({text_.substr(begin, end - begin), static_cast<std::uint32_t>(begin + 1)});
      begin = end + 1;
    }
    return cells;
  }
  void error(const Cell& cell, std::string text, std::string hint = {}) const {
    const auto width = static_cast<std::uint32_t>(std::max<std::size_t>(1, cell.text.size()));
    problems_.push_back({Problem::Severity::error, file_.string(), number_, cell.column,
                         std::move(text), std::string(text_), width, std::move(hint)});
  }
  [[nodiscard]] std::uint32_t number() const { return number_; }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  const std::filesystem::path& file_;
  std::uint32_t number_;
  std::string_view text_;
  std::vector<Problem>& problems_;
};

// Calls visit(line) for each line that is neither empty nor a comment.
template <class Visit>
void each_line(const std::filesystem::path& file, std::string_view text,
               std::vector<Problem>& problems, Visit visit) {
  std::uint32_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty() && !line.starts_with('#')) visit(Line(file, number, line, problems));
  }
}

// Exactly 2026-11-21T09:30:00Z: these files have one spelling of time.
[[nodiscard]] std::optional<risk::Time> parse_timestamp(std::string_view text);
// When the file was written.
[[nodiscard]] std::optional<risk::Time> modified_at(const std::filesystem::path& file);

}  // namespace interlock::config
