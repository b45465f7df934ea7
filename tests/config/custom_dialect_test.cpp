#include "tests/config/folder.hpp"

using namespace interlock::config;

namespace {

constexpr std::string_view desk = R"(
[[dialect]]
id = "desk"
base = "FIX.4.4"
retired = [9001]
add = { D = [7001, 526], 8 = [7001] }
[dialect.fields]
7001 = { name = "AlgoId", type = "string", values = ["VWAP", "TWAP"], bytes = 8 }
7101 = { name = "TagKey", type = "string" }
7102 = { name = "TagSize", type = "quantity" }
[[dialect.groups]]
messages = ["D", "8"]
count = 7100
first = 7101
members = [7101, 7102]
)";

// The sample whose router and venue speak the desk's dialect, itself edited.
std::string text_with(std::string_view dialect) {
  auto text = Folder::edited(sample(), "listen = \"127.0.0.1:9012\"",
                             "dialect = \"desk\"\nlisten = \"127.0.0.1:9012\"");
  return text + std::string(dialect);
}

std::string problem_with(std::string_view passage, std::string_view instead) {
  const auto good = Folder::edited(desk, "[7001, 526]", "[7001]");
  return only_problem(Folder().parse(text_with(Folder::edited(good, passage, instead))));
}

}  // namespace

TEST_CASE("custom dialect: it has what its version has, and what it adds") {
  const Folder folder;
  const auto loaded = folder.parse(text_with(Folder::edited(desk, "[7001, 526]", "[7001]")));
  CHECK(render(loaded.problems) == "");
  REQUIRE(loaded.config.has_value());
  const auto& dialect = *loaded.config->routers.at(0).dialect;
  CHECK(dialect.name == "desk");
  CHECK(dialect.begin_string == "FIX.4.4");
  CHECK(loaded.config->venues.at(0).dialect->name == "FIX.4.4");
  CHECK(dialect.field(7001)->values.all() == std::vector<std::string>{"VWAP", "TWAP"});
  CHECK(dialect.field(7001)->bytes_max == 8);
  CHECK(dialect.field(7102)->type == FieldType::quantity);
  CHECK(dialect.field(7100)->type == FieldType::group);
  CHECK(dialect.retired.contains(9001));
  CHECK(dialect.message("D")->body.contains(7001));
  CHECK(dialect.message("8")->body.contains(7001));
  CHECK_FALSE(dialect.message("G")->body.contains(7001));
  REQUIRE(dialect.message("D")->group(7100) != nullptr);
  CHECK(dialect.message("D")->group(7100)->first == 7101);
  CHECK(dialect.message("D")->body.contains(7100));
  CHECK(dialect.message("D")->body.contains(11));
  CHECK(built_in("FIX.4.4").field(7001) == nullptr);
}

TEST_CASE("custom dialect: it may be of FIX 5.0SP2") {
  auto text =
      Folder::edited(Folder::edited(desk, "[7001, 526]", "[7001]"), "FIX.4.4", "FIX.5.0SP2");
  const auto loaded = Folder().parse(std::string(sample()) + text);
  CHECK(render(loaded.problems) == "");
}

TEST_CASE("custom dialect: a retired tag stays retired") {
  CHECK(problem_with("[9001]", "[9001, 7001]") == "tag 7001 is both retired and declared");
  CHECK(problem_with("[9001]", "[526]") == "tag 526 is both retired and declared");
  CHECK(problem_with("[9001]", "[7100]") == "tag 7100 is both retired and declared");
  CHECK(problem_with("[9001]", "[0]") == "retired = 0 is not a tag, 1 to 99999");
}

TEST_CASE("custom dialect: a tag has one meaning, and messages are the version's") {
  CHECK(problem_with("7102 = {", "58 = { name = \"Note\", type = \"string\" }\n7102 = {") ==
        "tag 58 is declared already in FIX.4.4");
}

TEST_CASE("custom dialect: each rule") {
  CHECK(problem_with("add = { D", "add = { XX") == "FIX.4.4 has no message type 'XX'");
  CHECK(problem_with("8 = [7001]", "8 = [7009]") == "tag 7009 is not declared");
  CHECK(problem_with("8 = [7001]", "8 = [55]") == "8 has tag 55 already");
  CHECK(problem_with("8 = [7001]", "8 = [96]") == "tag 96 cannot be added to a message");
  CHECK(problem_with("8 = [7001]", "8 = [34]") == "tag 34 cannot be added to a message");
  CHECK(problem_with("7101 = { name = \"TagKey\", type = \"string\" }",
                     "7101 = { name = \"TagKey\", type = \"data\" }") ==
        "type = \"data\" is not a type that a dialect may add");
  CHECK(problem_with("bytes = 8", "byte = 8") == "unknown key 'byte' in field 7001");
  CHECK(problem_with("messages = [\"D\", \"8\"]", "messages = [\"D\", \"XX\"]") ==
        "FIX.4.4 has no message type 'XX'");
  CHECK(problem_with("members = [7101, 7102]", "members = [7102]") ==
        "members lack 7101, which is the first");
  CHECK(problem_with("count = 7100", "count = 453") == "tag 453 is declared already in FIX.4.4");
  CHECK(problem_with("base = \"FIX.4.4\"", "base = \"FIX.5.0\"") ==
        "base = \"FIX.5.0\" is not a known word");
}

TEST_CASE("custom dialect: its id is no other's") {
  const auto text = Folder::edited(Folder::edited(desk, "[7001, 526]", "[7001]"), "id = \"desk\"",
                                   "id = \"FIX.4.2\"");
  CHECK(only_problem(Folder().parse(std::string(sample()) + text)) ==
        "dialect FIX.4.2 is declared twice");
}
