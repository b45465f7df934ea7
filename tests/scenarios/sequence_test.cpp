// The sequence numbers of a session that is down: who sets them, what is refused, what follows.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/heard.hpp"
#include "scenarios/office.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

using audit::Field;
using Number = std::optional<std::uint32_t>;

// R1 and X, and what ann and bob ask about their numbers.
struct Desk {
  explicit Desk(const std::string& config = "pair")
      : stage(in_process(tests::source_dir() / "tests/scenarios/configs", config)) {}

  [[nodiscard]] gateway::Core& core() const { return core_of(*stage); }
  [[nodiscard]] gateway::Leg& leg(const std::string& id) const {
    const auto& legs = core().floor().legs;
    return **std::ranges::find_if(legs, [&](auto* each) { return each->id() == id; });
  }
  [[nodiscard]] std::string numbers(const std::string& id) const {
    const gateway::SequenceStore& store = leg(id).store();
    return fmt::format("{} {}", store.next_in(), store.next_out());
  }
  [[nodiscard]] ActionOutcome ask(const std::string& id, Number in, Number out,
                                  const std::string& reason = "agreed by phone") const {
    core().wake();
    return core().act("ann", gateway::SetSequence{id, in, out, reason});
  }
  [[nodiscard]] ActionOutcome approve(const ActionOutcome& proposed,
                                      const std::string& person = "bob") const {
    core().wake();
    return core().act(person, gateway::ApproveSequence{proposed.id});
  }
  void set(const std::string& id, Number in, Number out) const {
    const auto proposed = ask(id, in, out);
    REQUIRE_MESSAGE(proposed.answer == Said::proposed, proposed.text);
    const auto done = approve(proposed);
    REQUIRE_MESSAGE(done.answer == Said::done, done.text);
  }
  // Every record that sets numbers by people: "actor: before -> after: text".
  [[nodiscard]] std::string records() const {
    std::string all;
    const auto read = core().floor().journal.replay([&](const audit::Record& record) {
      const audit::FieldReader fields(record.payload);
      if (record.kind != audit::Kind::sequence || !fields.text(Field::actor)) return;
      const auto text = [&](Field field) { return fields.text(field).value_or("?"); };
      all += fmt::format("{} {}: {} -> {}: {}\n", text(Field::session), text(Field::actor),
                         text(Field::before), text(Field::after), text(Field::text));
    });
    REQUIRE(read);
    return all;
  }
  void down(const std::string& id) const { stage->link(id, false); }
  void up(const std::string& id) const { stage->link(id, true); }
  void order(const std::string& id, Fields more = {}) const {
    Player& router = stage->player("R1");
    Fields fields{{11, id},  {526, "P-1"}, {1, "ACC"}, {55, "ACME"},
                  {54, "1"}, {38, "1"},    {40, "2"},  {44, "10.00"}};
    fields.insert(fields.end(), more.begin(), more.end());
    router.send("D", std::move(fields));
    stage->said(router);
  }
  void fill(const std::string& id) const {
    Player& venue = stage->player("X");
    venue.send("8", {{37, "v" + id},
                     {17, "f" + id},
                     {150, "F"},
                     {39, "2"},
                     {11, id},
                     {55, "ACME"},
                     {54, "1"},
                     {38, "1"},
                     {32, "1"},
                     {31, "10.00"},
                     {151, "0"},
                     {14, "1"},
                     {6, "10.00"}});
    stage->said(venue);
  }
  // All that a player has heard, as "MsgType ClOrdID".
  [[nodiscard]] std::string heard(const std::string& name) const {
    Player& player = stage->player(name);
    std::string all;
    while (stage->heard(player)) {
      const Heard one = next(*stage, player);
      all += fmt::format("{} {} ", type(one, player), value(one, player, 11));
    }
    return all;
  }

  std::unique_ptr<Stage> stage;
};

bool says(const ActionOutcome& outcome, std::string_view text) {
  return outcome.text.find(text) != std::string::npos;
}

