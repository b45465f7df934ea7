// What a button's samples mean: every order of events up to a length, and random lives.
#include <doctest/doctest.h>

#include <random>
#include <utility>
#include <vector>

#include "tests/killswitch/watched_button.hpp"

namespace interlock::killswitch {
namespace {

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
