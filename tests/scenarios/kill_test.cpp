// What follows a kill where the venue does not read: nothing is lost in words, and little on the
// wire.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "gateway/core.hpp"
#include "scenarios/heard.hpp"
#include "scenarios/stage.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

const std::filesystem::path configs = tests::source_dir() / "tests/scenarios/configs";
using Said = gateway::ActionOutcome::Answer;

Fields order(Player& router, const std::string& id, const std::string& account) {
  const bool is_42 = router.dialect().version == "FIX.4.2";
  Fields fields{{11, id},     {1, account}, {is_42 ? 109u : 526u, "P-1"},
                {55, "ACME"}, {54, "1"},    {38, "10"},
                {40, "2"},    {44, "10.00"}};
  if (is_42) fields.insert(fields.begin(), {21, "1"});
  return fields;
}
Fields acknowledgement(const Player& venue, const std::string& id) {
  Fields fields{{37, "v" + id}, {17, "e" + id}, {150, "0"},  {39, "0"}, {11, id}, {55, "ACME"},
                {54, "1"},      {38, "10"},     {151, "10"}, {14, "0"}, {6, "0"}};
  if (venue.dialect().version == "FIX.4.2") fields.insert(fields.begin(), {20, "0"});
  return fields;
}

// R2 has one order live at Y, and another that waits for Y to read.
struct Stalled {
  explicit Stalled(const std::string& config) : stage(in_process(configs, config)) {
    stage->parent("P-1", "OTH", "ACME", "buy", "100");
    router.send("D", order(router, "a", "OTH"));
    stage->said(router);
    CHECK(value(next(*stage, venue), venue, 11) == "a");
    venue.send("8", acknowledgement(venue, "a"));
    stage->said(venue);
    CHECK(value(next(*stage, router), router, 150) == "0");
    venue.deaf = true;
    router.send("D", order(router, "b", "OTH"));
    stage->said(router);
  }
  gateway::KillView killed() {
    stage->kill("firm", "", "kill");
    return core_of(*stage).snapshot()->kills.at(0);
  }
  gateway::ActionOutcome cut(const std::string& name) {
    core_of(*stage).wake();
    const auto outcome = core_of(*stage).act("ann", gateway::CutVenue{name});
    stage->quiet();
    return outcome;
  }
  std::unique_ptr<Stage> stage;
  Player& router = stage->player("R2");
  Player& venue = stage->player("Y");
};

std::vector<std::string> cuts(Stage& stage) {
  std::vector<std::string> texts;
  const auto read = core_of(stage).floor().journal.replay([&](const audit::Record& record) {
    if (record.kind != audit::Kind::cut) return;
    const audit::FieldReader fields(record.payload);
    texts.push_back(fmt::format("{} {} {}", record.actor,
                                fields.number(audit::Field::kill_id).value_or(0) != 0,
                                fields.text(audit::Field::text).value_or("")));
  });
  REQUIRE(read.has_value());
  return texts;
}