TEST_CASE("numbers: one person proposes, another approves, and a restart has them, whatever why") {
  Desk desk;
  desk.down("R1");
  const std::string before = desk.numbers("R1");
  const auto proposed = desk.ask("R1", 40, 70, "reset");
  REQUIRE(proposed.answer == Said::proposed);
  CHECK(desk.numbers("R1") == before);
  REQUIRE(desk.core().snapshot()->proposals.size() == 1);
  CHECK(desk.core().snapshot()->proposals[0].changes.find("next_out 70") != std::string::npos);
  const auto alone = desk.approve(proposed, "ann");
  CHECK(alone.answer == Said::conflict);
  CHECK(says(alone, "different person"));
  CHECK(desk.numbers("R1") == before);
  CHECK(desk.records().empty());
  CHECK(desk.approve(proposed).answer == Said::done);
  CHECK(desk.numbers("R1") == "40 70");
  CHECK(desk.records() ==
        "R1 ann and bob: next_in 2, next_out 2 -> next_in 40, next_out 70: "
        "set by two people: reset\n");
  CHECK(desk.approve(proposed).answer == Said::unknown);  // not twice
  CHECK(desk.core().snapshot()->proposals.empty());
  desk.stage->restart(false);
  CHECK(desk.numbers("R1") == "40 70");
  desk.stage->restart(true);
  CHECK(desk.numbers("R1") == "40 70");
}

