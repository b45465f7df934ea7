// What a button's samples mean: tables of the traps, and every order of events up to a length.
#include "killswitch/estop.hpp"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <vector>

namespace interlock::killswitch {
namespace {

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t tick = 5 * ms;

Sample safe() { return {.contact = Contact::safe}; }
Sample pressed() { return {.contact = Contact::pressed}; }
Sample lost(int error = 19) { return {.contact = Contact::unknown, .error = error}; }
Sample tapped() { return {.contact = Contact::safe, .was_pressed = true, .changes = 2}; }
Sample crossed() { return {.contact = Contact::safe, .crossed = true}; }

ButtonSettings wired() { return {.id = "b", .scope = {}, .device = GpioDevice{}, .on_loss = {}}; }
ButtonSettings unplugs_after(std::int64_t after_ns) {
  auto settings = wired();
  settings.on_loss = {OnLoss::Action::alarm_then_kill, after_ns};
  return settings;
}

// A button that is looked at every 5 ms.
class Watched {
 public:
  explicit Watched(const ButtonSettings& settings, std::size_t channels = 1)
      : estop_(settings, channels, now_ns) {}
  const ButtonState& show(const Sample& one) { return show(one, one); }
  const ButtonState& show(const Sample& a, const Sample& b) {
    now_ns += tick;
    const std::array samples{a, b};
    return estop_.look(samples, now_ns);
  }
  const ButtonState& show_for(const Sample& one, std::int64_t duration_ns) {
    return show_for(one, one, duration_ns);
  }
  const ButtonState& show_for(const Sample& a, const Sample& b, std::int64_t duration_ns) {
    for (const auto until = now_ns + duration_ns; now_ns < until;) show(a, b);
    return estop_.state();
  }
  [[nodiscard]] const ButtonState& state() const { return estop_.state(); }

  std::int64_t now_ns = 1'000'000 * ms;

 private:
  Estop estop_;
};

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

// Every order of `events` up to a length, in steps of `step_ns`, against what has to hold whatever
// comes. The oracle keeps the whole past and knows nothing of how Estop works.
struct Past {
  std::vector<std::pair<std::int64_t, Sample>> shown;

  // Whether the button could be read and was safe without a break for `duration_ns`, up to now.
  [[nodiscard]] bool at_rest_for(std::int64_t duration_ns) const {
    std::int64_t since = shown.back().first + 1;
    for (auto each = shown.rbegin(); each != shown.rend(); ++each) {
      if (each->second.was_pressed && each->second.contact == Contact::safe) since = each->first;
      if (each->second.contact != Contact::safe || each->second.was_pressed) break;
      since = each->first;
    }
    return shown.back().first - since >= duration_ns;
  }
  [[nodiscard]] bool pressed_since_rest(std::int64_t release_ns) const {
    Past so_far;
    bool held = false;
    for (const auto& one : shown) {
      so_far.shown.push_back(one);
      if (one.second.contact == Contact::pressed || one.second.was_pressed)
        held = true;
      else if (so_far.at_rest_for(release_ns))
        held = false;
    }
    return held;
  }
  [[nodiscard]] std::int64_t unreadable_for(std::int64_t begun_ns) const {
    std::int64_t since = shown.back().first;
    bool from_the_start = true;
    for (auto each = shown.rbegin(); each != shown.rend(); ++each) {
      if (each->second.contact != Contact::unknown && !each->second.crossed) {
        from_the_start = false;
        break;
      }
      since = each->first;
    }
    return shown.back().first - (from_the_start ? begun_ns : since);
  }
};

void every_order(const ButtonSettings& settings, std::int64_t step_ns, int length) {
  const std::array events{safe(), pressed(), lost(), tapped(), crossed()};
  long total = 1;
  for (int i = 0; i < length; ++i) total *= static_cast<long>(events.size());
  for (long order = 0; order < total; ++order) {
    const std::int64_t begun_ns = 1'000'000 * ms;
    Estop estop(settings, 1, begun_ns);
    Past past;
    std::int64_t now_ns = begun_ns;
    long rest = order;
    for (int i = 0; i < length; ++i, rest /= static_cast<long>(events.size())) {
      now_ns += step_ns;
      const Sample& sample = events[static_cast<std::size_t>(rest) % events.size()];
      past.shown.emplace_back(now_ns, sample);
      const ButtonState& state = estop.look(std::span(&sample, 1), now_ns);
      const bool held = past.pressed_since_rest(settings.release_ns);
      const bool unreadable = sample.contact == Contact::unknown || sample.crossed;
      const bool too_long =
          unreadable && past.unreadable_for(begun_ns) >= settings.on_loss.after_ns;
      INFO("order ", order, " step ", i);
      REQUIRE_EQ(state.held, held);
      REQUIRE_EQ(state.lost, unreadable);
      REQUIRE_EQ(state.demand, held ? Demand::pressed : too_long ? Demand::lost : Demand::none);
      REQUIRE_EQ(state.good(), !held && !unreadable);
    }
  }
}

TEST_CASE("every order of seven events in steps of 250 ms ends as the whole past says") {
  auto settings = wired();
  settings.chatter_max = 1'000;
  every_order(settings, 250 * ms, 7);
}

TEST_CASE("every order of seven events of a button that may be gone for 600 ms") {
  auto settings = unplugs_after(600 * ms);
  settings.chatter_max = 1'000;
  every_order(settings, 200 * ms, 7);
}

TEST_CASE("two channels in any order: pressed on either is a demand, and good means both at rest") {
  std::mt19937 random(7);
  const std::array events{safe(), pressed(), lost(), tapped(), crossed()};
  for (int world = 0; world < 2'000; ++world) {
    Watched button(wired(), 2);
    Sample a = safe(), b = safe();
    std::int64_t rest_since = 0;
    for (int i = 0; i < 200; ++i) {
      if (random() % 8 == 0) a = events[random() % events.size()];
      if (random() % 8 == 0) b = events[random() % events.size()];
      const ButtonState& state = button.show(a, b);
      const auto unsafe = [](const Sample& one) {
        return one.contact == Contact::pressed || one.was_pressed;
      };
      const auto rests = [](const Sample& one) {
        return one.contact == Contact::safe && !one.was_pressed && !one.crossed;
      };
      if (unsafe(a) || unsafe(b)) REQUIRE_EQ(state.demand, Demand::pressed);
      if (!rests(a) || !rests(b)) {
        REQUIRE_FALSE(state.good());
        rest_since = button.now_ns;
      }
      // Never said to be good sooner than a release after the last press.
      if (state.good() && state.channels[0].held) REQUIRE(false);
      if (button.now_ns - rest_since < 500 * ms && (state.held)) REQUIRE_FALSE(state.good());
      if (a.contact == Contact::unknown || b.contact == Contact::unknown)
        REQUIRE_NE(state.demand, Demand::none);
    }
  }
}

}  // namespace
}  // namespace interlock::killswitch
