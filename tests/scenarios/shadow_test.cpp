// A gateway that only looks on, given both directions of a router's session.
#include <doctest/doctest.h>

#include "scenarios/stage.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

const std::filesystem::path configs = tests::source_dir() / "tests/scenarios/configs";

class Looking {
 public:
  explicit Looking(const std::string& config = "pair") : stage(in_shadow(configs, config, said)) {}
  void order(const std::string& id, const std::string& quantity,
             const std::string& parent = "P-1") {
    say("D", {{11, id},
              {526, parent},
              {1, "ACC"},
              {55, "ACME"},
              {54, "1"},
              {38, quantity},
              {40, "2"},
              {44, "10.00"}});
  }
  void report(const std::string& id, const std::string& execution, const std::string& kind,
              const std::string& last, const std::string& cum, const std::string& leaves) {
    say("8", {{37, "v-" + id},
              {17, execution},
              {11, id},
              {150, kind},
              {39, "1"},
              {55, "ACME"},
              {54, "1"},
              {32, last},
              {31, "10.00"},
              {151, leaves},
              {14, cum},
              {6, "10.00"}});
  }
  void say(const std::string& type, Fields fields) {
    Player& copy = stage->player("R1");
    copy.send(type, std::move(fields));
    stage->said(copy);
  }
  std::vector<std::string> said;
  std::unique_ptr<Stage> stage;
};

TEST_CASE("shadow: it says what it would refuse, and nobody hears from it") {
  Looking look;
  look.stage->parent("P-1", "ACC", "ACME", "buy", "200");
  look.said.clear();
  look.order("a", "100");
  CHECK(look.said.empty());
  look.order("b", "101");
  look.order("c", "10", "P-9");
  CHECK(look.said ==
        std::vector<std::string>{"refuse R1 b PARENT_FILL", "refuse R1 c PARENT_UNKNOWN"});
  for (Player* player : look.stage->players()) CHECK(player->inbox.empty());
  CHECK_FALSE(look.stage->player("X").up);  // no connection to a venue is opened
}

TEST_CASE("shadow: the books follow the reports, also of what would have been refused") {
  Looking look;
  look.stage->parent("P-1", "ACC", "ACME", "buy", "200");
  look.said.clear();
  look.order("a", "150");
  look.report("a", "e1", "F", "20", "20", "130");
  look.report("a", "e2", "4", "0", "20", "0");
  look.order("b", "181");  // in truth it went, and was filled in part
  look.report("b", "e3", "F", "100", "100", "81");
  look.report("b", "e4", "4", "0", "100", "0");
  look.order("c", "81");
  look.order("d", "80");
  CHECK(look.said ==
        std::vector<std::string>{"refuse R1 b PARENT_FILL", "refuse R1 c PARENT_FILL"});
  const Digests books = rebuild(*look.stage);
  CHECK(books.rebuilt == books.live);
}

