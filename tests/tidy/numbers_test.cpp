// Numbers that stand in files and on the wire are never used again.
#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/tidy/tree.hpp"

namespace interlock::tidy {
namespace {

const std::vector<std::pair<std::string, std::string>> numbered{
    {"risk/verdict.hpp", "Reason"},     {"risk/verdict.hpp", "ScopeKind"},
    {"risk/books.hpp", "Anomaly"},      {"risk/request.hpp", "ParentSource"},
    {"audit/journal.hpp", "Kind"},      {"audit/fields.hpp", "Field"},
    {"killswitch/latch.hpp", "Source"}, {"killswitch/latch.hpp", "ScopeKind"},
    {"risk/verdict.hpp", "Level"},      {"killswitch/latch.hpp", "Level"},
};

// "risk::Reason 1 order_qty" for each enumerator. One without a number, or with two, breaks the
// pairs, and nothing of that type agrees with the list any more.
Names numbers_in(const Tree& files) {
  Names found;
  for (const auto& [path, type] : numbered) {
    const std::string& text = files.at(path);
    const auto begin = text.find('{', text.find("enum class " + type + " ")) + 1;
    std::istringstream body(text.substr(begin, text.find("};", begin) - begin));
    std::string code;
    for (std::string line; std::getline(body, line);) code += without_comment(line);
    const auto words = words_of(code);
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
      found.insert(fmt::format("{}::{} {} {}", room_of(path), type, words[i + 1], words[i]));
    }
  }
  return found;
}

std::string changed_numbers(const Tree& files) {
  Names code = numbers_in(files);
  std::string said;
  Names taken;
  each_line(
      files, [](const auto& path) { return path == "tests/numbers.txt"; },
      [&](const Line& line) -> std::string {
        if (line.text.starts_with('#')) return "";
        const std::string entry(line.text);
        const std::string number = entry.substr(0, entry.find(' ', entry.find(' ') + 1));
        if (!taken.insert(number).second) said += line.says("this number stands twice");
        const bool retired = entry.starts_with(number + " retired ");
        if (!retired && code.erase(entry) == 0) said += line.says(entry + " has gone or changed");
        return "";
      });
  for (const auto& entry : code) said += entry + " is not in tests/numbers.txt\n";
  return said;
}

TEST_CASE("each number of a reason, record, field, source and scope is the one it always was") {
  CHECK_EQ(changed_numbers(tree()), "");
  const std::string& header = tree().at("risk/verdict.hpp");
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string text = header;
    REQUIRE(text.contains(from));
    return changed_numbers(
        with("risk/verdict.hpp", text.replace(text.find(from), from.size(), to)));
  };
  CHECK_NE(changed("killed = 100", "killed = 99"), "");
  CHECK_NE(changed("killed = 100,", ""), "");
  CHECK_NE(changed("killed = 100", "added = 99, killed = 100"), "");
}

TEST_CASE("a number that stands twice in the list is found") {
  const std::string list = tree().at("tests/numbers.txt") + "risk::Reason 100 retired again\n";
  CHECK_NE(changed_numbers(with("tests/numbers.txt", list)), "");
}

}  // namespace
}  // namespace interlock::tidy
