// The repository as a map of its files, for the checks of this folder. Each check says in words
// what is wrong, or nothing; its test also plants a defect, since a check that cannot fail is one
// itself.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/source.hpp"

namespace interlock::tidy {

namespace fs = std::filesystem;
using Tree = std::map<std::string, std::string>;  // path from the root, text
using Names = std::set<std::string>;

inline bool is_ours(const fs::path& path) {
  const std::string name = path.filename().string();
  return name != "build" && name != "node_modules" && (name[0] != '.' || name == ".ci");
}

inline Tree read_tree() {
  Tree tree;
  const fs::path root = tests::source_dir();
  for (auto at = fs::recursive_directory_iterator(root); at != fs::end(at); ++at) {
    if (at->is_directory() && !is_ours(at->path())) at.disable_recursion_pending();
    if (!at->is_regular_file() || at->path().filename() == ".git") continue;
    if (at->path().extension() == ".png") continue;  // a picture is no text
    std::ostringstream text;
    text << std::ifstream(at->path(), std::ios::binary).rdbuf();
    tree[at->path().lexically_relative(root).string()] = text.str();
  }
  return tree;
}

inline const Tree& tree() {
  static const Tree the_tree = read_tree();
  return the_tree;
}

inline Tree with(const std::string& path, std::string_view text) {
  Tree changed = tree();
  changed[path] = text;
  return changed;
}

inline std::string room_of(const std::string& path) {
  const auto slash = path.find('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}
inline bool is_cpp(const std::string& path) {
  return path.ends_with(".cpp") || path.ends_with(".hpp");
}

// The identifiers and numbers of a piece of code.
inline std::vector<std::string> words_of(std::string_view code) {
  std::vector<std::string> found(1);
  for (const char c : code) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
      found.back() += c;
    } else if (!found.back().empty()) {
      found.emplace_back();
    }
  }
  if (found.back().empty()) found.pop_back();
  return found;
}
inline std::string_view without_comment(std::string_view line) {
  return line.substr(0, line.find("//"));
}

struct Line {
  const std::string& path;
  std::size_t number;
  std::string_view text;
  [[nodiscard]] std::string says(std::string_view what) const {
    return fmt::format("{}:{}: {}\n", path, number, what);
  }
};
// What `look` says of each line of each file that `wanted` picks.
template <class Wanted, class Look>
inline std::string each_line(const Tree& files, Wanted wanted, Look look) {
  std::string said;
  for (const auto& [path, text] : files) {
    if (!wanted(path)) continue;
    std::size_t number = 0;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) said += look(Line{path, ++number, line});
  }
  return said;
}

inline std::string included_by(std::string_view line) {
  constexpr std::string_view begin = "#include \"";
  if (!line.starts_with(begin)) return "";
  return std::string(line.substr(begin.size(), line.find('"', begin.size()) - begin.size()));
}

}  // namespace interlock::tidy
