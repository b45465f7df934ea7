// What no line of this code does.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/tidy/tree.hpp"

namespace interlock::tidy {
namespace {

std::string quickfix_outside(const Tree& files) {
  const auto wanted = [](const std::string& path) {
    return is_cpp(path) && !path.starts_with("gateway/quickfix/") &&
           path != "tests/bench/quickfix_relay.cpp";  // what the gateway is measured against
  };
  return each_line(files, wanted, [](const Line& line) {
    return line.text.starts_with("#include <quickfix/") ? line.says("includes QuickFIX") : "";
  });
}

std::string clocks(const Tree& files) {
  // Only loops and commands read one; everywhere else time is an argument.
  const Names loops{"gateway/loop.cpp", "gateway/poll.cpp", "killswitch/button_thread.cpp",
                    "killswitch/guard.cpp", "audit/signer_main.cpp"};
  const Names words{"system_clock",  "steady_clock", "high_resolution_clock",
                    "clock_gettime", "gettimeofday", "time(nullptr)"};
  const auto wanted = [&](const std::string& path) {
    const std::string room = room_of(path);
    return is_cpp(path) && room != "tests" && room != "cli" && !loops.contains(path);
  };
  return each_line(files, wanted, [&](const Line& line) -> std::string {
    for (const auto& word : words) {
      if (line.text.contains(word)) return line.says("reads " + word);
    }
    return "";
  });
}

std::string floating_point(const Tree& files) {
  const auto wanted = [](const std::string& path) {
    return is_cpp(path) && room_of(path) == "risk" && path != "risk/limits_in_use.cpp";
  };
  return each_line(files, wanted, [](const Line& line) -> std::string {
    const std::string_view code = without_comment(line.text);
    // LimitUse::fraction, which limits_in_use.cpp fills in: for display only.
    if (code.starts_with("  double fraction = 0;")) return "";
    const auto words = words_of(code);
    if (std::ranges::count(words, "float") + std::ranges::count(words, "double") == 0) return "";
    return line.says("floating point");
  });
}

std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(line, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string too_long(const Tree& files) {
  std::string said = each_line(files, is_cpp, [](const Line& line) {
    return columns(line.text) > 100 ? line.says("over 100 columns") : "";
  });
  for (const auto& [path, text] : files) {
    if (!is_cpp(path)) continue;
    const auto lines = std::ranges::count(text, '\n');
    if (lines > 400) said += fmt::format("{}: {} lines\n", path, lines);
  }
  return said;
}

// Put together, so that this file does not find itself.
const Names unfinished{std::string("TO") + "DO", std::string("FIX") + "ME",
                       std::string("XX") + "X"};
const Names elsewhere{std::string("/wo") + "rk/", std::string("../sha") + "red"};

std::string unwanted_words(const Tree& files) {
  const auto wanted = [](const std::string& path) { return path != "tests/package-lock.json"; };
  return each_line(files, wanted, [](const Line& line) -> std::string {
    for (const auto& word : words_of(line.text)) {
      if (unfinished.contains(word)) return line.says("says " + word);
    }
    for (const auto& path : elsewhere) {
      if (line.text.contains(path)) return line.says("says " + path);
    }
    return "";
  });
}

Tree only(const std::string& path, std::string_view text) { return {{path, std::string(text)}}; }

TEST_CASE("only the adapter includes QuickFIX") {
  CHECK_EQ(quickfix_outside(tree()), "");
  const std::string defect = "#include <quickfix/Message.h>\n";
  CHECK_NE(quickfix_outside(only("gateway/planted.cpp", defect)), "");
  CHECK_EQ(quickfix_outside(only("gateway/quickfix/planted.cpp", defect)), "");
}

TEST_CASE("only the loops and the commands read a clock") {
  CHECK_EQ(clocks(tree()), "");
  CHECK_EQ(clocks(only("risk/planted.cpp", "\nnow = std::chrono::steady_clock::now();\n")),
           "risk/planted.cpp:2: reads steady_clock\n");
}

TEST_CASE("there is no floating point in risk/ but the fraction of a limit that is shown") {
  CHECK_EQ(floating_point(tree()), "");
  CHECK_NE(floating_point(only("risk/planted.cpp", "double price = 0;\n")), "");
  CHECK_NE(floating_point(only("risk/planted.cpp", "return static_cast<float>(x);\n")), "");
  CHECK_EQ(floating_point(only("risk/planted.cpp", "int x;  // a double-entry account\n")), "");
}

TEST_CASE("lines have at most 100 columns, and files 400 lines") {
  CHECK_EQ(too_long(tree()), "");
  CHECK_EQ(too_long(only("risk/planted.cpp", std::string(100, 'x'))), "");
  CHECK_EQ(too_long(only("risk/planted.cpp", std::string(101, 'x'))),
           "risk/planted.cpp:1: over 100 columns\n");
  CHECK_EQ(too_long(only("risk/planted.cpp", std::string(401, '\n'))),
           "risk/planted.cpp: 401 lines\n");
}

TEST_CASE("nothing is left for later, and nothing speaks of the machine it was written on") {
  CHECK_EQ(unwanted_words(tree()), "");
  for (const auto& word : unfinished) {
    CHECK_NE(unwanted_words(only("docs/planted.md", "a " + word + ": b")), "");
  }
  for (const auto& path : elsewhere) {
    CHECK_NE(unwanted_words(only("cli/planted.cpp", "\"" + path + "x\"")), "");
  }
  CHECK_EQ(unwanted_words(only("tests/planted.cpp", "mkdtemp(\"x-XXXXXX\")")), "");
}

}  // namespace
}  // namespace interlock::tidy
