#include "cli/evidence/pack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <stdexcept>

#include "audit/print.hpp"
#include "audit/table.hpp"
#include "config/digest.hpp"

namespace interlock::cli::evidence {
namespace {

// What is no UTF-8, and what controls, becomes visible; a line goes on.
std::string clean(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return audit::for_people(text);
}

std::string text_of(const Cell& cell) {
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return std::to_string(*number);
  return std::get<std::string>(cell);
}

}  // namespace

void Table::add(std::vector<Cell> row) {
  if (row.size() != columns.size())
    throw std::logic_error(fmt::format("a row of {} has {} cells", id, row.size()));
  for (Cell& cell : row)
    if (auto* text = std::get_if<std::string>(&cell)) *text = clean(*text);
  rows.push_back(std::move(row));
}

void Pack::note(std::string_view text) { notes.push_back(clean(std::string(text))); }

Table& Pack::table(std::string_view id) {
  for (Section& section : sections)
    for (Table& each : section.tables)
      if (each.id == id) return each;
  throw std::logic_error(fmt::format("the pack has no table {}", id));
}

std::string csv(const Table& table) {
  std::string out = audit::csv_line(table.columns);
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (const Cell& cell : row) cells.push_back(text_of(cell));
    out += audit::csv_line(cells);
  }
  return out;
}

std::string json(const Pack& pack) {
  namespace json = boost::json;
  json::object tables;
  for (const Section& section : pack.sections) {
    for (const Table& table : section.tables) {
      json::array rows;
      for (const auto& row : table.rows) {
        json::object object;
        for (std::size_t i = 0; i < row.size(); ++i)
          std::visit([&](const auto& value) { object[table.columns[i]] = value; }, row[i]);
        rows.push_back(std::move(object));
      }
      tables[table.id] = std::move(rows);
    }
  }
  json::array notes(pack.notes.begin(), pack.notes.end());
  return json::serialize(json::object{{"format", 1},
                                      {"year", pack.year},
                                      {"sound", pack.sound},
                                      {"notes", std::move(notes)},
                                      {"tables", std::move(tables)}}) +
         "\n";
}

std::vector<std::pair<std::string, std::string>> files(const Pack& pack) {
  std::vector<std::pair<std::string, std::string>> all{{"index.html", html(pack)},
                                                       {"evidence.json", json(pack)}};
  for (const Section& section : pack.sections)
    for (const Table& table : section.tables) all.emplace_back(table.id + ".csv", csv(table));
  for (Template& each : templates(pack.year)) all.emplace_back(each.file, std::move(each.text));
  std::ranges::sort(all);
  std::string sums;
  for (const auto& [name, text] : all)
    sums += fmt::format("{}  {}\n", config::sha256({text}), name);
  all.emplace_back("SHA256SUMS", std::move(sums));
  return all;
}

}  // namespace interlock::cli::evidence
