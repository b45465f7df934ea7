// `durability = "power"`: nothing that opens risk leaves before its record is on disk, and a disk
// that hangs or fails holds up no kill.
#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

#include "stops/turns.hpp"

namespace interlock::stops {
namespace {

constexpr int most_turns = 1'000'000;  // a bound for a test that fails, not a promise
constexpr int enough_turns = 200;      // in which what may leave has left

std::atomic<bool> disk_hangs{false};
std::atomic<bool> disk_fails{false};

int sync_file(int file, void* from, std::size_t bytes) {
  while (disk_hangs) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (!disk_fails) return audit::sync_to_disk(file, from, bytes);
  errno = EIO;
  return -1;
}

struct Floor {
  VenueEnd venue;
  Turns gateway;
  RouterEnd router;

  explicit Floor(VenueEnd::Answers answers = VenueEnd::Answers::nothing)
      : venue(answers),
        gateway(venue, {config::Durability::power, sync_file}),
        router(gateway.port()) {
    until([&] { return router.logged_on() && venue.logged_on() && gateway.venue().on(); });
    gateway.arm();
  }
  ~Floor() { disk_hangs = disk_fails = false; }
  Floor(const Floor&) = delete;
  Floor& operator=(const Floor&) = delete;

  void turn() {
    gateway.turn();
    router.pump();
    venue.pump();
  }
  template <class Condition>
  void until(Condition holds) {
    for (int i = 0; !holds(); ++i) {
      if (i == most_turns) FAIL("it does not come to an end");
      turn();
    }
  }
  void turns() {
    for (int i = 0; i < enough_turns; ++i) turn();
  }
  // The order has been judged, and is in the books.
  void order() {
    const auto before = gateway.core().floor().books.open_orders().size();
    router.order();
    until([&] { return gateway.core().floor().books.open_orders().size() > before; });
  }
  [[nodiscard]] std::string heard() const {
    std::string text;
    for (const auto& each : venue.list) text += each.type + " " + each.id + ", ";
    return text;
  }
};

TEST_CASE("power: an order leaves when its record is on disk, and not before") {
  Floor floor;
  disk_hangs = true;
  floor.order();
  floor.turns();
  CHECK(floor.heard() == "");
  CHECK_FALSE(floor.gateway.venue().wants_write());  // the loop does not spin meanwhile
  disk_hangs = false;
  floor.until([&] { return floor.venue.orders() == 1; });
}

TEST_CASE("power: a report waits as its order did: what a router has seen is not forgotten") {
  Floor floor(VenueEnd::Answers::fills);
  floor.router.order();
  floor.until([&] { return floor.venue.orders() == 1; });
  disk_hangs = true;  // the venue's answer is still on its way
  floor.until([&] { return floor.gateway.core().floor().books.open_orders().empty(); });
  floor.turns();
  CHECK(floor.router.filled() == 0);
  disk_hangs = false;
  floor.until([&] { return floor.router.filled() == 1; });
}

TEST_CASE(
    "power: with a disk that hangs a kill takes back what waits, cancels what is out, and answers "
    "the router") {
  Floor floor;
  floor.order();
  floor.until([&] { return floor.venue.orders() == 1; });
  disk_hangs = true;
  floor.order();
  floor.order();
  floor.turns();
  const auto id = floor.gateway.kill();
  floor.gateway.turn();
  REQUIRE(floor.gateway.core().killer().closed().contains(id));
  const auto closed = floor.gateway.core().killer().closed().at(id);
  CHECK(closed.purged == 2);
  CHECK(closed.cancels_sent == 1);
  floor.until([&] { return floor.router.refused() == 2 && floor.venue.list.size() == 3; });
  CHECK(floor.heard() == "D o1, 4 , F o1, ");
}

TEST_CASE(
    "power: a kill's cancel does not stand behind orders of others that wait for the disk: they "
    "are refused") {
  Floor floor;
  floor.gateway.core().declare_parent({"P-2", "ACC", "ACME", "1", "1000000000", "stops"});
  floor.order();
  floor.until([&] { return floor.venue.orders() == 1; });
  disk_hangs = true;
  floor.router.parent = "P-2";
  floor.order();
  floor.turns();
  SUBCASE("in the turn of the kill") {
    floor.gateway.kill({killswitch::ScopeKind::parent, "P-1"});
    floor.until([&] { return floor.venue.list.size() == 3; });
    CHECK(floor.heard() == "D o1, 4 , F o1, ");
    CHECK(floor.router.refused() == 0);  // the firm is open: what it hears waits for the disk
    disk_hangs = false;
    floor.until([&] { return floor.router.refused() == 1; });
  }
  SUBCASE("a kill that has nothing to cancel leaves them alone") {
    floor.gateway.kill({killswitch::ScopeKind::parent, "P-3"});
    floor.turns();
    CHECK(floor.router.refused() == 0);
    disk_hangs = false;
    floor.until([&] { return floor.venue.orders() == 2; });
  }
}

TEST_CASE(
    "power: records that do not reach the disk in time shut the firm; what waits is refused, and "
    "routers hear of it") {
  Floor floor;
  auto& limit = floor.gateway.core().floor().config.limits.staleness.journal;
  limit = risk::Limit<risk::Duration>::of(risk::milliseconds(20));
  disk_hangs = true;
  floor.order();
  floor.until([&] { return floor.router.refused() == 1; });
  const auto kills = floor.gateway.core().floor().kills;
  REQUIRE(kills.size() == 1);
  CHECK(kills[0].level == killswitch::Level::block);
  CHECK(kills[0].cause.starts_with("LEDGER_STALE: records have not reached the disk for"));
  CHECK(floor.venue.orders() == 0);
}

TEST_CASE("a sync that fails kills, though nothing more is recorded") {
  Floor floor;
  disk_fails = true;
  floor.router.order();
  const auto& kills = floor.gateway.core().floor().kills;
  floor.until([&] { return !kills.empty(); });
  CHECK(kills[0].source == killswitch::Source::journal);
  CHECK(kills[0].cause.contains("Input/output error"));
  floor.turns();
  CHECK(floor.venue.orders() == 0);
}

}  // namespace
}  // namespace interlock::stops
