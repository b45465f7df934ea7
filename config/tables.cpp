// The two plain files beside the configuration: reference prices, and declared parents.
#include <date/date.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <sstream>

#include "config/build.hpp"
#include "config/line.hpp"

namespace interlock::config {
namespace {

void read_price(const Line& line, risk::Time modified, const risk::Directory& directory,
                risk::References& references) {
  const auto cells = line.cells(' ');
  if (cells.size() != 2 && cells.size() != 3) {
    line.error({line.text(), 1}, "this is not a price",
               "write SYMBOL PRICE [2026-11-21T09:30:00Z]");
    return;
  }
  const auto price = risk::Price::parse(cells[1].text);
  if (!price || !price->is_positive()) {
    line.error(cells[1], fmt::format("'{}' is not a price above zero", cells[1].text));
    return;
  }
  const auto as_of = cells.size() == 3 ? parse_timestamp(cells[2].text) : std::optional{modified};
  if (!as_of) {
    line.error(cells[2], fmt::format("'{}' is not a time in UTC", cells[2].text),
               "write 2026-11-21T09:30:00Z");
    return;
  }
  const auto symbol = directory.symbols.find(cells[0].text);
  if (!symbol.known()) return;  // the file may hold a whole market
  auto& reference = references.by_symbol[symbol.value];
  if (reference) line.error(cells[0], fmt::format("symbol {} has a second price", cells[0].text));
  reference = risk::ReferencePrice{*price, *as_of};
}

bool is_declared(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

void read_parent_line(const Line& line, Config& config,
                      std::map<std::string, std::uint32_t, std::less<>>& seen) {
  constexpr std::array<std::string_view, 4> sides{"1", "2", "5", "6"};
  const auto cells = line.cells(',');
  if (cells.size() != 5) {
    line.error({line.text(), 1}, fmt::format("{} values instead of 5", cells.size()),
               "parent,account,symbol,side,size");
    return;
  }
  ParentEntry entry;
  entry.parent = cells[0].text;
  entry.account = cells[1].text;
  entry.symbol = cells[2].text;
  entry.line = line.number();
  if (entry.parent.empty()) line.error(cells[0], "the parent has no name");
  if (const auto [other, first] = seen.emplace(entry.parent, line.number()); !first)
    line.error(cells[0], fmt::format("parent {} is declared twice", entry.parent),
               fmt::format("first in line {}", other->second));
  if (!is_declared(config.accounts, entry.account))
    line.error(cells[1], fmt::format("account '{}' is not in the policy", entry.account));
  if (!is_declared(config.symbols, entry.symbol))
    line.error(cells[2], fmt::format("symbol '{}' is not in the policy", entry.symbol));
  if (std::ranges::find(sides, cells[3].text) == sides.end()) {
    line.error(cells[3], fmt::format("'{}' is not a side", cells[3].text),
               "1 buy, 2 sell, 5 sell short, 6 sell short exempt");
  } else {
    entry.side = cells[3].text.front();
  }
  const auto size = risk::Quantity::parse(cells[4].text);
  if (!size || !size->is_positive())
    line.error(cells[4], fmt::format("'{}' is not a size above zero", cells[4].text));
  entry.size = size.value_or(risk::Quantity{});
  config.parents.push_back(std::move(entry));
}

}  // namespace

// Exactly 2026-11-21T09:30:00Z: a price file has one spelling of time.
std::optional<risk::Time> parse_timestamp(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd:ddZ";
  if (text.size() != shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == 'd' ? !digit : text[i] != shape[i]) return std::nullopt;
  }
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (std::size_t i = at; i < at + digits; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  const date::year_month_day day{date::year{number(0, 4)},
                                 date::month{static_cast<unsigned>(number(5, 2))},
                                 date::day{static_cast<unsigned>(number(8, 2))}};
  const int hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (!day.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::int64_t seconds = date::sys_days{day}.time_since_epoch().count() * 86'400LL +
                               hour * 3'600 + minute * 60 + second;
  return risk::Time{seconds * 1'000'000'000};
}

std::optional<risk::Time> modified_at(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return risk::Time{status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

Problem problem_of(const std::filesystem::path& file, std::string text, std::string hint) {
  Problem problem;
  problem.file = file.string();
  problem.text = std::move(text);
  problem.hint = std::move(hint);
  return problem;
}

std::optional<std::string> read_file(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

void read_parents(Build& build) {
  const auto& file = build.config.parents_file;
  if (file.empty()) return;
  const auto text = read_file(file);
  if (!text) {
    build.problems.push_back(problem_of(file, "cannot read the parents file"));
    return;
  }
  bool header = false;
  std::map<std::string, std::uint32_t, std::less<>> seen;
  each_line(file, *text, build.problems, [&](const Line& line) {
    if (!std::exchange(header, true)) {
      if (line.text() != "parent,account,symbol,side,size")
        line.error({line.text(), 1}, "the first line has to name the columns",
                   "write parent,account,symbol,side,size");
    } else {
      read_parent_line(line, build.config, seen);
    }
  });
}

std::expected<risk::References, std::vector<Problem>> load_prices(
    const std::filesystem::path& file, const risk::Directory& directory) {
  std::vector<Problem> problems;
  const auto text = read_file(file);
  const auto modified = modified_at(file);
  if (!text || !modified) {
    problems.push_back(problem_of(file, "cannot read the reference prices"));
    return std::unexpected(std::move(problems));
  }
  risk::References references;
  references.by_symbol.resize(directory.symbols.size());
  each_line(file, *text, problems,
            [&](const Line& line) { read_price(line, *modified, directory, references); });
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return references;
}

}  // namespace interlock::config
