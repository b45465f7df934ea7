// Lists in files of their own: rates of currencies, start-of-day positions, restrictions, locates.
#include <fmt/format.h>

#include <set>

#include "config/build.hpp"
#include "config/line.hpp"

namespace interlock::config {
namespace {

// Calls visit(line, cells) for each line behind the header, which names the columns.
template <class T, class Visit>
FromFile<T> load_table(const std::filesystem::path& file, std::string_view header,
                       std::string_view what, Visit visit) {
  std::vector<Problem> problems;
  std::vector<T> entries;
  const auto text = read_file(file);
  if (!text) {
    problems.push_back(problem_of(file, fmt::format("cannot read the {}", what)));
    return std::unexpected(std::move(problems));
  }
  const auto columns = static_cast<std::size_t>(std::ranges::count(header, ',')) + 1;
  bool has_header = false;
  each_line(file, *text, problems, [&](const Line& line) {
    if (!std::exchange(has_header, true)) {
      if (line.text() != header)
        line.error({line.text(), 1}, "the first line has to name the columns",
                   fmt::format("write {}", header));
      return;
    }
    const auto cells = line.cells(',');
    if (cells.size() != columns) {
      line.error({line.text(), 1}, fmt::format("{} values instead of {}", cells.size(), columns),
                 std::string(header));
      return;
    }
    if (auto entry = visit(line, cells)) entries.push_back(std::move(*entry));
  });
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return entries;
}

// A name of the policy; an unknown id, and a problem, for another.
template <class IdType>
IdType known(const Line& line, const Cell& cell, const risk::Names<IdType>& names,
             std::string_view kind) {
  const auto id = names.find(cell.text);
  if (!id.known()) line.error(cell, fmt::format("{} '{}' is not in the policy", kind, cell.text));
  return id;
}

// The same, or `*` for all of them.
template <class IdType>
IdType known_or_all(const Line& line, const Cell& cell, const risk::Names<IdType>& names,
                    std::string_view kind) {
  return cell.text == "*" ? IdType{} : known(line, cell, names, kind);
}

template <class Value>
Value number(const Line& line, const Cell& cell, bool is_good(const Value&),
             std::string_view what) {
  const auto value = Value::parse(cell.text);
  if (!value || !is_good(*value)) {
    line.error(cell, fmt::format("'{}' is not {}", cell.text, what));
    return {};
  }
  return *value;
}

}  // namespace

FromFile<std::optional<risk::ReferencePrice>> load_rates(const std::filesystem::path& file,
                                                         const risk::Directory& directory) {
  std::vector<Problem> problems;
  const auto text = read_file(file);
  const auto modified = modified_at(file);
  if (!text || !modified) {
    problems.push_back(problem_of(file, "cannot read the rates of the currencies"));
    return std::unexpected(std::move(problems));
  }
  std::vector<std::optional<risk::ReferencePrice>> rates(directory.currencies.size());
  each_line(file, *text, problems, [&](const Line& line) {
    const auto cells = line.cells(' ');
    if (cells.size() != 2 && cells.size() != 3)
      return line.error({line.text(), 1}, "this is not a rate",
                        "write EUR 1.0831 [2026-11-21T09:30:00Z]");
    const auto rate = risk::Price::parse(cells[1].text);
    if (!rate || !rate->is_positive())
      return line.error(cells[1], fmt::format("'{}' is not a rate above zero", cells[1].text));
    const auto as_of = cells.size() == 3 ? parse_timestamp(cells[2].text) : modified;
    if (!as_of)
      return line.error(cells[2], fmt::format("'{}' is not a time in UTC", cells[2].text),
                        "write 2026-11-21T09:30:00Z");
    const auto currency = directory.currencies.find(cells[0].text);
    if (!currency.known()) return;  // the file may hold all currencies
    if (currency == risk::policy_currency)
      return line.error(cells[0], fmt::format("{} is the policy's own currency", cells[0].text),
                        "one unit of it is worth one: leave the line out");
    auto& known_rate = rates[currency.value];
    if (known_rate) line.error(cells[0], fmt::format("{} has a second rate", cells[0].text));
    known_rate = risk::ReferencePrice{*rate, *as_of};
  });
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return rates;
}

FromFile<PositionEntry> load_positions(const std::filesystem::path& file,
                                       const risk::Directory& directory) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
  return load_table<PositionEntry>(
      file, "account,symbol,quantity,cost", "positions",
      [&](const Line& line, const std::vector<Cell>& cells) -> std::optional<PositionEntry> {
        PositionEntry entry;
        entry.account = known(line, cells[0], directory.accounts, "account");
        entry.symbol = known(line, cells[1], directory.symbols, "symbol");
        entry.quantity = number<risk::Quantity>(
            line, cells[2], [](const risk::Quantity&) { return true; }, "a quantity");
        entry.cost = number<risk::Price>(
            line, cells[3], [](const risk::Price&) { return true; }, "a price");
        if (!seen.emplace(entry.account.value, entry.symbol.value).second)
          line.error(cells[0], fmt::format("account {} has a second position in {}", cells[0].text,
                                           cells[1].text));
        return entry;
      });
}

FromFile<risk::Restriction> load_restrictions(const std::filesystem::path& file,
                                              const risk::Directory& directory) {
  using What = risk::Restriction::What;
  return load_table<risk::Restriction>(
      file, "account,symbol,what", "restrictions",
      [&](const Line& line, const std::vector<Cell>& cells) -> std::optional<risk::Restriction> {
        risk::Restriction entry;
        entry.account = known_or_all(line, cells[0], directory.accounts, "account");
        entry.symbol = known_or_all(line, cells[1], directory.symbols, "symbol");
        entry.line = line.number();
        if (cells[2].text == "all") {
          entry.what = What::all;
        } else if (cells[2].text == "opening") {
          entry.what = What::opening;
        } else if (cells[2].text == "short_sale") {
          entry.what = What::short_sale;
        } else {
          line.error(cells[2], fmt::format("'{}' is not a known word", cells[2].text),
                     "write all, opening or short_sale");
        }
        return entry;
      });
}

FromFile<LocateEntry> load_locates(const std::filesystem::path& file,
                                   const risk::Directory& directory) {
  std::set<std::string, std::less<>> seen;
  return load_table<LocateEntry>(
      file, "account,symbol,quantity,id", "locates",
      [&](const Line& line, const std::vector<Cell>& cells) -> std::optional<LocateEntry> {
        LocateEntry entry;
        entry.account = known(line, cells[0], directory.accounts, "account");
        entry.symbol = known(line, cells[1], directory.symbols, "symbol");
        entry.quantity = number<risk::Quantity>(
            line, cells[2], [](const risk::Quantity& value) { return value.is_positive(); },
            "a quantity above zero");
        entry.id = cells[3].text;
        if (entry.id.empty()) line.error(cells[3], "the locate has no id");
        if (!seen.insert(entry.id).second)
          line.error(cells[3], fmt::format("locate {} is there twice", entry.id));
        return entry;
      });
}

}  // namespace interlock::config
