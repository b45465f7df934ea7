#include "killswitch/guard_logic.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace interlock::killswitch;

namespace {

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t tick = 5 * ms;
constexpr std::int64_t begin = 3'600'000 * ms;

// A gateway, its button and the guard that watches them, on a clock of their own.
struct Stand {
  explicit Stand(OnLoss on_loss = {}) : logic(on_loss) {}

  GuardStep step() {
    now += tick;
    if (page && beats) page->loop_ns = page->thread_ns = now;
    last = logic.look({now, contact, page, lives});
    notes |= last.notes;
    if (last.cut != GuardCause::none) cuts.push_back({now, last.cut});
    return last;
  }
  // Until a cut; how long that took from now on. Nothing: none came.
  std::optional<std::int64_t> until_cut(std::int64_t bound = 5'000 * ms) {
    const auto from = now, before = static_cast<std::int64_t>(cuts.size());
    while (now - from < bound && std::ssize(cuts) == before) step();
    return std::ssize(cuts) == before ? std::nullopt : std::optional(now - from);
  }
  void run(std::int64_t for_ns) {
    for (const auto end = now + for_ns; now < end;) step();
  }
  bool noted(std::uint32_t note) {
    const bool was = (notes & note) != 0;
    notes &= ~note;
    return was;
  }

