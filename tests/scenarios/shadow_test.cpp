// A gateway that only looks on, given both directions of a router's session.
#include <doctest/doctest.h>

#include "scenarios/stage.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

const std::filesystem::path configs = tests::source_dir() / "tests/scenarios/configs";

class Looking {
 public:
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
  std::unique_ptr<Stage> stage = in_shadow(configs, "pair", said);
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

}  // namespace
}  // namespace interlock::scenarios