TEST_CASE("shadow: what would kill kills here too, and people re-arm it") {
  Looking look;
  look.stage->parent("P-1", "ACC", "ACME", "buy", "100");
  look.said.clear();
  look.order("a", "100");
  look.report("a", "e1", "F", "100", "100", "0");
  look.stage->advance(1'000);
  look.order("b", "100");
  CHECK(look.said == std::vector<std::string>{"refuse R1 b PARENT_FILL", "kill R1"});
  look.order("c", "100");
  CHECK(look.said.back() == "refuse R1 c KILLED");
  look.stage->rearm();
  look.order("d", "100", "P-9");
  CHECK(look.said.back() == "refuse R1 d PARENT_UNKNOWN");
}

TEST_CASE("shadow: what the controls that watch would have blocked, it says") {
  SUBCASE("executions") {
    Looking look("flow");
    look.stage->parent("P-1", "ACC", "ACME", "buy", "1000");
    look.said.clear();
    look.order("a", "100");
    look.report("a", "e1", "F", "10", "10", "90");
    look.report("a", "e2", "F", "10", "20", "80");
    CHECK(look.said.empty());
    look.report("a", "e3", "F", "10", "30", "70");
    look.order("b", "1");
    CHECK(look.said == std::vector<std::string>{"block R1", "refuse R1 b BLOCKED"});
    const Digests books = rebuild(*look.stage);
    CHECK(books.rebuilt == books.live);
  }
  SUBCASE("messages, of the router only") {
    Looking look("flow");
    look.stage->parent("P-1", "ACC", "ACME", "buy", "1000");
    look.said.clear();
    look.order("a", "1");
    look.report("a", "e1", "0", "0", "0", "1");
    for (int i = 0; i < 6; ++i) look.say("H", {{11, "a"}, {55, "ACME"}, {54, "1"}});
    CHECK(look.said == std::vector<std::string>{"block R1"});
    const Digests books = rebuild(*look.stage);
    CHECK(books.rebuilt == books.live);
  }
  SUBCASE("what it sends that nobody declared") {
    Looking look("flow");
    look.said.clear();
    look.say("D", {{11, "a"}, {7001, "Y"}});
    CHECK(look.said == std::vector<std::string>{"refuse R1 a MALFORMED", "block R1"});
  }
}

TEST_CASE(
    "shadow: a list is one decision, and what of a refused one lives is booked all the same") {
  Looking look;
  look.stage->parent("P-1", "ACC", "ACME", "buy", "200");
  look.said.clear();
  const auto list = [&](const std::string& id, const std::string& first, const std::string& second,
                        const std::string& quantity) {
    Fields fields{{66, id}, {394, "3"}, {68, "2"}, {73, "2"}};
    for (const auto& [name, number] : {std::pair{first, "1"}, {second, "2"}})
      for (auto& field : Fields{{11, name},
                                {526, "P-1"},
                                {67, number},
                                {1, "ACC"},
                                {55, "ACME"},
                                {54, "1"},
                                {38, quantity},
                                {40, "2"},
                                {44, "10.00"}})
        fields.push_back(field);
    look.say("E", fields);
  };
  list("l1", "a", "b", "60");
  CHECK(look.said.empty());
  list("l2", "c", "d", "60");  // the second has no room
  CHECK(look.said == std::vector<std::string>{"refuse R1 c PARENT_FILL"});
  look.order("e", "80");
  CHECK(look.said.size() == 1);
  look.report("e", "e1", "4", "0", "0", "0");
  look.report("c", "e2", "0", "0", "0", "60");  // in truth both went
  look.report("d", "e3", "F", "60", "60", "0");
  look.order("f", "1");
  CHECK(look.said.back() == "refuse R1 f PARENT_FILL");
  const Digests books = rebuild(*look.stage);
  CHECK(books.rebuilt == books.live);
}

TEST_CASE("shadow: what has no check would be refused, what opens no risk would pass") {
  Looking look;
  look.stage->parent("P-1", "ACC", "ACME", "buy", "200");
  look.said.clear();
  look.say("S", {{117, "q"}, {55, "ACME"}, {132, "10"}});
  look.say("AF", {{584, "m"}, {585, "7"}});
  look.say("q", {{11, "q"}, {530, "7"}});
  CHECK(look.said == std::vector<std::string>{"refuse R1  UNSUPPORTED"});
}

TEST_CASE("shadow: the session's state and the names on the wire are those of the gate") {
  Looking look("named");
  look.stage->parent("P-1", "ACC", "ACME", "buy", "200");
  look.said.clear();
  const auto order = [&](const std::string& id, const std::string& currency) {
    look.say("D", {{11, id},
                   {526, "P-1"},
                   {453, "1"},
                   {448, "jo"},
                   {452, "12"},
                   {1, "ACME-7731"},
                   {55, "ACME"},
                   {65, "A"},
                   {54, "1"},
                   {38, "10"},
                   {40, "2"},
                   {44, "10.00"},
                   {15, currency}});
  };
  look.stage->advance(90'000);  // before the open
  order("a", "USD");
  CHECK(look.said.empty());
  order("b", "EUR");
  look.stage->advance(90'000);
  order("c", "USD");
  CHECK(look.said ==
        std::vector<std::string>{"refuse R1 b UNSUPPORTED", "refuse R1 c NO_REFERENCE_PRICE"});
}

}  // namespace
}  // namespace interlock::scenarios