  GuardLogic logic;
  std::int64_t now = begin;
  Contact contact = Contact::safe;
  std::optional<PageSeen> page = PageSeen{100, 7, 0, begin, begin, false, false};
  bool beats = true;
  bool lives = true;
  GuardStep last;
  std::uint32_t notes = 0;
  struct Cut {
    std::int64_t at_ns;
    GuardCause cause;
  };
  std::vector<Cut> cuts;
};

Stand running(OnLoss on_loss = {}) {
  Stand stand(on_loss);
  stand.run(1'000 * ms);
  REQUIRE(stand.cuts.empty());
  stand.notes = 0;
  return stand;
}

}  // namespace

TEST_CASE("guard: without a press nothing is cut, however the gateway fails") {
  Stand stand = running();
  SUBCASE("silent") { stand.beats = false; }
  SUBCASE("gone") { stand.lives = false; }
  SUBCASE("without a page") { stand.page.reset(); }
  stand.run(60'000 * ms);
  CHECK(stand.cuts.empty());
}

TEST_CASE("guard: a gateway that is shut within 50 ms is left alone while the button is held") {
  Stand stand = running();
  stand.contact = Contact::pressed;
  stand.run(45 * ms);
  CHECK(stand.noted(note_pressed));
  CHECK_FALSE(stand.noted(note_confirmed));
  stand.page->shut = true;
  stand.run(60'000 * ms);
  CHECK(stand.noted(note_confirmed));
  CHECK(stand.cuts.empty());
  stand.contact = Contact::safe;
  stand.step();
  CHECK(stand.noted(note_released));
  stand.page->shut = false;  // armed again
  stand.run(60'000 * ms);
  CHECK(stand.cuts.empty());
}

TEST_CASE("guard: a gateway that is not shut 50 ms after the first pressed sample is cut off") {
  Stand stand = running();
  stand.contact = Contact::pressed;
  stand.step();
  CHECK(stand.until_cut() == GuardLogic::confirm_ns_max);
  CHECK(stand.cuts[0].cause == GuardCause::not_shut);
}

TEST_CASE("guard: a press that was released before the gateway answered is still a press") {
  Stand stand = running();
  stand.contact = Contact::pressed;
  stand.step();
  stand.contact = Contact::safe;
  SUBCASE("and is not answered") { CHECK(stand.until_cut() == GuardLogic::confirm_ns_max); }
  SUBCASE("and is answered") {
    stand.run(30 * ms);
    stand.page->shut = true;
    stand.run(1'000 * ms);
    CHECK(stand.cuts.empty());
  }
}

TEST_CASE("guard: while it is pressed a silent loop or button thread is cut, though it was shut") {
  Stand stand = running();
  stand.contact = Contact::pressed;
  stand.page->shut = true;
  stand.run(1'000 * ms);
  REQUIRE(stand.cuts.empty());
  stand.beats = false;
  GuardCause cause = GuardCause::none;
  SUBCASE("loop") { cause = GuardCause::loop_silent; }
  SUBCASE("thread") { cause = GuardCause::thread_silent; }
  for (int i = 0; i < 51; ++i) {
    if (cause == GuardCause::thread_silent) stand.page->loop_ns = stand.now;
    if (cause == GuardCause::loop_silent) stand.page->thread_ns = stand.now;
    CHECK(stand.cuts.empty());
    stand.step();
  }
  REQUIRE(stand.cuts.size() == 1);
  CHECK(stand.cuts[0].cause == cause);
}

TEST_CASE("guard: a beat from the future is none") {
  Stand stand = running();
  stand.contact = Contact::pressed;
  stand.page->shut = true;
  stand.beats = false;
  stand.page->thread_ns = stand.page->loop_ns = stand.now + tick + GuardLogic::beat_ns_max;
  stand.step();
  CHECK(stand.cuts.empty());
  stand.page->loop_ns = stand.now + tick + GuardLogic::beat_ns_max + 1;
  stand.step();
  REQUIRE(stand.cuts.size() == 1);
  CHECK(stand.cuts[0].cause == GuardCause::loop_silent);
}

TEST_CASE("guard: one that opens again while the button is held is cut") {
  Stand stand = running();
  stand.contact = Contact::pressed;
  stand.page->shut = true;
  stand.run(500 * ms);
  stand.page->shut = false;
  stand.step();
  CHECK(stand.until_cut() == GuardLogic::confirm_ns_max);
}

TEST_CASE(
    "guard: of a gateway that has ended or gone there is nothing to cut, which is said once") {
  Stand stand = running();
  std::uint32_t said = note_gone;
  SUBCASE("gone") { stand.lives = false; }
  SUBCASE("ended") {
    stand.page->ended = true;
    said = note_ended;
  }
  stand.beats = false;
  stand.contact = Contact::pressed;
  stand.step();
  CHECK(stand.noted(said));
  stand.run(60'000 * ms);
  CHECK_FALSE(stand.noted(said));
  stand.contact = Contact::safe;
  stand.step();
  stand.contact = Contact::pressed;
  stand.step();
  CHECK(stand.noted(said));
  CHECK(stand.cuts.empty());
}

TEST_CASE("guard: a press that ended while there was nothing to cut is not the next gateway's") {
  Stand stand = running();
  stand.lives = false;
  stand.contact = Contact::pressed;
  stand.run(100 * ms);
  stand.contact = Contact::safe;
  stand.run(100 * ms);
  stand.page = PageSeen{101, 9, 0, stand.now, stand.now, false, false};
  stand.lives = true;
  stand.run(5'000 * ms);
  CHECK(stand.cuts.empty());
}

TEST_CASE("guard: a page that goes while the button is pressed does not save its gateway") {
  Stand stand = running();
  stand.page->shut = true;
  stand.contact = Contact::pressed;
  stand.run(500 * ms);
  stand.page.reset();
  stand.step();
  CHECK(stand.noted(note_page_lost));
  CHECK(stand.until_cut() == GuardLogic::confirm_ns_max);
}

TEST_CASE("guard: pressed without any gateway seen, it says so once, and judges one that comes") {
  Stand stand;
  const auto page = stand.page;
  stand.page.reset();
  stand.contact = Contact::pressed;
  stand.step();
  CHECK(stand.noted(note_nothing));
  stand.run(1'000 * ms);
  CHECK_FALSE(stand.noted(note_nothing));
  stand.page = page;
  stand.step();
  CHECK(stand.noted(note_watching));
  CHECK(stand.until_cut() == GuardLogic::confirm_ns_max);
}

TEST_CASE("guard: a cut counts for one process; one started after it is judged anew") {
  Stand stand = running();
  stand.contact = Contact::pressed;
  stand.until_cut();
  stand.lives = false;
  stand.run(100 * ms);
  REQUIRE(stand.cuts.size() == 1);
  // The number is used again: another start.
  stand.page = PageSeen{100, 8, 0, 0, 0, false, false};
  stand.lives = true;
  SUBCASE("it is shut, as its latch has it") {
    stand.page->shut = true;
    stand.run(5'000 * ms);
    CHECK(stand.noted(note_confirmed));
    CHECK(stand.cuts.size() == 1);
  }
  SUBCASE("it is not") {
    stand.step();
    CHECK(stand.until_cut() == GuardLogic::confirm_ns_max);
  }
}

TEST_CASE("guard: what lives on after a cut is cut again each second, released or not") {
  Stand stand = running();
  stand.contact = Contact::pressed;
  stand.until_cut();
  stand.contact = Contact::safe;
  CHECK(stand.until_cut() == GuardLogic::again_ns);
  CHECK(stand.until_cut() == GuardLogic::again_ns);
}

TEST_CASE("guard: a gateway that starts while the button is held has ten seconds to begin") {
  Stand stand = running();
  stand.contact = Contact::pressed;
  stand.page = PageSeen{101, 9, 0, 0, 0, false, false};
  stand.beats = false;
  stand.step();
  SUBCASE("its thread may begin a little after its loop") {
    stand.run(3'000 * ms);
    stand.page->shut = true;
    for (int i = 0; i < 20; ++i) {
      stand.page->loop_ns = stand.now;
      stand.step();
    }
    stand.beats = true;
    stand.run(60'000 * ms);
    CHECK(stand.cuts.empty());
  }
  SUBCASE("one that never begins is cut") {
    const auto took = stand.until_cut(20'000 * ms);
    CHECK(took == GuardLogic::start_ns_max + GuardLogic::confirm_ns_max);
  }
}

TEST_CASE("guard: the loss of its own contact is what on_loss says") {
  OnLoss on_loss;
  std::optional<std::int64_t> expected;
  SUBCASE("kill") { expected = GuardLogic::confirm_ns_max + tick; }
  SUBCASE("alarm, then kill") {
    on_loss = {OnLoss::Action::alarm_then_kill, 2'000 * ms};
    expected = 2'000 * ms + GuardLogic::confirm_ns_max + tick;
  }
  SUBCASE("alarm") { on_loss = {OnLoss::Action::alarm, 0}; }
  Stand stand = running(on_loss);
  stand.contact = Contact::unknown;
  CHECK(stand.until_cut(20'000 * ms) == expected);
  CHECK(stand.noted(note_lost));
  CHECK(stand.noted(note_loss_is_press) == expected.has_value());
  CHECK_FALSE(stand.noted(note_pressed));
  stand.contact = Contact::safe;
  stand.step();
  CHECK(stand.noted(note_found));
}

TEST_CASE("guard: a contact that is back in time was no press, and its next loss counts anew") {
  Stand stand = running({OnLoss::Action::alarm_then_kill, 1'000 * ms});
  for (int i = 0; i < 10; ++i) {
    stand.contact = Contact::unknown;
    stand.run(900 * ms);
    stand.contact = Contact::safe;
    stand.run(100 * ms);
  }
  CHECK(stand.cuts.empty());
}

TEST_CASE("guard: a contact that is lost while it is pressed stays pressed") {
  Stand stand = running({OnLoss::Action::alarm, 0});
  stand.page->shut = true;
  stand.contact = Contact::pressed;
  stand.run(100 * ms);
  stand.contact = Contact::unknown;
  stand.run(100 * ms);
  CHECK_FALSE(stand.noted(note_released));
  stand.beats = false;
  CHECK(stand.until_cut().has_value());
}

// Whatever happens, in any order: a cut needs a press or a loss, and a press that is not answered
// is followed by a cut.
TEST_CASE("guard: random lives of a gateway and its button") {
  std::mt19937 random(20120801);
  const auto one_in = [&](unsigned n) { return random() % n == 0; };
  for (int life = 0; life < 400; ++life) {
    CAPTURE(life);
    const bool ever_pressed = !one_in(3);
    Stand stand(one_in(2) ? OnLoss{} : OnLoss{OnLoss::Action::alarm_then_kill, 100 * ms});
    std::int64_t unanswered_ns = 0;  // pressed, alive and not shut, for as long without a break
    bool touched = false;
    std::uint64_t cut_ticks = 0;
    for (int i = 0; i < 600; ++i) {
      if (one_in(40) && ever_pressed) stand.contact = static_cast<Contact>(1 + random() % 3);
      if (stand.page && one_in(30)) stand.page->shut = !stand.page->shut;
      if (one_in(60)) stand.beats = !stand.beats;
      if (one_in(150)) stand.lives = false;
      if (stand.page && one_in(200)) stand.page->ended = true;
      if (one_in(200)) stand.page.reset();
      if (one_in(50)) {
        stand.page =
            PageSeen{100, ++cut_ticks + 100, 0, one_in(2) ? 0 : stand.now, 0, false, false};
        stand.lives = true;
        unanswered_ns = 0;
      }
      const auto cuts = stand.cuts.size();
      stand.step();
      touched = touched || stand.contact != Contact::safe;
      const bool known = stand.page.has_value();
      const bool unanswered = stand.contact == Contact::pressed && stand.lives && known &&
                              !stand.page->shut && !stand.page->ended && stand.page->loop_ns != 0;
      unanswered_ns = unanswered ? unanswered_ns + tick : 0;
      if (stand.cuts.size() > cuts) {
        CHECK(touched);
        CHECK(stand.lives);
      }
      if (unanswered_ns >= GuardLogic::confirm_ns_max + 2 * tick) {
        REQUIRE(!stand.cuts.empty());
        CHECK(stand.now - stand.cuts.back().at_ns <= GuardLogic::again_ns);
      }
    }
    if (!ever_pressed) CHECK(stand.cuts.empty());
  }
}
