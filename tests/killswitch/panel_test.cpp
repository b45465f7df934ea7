// What buttons do to the latch: a press trips it, a held one keeps it shut, a drill does not.
#include "killswitch/panel.hpp"

#include <doctest/doctest.h>

#include <array>
#include <random>

#include "tests/killswitch/watched_button.hpp"
#include "tests/scratch.hpp"

namespace interlock::killswitch {
namespace {

constexpr std::int64_t utc_offset_ns = 1'795'253'400'000'000'000;

ButtonSettings button(std::string id, Scope scope = {}) {
  return {.id = std::move(id),
          .scope = std::move(scope),
          .device = GpioDevice{.chip = {}, .lines = {1}},
          .on_loss = {}};
}

// A panel over a latch that was armed: nothing is killed.
class Desk {
 public:
  explicit Desk(std::vector<ButtonSettings> settings)
      : panel(
            std::move(settings), latch, [this] { ++persists; }, moment()) {}

  void show(std::size_t index, const Sample& sample, int looks = 1) {
    for (int i = 0; i < looks; ++i) {
      now_ns += 5 * ms;
      panel.look(index, std::span(&sample, 1), moment());
    }
  }
  [[nodiscard]] Moment moment() const { return {now_ns, utc_offset_ns + now_ns}; }
  // As two people do.
  void clear() {
    for (const Kill& kill : latch.active()) REQUIRE(latch.clear(kill.id, utc_offset_ns));
  }
  [[nodiscard]] std::size_t kills() const { return latch.active().size(); }
  std::vector<ButtonEvent> events() {
    std::vector<ButtonEvent> all;
    for (ButtonEvent event; panel.take(event);) all.push_back(event);
    return all;
  }