TEST_CASE(
    "cut: cancels that do not get away in cut_after end the connection; they go out after it") {
  Stalled it("cancelling");
  CHECK(it.killed().residual_count == 1);
  const Heard refused = next(*it.stage, it.router);
  CHECK(value(refused, it.router, 11) == "b");
  CHECK(value(refused, it.router, 39) == "8");
  it.stage->advance(1'900);
  CHECK(it.venue.on);
  CHECK(core_of(*it.stage).snapshot()->kills.at(0).cut_at_ns.empty());
  it.stage->advance(200);
  CHECK_FALSE(it.venue.on);
  const auto kill = core_of(*it.stage).snapshot()->kills.at(0);
  CHECK(kill.cut_at_ns.contains("Y"));
  CHECK_FALSE(kill.cut_at_ns.contains("X"));  // which has nothing that waits
  CHECK(kill.residual_count == 1);            // nobody has said that it is cancelled
  REQUIRE(cuts(*it.stage).size() == 1);
  CHECK(
      cuts(*it.stage)[0].starts_with("interlock true Y was cut off, its cancels did not get away "
                                     "in 2 s: "));
  CHECK(cuts(*it.stage)[0].contains("relying on the venue's cancel-on-disconnect"));
  CHECK(core_of(*it.stage).floor().alerts.find_open("cut", {killswitch::ScopeKind::venue, "Y"}) !=
        nullptr);
  CHECK(it.venue.inbox.empty());

  it.venue.deaf = false;
  it.stage->advance(1'000);
  CHECK(it.venue.on);
  const Heard cancel = next(*it.stage, it.venue);
  CHECK(type(cancel, it.venue) == "F");
  CHECK(value(cancel, it.venue, 41) == "a");
  for (const Heard& heard : it.venue.inbox) CHECK(type(heard, it.venue) != "D");
  CHECK(it.router.inbox.empty());  // b is not refused a second time
}

TEST_CASE("cut: without cut_after a venue that does not read keeps its connection") {
  Stalled it("pair");
  it.killed();
  it.stage->advance(10'000);
  CHECK(it.venue.on);
  CHECK(cuts(*it.stage).empty());
  it.venue.deaf = false;
  it.stage->quiet();
  CHECK(type(next(*it.stage, it.venue), it.venue) == "F");
  CHECK(it.venue.inbox.empty());
}

TEST_CASE("cut: by choice only while all of the venue's session is killed") {
  Stalled it("pair");
  CHECK(it.cut("Z").answer == Said::unknown);
  CHECK(it.cut("Y").answer == Said::refused);
  it.stage->kill("router", "R2", "kill");
  it.stage->kill("venue", "Y", "block");
  it.stage->kill("venue", "X", "kill");
  CHECK(it.cut("Y").answer == Said::refused);
  CHECK(it.venue.on);
  it.stage->kill("venue", "Y", "kill");
  const auto done = it.cut("Y");
  CHECK(done.answer == Said::done);
  CHECK(done.text.starts_with("Y was cut off, by choice: 0 bytes in the kernel and "));
  CHECK(done.text.contains("it keeps orders"));
  CHECK_FALSE(it.venue.on);
  REQUIRE(cuts(*it.stage).size() == 1);
  CHECK(cuts(*it.stage)[0].starts_with("ann true Y was cut off"));
  it.stage->link("Y", false);
  CHECK(it.cut("Y").answer == Said::conflict);
}

TEST_CASE(
    "cut: a cancel that got away in time is no reason, nor is a kill of less than the session") {
  Stalled it("cancelling");
  it.stage->kill("router", "R2", "kill");
  it.stage->advance(10'000);
  CHECK(it.venue.on);
  it.stage->kill("venue", "Y", "kill");
  it.stage->advance(1'000);
  it.venue.deaf = false;
  it.stage->advance(10'000);
  CHECK(it.venue.on);
  CHECK(cuts(*it.stage).empty());
}

void purged(const std::string& config, const std::string& router_id, const std::string& venue_id) {
  const auto stage = in_process(configs, config);
  Player& router = stage->player(router_id);
  Player& venue = stage->player(venue_id);
  const bool is_42 = router.dialect().version == "FIX.4.2";
  stage->parent("P-1", "ACC", "ACME", "buy", "100");
  router.send("D", order(router, "a", "ACC"));
  stage->said(router);
  next(*stage, venue);
  venue.send("8", acknowledgement(venue, "a"));
  stage->said(venue);
  next(*stage, router);
  venue.deaf = true;
  router.send("D", order(router, "b", "ACC"));
  Fields replace{{11, "c"}, {41, "a"},  {1, "ACC"}, {55, "ACME"},
                 {54, "1"}, {38, "20"}, {40, "2"},  {44, "10.00"}};
  if (is_42) replace.insert(replace.begin(), {21, "1"});
  router.send("G", replace);
  stage->said(router);
  stage->kill("firm", "", "kill");
  const Heard of_order = next(*stage, router);
  CHECK(type(of_order, router) == "8");
  CHECK(value(of_order, router, 11) == "b");
  CHECK(value(of_order, router, 39) == "8");
  CHECK(value(of_order, router, 58).starts_with("KILLED"));
  const Heard of_replace = next(*stage, router);
  CHECK(type(of_replace, router) == "9");
  CHECK(value(of_replace, router, 11) == "c");
  CHECK(value(of_replace, router, 434) == "2");
  venue.deaf = false;
  stage->quiet();
  CHECK(type(next(*stage, venue), venue) == "F");
  CHECK(venue.inbox.empty());
}

TEST_CASE(
    "kill: each order and replace that is taken back is answered to its router, in each version") {
  purged("fix42", "R1", "X");
  purged("pair", "R1", "X");
  purged("fix50sp2", "R1", "X");
}

}  // namespace
}  // namespace interlock::scenarios
