#include "cli/text.hpp"

#include <fmt/color.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>

namespace interlock::cli {

std::string plain(std::string_view text) {
  std::string safe{text};
  std::ranges::replace_if(
      safe, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return safe;
}

std::string plain(const boost::json::value& value) {
  if (value.is_string()) return plain(std::string_view{value.get_string()});
  return value.is_null() ? "-" : boost::json::serialize(value);
}

std::string lines(const boost::json::value& value) {
  std::string out;
  std::string_view text{value.as_string()};
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out += plain(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += fmt::format("{:<{}}  ", row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string red(std::string_view text) {
  const bool colour = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  if (!colour) return std::string{text};
  return fmt::format(fmt::emphasis::bold | fg(fmt::terminal_color::red), "{}", text);
}

}  // namespace interlock::cli
