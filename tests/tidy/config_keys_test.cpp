// The keys that the configuration's reader asks for, and those of docs/config.md.
#include <doctest/doctest.h>

#include "tests/tidy/tree.hpp"

namespace interlock::tidy {
namespace {

bool is_key(const std::string& word) {
  return std::islower(static_cast<unsigned char>(word[0])) != 0 &&
         std::ranges::none_of(word, [](unsigned char c) { return std::isupper(c) != 0; });
}

bool in_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The function of whose call `literal`, where a text begins, is the first text: read(section, "x").
std::string called_with(std::string_view code, std::size_t literal) {
  const auto between = [](char c) {
    return in_name(c) || std::string_view(" \n,.*&").find(c) != std::string_view::npos;
  };
  std::size_t open = literal;
  while (open > 0 && between(code[open - 1])) --open;
  if (open == 0 || code[open - 1] != '(') return {};
  std::size_t begin = open - 1;
  while (begin > 0 && in_name(code[begin - 1])) --begin;
  return std::string(code.substr(begin, open - 1 - begin));
}

// Asked of a section by a member of config/reader.hpp, or by a function around one.
bool asks(std::string_view function) {
  return function.starts_with("read") || function.starts_with("require") || function == "find" ||
         function == "table" || function == "tables" || function == "visit";
}

Names keys_of_reader(const Tree& files) {
  Names keys;
  for (const auto& [path, text] : files) {
    if (room_of(path) != "config" || !is_cpp(path)) continue;
    for (auto at = text.find('"'); at != text.npos; at = text.find('"', at + 1)) {
      const auto end =
          std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at) + 1, text.end(), in_name);
      const std::string key(text.begin() + static_cast<std::ptrdiff_t>(at) + 1, end);
      if (key.empty() || end == text.end() || *end != '"' || !is_key(key)) continue;
      const std::string function = called_with(text, at);
      if (!asks(function)) continue;
      if (function != "read_attribution") {
        keys.insert(key);
        continue;
      }
      keys.insert(key + "_tag");
      keys.insert(key + "_party");
    }
  }
  return keys;
}

// What stands between backquotes in `line`, or all of it within a block.
std::string code_of(std::string_view line, bool in_block) {
  if (in_block) return std::string(line);
  std::string code;
  bool inside = false;
  for (const char c : line) {
    if (c == '`') inside = !inside;
    code += inside && c != '`' ? c : ' ';
  }
  return code;
}

// All words in code, and those of them that begin a row of a table below "## Keys": the keys that
// the page describes.
struct PageKeys {
  Names named, rows;
};
PageKeys keys_of_page(const Tree& files) {
  PageKeys keys;
  bool in_block = false, described = false;
  std::istringstream in(files.at("docs/config.md"));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) in_block = !in_block;
    if (line.starts_with("## ")) described = line == "## Keys";
    for (const auto& word : words_of(code_of(line, in_block))) keys.named.insert(word);
    if (!described || !line.starts_with("| `")) continue;
    const std::string first = line.substr(0, line.find('|', 1));
    for (const auto& word : words_of(code_of(first, false)))
      if (is_key(word)) keys.rows.insert(word);
  }
  return keys;
}

std::string differences(const Tree& files) {
  const Names read = keys_of_reader(files);
  const auto [named, rows] = keys_of_page(files);
  std::string said;
  for (const auto& key : read)
    if (!named.contains(key)) said += "docs/config.md does not name " + key + "\n";
  for (const auto& key : rows)
    if (!read.contains(key)) said += "docs/config.md describes " + key + ", which nobody reads\n";
  return said;
}

TEST_CASE("docs/config.md has each key that is read, and no other") {
  CHECK_EQ(differences(tree()), "");
  CHECK(keys_of_reader(tree()).size() > 100);
  const std::string& page = tree().at("docs/config.md");
  CHECK_NE(differences(with("docs/config.md", page.substr(page.find("### `[[tee]]`")))), "");
  CHECK_NE(differences(with("docs/config.md", page + "## Keys\n| `late_nothing` | | |\n")), "");
  CHECK_NE(differences(with("config/planted.cpp", R"(section.read("planted_key", x);)")), "");
}

}  // namespace
}  // namespace interlock::tidy
