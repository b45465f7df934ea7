// What the documents owe the code.
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include "risk/decide.hpp"
#include "tests/tidy/tree.hpp"

namespace interlock::tidy {
namespace {

std::string unexplained_reasons(const Tree& files) {
  std::string said;
  for (std::uint16_t number = 0; number < 1000; ++number) {
    const auto word = risk::code(static_cast<risk::Reason>(number));
    if (!risk::reason_of(word)) continue;
    if (!files.at("docs/rejects.md").contains(fmt::format("\n| {} |", word))) {
      said += fmt::format("{} has no row in docs/rejects.md\n", word);
    }
  }
  return said;
}

std::string untried_controls(const Tree& files) {
  std::string said;
  for (const auto& control : risk::controls()) {
    const std::string id(control.id), code(risk::code(control.reason));
    if (!files.at("docs/controls.md").contains("\n## `" + id + "`\n")) {
      said += id + " has no section in docs/controls.md\n";
    }
    const std::string play = "tests/scenarios/refused-by-" + id + ".fix";
    if (!files.contains(play) || !files.at(play).contains(code))
      said += id + " has no " + play + "\n";
    const bool tried = std::ranges::any_of(files, [&](const auto& file) {
      return file.first.starts_with("tests/risk/") && file.second.contains(code);
    });
    if (!tried) said += id + " has no test in tests/risk\n";
  }
  return said;
}

// Links that lead nowhere, and pages that nobody is led to from README.md.
std::string broken_links(const Tree& files) {
  std::map<std::string, Names> links;
  std::string said = each_line(
      files, [](const auto& path) { return path.ends_with(".md"); },
      [&](const Line& line) {
        std::string wrong;
        for (auto at = line.text.find("]("); at != line.text.npos;
             at = line.text.find("](", at + 1)) {
          const std::string_view inside = line.text.substr(at + 2);
          const std::string to(inside.substr(0, inside.find_first_of(")#")));
          if (to.empty() || to.starts_with("http")) continue;
          std::string target = (fs::path(line.path).parent_path() / to).lexically_normal().string();
          if (!fs::exists(tests::source_dir() / target) && !files.contains(target)) {
            wrong += line.says(to + " does not exist");
          }
          links[line.path].insert(target);
        }
        return wrong;
      });
  Names reached{"README.md"};
  for (std::size_t before = 0; before != reached.size();) {
    before = reached.size();
    for (const auto& page : Names(reached)) reached.insert(links[page].begin(), links[page].end());
  }
  for (const auto& [path, text] : files) {
    if (path.starts_with("docs/") && path.ends_with(".md") && !reached.contains(path)) {
      said += "no link leads to " + path + "\n";
    }
  }
  return said;
}

std::string unreasoned_packages(const Tree& files) {
  return each_line(
      files, [](const auto& path) { return path == "packages.txt"; },
      [](const Line& line) {
        const auto reason = line.text.find("# ");
        if (reason == 0) return std::string();
        const bool one_word =
            line.text.find(' ') == line.text.find_last_not_of(' ', reason - 1) + 1;
        const bool good = reason != line.text.npos && one_word && line.text.size() > reason + 2;
        return good ? "" : line.says("not one package with its reason");
      });
}

TEST_CASE("each reason has a row in docs/rejects.md") {
  CHECK_EQ(unexplained_reasons(tree()), "");
  CHECK_NE(unexplained_reasons(with("docs/rejects.md", "")), "");
}

TEST_CASE("each control has a section in docs/controls.md, a scenario and a test") {
  CHECK_EQ(untried_controls(tree()), "");
  CHECK_NE(untried_controls(with("docs/controls.md", "")), "");
  CHECK_NE(untried_controls(with("tests/scenarios/refused-by-order-qty.fix", "")), "");
}

TEST_CASE("each link leads somewhere, and to each page of docs/ leads one from README.md") {
  CHECK_EQ(broken_links(tree()), "");
  CHECK_NE(broken_links(with("docs/planted.md", "")), "");
  CHECK_NE(broken_links(with("README.md", tree().at("README.md") + "[x](docs/nowhere.md)")), "");
}

TEST_CASE("each package has a reason") {
  CHECK_EQ(unreasoned_packages(tree()), "");
  CHECK_NE(unreasoned_packages(with("packages.txt", "libx-dev\n")), "");
}

}  // namespace
}  // namespace interlock::tidy
