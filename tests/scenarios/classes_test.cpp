// Every class of message, in every version: what a router may send is checked, passed, or refused
// in its own form, and what nobody has thought of is refused.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <set>

#include "scenarios/stage.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

const std::filesystem::path configs = tests::source_dir() / "tests/scenarios/configs";

// Of what is refused: the types of the answers. Of what is passed: "to the venue".
constexpr std::string_view passed = "to the venue";
struct Row {
  std::string_view type;
  std::string_view fields;
  std::string_view outcome;
};
const Row rows[] = {
    // opens risk, and is checked: here each breaks a rule
    {"D", "11=d|1=ACC|55=ACME|54=1|38=1|40=2|44=10.00", "8"},
    {"G", "11=g|41=never|55=ACME|54=1|38=1|40=2|44=10.00", "9"},
    {"E", "66=l|394=3|68=1|73=1|11=e|67=1|1=ACC|55=ACME|54=1|38=1|40=1", "N"},
    // opens risk, and has no check yet
    {"AB", "11=ab|54=1|55=ACME|555=1|600=ACME|38=1|40=1", "8"},
    {"AC", "41=a|11=ac|54=1|55=ACME|555=1|600=ACME|38=1|40=1", "9"},
    {"s", "548=c|549=1|550=0|552=2|54=1|11=s1|38=1|54=2|11=s2|38=1|55=ACME|40=1", "8 8"},
    {"t", "548=c|551=b|549=1|550=0|552=2|54=1|11=t1|38=1|54=2|11=t2|38=1|55=ACME|40=1", "9 9"},
    {"S", "117=q|55=ACME|132=10", "b AI CW"},  // one of them, by the version
    {"i", "117=q|296=1|302=s|311=ACME|304=1|295=1|299=e", "b"},
    {"AJ", "693=r|694=1|55=ACME", "AI"},
    {"DJ", "2423=m|1=ACC|2428=1|2429=1|2430=1|11=dj|38=1|40=1|54=1", "DK"},
    {"L", "66=l", "N"},
    {"CA", "11=ca|1373=2|1374=7", "BZ"},
    // reduces risk
    {"F", "11=f|41=a|55=ACME|54=1|38=1", passed},
    {"q", "11=q|530=7", "r"},  // becomes a cancel of each of its own orders
    {"K", "66=l", passed},
    {"Z", "117=q|298=4", passed},
    {"u", "548=c|551=b|549=1|550=0|552=1|54=1|41=a|11=u|38=1|55=ACME", passed},
    // asks, informs
    {"H", "11=a|55=ACME|54=1", passed},
    {"AF", "584=m|585=7", passed},
    {"M", "66=l", passed},
    {"Q", "37=v|17=e|127=A|55=ACME|54=1|38=1|32=1|31=10", passed},
    {"a", "117=q|55=ACME", passed},
    {"c", "320=c|321=0|55=ACME", passed},
    {"e", "324=e|263=0|55=ACME", passed},
    {"g", "335=g|263=0", passed},
    {"x", "320=x|559=0|55=ACME", passed},
};

Fields fields_of(std::string_view piped) {
  Fields fields;
  while (!piped.empty()) {
    const auto end = std::min(piped.find('|'), piped.size());
    const auto equals = piped.find('=');
    fields.emplace_back(std::stoi(std::string(piped.substr(0, equals))),
                        piped.substr(equals + 1, end - equals - 1));
    piped.remove_prefix(std::min(end + 1, piped.size()));
  }
  return fields;
}

// What this version needs besides, and has not.
Fields fitted(const Row& row, const config::Dialect& dialect) {
  Fields fields = fields_of(row.fields);
  const auto* rule = dialect.message(row.type);
  for (const config::Tag tag : rule->required)
    if (tag == 21) fields.emplace_back(21, "1");
  if (row.type == "Z" && dialect.version == "FIX.4.2")
    fields = fields_of("117=q|298=1|295=1|55=ACME");
  if (row.type == "i" && dialect.version != "FIX.4.2")
    std::erase_if(fields, [](const auto& field) { return field.first == 311; });
  return fields;
}

