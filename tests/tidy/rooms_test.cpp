// Which room may enter which, and that no file is forgotten.
#include <doctest/doctest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tidy/tree.hpp"

namespace interlock::tidy {
namespace {

struct Room {
  Names sources, uses;
};

// What stands between the parentheses of each such line of CMakeLists.txt.
std::vector<std::istringstream> lines_of(const Tree& files, const std::string& command) {
  std::vector<std::istringstream> found;
  const std::string text = "\n" + files.at("CMakeLists.txt");
  const std::string begin = "\n" + command + "(";
  for (auto at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
    const auto inside = at + begin.size();
    found.emplace_back(text.substr(inside, text.find(')', inside) - inside));
  }
  return found;
}

std::map<std::string, Room> rooms(const Tree& files) {
  std::map<std::string, Room> found;
  std::string name, word;
  for (auto& words : lines_of(files, "room")) {
    words >> name;
    Room& room = found[name];
    for (std::string part = ""; words >> word;) {
      if (word == "USES" || word == "LINKS" || word == "EMBEDS") {
        part = word;
      } else if (part.empty()) {
        room.sources.insert(name + "/" + word + ".cpp");
      } else if (part == "USES") {
        room.uses.insert(word);
      }
    }
  }
  for (const std::string command : {"quickfix_adapter", "program"}) {
    for (auto& words : lines_of(files, command)) {
      while (words >> word) {
        if (word.ends_with(".cpp")) found[room_of(word)].sources.insert(word);
      }
    }
  }
  return found;
}

std::string include_arrows(const Tree& files) {
  const auto all = rooms(files);
  return each_line(
      files, [&](const auto& path) { return is_cpp(path) && all.contains(room_of(path)); },
      [&](const Line& line) -> std::string {
        const std::string header = included_by(line.text);
        if (header.empty()) return "";
        const std::string from = room_of(line.path), to = room_of(header);
        if (!all.contains(to)) return line.says(header + " is in no room");
        if (to == from || all.at(from).uses.contains(to)) return "";
        return line.says(fmt::format("{} may not enter {}", from, to));
      });
}

std::string circles(const Tree& files) {
  const auto all = rooms(files);
  std::string said;
  for (const auto& [name, room] : all) {
    for (const auto& used : room.uses) {
      if (all.contains(used) && all.at(used).uses.contains(name)) said += name + " and " + used;
    }
  }
  return said;
}

std::string unlisted_sources(const Tree& files) {
  std::string said;
  for (const auto& [name, room] : rooms(files)) {
    for (const auto& [path, text] : files) {
      if (room_of(path) == name && path.ends_with(".cpp") && !room.sources.contains(path)) {
        said += path + " is not in CMakeLists.txt\n";
      }
    }
    for (const auto& source : room.sources) {
      if (!files.contains(source)) said += source + " does not exist\n";
    }
  }
  return said;
}

std::string unused_headers(const Tree& files) {
  Names included;
  each_line(files, is_cpp, [&](const Line& line) {
    const std::string header = included_by(line.text);
    included.insert(header);
    included.insert((fs::path(line.path).parent_path() / header).lexically_normal().string());
    included.insert((fs::path("tests") / header).lexically_normal().string());
    return "";
  });
  std::string said;
  for (const auto& [path, text] : files) {
    if (path.ends_with(".hpp") && !included.contains(path)) said += path + " is never included\n";
  }
  return said;
}

std::string headers_and_namespaces(const Tree& files) {
  std::string said;
  const auto all = rooms(files);
  for (const auto& [path, text] : files) {
    if (path.ends_with(".hpp") && !(text.starts_with("// ") && text.contains("\n#pragma once\n"))) {
      said += path + " does not begin with a sentence and #pragma once\n";
    }
    if (!is_cpp(path) || !all.contains(room_of(path))) continue;
    const std::string room = room_of(path);
    const bool nested = text.contains("namespace interlock {\nnamespace " + room + " {");  // C++14
    if (!nested && !text.contains("namespace interlock::" + room)) said += path + ": namespace\n";
  }
  return said;
}

TEST_CASE("a room includes only rooms that CMakeLists.txt lets it use") {
  CHECK_EQ(include_arrows(tree()), "");
  const auto defect = [](std::string_view header) {
    return include_arrows(with("risk/planted.cpp", fmt::format("#include \"{}\"\n", header)));
  };
  CHECK_EQ(defect("audit/journal.hpp"), "risk/planted.cpp:1: risk may not enter audit\n");
  CHECK_EQ(defect("nowhere/x.hpp"), "risk/planted.cpp:1: nowhere/x.hpp is in no room\n");
  CHECK_EQ(defect("risk/units.hpp"), "");
}

TEST_CASE("no two rooms use each other") {
  CHECK_EQ(circles(tree()), "");
  const std::string text = "room(risk a USES audit)\nroom(audit b USES risk LINKS x)";
  CHECK_NE(circles(with("CMakeLists.txt", text)), "");
}

TEST_CASE("each source stands in CMakeLists.txt, and each that stands there exists") {
  CHECK_EQ(unlisted_sources(tree()), "");
  CHECK_EQ(unlisted_sources(with("risk/planted.cpp", "")),
           "risk/planted.cpp is not in CMakeLists.txt\n");
  Tree without = tree();
  without.erase("risk/books.cpp");
  CHECK_EQ(unlisted_sources(without), "risk/books.cpp does not exist\n");
}

TEST_CASE("each header is included by somebody") {
  CHECK_EQ(unused_headers(tree()), "");
  CHECK_EQ(unused_headers(with("risk/planted.hpp", "")), "risk/planted.hpp is never included\n");
}

TEST_CASE("a header begins with a sentence, and a namespace is its folder") {
  CHECK_EQ(headers_and_namespaces(tree()), "");
  CHECK_NE(headers_and_namespaces(
               with("risk/planted.hpp", "#pragma once\nnamespace interlock::risk {}")),
           "");
  CHECK_NE(headers_and_namespaces(with("risk/planted.cpp", "namespace interlock::audit {}")), "");
}

}  // namespace
}  // namespace interlock::tidy
