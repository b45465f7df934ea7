// What the core makes of the buttons: records, alerts, drills, and a thread that is silent.
#include <doctest/doctest.h>

#include <array>
#include <memory>

#include "gateway/core.hpp"
#include "killswitch/panel.hpp"
#include "scenarios/office.hpp"

namespace interlock::scenarios {
namespace {

using killswitch::Contact;
using killswitch::Sample;
constexpr std::int64_t ms = 1'000'000;

// An office with one wired button of two channels. A tick of its thread comes with each step.
class Desk : public Office {
 public:
  Desk() { connect(); }

  void connect() {
    killswitch::ButtonSettings rack{
        .id = "rack",
        .scope = {},
        .device = killswitch::GpioDevice{.chip = {}, .lines = {1, 2}},
        .on_loss = {killswitch::OnLoss::Action::alarm_then_kill, 60'000 * ms}};
    panel = std::make_unique<killswitch::Panel>(
        std::vector{rack}, core->floor().latch, [] {}, moment());
    core->buttons().connect(*panel, {[](std::size_t) { return "a test"; }, {true}, "a test"});
    show(Contact::safe, Contact::safe);
  }
  [[nodiscard]] killswitch::Moment moment() const { return {now_ns, now_ns}; }
  void show(Contact a, Contact b, std::int64_t duration_ns = 5 * ms) {
    for (const auto until = now_ns + duration_ns; now_ns < until;) {
      now_ns += 5 * ms;
      std::array<Sample, 2> samples;
      samples[0].contact = a;
      samples[1].contact = b;
      for (Sample& sample : samples) sample.error = sample.contact == Contact::unknown ? 19 : 0;
      panel->look(0, samples, moment());
      panel->ticked(now_ns);
      tick(0);
    }
  }
  void open_gate() {
    for (const auto& kill : core->floor().latch.active())
      REQUIRE(core->floor().latch.clear(kill.id, now_ns));
    tick(0);
  }
  [[nodiscard]] gateway::ButtonView view() const { return core->buttons().views().at(0); }
  [[nodiscard]] bool killed() const {
    return killswitch::Latch::firm_killed(core->floor().latch.word());
  }
  [[nodiscard]] const gateway::Alert* alert(std::string_view kind) const {
    return core->floor().alerts.find_open(kind, {});
  }

  std::unique_ptr<killswitch::Panel> panel;
};

TEST_CASE("buttons: each change of a button is a record, and a press carries contact to gate") {
  Desk desk;
  desk.open_gate();
  const auto before = desk.records(audit::Kind::button);
  desk.show(Contact::safe, Contact::safe, 100 * ms);
  CHECK(desk.records(audit::Kind::button) == before);
  desk.show(Contact::pressed, Contact::pressed, 100 * ms);
  CHECK(desk.records(audit::Kind::button) == before + 1);
  CHECK(desk.killed());
  CHECK(desk.view().state == "pressed");
  CHECK(desk.view().pressed_at_ns != 0);
  CHECK_FALSE(desk.view().good);
  CHECK(desk.core->buttons().problem() == "button rack is pressed: release it");
  desk.show(Contact::safe, Contact::safe, 600 * ms);
  CHECK(desk.records(audit::Kind::button) == before + 2);
  CHECK(desk.view().good);
}

TEST_CASE("buttons: a loss and a disagreement of the channels are critical alerts") {
  Desk desk;
  desk.open_gate();
  CHECK(desk.alert("button-lost") == nullptr);
  desk.show(Contact::unknown, Contact::unknown);
  REQUIRE(desk.alert("button-lost") != nullptr);
  CHECK(desk.alert("button-lost")->what.severity == gateway::Severity::critical);
  CHECK_FALSE(desk.killed());
  desk.show(Contact::safe, Contact::safe);
  desk.show(Contact::pressed, Contact::safe, 600 * ms);
  REQUIRE(desk.alert("button-fault") != nullptr);
  CHECK(desk.view().state == "pressed, its channels differ");
}

TEST_CASE("buttons: a thread that is silent for 100 ms kills, on the order path and on the tick") {
  Desk desk;
  desk.open_gate();
  for (int i = 0; i < 6; ++i) desk.tick(20 * ms);  // nobody looks any more
  CHECK(desk.killed());
  CHECK(desk.core->floor().kills.at(0).cause.starts_with("nobody has looked at the buttons"));
}

TEST_CASE("buttons: a machine that stood still as a whole is no dead thread") {
  Desk desk;
  desk.open_gate();
  desk.tick(3'600'000 * ms);
  CHECK_FALSE(desk.killed());
  desk.show(Contact::safe, Contact::safe);
  for (int i = 0; i < 4; ++i) desk.tick(20 * ms);
  CHECK_FALSE(desk.killed());
  desk.show(Contact::safe, Contact::safe);
  for (int i = 0; i < 4; ++i) desk.tick(20 * ms);
  CHECK_FALSE(desk.killed());
}

TEST_CASE(
    "buttons: a drill is refused while orders flow, of an unknown button, and of one not at rest") {
  Desk desk;
  CHECK(desk.act("ann", gateway::TestButton{"nosuch"}).answer == Said::unknown);
  desk.show(Contact::pressed, Contact::pressed);
  CHECK(desk.act("ann", gateway::TestButton{"rack"}).answer == Said::conflict);
  desk.show(Contact::safe, Contact::safe, 600 * ms);
  desk.open_gate();
  const auto outcome = desk.act("ann", gateway::TestButton{"rack"});
  CHECK(outcome.answer == Said::conflict);
  CHECK(outcome.text.find("orders are flowing") != std::string::npos);
}

TEST_CASE("buttons: a drill passes when each channel was pressed and released, and is remembered") {
  Desk desk;
  REQUIRE(desk.killed());  // a first start
  const auto outcome = desk.act("ann", gateway::TestButton{"rack"});
  REQUIRE(outcome.answer == Said::done);
  CHECK(desk.act("bob", gateway::TestButton{"rack"}).answer == Said::conflict);
  CHECK(desk.view().drill == "waits for a press");
  desk.show(Contact::pressed, Contact::safe, 50 * ms);
  CHECK(desk.view().drill == "waits for a press");
  desk.show(Contact::pressed, Contact::pressed, 50 * ms);
  CHECK(desk.view().drill == "waits for the release");
  desk.show(Contact::safe, Contact::safe, 600 * ms);
  CHECK(desk.view().drill.starts_with("passed: 2 channels pressed and released; contact to latch"));
  CHECK(desk.view().drilled_at_ns != 0);
  CHECK(desk.view().drill_until_ns == 0);
  CHECK(desk.core->floor().kills.size() == 1);  // that of the start, and no other
  CHECK(desk.records(audit::Kind::drill) == 2);
  const auto passed_at_ns = desk.view().drilled_at_ns;
  desk.panel.reset();
  desk.restart();
  desk.connect();
  CHECK(desk.view().drilled_at_ns == passed_at_ns);
}

TEST_CASE("buttons: a drill fails by what was not seen, and says so") {
  Desk desk;
  REQUIRE(desk.act("ann", gateway::TestButton{"rack"}).answer == Said::done);
  SUBCASE("a channel that is welded") {
    desk.show(Contact::pressed, Contact::safe, 100 * ms);
    desk.show(Contact::safe, Contact::safe, 61'000 * ms);
    CHECK(desk.view().drill == "failed: channel 2 was not seen pressed");
  }
  SUBCASE("no release") {
    desk.show(Contact::pressed, Contact::pressed, 61'000 * ms);
    CHECK(desk.view().drill == "failed: it was not released");
  }
  SUBCASE("a button that is lost meanwhile") {
    desk.show(Contact::unknown, Contact::unknown);
    CHECK(desk.view().drill == "failed: it was lost");
  }
  CHECK(desk.view().drilled_at_ns == 0);
  CHECK(desk.alert("button-drill") != nullptr);
}

TEST_CASE("buttons: without a panel there is nothing to watch and nothing in the way") {
  Office office;
  for (int i = 0; i < 100; ++i) office.tick(20 * ms);
  CHECK(office.core->buttons().problem().empty());
  CHECK(office.core->buttons().views().empty());
  CHECK(office.act("ann", gateway::TestButton{"rack"}).answer == Said::unknown);
}

}  // namespace
}  // namespace interlock::scenarios
