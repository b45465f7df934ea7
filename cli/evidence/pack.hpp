// An evidence pack as plain tables, and the three forms in which it is written: HTML, CSV, JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace interlock::cli::evidence {

using Cell = std::variant<std::string, std::int64_t>;

struct Table {
  std::string id;  // of its file and in the JSON
  std::string title;
  std::string says;                  // what a row is, and which records it comes from
  std::vector<std::string> columns;  // "closed_at"
  std::vector<std::vector<Cell>> rows = {};

  // Of as many cells as there are columns. What is no UTF-8, and what controls, is made visible
  // here, once for all forms.
  void add(std::vector<Cell> row);
};

struct Section {
  std::string id;
  std::string title;
  std::string rules;                    // which it answers to
  std::vector<std::string> words = {};  // paragraphs
  std::vector<Table> tables = {};
};

struct Pack {
  int year = 0;
  bool sound = true;                    // every journal is whole
  std::vector<std::string> notes = {};  // of the first page, by `note`
  std::vector<Section> sections = {};

  void note(std::string_view text);
  // `id` exists: the pack is laid out before it is filled.
  [[nodiscard]] Table& table(std::string_view id);
};

// Sections and tables, with their words and columns, and no row yet.
[[nodiscard]] Pack blank_pack(int year);

struct Template {
  std::string file, title, text;  // a line a paragraph; "____" is for the firm to fill in
};
[[nodiscard]] std::vector<Template> templates(int year);

// One page that needs nothing else: no script, no picture, nothing from a network.
[[nodiscard]] std::string html(const Pack& pack);
[[nodiscard]] std::string json(const Pack& pack);
// A spreadsheet takes no text of it for a formula.
[[nodiscard]] std::string csv(const Table& table);

// The files of a pack by name.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> files(const Pack& pack);

}  // namespace interlock::cli::evidence
