// docs/compliance.md names the controls that there are, and each that a rule asks for.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "risk/decide.hpp"
#include "tests/tidy/tree.hpp"

namespace interlock::tidy {
namespace {

constexpr const char* page = "docs/compliance.md";

// Words between backticks, of letters and hyphens with a hyphen or without.
Names named_in(const std::string& text) {
  Names names;
  for (auto at = text.find('`'); at != std::string::npos;) {
    const auto end = text.find('`', at + 1);
    if (end == std::string::npos) break;
    names.insert(text.substr(at + 1, end - at - 1));
    at = text.find('`', end + 1);
  }
  return names;
}

// Hyphenated words that are no controls.
const Names others{"template-procedures.txt", "template-certificate.txt", "review-2026",
                   "evidence.json", "--json"};

std::string wrong_controls(const Tree& files) {
  const Names named = named_in(files.at(page));
  Names known;
  std::string said;
  for (const auto& control : risk::controls()) {
    known.insert(std::string(control.id));
    if (!named.contains(std::string(control.id)))
      said += fmt::format("{} does not say which rule {} answers\n", page, control.id);
  }
  for (const std::string& name : named) {
    const bool like_a_control = name.contains('-') && !name.contains(' ') && !name.contains('/');
    if (like_a_control && !known.contains(name) && !others.contains(name))
      said += fmt::format("{} names {}, which is no control\n", page, name);
  }
  return said;
}

TEST_CASE("docs/compliance.md names each control, and none that there is not") {
  CHECK_EQ(wrong_controls(tree()), "");
  CHECK_NE(wrong_controls(with(page, "")), "");
  CHECK_NE(wrong_controls(with(page, tree().at(page) + "`order-quantity`\n")), "");
}

}  // namespace
}  // namespace interlock::tidy
