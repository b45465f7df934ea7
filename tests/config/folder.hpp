// A folder for one test, with the files of the sample in it, and edits of them.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/sample.hpp"

namespace interlock::config {

class Folder {
 public:
  Folder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "interlock-config-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
    static const auto files = sample_files("token one", "token two", "secret");
    write("gateway.toml", files.gateway);
    write("secrets.toml", files.secrets, std::filesystem::perms{0600});
    write("prices.txt", files.prices);
    write("parents.csv", files.parents);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::filesystem::path at(const std::string& name) const { return path_ / name; }
  void write(const std::string& name, std::string_view text,
             std::filesystem::perms mode = std::filesystem::perms{0644}) const {
    std::ofstream(at(name), std::ios::binary) << text;
    std::filesystem::permissions(at(name), mode);
  }
  [[nodiscard]] Loaded load() const { return config::load(at("gateway.toml")); }
  [[nodiscard]] Loaded parse(std::string_view text) const {
    return config::parse(text, "gateway.toml", path_);
  }
  // The sample with one passage replaced by another.
  [[nodiscard]] Loaded with(std::string_view passage, std::string_view instead) const {
    return parse(edited(sample(), passage, instead));
  }
  [[nodiscard]] static std::string edited(std::string_view text, std::string_view passage,
                                          std::string_view instead) {
    std::string out(text);
    const auto at = out.find(passage);
    if (at == std::string::npos || out.find(passage, at + 1) != std::string::npos)
      throw std::logic_error(fmt::format("'{}' has to stand in the text once", passage));
    return out.replace(at, passage.size(), instead);
  }

 private:
  std::filesystem::path path_;
};

// "WORD: text" of each problem, a line each, in the order of the report. WORD is the first of the
// line that it stands in: so no test counts the lines of the sample.
inline std::string lines_of(const Loaded& loaded) {
  std::string lines;
  for (const auto& problem : loaded.problems)
    lines +=
        fmt::format("{}: {}\n", problem.excerpt.substr(0, problem.excerpt.find(' ')), problem.text);
  return lines;
}

// The text of the only problem, or all of them.
inline std::string only_problem(const Loaded& loaded) {
  if (loaded.problems.size() == 1) return loaded.problems[0].text;
  return fmt::format("{} problems:\n{}", loaded.problems.size(), render(loaded.problems));
}

// An edit of the sample, and the only problem that it makes.
struct Edit {
  const char* passage;
  const char* instead;
  const char* problem;
};
inline void check_each(const std::vector<Edit>& edits) {
  const Folder folder;
  for (const auto& edit : edits) {
    CAPTURE(edit.instead);
    CHECK(only_problem(folder.with(edit.passage, edit.instead)) == edit.problem);
  }
}

}  // namespace interlock::config
