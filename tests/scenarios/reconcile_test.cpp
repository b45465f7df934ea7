// What a venue and the gateway have missed of each other, and many open orders: what plays cannot
// say.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "gateway/core.hpp"
#include "scenarios/heard.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

const std::filesystem::path configs = tests::source_dir() / "tests/scenarios/configs";

gateway::Leg& venue_x(Stage& stage) { return *core_of(stage).floor().venues[0]; }

std::string state_of_x(Stage& stage) {
  const auto view = core_of(stage).snapshot();
  return view->venue_checks.at(0).state;
}

// "7-16 ..." of the ResendRequests that went to X.
std::string asked_for(Stage& stage) {
  std::string all;
  const gateway::Leg& leg = venue_x(stage);
  for (std::uint32_t i = 1; i < leg.store().next_out(); ++i) {
    const std::string frame(leg.sent_frame_of(i));
    if (frame.empty()) continue;
    const gateway::Lenient sent = gateway::parse_lenient(frame, *leg.identity().dialect);
    if (sent.parsed.type != "2") continue;
    all +=
        fmt::format("{}-{} ", sent.parsed.get(7).value_or("?"), sent.parsed.get(16).value_or("?"));
  }
  return all;
}

std::string order(Stage& stage, const std::string& id) {
  Player& router = stage.player("R1");
  router.send("D", {{11, id},
                    {1, "ACC"},
                    {526, "P-1"},
                    {55, "ACME"},
                    {54, "1"},
                    {38, "1"},
                    {40, "2"},
                    {44, "10.00"}});
  stage.said(router);
  Player& venue = stage.player("X");
  if (!stage.heard(venue)) return "refused";
  return value(next(stage, venue), venue, 11);
}

void tell(Stage& stage, const std::string& id, Fields more) {
  Player& venue = stage.player("X");
  Fields fields{{37, "v" + id}, {11, id}, {55, "ACME"}, {54, "1"}, {38, "1"}};
  fields.insert(fields.end(), more.begin(), more.end());
  venue.send("8", std::move(fields));
  stage.said(venue);
}

void acknowledge(Stage& stage, const std::string& id) {
  tell(stage, id, {{17, "n" + id}, {150, "0"}, {39, "0"}, {151, "1"}, {14, "0"}, {6, "0"}});
}

// Answers each H with what it is told, and says how many came, and how many at once at the most.
struct Asked {
  std::size_t all = 0, at_once = 0;
};
Asked answer_all(Stage& stage) {
  Asked asked;
  Player& venue = stage.player("X");
  for (int turn = 0; turn < 200 && state_of_x(stage) == "asking"; ++turn) {
    std::vector<std::pair<std::string, std::string>> questions;
    while (stage.heard(venue)) {
      const Heard heard = next(stage, venue);
      if (type(heard, venue) != "H") continue;
      questions.emplace_back(value(heard, venue, 11), value(heard, venue, 790));
    }
    asked.all += questions.size();
    asked.at_once = std::max(asked.at_once, questions.size());
    for (const auto& [id, request] : questions)
      tell(stage, id,
           {{790, request}, {17, "0"}, {150, "I"}, {39, "0"}, {151, "1"}, {14, "0"}, {6, "0"}});
    stage.advance(50);
  }
  return asked;
}