TEST_CASE("numbers: a start from a snapshot has them too") {
  Desk desk;
  desk.down("X");
  desk.set("X", 7, Number{});
  snapshots_of(*desk.stage).every = 1;
  desk.stage->advance(2'000);
  snapshots_of(*desk.stage).every = 0;
  desk.set("X", Number{}, 9);
  desk.stage->restart(true);
  CHECK(snapshots_of(*desk.stage).used == 1);
  CHECK(desk.numbers("X") == "7 9");
}

TEST_CASE("numbers: what is up, unknown, unchanged or mistyped is refused, and says what to do") {
  Desk desk;
  const auto refused = [&](Said answer, std::string_view text, const std::string& id, Number in,
                           Number out) {
    const auto outcome = desk.ask(id, in, out);
    CAPTURE(outcome.text);
    CHECK(outcome.answer == answer);
    CHECK(says(outcome, text));
  };
  refused(Said::conflict, "have it disconnected, and ask again", "R1", 1, Number{});
  refused(Said::unknown, "known are X, Y, R1, R2", "R9", 1, 1);
  desk.down("R1");
  refused(Said::refused, "say which number", "R1", Number{}, Number{});
  refused(Said::refused, "1 to 2147483647", "R1", 0, Number{});
  refused(Said::refused, "1 to 2147483647", "R1", Number{}, 2'147'483'648);
  refused(Said::refused, "is it mistyped?", "R1", Number{}, 10'000'003);
  refused(Said::conflict, "stands at next_in 2, next_out 2 already", "R1", 2, 2);
  CHECK(desk.numbers("R1") == "2 2");
  CHECK(desk.core().snapshot()->proposals.empty());
}

TEST_CASE("numbers: a proposal is overtaken by a logon, by a report, by another, and by time") {
  Desk desk;
  desk.stage->parent("P-1", "ACC", "ACME", "buy", "5000");
  desk.order("a");
  desk.down("R1");
  const auto logon = desk.ask("R1", Number{}, 1);
  desk.up("R1");
  desk.down("R1");
  const auto overtaken = desk.approve(logon);
  CHECK(overtaken.answer == Said::conflict);
  CHECK(says(overtaken, "has been logged on since ann proposed this"));
  CHECK(desk.approve(logon).answer == Said::unknown);

  const auto report = desk.ask("R1", Number{}, 1);
  desk.fill("a");
  CHECK(says(desk.approve(report), "has gone on since ann proposed this"));
  CHECK(desk.approve(report).answer == Said::unknown);

  const auto first = desk.ask("R1", 1, Number{});
  const auto second = desk.ask("R1", 2, Number{});
  CHECK(desk.approve(first).answer == Said::unknown);
  desk.stage->advance(10 * 60'000);
  const auto late = desk.approve(second);
  CHECK(late.answer == Said::unknown);
  CHECK(says(late, "10 minutes"));
  CHECK(desk.records().empty());
}

TEST_CASE("numbers: Logons that get no answer meanwhile are no reason to begin again") {
  Desk desk;
  desk.down("X");
  const auto proposed = desk.ask("X", Number{}, 50);
  desk.stage->player("X").mute = true;
  desk.up("X");
  CHECK(says(desk.approve(proposed), "connected"));
  desk.down("X");
  REQUIRE(desk.leg("X").store().next_out() > 2);
  CHECK(desk.approve(proposed).answer == Said::done);
  CHECK(desk.leg("X").store().next_out() == 50);
}

TEST_CASE("numbers: what a router sends once more is no second order, and each number is kept") {
  Desk desk;
  desk.stage->parent("P-1", "ACC", "ACME", "buy", "5000");
  const std::string transact_time = "20261121-14:30:00.000";  // the same in a message sent again
  desk.order("a", {{60, transact_time}});
  desk.order("b");
  CHECK(desk.heard("X") == "D a D b ");
  for (const char* id : {"a", "b"}) desk.fill(id);
  CHECK(desk.heard("R1") == "8 a 8 b ");
  desk.down("R1");
  CHECK(desk.numbers("R1") == "4 4");
  desk.set("R1", 3, Number{});
  desk.stage->player("R1").goes_on_at(3);
  desk.up("R1");  // its Logon has the number that b had
  desk.down("R1");
  desk.stage->restart(true);
  CHECK(desk.leg("R1").store().next_in() == 4);
  desk.up("R1");
  desk.order("b");
  desk.order("a", {{60, transact_time}, {43, "Y"}});
  desk.order("z", {{43, "Y"}});
  CHECK(desk.heard("R1") == "8 b 8 a 8 z ");
  const auto refused = desk.core().snapshot()->refused_by_code;
  CHECK(refused.at("DUPLICATE_CL_ORD_ID") == 1);
  CHECK(refused.at("STALE_ORDER") == 1);
  CHECK(desk.heard("X").empty());
  desk.order("c");
  CHECK(desk.heard("X") == "D c ");
}

TEST_CASE(
    "numbers: a venue that has had more than the number set is killed, and goes on above it") {
  Desk desk;
  desk.stage->advance(31'000);  // a heartbeat of ours
  desk.down("X");
  REQUIRE(desk.leg("X").store().next_out() > 2);
  const auto lower = desk.ask("X", Number{}, 1);
  CHECK(says(lower, "never sent again"));
  CHECK(says(lower, "it is then killed"));
  REQUIRE(desk.approve(lower).answer == Said::done);
  desk.up("X");
  CHECK(std::ranges::any_of(desk.core().floor().kills, [](const killswitch::Kill& kill) {
    return kill.scope == killswitch::Scope{killswitch::ScopeKind::venue, "X"};
  }));
  desk.stage->advance(2'000);
  CHECK(desk.leg("X").on());
}

TEST_CASE("numbers: those that are set before a day begins are that day's, also after a restart") {
  Desk desk("short_day");  // X: numbers begin at 1 each day, at 09:00; it is 09:30
  desk.stage->advance(23 * 3'600'000);
  desk.set("X", 5, 9);  // 08:30
  desk.stage->restart(true);
  Player& venue = desk.stage->player("X");
  venue.has_read_up_to(8);
  venue.goes_on_at(5);
  desk.stage->advance(31 * 60'000);
  CHECK(venue.on);
  CHECK(desk.leg("X").store().next_in() > 5);
  CHECK(desk.leg("X").store().next_out() > 9);
}

TEST_CASE("numbers: a session that begins at 1 with each Logon has none to set") {
  Office office;
  office.edit("on_disconnect = \"keep\"",
              "on_disconnect = \"keep\"\nsequence_reset = \"on_logon\"");
  office.restart();
  const auto outcome = office.act("ann", gateway::SetSequence{"R1", 5, Number{}, "why"});
  CHECK(outcome.answer == Said::refused);
  CHECK(says(outcome, "sequence_reset"));
}

}  // namespace
}  // namespace interlock::scenarios