// A stage on which R1 has an order "a" at X, and nobody has an unread message.
std::unique_ptr<Stage> stage_of(const std::string& config) {
  auto stage = in_process(configs, config);
  stage->parent("P-1", "ACC", "ACME", "buy", "100");
  Player& router = stage->player("R1");
  const bool is_42 = router.dialect().version == "FIX.4.2";
  Fields order = fields_of("11=a|1=ACC|55=ACME|54=1|38=1|40=2|44=10.00");
  order.emplace_back(is_42 ? 109 : 526, "P-1");
  if (is_42) order.emplace_back(21, "1");
  router.send("D", order);
  stage->said(router);
  stage->quiet();
  REQUIRE(stage->player("X").inbox.size() == 1);
  stage->player("X").inbox.clear();
  return stage;
}

std::string types_of(const Player& player) {
  std::string types;
  for (const Heard& heard : player.inbox) {
    const auto parsed = gateway::parse_lenient(heard.frame, player.dialect()).parsed;
    types += fmt::format("{}{}", types.empty() ? "" : " ", parsed.type);
  }
  return types;
}

TEST_CASE("classes: each message that a version gives a router is checked, passed or refused") {
  for (const char* config : {"fix42", "pair", "fix50sp2"}) {
    CAPTURE(std::string(config));
    std::set<std::string> left;
    const auto dialect = stage_of(config)->player("R1").dialect();
    for (const auto& rule : dialect.messages)
      if (rule.from_router && !rule.from_venue && !rule.admin) left.insert(rule.type);
    for (const Row& row : rows) {
      if (left.erase(std::string(row.type)) == 0) continue;
      CAPTURE(std::string(row.type));
      const auto stage = stage_of(config);
      Player &router = stage->player("R1"), &venue = stage->player("X");
      router.send(std::string(row.type), fitted(row, dialect));
      stage->said(router);
      stage->quiet();
      if (row.outcome == passed) {
        CHECK(types_of(venue) == row.type);
        CHECK(types_of(router).empty());
        continue;
      }
      const std::string answers = types_of(router);
      CHECK_FALSE(answers.empty());
      CHECK(row.outcome.find(answers) != std::string_view::npos);
      CHECK(types_of(venue) == (row.type == "q" ? "F" : ""));
    }
    CHECK(left.empty());  // a type that this table has not thought of
  }
}

TEST_CASE("classes: what only a venue sends, and what nobody declares, is refused from a router") {
  for (const char* config : {"fix42", "pair", "fix50sp2"}) {
    CAPTURE(std::string(config));
    const auto dialect = stage_of(config)->player("R1").dialect();
    std::vector<std::string> types{"R", "V", "J", "AE", "ZZ"};
    for (const auto& rule : dialect.messages)
      if (!rule.from_router && !rule.admin) types.push_back(rule.type);
    for (const std::string& type : types) {
      CAPTURE(type);
      const auto stage = stage_of(config);
      Player &router = stage->player("R1"), &venue = stage->player("X");
      router.send(type, fields_of("11=a|55=ACME|54=1"));
      stage->said(router);
      stage->quiet();
      CHECK(types_of(venue).empty());
      CHECK((types_of(router) == "j" || types_of(router) == "3"));
    }
  }
}

TEST_CASE("classes: under a kill only what opens risk is refused") {
  for (const char* config : {"fix42", "pair", "fix50sp2"}) {
    CAPTURE(std::string(config));
    const auto dialect = stage_of(config)->player("R1").dialect();
    for (const Row& row : rows) {
      if (row.outcome != passed || dialect.message(row.type) == nullptr) continue;
      CAPTURE(std::string(row.type));
      const auto stage = stage_of(config);
      Player &router = stage->player("R1"), &venue = stage->player("X");
      stage->kill("router", "R1", "block");  // a kill would have a cancel of its own in flight
      router.send(std::string(row.type), fitted(row, dialect));
      stage->said(router);
      stage->quiet();
      CHECK(types_of(venue) == row.type);
    }
  }
}

}  // namespace
}  // namespace interlock::scenarios
