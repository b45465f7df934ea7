// Each accounting rule of the ledger has a test that bears its number.
#include <doctest/doctest.h>

#include <cctype>

#include "tests/tidy/tree.hpp"

namespace interlock::tidy {
namespace {

constexpr int last_rule = 25;

// The numbers in front of the colon of `TEST_CASE("rule 12, 18: ...`.
std::set<int> rules_in(const std::string& text) {
  std::set<int> found;
  constexpr std::string_view begin = "\"rule ";
  for (auto at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
    const bool is_test = text.rfind("TEST_CASE(", at) != std::string::npos &&
                         text.find_first_not_of(" \n", text.rfind("TEST_CASE(", at) + 10) == at;
    if (!is_test) continue;
    const auto name = text.substr(at + begin.size(), text.find(':', at) - at - begin.size());
    for (const auto& word : words_of(name))
      if (std::isdigit(static_cast<unsigned char>(word[0]))) found.insert(std::stoi(word));
  }
  return found;
}

std::string untested_rules(const Tree& files) {
  std::set<int> tested;
  for (const auto& [path, text] : files)
    if (path.starts_with("tests/") && path.ends_with("_test.cpp") &&
        !path.starts_with("tests/tidy/"))
      tested.merge(rules_in(text));
  std::string said;
  for (int rule = 1; rule <= last_rule; ++rule)
    if (!tested.contains(rule)) said += fmt::format("rule {} has no test of its name\n", rule);
  return said;
}

TEST_CASE("each accounting rule has a test of its name") {
  CHECK_EQ(untested_rules(tree()), "");
  CHECK(rules_in("TEST_CASE(\"rule 12, 18: x\") {\nTEST_CASE(\n    \"rule 3: y") ==
        std::set<int>{3, 12, 18});
  CHECK(rules_in("CHECK(\"rule 4: x\")").empty());
  Tree changed = tree();
  std::erase_if(changed, [](const auto& file) { return file.first.ends_with("rules_test.cpp"); });
  CHECK(untested_rules(changed).contains("rule 14 has no test of its name\n"));
}

}  // namespace
}  // namespace interlock::tidy