TEST_CASE("reconcile: thousands of missed reports are asked for in parts of at most 2,500") {
  const auto stage = in_process(configs, "flood");
  Player& venue = stage->player("X");
  stage->link("X", false);
  for (int i = 0; i < 6'000; ++i)
    venue.send("8", {{37, "v"},
                     {17, fmt::format("e{}", i)},
                     {11, "nobody's"},
                     {150, "0"},
                     {39, "0"},
                     {55, "ACME"},
                     {54, "1"},
                     {151, "1"},
                     {14, "0"},
                     {6, "0"}});
  stage->link("X", true);
  stage->advance(1'000);
  CHECK(venue_x(*stage).on());
  CHECK(asked_for(*stage) == "2-2501 2502-5001 5002-6002 ");
  CHECK(venue_x(*stage).store().next_in() >= 6'003);
  CHECK_FALSE(venue_x(*stage).has_gap());
}

TEST_CASE("reconcile: a small gap is asked for at once") {
  const auto stage = in_process(configs, "pair");
  Player& venue = stage->player("X");
  stage->link("X", false);
  for (int i = 0; i < 3; ++i)
    venue.send("8", {{37, "v"},
                     {17, fmt::format("e{}", i)},
                     {11, "nobody's"},
                     {150, "0"},
                     {39, "0"},
                     {55, "ACME"},
                     {54, "1"},
                     {151, "1"},
                     {14, "0"},
                     {6, "0"}});
  stage->link("X", true);
  CHECK(asked_for(*stage) == "2-0 ");
  CHECK_FALSE(venue_x(*stage).has_gap());
}

TEST_CASE("reconcile: many open orders are asked about, and never more than 32 at once") {
  const auto stage = in_process(configs, "flood");
  stage->parent("P-1", "ACC", "ACME", "buy", "1000");
  for (int i = 0; i < 100; ++i) {
    const std::string id = fmt::format("o{}", i);
    REQUIRE(order(*stage, id) == id);
    acknowledge(*stage, id);
  }
  stage->player("R1").inbox.clear();
  stage->restart(true);
  CHECK(state_of_x(*stage) == "asking");
  const Asked asked = answer_all(*stage);
  CHECK(asked.all == 100);
  CHECK(asked.at_once == 32);
  CHECK(state_of_x(*stage) == "matched");
  CHECK(core_of(*stage).snapshot()->state == "armed");
  CHECK(order(*stage, "z") == "z");
}

TEST_CASE("reconcile: a kill that covers what is being asked is not re-armed") {
  const auto stage = in_process(configs, "pair");
  stage->parent("P-1", "ACC", "ACME", "buy", "100");
  REQUIRE(order(*stage, "a") == "a");
  stage->restart(false);
  const auto why = [&] {
    std::string text;
    for (const killswitch::Kill& kill : core_of(*stage).floor().latch.active())
      text += core_of(*stage).recovering(kill);
    return text;
  };
  CHECK(why() == "X is asked about its open orders, 0 of 1 compared");
  CHECK_THROWS(stage->rearm());
  answer_all(*stage);
  CHECK(why().empty());
  stage->rearm();
  CHECK(core_of(*stage).snapshot()->state == "armed");
}

TEST_CASE("reconcile: a venue that stays down holds up nobody else for longer than 30 s") {
  const auto stage = in_process(configs, "pair");
  stage->parent("P-1", "ACC", "ACME", "buy", "100");
  REQUIRE(order(*stage, "a") == "a");
  acknowledge(*stage, "a");
  stage->link("X", false);
  stage->restart(false);
  CHECK_THROWS(stage->rearm());
  stage->advance(31'000);
  CHECK(state_of_x(*stage) == "down");
  const auto alerts = core_of(*stage).floor().alerts.all();
  CHECK(std::ranges::count_if(alerts, [](const gateway::Alert& alert) {
          return alert.what.kind == "venue-not-compared";
        }) == 1);
  stage->rearm();
  CHECK(core_of(*stage).snapshot()->state == "armed");
  stage->link("X", true);
  CHECK(state_of_x(*stage) == "asking");  // still shut: it alone
  answer_all(*stage);
  CHECK(state_of_x(*stage) == "matched");
}

TEST_CASE("reconcile: a journal that has lost its end is noticed, and the venue is killed") {
  const auto stage = in_process(configs, "pair");
  stage->parent("P-1", "ACC", "ACME", "buy", "100");
  REQUIRE(order(*stage, "a") == "a");
  stage->link("X", false);
  stage->player("X").has_read_up_to(56);
  stage->link("X", true);
  stage->advance(3'000);
  CHECK(venue_x(*stage).on());
  CHECK(venue_x(*stage).store().next_out() > 57);
  const auto alerts = core_of(*stage).floor().alerts.all();
  const auto lost = std::ranges::find_if(
      alerts, [](const gateway::Alert& alert) { return alert.what.kind == "journal-behind"; });
  REQUIRE(lost != alerts.end());
  CHECK(lost->what.text.find("X expects our message 57, and this journal ends at ") == 0);
  const auto kills = core_of(*stage).floor().latch.active();
  REQUIRE(kills.size() == 1);
  CHECK(kills[0].scope == killswitch::Scope{killswitch::ScopeKind::venue, "X"});
  CHECK(kills[0].cause.find("orders that nobody here remembers") != std::string::npos);
  Player& venue = stage->player("X");
  CHECK(type(next(*stage, venue), venue) == "F");  // its cancels reach it
  // The next start goes on from there.
  const std::uint32_t next_out = venue_x(*stage).store().next_out();
  stage->restart(true);
  CHECK(venue_x(*stage).store().next_out() > next_out);
  CHECK(venue_x(*stage).on());
}

TEST_CASE("reconcile: answers and what follows from them are the same again from the journal") {
  const auto stage = in_process(configs, "pair");
  stage->parent("P-1", "ACC", "ACME", "buy", "100");
  for (const char* id : {"a", "b", "c"}) REQUIRE(order(*stage, id) == id);
  acknowledge(*stage, "c");
  stage->restart(true);
  Player& venue = stage->player("X");
  for (int i = 0; i < 3; ++i) {
    const Heard heard = next(*stage, venue);
    const std::string id = value(heard, venue, 11);
    Fields status{{790, value(heard, venue, 790)}, {17, "0"}, {150, "I"}, {14, "0"}, {6, "0"}};
    status.emplace_back(39, id == "a" ? "8" : id == "b" ? "0" : "4");
    status.emplace_back(151, id == "b" ? "1" : "0");
    tell(*stage, id, std::move(status));
  }
  stage->quiet();
  CHECK(state_of_x(*stage) == "matched");
  CHECK(core_of(*stage).floor().books.open_orders().size() == 1);
  const Digests digests = rebuild(*stage);
  CHECK(digests.live == digests.rebuilt);
  CHECK(core_of(*stage).floor().books.open_orders().size() == 1);
}

}  // namespace
}  // namespace interlock::scenarios
