// A venue that stops reading, over real TCP: what a kill promises of bytes, counted at the venue.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "stops/turns.hpp"

namespace interlock::stops {
namespace {

constexpr std::uint64_t pending = 3 << 20;  // bytes of orders that wait with us
constexpr int most_turns = 1'000'000;       // a bound for a test that fails, not a promise

struct Floor {
  VenueEnd venue{VenueEnd::Answers::nothing};
  Turns gateway{venue};
  RouterEnd router{gateway.port()};

  Floor() {
    until([&] { return router.logged_on() && venue.logged_on() && gateway.venue().on(); });
    gateway.arm();
  }
  template <class Condition>
  void until(Condition holds) {
    for (int i = 0; !holds(); ++i) {
      if (i == most_turns) {
        std::map<std::string, int> heard;
        for (const auto& each : venue.list) ++heard[each.type + (each.spoilt ? " spoilt" : "")];
        std::string text;
        for (const auto& [type, count] : heard) text += fmt::format("{} {}, ", type, count);
        FAIL("it does not come to an end: " << text << gateway.venue().out().bytes() << " wait, "
                                            << gateway.venue().unsent() << " unsent, on "
                                            << gateway.venue().on() << ", alive " << alive()
                                            << ", refused " << router.refused());
      }
      gateway.turn();
      router.pump();
      venue.pump();
    }
  }
  void stall() {
    venue.reads = false;
    const std::string text(4'000, 'x');
    until([&] {
      while (router.waiting() < 16 * text.size()) router.order(text);
      return gateway.venue().out().bytes() >= pending;
    });
  }
  gateway::Closed kill_in_one_turn() {
    const std::uint64_t id = gateway.kill();
    gateway.turn();
    REQUIRE(gateway.core().killer().closed().contains(id));
    return gateway.core().killer().closed().at(id);
  }
  std::uint32_t alive() {
    return static_cast<std::uint32_t>(gateway.core().floor().books.open_orders().size());
  }
};

// After the numbers that were reported no order, then the gap fill for all that was taken back,
// and behind it nothing but cancels. True: one order was half out.
bool as_reported(const std::vector<VenueEnd::Heard>& list, const gateway::Closed& closed) {
  const std::uint32_t last = closed.last_sequence.at("X");
  auto at = list.begin();
  while (at != list.end() && at->type == "D" && !at->spoilt) CHECK((at++)->number <= last);
  REQUIRE(at != list.end());
  const bool half = at->spoilt;
  if (half) CHECK(at->number == last);
  const std::uint32_t filled_from = half ? last : last + 1;
  if (half) ++at;
  REQUIRE(at != list.end());
  CHECK(at->type == "4");
  CHECK(at->number == filled_from);
  CHECK(at->until == fmt::format("{}", filled_from + closed.purged));
  for (++at; at != list.end(); ++at) CHECK(at->type == "F");
  return half;
}

TEST_CASE(
    "stalled venue: with 3 MB of orders pending each kill is answered in one turn, and what the "
    "venue reads later is what the answer said") {
  int half_sent = 0, with_unsent = 0, kills = 0;
  while (half_sent < 100) {
    REQUIRE(kills < 150);
    Floor floor;
    for (int i = 0; i < 10; ++i, ++kills) {
      const std::uint64_t refused_before = floor.router.refused();
      floor.stall();
      const gateway::Closed closed = floor.kill_in_one_turn();
      const std::uint32_t alive = floor.alive();
      with_unsent += closed.unsent.at("X") > 0 ? 1 : 0;
      CHECK(closed.purged > 100);
      CHECK(closed.residual == alive);
      CHECK(closed.cancels_sent == alive);
      floor.venue.reads = true;
      const auto is_cancel = [](const VenueEnd::Heard& heard) { return heard.type == "F"; };
      floor.until([&] { return std::ranges::count_if(floor.venue.list, is_cancel) == alive; });
      half_sent += as_reported(floor.venue.list, closed) ? 1 : 0;
      for (const VenueEnd::Heard& heard : floor.venue.list)
        if (heard.type == "F") floor.venue.cancelled(heard.id, heard.id);
      // Each order has an end, and its router has been told: what was still on its way to us, too.
      floor.until([&] {
        return floor.router.refused() + floor.router.cancelled() == floor.router.orders();
      });
      CHECK(floor.alive() == 0);
      CHECK(floor.router.refused() - refused_before >= closed.purged);
      floor.venue.list.clear();
      floor.gateway.arm();
    }
  }
  CHECK(with_unsent > 0);
  MESSAGE(half_sent << " of " << kills << " kills had an order half out, " << with_unsent
                    << " bytes in the kernel that had not been sent");
}

TEST_CASE("stalled venue: after a cut it receives no byte more than had left, and no cancel") {
  // Whether the kernel still holds bytes that it has not sent is the kernel's to say: a venue's
  // buffer may be offered more than it takes, and then all is sent and waits for its receipt.
  int with_unsent = 0, cuts = 0;
  for (; cuts < 5 || with_unsent == 0; ++cuts) {
    REQUIRE(cuts < 50);
    Floor floor;
    floor.stall();
    std::uint32_t beats = 0;
    floor.gateway.core().floor().beat = [&] { ++beats; };
    const gateway::Closed closed = floor.kill_in_one_turn();
    CHECK(beats >= closed.purged + closed.residual);  // whoever watches the loop sees it live
    floor.gateway.core().floor().beat = [] {};
    const std::uint64_t left = floor.gateway.venue().left_to();
    const std::uint64_t unsent = floor.gateway.venue().unsent();
    with_unsent += unsent > 0 ? 1 : 0;
    const auto outcome = floor.gateway.core().act("ann", gateway::CutVenue{"X"});
    REQUIRE_MESSAGE(outcome.answer == gateway::ActionOutcome::Answer::done, outcome.text);
    CHECK(outcome.text.contains(fmt::format("{} bytes in the kernel", unsent)));
    CHECK(floor.alive() == closed.residual);  // a cut is no cancel
    floor.venue.reads = true;
    for (int more = 0; more < most_turns && !floor.venue.is_closed(); ++more)
      static_cast<void>(floor.venue.pump());
    CHECK(floor.venue.is_closed());
    CHECK(floor.venue.received() <= left);
    for (const VenueEnd::Heard& heard : floor.venue.list) {
      CHECK(heard.type == "D");
      CHECK(heard.number <= closed.last_sequence.at("X"));
    }
    // It comes back, and so do the cancels that were lost.
    floor.venue.list.clear();
    const auto is_cancel = [](const VenueEnd::Heard& heard) { return heard.type == "F"; };
    floor.until(
        [&] { return std::ranges::count_if(floor.venue.list, is_cancel) == closed.residual; });
    for (const VenueEnd::Heard& heard : floor.venue.list) CHECK(heard.type == "F");
  }
  MESSAGE(with_unsent << " of " << cuts << " cuts with bytes in the kernel that had not been sent");
}

}  // namespace
}  // namespace interlock::stops
