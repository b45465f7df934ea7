#include "config/reader.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <sstream>

namespace interlock::config {
namespace {

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string shortened(std::string text) {
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

}  // namespace

Source::Source(std::string file, std::string text, std::vector<Problem>& problems,
               Excerpts excerpts)
    : file_(std::move(file)), text_(std::move(text)), problems_(problems), excerpts_(excerpts) {
  try {
    root_ = toml::parse(std::string_view{text_}, file_);
  } catch (const toml::parse_error& failure) {
    error(failure.source(), std::string(failure.description()));
  }
}

std::string Source::line(std::uint32_t number) const {
  if (excerpts_ == Excerpts::hidden) return {};
  std::istringstream in(text_);
  std::string line;
  for (std::uint32_t i = 0; i < number; ++i)
    if (!std::getline(in, line)) return {};
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

std::string Source::written(const toml::source_region& region) const {
  if (excerpts_ == Excerpts::hidden) return "(hidden)";
  const auto text = line(region.begin.line);
  const auto begin = std::min<std::size_t>(region.begin.column - 1, text.size());
  if (region.end.line != region.begin.line) return text.substr(begin);
  return text.substr(begin, region.end.column - region.begin.column);
}

void Source::report(Problem::Severity severity, const toml::source_region& region, std::string text,
                    std::string hint) {
  Problem problem;
  problem.severity = severity;
  problem.file = file_;
  problem.line = region.begin.line;
  problem.column = region.begin.column;
  problem.text = std::move(text);
  problem.excerpt = line(region.begin.line);
  problem.width = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(written(region).size()));
  problem.hint = std::move(hint);
  problems_.push_back(std::move(problem));
}

void Source::error(const toml::source_region& region, std::string text, std::string hint) {
  report(Problem::Severity::error, region, std::move(text), std::move(hint));
}

Form<std::int64_t> count_form(std::int64_t min, std::int64_t max) {
  return {fmt::format("a whole number from {} to {}", min, max), fmt::format("{}", min), false,
          [=](const toml::node& node) -> std::optional<std::int64_t> {
            const auto* number = node.as_integer();
            if (number == nullptr || number->get() < min || number->get() > max)
              return std::nullopt;
            return number->get();
          }};
}

Form<bool> boolean_form() {
  return {"true or false", "true or false", false,
          [](const toml::node& node) { return node.value_exact<bool>(); }};
}

Form<std::string> printable_form(std::size_t bytes_max) {
  return text_form<std::string>(fmt::format("1 to {} printable characters", bytes_max), "\"NAME\"",
                                [=](std::string_view text) -> std::optional<std::string> {
                                  if (text.empty() || text.size() > bytes_max) return std::nullopt;
                                  if (!is_printable(text)) return std::nullopt;
                                  return std::string(text);
                                });
}

Form<std::string> name_form() {
  return text_form<std::string>(
      "a name of letters, digits and . _ -", "\"NAME\"",
      [](std::string_view text) -> std::optional<std::string> {
        const auto in_name = [](unsigned char c) {
          return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
        };
        if (text.empty() || text.size() > 64 || !std::ranges::all_of(text, in_name))
          return std::nullopt;
        return std::string(text);
      });
}

Section::Section(Source& source, const toml::table& table, std::string name)
    : source_(source), table_(table), name_(std::move(name)) {}

Section::~Section() {
  for (const auto& [key, node] : table_) {
    if (std::ranges::find(known_, key.str()) != known_.end()) continue;
    const auto near = nearest(key.str(), known_);
    source_.error(key.source(), fmt::format("unknown key '{}' in {}", key.str(), name_),
                  near.empty() ? std::string{} : fmt::format("did you mean '{}'?", near));
  }
}

std::uint32_t Section::line(std::string_view key) const { return place(key).begin.line; }

const toml::node* Section::find(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
  return table_.get(key);
}

const toml::table* Section::table(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr || node->is_table()) return node == nullptr ? nullptr : node->as_table();
  source_.error(node->source(), fmt::format("'{}' in {} has to be a table", key, name_),
                fmt::format("write [{}]", key));
  return nullptr;
}

const toml::table* Section::require_table(std::string_view key, std::string_view why) {
  if (find(key) == nullptr)
    source_.error(table_.source(), fmt::format("{} has no [{}]: {}", name_, key, why));
  return table(key);
}

std::vector<const toml::table*> Section::tables(std::string_view key) {
  std::vector<const toml::table*> found;
  const auto* node = find(key);
  if (node == nullptr) return found;
  const auto* array = node->as_array();
  bool all_tables = array != nullptr;
  if (array != nullptr)
    for (const auto& element : *array) {
      all_tables = all_tables && element.is_table();
      if (element.is_table()) found.push_back(element.as_table());
    }
  if (!all_tables)
    source_.error(node->source(), fmt::format("'{}' in {} has to be a list of tables", key, name_),
                  fmt::format("write [[{}]]", key));
  return found;
}

void Section::error(std::string_view key, std::string text, std::string hint) {
  source_.error(place(key), std::move(text), std::move(hint));
}

void Section::warning(std::string_view key, std::string text, std::string hint) {
  source_.report(Problem::Severity::warning, place(key), std::move(text), std::move(hint));
}

void Section::missing(std::string_view key, std::string_view example, std::string_view why) {
  source_.error(table_.source(), fmt::format("{} has no '{}': {}", name_, key, why),
                fmt::format("write {} = {}", key, example));
}

void Section::unreadable(std::string_view key, const toml::node& node, std::string_view what,
                         std::string_view example, bool has_unit) {
  const auto written = shortened(source_.written(node.source()));
  const bool no_unit = has_unit && node.is_number();
  source_.error(node.source(),
                no_unit ? fmt::format("{} = {} has no unit", key, written)
                        : fmt::format("{} = {} is not {}", key, written, what),
                fmt::format("write {}", example));
}

toml::source_region Section::place(std::string_view key) const {
  const auto* node = table_.get(key);
  return node == nullptr ? table_.source() : node->source();
}

std::string nearest(std::string_view word, const std::vector<std::string>& words) {
  std::string best;
  auto least = word.size() / 3 + 2;  // further away, it was another word
  for (const auto& candidate : words) {
    const auto d = distance(word, candidate);
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace interlock::config
