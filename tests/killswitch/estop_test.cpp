// What a button's samples mean: a table of the traps.
#include <doctest/doctest.h>

#include "tests/killswitch/watched_button.hpp"

namespace interlock::killswitch {
namespace {

TEST_CASE("a button without a contact is lost") {
  Watched none(wired(), 0);
  CHECK(none.show(safe()).demand == Demand::lost);
  CHECK_FALSE(none.state().good());
}

TEST_CASE("a device that was just opened has 250 ms to tell its state before that is a loss") {
  const auto not_told = lost(0);
  Watched button(wired());
  CHECK(button.show_for(not_told, 245 * ms).demand == Demand::none);
  CHECK_FALSE(button.state().good());
  CHECK(button.show(safe()).good());
  CHECK(button.show_for(not_told, 245 * ms).demand == Demand::none);
  CHECK(button.show_for(not_told, 10 * ms).demand == Demand::lost);
  CHECK(button.show(safe()).demand == Demand::none);
  CHECK(button.show(not_told, lost()).demand == Demand::none);  // of a channel that is not there
  Watched two(wired(), 2);
  CHECK(two.show(not_told, lost()).demand == Demand::lost);
  CHECK(two.show(not_told, crossed()).demand == Demand::lost);
  Watched late(wired());
  late.now_ns += 5'000 * ms;  // between its making and its first look
  CHECK(late.show(not_told).demand == Demand::none);
  Watched gone(wired());
  CHECK(gone.show(lost()).demand == Demand::lost);
}

TEST_CASE("a button that is at rest demands nothing, and is good") {
  Watched button(wired());
  CHECK_FALSE(button.state().good());  // nothing has been seen yet
  CHECK(button.show(safe()).good());
  CHECK(button.show_for(safe(), 60'000 * ms).good());
  CHECK(button.state().untested);
}

TEST_CASE(
    "the first unsafe sample is a press, and it is held until it was safe for half a second") {
  Watched button(wired());
  button.show(safe());
  CHECK_EQ(button.show(pressed()).demand, Demand::pressed);
  CHECK(button.state().held);
  CHECK_FALSE(button.state().untested);
  CHECK_EQ(button.show_for(safe(), 495 * ms).demand, Demand::pressed);
  CHECK_EQ(button.show_for(safe(), 10 * ms).demand, Demand::none);
  CHECK(button.state().good());
}

TEST_CASE("a button that is held at the start is pressed, though no edge tells") {
  Watched button(wired());
  CHECK_EQ(button.show(pressed()).demand, Demand::pressed);
}

TEST_CASE("a press that begins and ends between two looks is a press") {
  Watched button(wired());
  button.show(safe());
  CHECK_EQ(button.show(tapped()).demand, Demand::pressed);
  CHECK_EQ(button.show_for(safe(), 505 * ms).demand, Demand::none);
}

TEST_CASE("a bounce at the release begins the time of the release anew") {
  Watched button(wired());
  button.show(safe());
  button.show(pressed());
  button.show_for(safe(), 400 * ms);
  button.show(tapped());
  CHECK(button.show_for(safe(), 400 * ms).held);
  CHECK_FALSE(button.show_for(safe(), 105 * ms).held);
}

TEST_CASE("the time of the contact is the kernel's where it told, and else that of the look") {
  Watched button(wired());
  button.show(safe());
  Sample told = pressed();
  told.changes = 1;
  told.changed_at_ns = button.now_ns + 2 * ms;
  CHECK_EQ(button.show(told).contact_at_ns, told.changed_at_ns);
  button.show_for(safe(), 505 * ms);
  told.changed_at_ns = button.now_ns + 3600'000 * ms;  // not yet: another clock, or nonsense
  CHECK_EQ(button.show(told).contact_at_ns, button.now_ns);
}

TEST_CASE("with confirm a press has to last, counted from its first sample whatever bounces") {
  auto settings = wired();
  settings.confirm_ns = 5 * ms;
  Watched button(settings);
  button.show(safe());
  CHECK_EQ(button.show(pressed()).demand, Demand::none);
  CHECK_EQ(button.show(pressed()).demand, Demand::pressed);
  Watched spiked(settings);
  spiked.show(safe());
  CHECK_EQ(spiked.show(pressed()).demand, Demand::none);
  CHECK_EQ(spiked.show_for(safe(), 100 * ms).demand, Demand::none);
  CHECK(spiked.state().good());
}

TEST_CASE("with confirm two spikes are two, and a bounce at the end of its time is a press") {
  auto settings = wired();
  settings.confirm_ns = 5 * ms;
  Watched spiked(settings);
  spiked.show(safe());
  for (int i = 0; i < 5; ++i) {
    CHECK_EQ(spiked.show(pressed()).demand, Demand::none);
    CHECK_EQ(spiked.show_for(safe(), 50 * ms).demand, Demand::none);
  }
  Watched bounced(settings);
  bounced.show(safe());
  bounced.show(pressed());
  bounced.show(safe());
  CHECK_EQ(bounced.show(pressed()).demand, Demand::pressed);
}

TEST_CASE("of a source that counts nothing, the changes of its level are counted") {
  Watched button(wired());
  button.show(safe());
  for (int i = 0; i < 10; ++i) {
    button.show(pressed());
    button.show(safe());
  }
  CHECK_FALSE(button.state().chatter);
  CHECK(button.show(pressed()).chatter);
}

TEST_CASE("the contact of two channels is the one that opened first") {
  for (const bool second_first : {true, false}) {
    Watched button(wired(), 2);
    button.show(safe());
    if (second_first)
      button.show(safe(), pressed());
    else
      button.show(pressed(), safe());
    const std::int64_t first_ns = button.now_ns;
    CHECK_EQ(button.state().contact_at_ns, first_ns);
    button.show(pressed());
    CHECK_EQ(button.state().contact_at_ns, first_ns);
  }
}

TEST_CASE("a contact that chatters faster than the kernel's debounce is pressed and chattering") {
  Watched button(wired());
  button.show(safe());
  // Trap: 3,644 toggles in two seconds, and the debounced value says that all is well.
  Sample toggling = safe();
  toggling.changes = 9;
  Demand demand = Demand::none;
  for (int i = 0; i < 3; ++i) demand = button.show(toggling).demand;
  CHECK_EQ(demand, Demand::chatter);
  CHECK(button.state().chatter);
  CHECK_EQ(button.show_for(safe(), 1'200 * ms).demand, Demand::none);
}

TEST_CASE("twenty changes within a second are a worn contact, one more is chatter") {
  Watched button(wired());
  button.show(safe());
  Sample one = safe();
  one.changes = 1;
  for (int i = 0; i < 20; ++i) button.show(one);
  CHECK_FALSE(button.state().chatter);
  CHECK(button.show(one).chatter);
  Watched slow(wired());
  slow.show(safe());
  for (int i = 0; i < 200; ++i) {
    slow.show(one);
    CHECK_FALSE(slow.show_for(safe(), 60 * ms).chatter);
  }
}

TEST_CASE("a wired button that is lost demands a kill at once, from the first look on") {
  Watched button(wired());
  CHECK_EQ(button.show(lost()).demand, Demand::lost);
  CHECK(button.state().lost);
  Watched later(wired());
  later.show(safe());
  CHECK_EQ(later.show(lost()).demand, Demand::lost);
  CHECK_EQ(later.show(safe()).demand, Demand::none);
  CHECK(later.state().untested);
}

TEST_CASE("a button that may be unplugged for ten seconds alarms at once and kills after them") {
  Watched button(unplugs_after(10'000 * ms));
  button.show(safe());
  CHECK_EQ(button.show(lost()).demand, Demand::none);
  CHECK_FALSE(button.state().good());
  CHECK_EQ(button.show_for(lost(), 9'990 * ms).demand, Demand::none);
  CHECK_EQ(button.show_for(lost(), 10 * ms).demand, Demand::lost);
  Watched plugged(unplugs_after(10'000 * ms));
  plugged.show(safe());
  plugged.show_for(lost(), 700 * ms);
  CHECK(plugged.show(safe()).good());
  CHECK(plugged.state().untested);
  CHECK_EQ(plugged.show_for(lost(), 9'990 * ms).demand, Demand::none);
}

TEST_CASE("an alarm only never kills, and the button is still not good") {
  auto settings = wired();
  settings.on_loss.action = OnLoss::Action::alarm;
  Watched button(settings);
  CHECK_EQ(button.show_for(lost(), 3'600'000 * ms).demand, Demand::none);
  CHECK_FALSE(button.state().good());
}

TEST_CASE("a button that is unplugged while it is held stays held until it was seen at rest") {
  Watched button(unplugs_after(10'000 * ms));
  button.show(safe());
  button.show(pressed());
  // Trap: a synthetic release comes first, then the device is gone.
  button.show(safe());
  CHECK_EQ(button.show_for(lost(), 2'000 * ms).demand, Demand::pressed);
  CHECK_EQ(button.show_for(safe(), 490 * ms).demand, Demand::pressed);
  CHECK_EQ(button.show_for(safe(), 20 * ms).demand, Demand::none);
}

TEST_CASE("a short that a test pulse found counts as a loss") {
  Watched button(wired());
  button.show(safe());
  CHECK_EQ(button.show(crossed()).demand, Demand::lost);
  CHECK(button.state().crossed);
  CHECK_EQ(button.show(safe()).demand, Demand::none);
}

TEST_CASE("either of two channels trips at once") {
  Watched first(wired(), 2), second(wired(), 2);
  first.show(safe());
  second.show(safe());
  CHECK_EQ(first.show(pressed(), safe()).demand, Demand::pressed);
  CHECK_EQ(second.show(safe(), pressed()).demand, Demand::pressed);
}

TEST_CASE(
    "channels that differ for half a second are at odds until both were pressed and released") {
  Watched button(wired(), 2);
  button.show(safe());
  button.show_for(pressed(), safe(), 505 * ms);
  CHECK_FALSE(button.state().discrepancy);
  CHECK(button.show(pressed(), safe()).discrepancy);
  CHECK(button.show_for(safe(), 5'000 * ms).discrepancy);  // one contact was welded: still unproven
  button.show_for(safe(), pressed(), 100 * ms);
  CHECK(button.show_for(safe(), 1'000 * ms).discrepancy);
  button.show_for(pressed(), 100 * ms);
  CHECK(button.show(safe()).discrepancy);
  CHECK_FALSE(button.show_for(safe(), 505 * ms).discrepancy);
  CHECK(button.state().good());
}

TEST_CASE("the channels of one press may be a moment apart") {
  Watched button(wired(), 2);
  button.show(safe());
  button.show_for(pressed(), safe(), 100 * ms);
  button.show_for(pressed(), 300 * ms);
  button.show_for(safe(), pressed(), 100 * ms);
  CHECK_FALSE(button.show_for(safe(), 600 * ms).discrepancy);
  CHECK(button.state().good());
}

}  // namespace
}  // namespace interlock::killswitch