  std::int64_t now_ns = 1'000'000 * ms;
  int persists = 0;
  tests::Scratch scratch;
  Latch latch{scratch / "latch", utc_offset_ns};
  Panel panel;
};

const Scope r1{ScopeKind::router, "R1"};

TEST_CASE(
    "panel: a press trips the latch at the look that sees it, and asks for it to be written") {
  Desk desk({button("rack")});
  desk.clear();
  desk.show(0, safe());
  CHECK(desk.kills() == 0);
  desk.show(0, pressed());
  REQUIRE(desk.kills() == 1);
  const Kill kill = desk.latch.active()[0];
  CHECK(kill.source == Source::button);
  CHECK(kill.actor == "rack");
  CHECK(kill.cause == "the button was pressed");
  CHECK(kill.tripped_at_ns == utc_offset_ns + desk.now_ns);
  CHECK(Latch::firm_killed(desk.latch.word()));
  CHECK(desk.persists == 1);
}

TEST_CASE("panel: a button shuts its own scope and no other") {
  Desk desk({button("rack", r1)});
  desk.clear();
  desk.show(0, pressed());
  REQUIRE(desk.kills() == 1);
  CHECK(desk.latch.active()[0].scope == r1);
  CHECK_FALSE(Latch::firm_killed(desk.latch.word()));
}

TEST_CASE("panel: a held button is one kill, however long, and its release changes nothing") {
  Desk desk({button("rack")});
  desk.clear();
  desk.show(0, pressed(), 1'000);
  CHECK(desk.kills() == 1);
  CHECK(desk.persists == 1);
  const auto word = desk.latch.word();
  desk.show(0, safe(), 1'000);
  CHECK(desk.latch.word() == word);
  CHECK(Latch::firm_killed(desk.latch.word()));
}

TEST_CASE("panel: whatever opens the latch while a button is held, the next look shuts it again") {
  Desk desk({button("rack")});
  desk.clear();
  desk.show(0, pressed());
  desk.clear();
  CHECK_FALSE(Latch::firm_killed(desk.latch.word()));
  desk.show(0, pressed());
  CHECK(Latch::firm_killed(desk.latch.word()));
  CHECK(desk.latch.active()[0].source == Source::button);
}

TEST_CASE("panel: two buttons held at once do not wake the loop for ever") {
  Desk desk({button("rack"), button("desk", r1)});
  desk.clear();
  for (int i = 0; i < 10; ++i) {
    desk.show(0, pressed());
    desk.show(1, pressed());
  }
  const auto word = desk.latch.word();
  for (int i = 0; i < 100; ++i) {
    desk.show(0, pressed());
    desk.show(1, pressed());
  }
  CHECK(desk.latch.word() == word);
  CHECK(desk.kills() == 2);
}

TEST_CASE("panel: what stands in the way of a re-arm is said for each button") {
  Desk desk({button("rack"), button("desk", r1)});
  CHECK(desk.panel.problem() ==
        "button rack cannot be read: plug it in; button desk cannot be read: plug it in");
  desk.show(0, safe());
  desk.show(1, safe());
  CHECK(desk.panel.problem().empty());
  desk.show(0, pressed());
  CHECK(desk.panel.problem() == "button rack is pressed: release it");
  desk.show(0, safe(), 101);
  CHECK(desk.panel.problem().empty());
  Sample chattering = safe();
  chattering.changes = 50;
  desk.show(0, chattering);
  CHECK(desk.panel.problem() == "button rack chatters: change its contact");
}

TEST_CASE("panel: what a button showed goes to the loop once, and again when it changes") {
  Desk desk({button("rack")});
  desk.clear();
  desk.show(0, safe(), 10);
  auto events = desk.events();
  REQUIRE(events.size() == 1);
  CHECK(events[0].state.good());
  CHECK(events[0].word == 0);
  desk.show(0, pressed(), 10);
  events = desk.events();
  REQUIRE(events.size() == 1);
  CHECK(events[0].state.held);
  CHECK(events[0].word == desk.latch.word());
  CHECK_FALSE(events[0].drill);
  desk.show(0, lost());
  CHECK(desk.events().size() == 1);
}

TEST_CASE("panel: a loop that takes nothing loses no state, only what lay between") {
  Desk desk({button("rack")});
  desk.clear();
  for (int i = 0; i < 2'000; ++i) desk.show(0, i % 2 == 0 ? safe() : lost());
  CHECK(desk.panel.lost_events() > 0);
  auto told = desk.events();
  desk.show(0, safe());
  for (const auto& event : desk.events()) told.push_back(event);
  CHECK_FALSE(told.back().state.lost);
  desk.show(0, lost());
  for (const auto& event : desk.events()) told.push_back(event);
  CHECK(told.back().state.lost);
}

TEST_CASE("panel: a press in a drill while the firm is shut is measured and is no kill") {
  Desk desk({button("rack")});
  REQUIRE(desk.kills() == 1);  // a first start
  desk.show(0, safe());
  static_cast<void>(desk.events());
  desk.panel.begin_drill(0, desk.now_ns + 60'000 * ms);
  const auto word = desk.latch.word();
  desk.show(0, pressed(), 3);
  CHECK(desk.kills() == 1);
  CHECK(desk.latch.active()[0].source == Source::start);
  CHECK(desk.latch.word() != word);  // the loop answers it as it answers a trip
  CHECK(Latch::firm_killed(desk.latch.word()));
  const auto events = desk.events();
  REQUIRE(events.size() == 1);
  CHECK(events[0].drill);
  CHECK(events[0].word == desk.latch.word());
  CHECK(desk.panel.problem() ==
        "button rack is pressed: release it; button rack is being tested: wait for its end");
}

TEST_CASE("panel: a press in a drill kills as soon as anything can trade") {
  Desk desk({button("rack")});
  desk.show(0, safe());
  desk.panel.begin_drill(0, desk.now_ns + 60'000 * ms);
  SUBCASE("before it is pressed") {
    desk.clear();
    desk.show(0, pressed());
  }
  SUBCASE("while it is pressed") {
    desk.show(0, pressed());
    desk.clear();
    desk.show(0, pressed());
  }
  REQUIRE(desk.kills() == 1);
  CHECK(desk.latch.active()[0].source == Source::button);
}

TEST_CASE("panel: outside the window of a drill a press is a kill") {
  Desk desk({button("rack", r1)});
  desk.show(0, safe());
  desk.panel.begin_drill(0, desk.now_ns + 100 * ms);
  SUBCASE("at its end") { desk.show(0, safe(), 19); }
  SUBCASE("after its end") { desk.show(0, safe(), 21); }
  SUBCASE("after it was ended") { desk.panel.end_drill(0); }
  desk.show(0, pressed());
  CHECK(desk.latch.shuts(r1));
}

TEST_CASE("panel: the file kills while it is there, and stands in the way of a re-arm") {
  Desk desk({});
  desk.clear();
  desk.panel.touched(false, "kill-now", desk.moment());
  CHECK(desk.kills() == 0);
  desk.panel.touched(true, "kill-now", desk.moment());
  REQUIRE(desk.kills() == 1);
  CHECK(desk.latch.active()[0].source == Source::file);
  CHECK(desk.panel.problem() == "the file that killed is still there: remove it");
  desk.clear();
  desk.panel.touched(true, "kill-now", desk.moment());
  CHECK(desk.kills() == 1);
  desk.panel.touched(false, "kill-now", desk.moment());
  CHECK(desk.panel.problem().empty());
}

TEST_CASE(
    "panel: in any order of presses, drills and re-arms, a pressed button outside a drill is "
    "shut") {
  std::mt19937 random(11);
  for (int world = 0; world < 300; ++world) {
    Desk desk({button("rack"), button("desk", r1)});
    std::array<Sample, 2> shown{safe(), safe()};
    std::array<std::int64_t, 2> drill_until{};
    for (int i = 0; i < 200; ++i) {
      const std::size_t which = random() % 2;
      switch (random() % 8) {
        case 0:
          shown[which] = pressed();
          break;
        case 1:
          shown[which] = safe();
          break;
        case 2:
          drill_until[which] = desk.now_ns + 200 * ms;
          desk.panel.begin_drill(which, drill_until[which]);
          break;
        case 3:
          desk.clear();
          break;
        default:
          break;
      }
      desk.show(0, shown[0]);
      desk.show(1, shown[1]);
      for (std::size_t b = 0; b < 2; ++b) {
        if (shown[b].contact != Contact::pressed) continue;
        // In a drill everything is shut anyway; outside its own scope is.
        const bool shut = Latch::firm_killed(desk.latch.word()) ||
                          desk.latch.shuts(desk.panel.settings()[b].scope);
        INFO("world ", world, " step ", i, " button ", b);
        REQUIRE(shut);
      }
      static_cast<void>(desk.events());
    }
  }
}

}  // namespace
}  // namespace interlock::killswitch
