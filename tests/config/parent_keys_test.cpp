#include "config/parent_keys.hpp"

#include <map>

#include "tests/config/folder.hpp"

using namespace interlock::config;

namespace {

constexpr const char* passage = "parent_id_tag = 526 ";

std::string name_in(const std::string& keys, const std::map<Tag, std::string>& message) {
  const Folder folder;
  const auto loaded = folder.with(passage, "parent_id = " + keys + " #");
  CAPTURE(render(loaded.problems));
  REQUIRE(loaded.config.has_value());
  return std::string(parent_named(loaded.config->routers.at(0).parent_keys, [&](Tag tag) {
    const auto found = message.find(tag);
    return found == message.end() ? std::optional<std::string_view>{}
                                  : std::optional<std::string_view>{found->second};
  }));
}

}  // namespace

TEST_CASE("parent keys: the first key that finds a name wins") {
  const std::string keys = "[{ tag = 526 }, { tag = 11, pattern = \"^([^-]+)-\" }]";
  CHECK(name_in(keys, {{526, "P-1"}, {11, "P2-7"}}) == "P-1");
  CHECK(name_in(keys, {{11, "P2-7"}}) == "P2");
  CHECK(name_in(keys, {{526, ""}, {11, "P2-7"}}) == "P2");
  CHECK(name_in(keys, {{11, "P2"}}).empty());
  CHECK(name_in(keys, {}).empty());
  const std::string either = "[{ tag = 583, where = 1, is = \"7731\" }]";
  CHECK(name_in(either, {{583, "P-1"}, {1, "7731"}}) == "P-1");
  CHECK(name_in(either, {{583, "P-1"}, {1, "7732"}}).empty());
  CHECK(name_in(either, {{583, "P-1"}}).empty());
}

TEST_CASE("parent keys: each rule") {
  check_each({
      {passage, "parent_id_tag = 526\nparent_id = [{ tag = 526 }] #",
       "parent_id and parent_id_tag say the same"},
      {passage, "parent_id = [] #", "no key: no order could name its parent"},
      {passage, "parent_id = [{ pattern = \"^(.)\" }] #",
       "parent_id of router R1 has no 'tag': its value names the parent"},
      {passage, "parent_id = [{ tag = 11, pattern = \"^(\" }] #",
       "pattern = \"^(\" is not a regular expression with one group"},
      {passage, "parent_id = [{ tag = 11, pattern = \"abc\" }] #",
       "pattern = \"abc\" is not a regular expression with one group"},
      {passage, "parent_id = [{ tag = 583, where = 1 }] #", "where and is go together"},
      {"orders_without_parent = \"reject\"", "orders_without_parent = \"cap\"",
       "router R1 has no 'default_parent_cap': orders_without_parent = \"cap\" reads it"},
      {"orders_without_parent = \"reject\"", "default_parent_cap = 100",
       "default_parent_cap is read only with cap"},
      {"orders_without_parent = \"reject\"", "late_parent_wait = 5",
       "late_parent_wait = 5 has no unit"},
      {"orders_without_parent = \"reject\"", "algo_tag = 847",
       "algo_tag is read, and no algo is declared"},
  });
}

TEST_CASE("parent keys: an expression that would take too long finds nothing") {
  const auto pattern = Pattern::compile("^((a|aa|b)+)+x$");
  CHECK_FALSE(pattern.has_value());  // two groups
  const auto slow = Pattern::compile("^((?:a|aa|a?a)+)+x$");
  REQUIRE(slow.has_value());
  CHECK_FALSE(slow->find(std::string(Pattern::text_max, 'a')).has_value());
  CHECK(slow->find("aax") == "aa");
  const auto any = Pattern::compile("(.+)");
  REQUIRE(any.has_value());
  CHECK(any->find(std::string(Pattern::text_max, 'a')).has_value());
  CHECK_FALSE(any->find(std::string(Pattern::text_max + 1, 'a')).has_value());
}
