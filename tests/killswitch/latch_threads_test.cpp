#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "killswitch/latch.hpp"
#include "tests/scratch.hpp"

using namespace interlock::killswitch;

namespace {
constexpr std::int64_t now = 1'795'253'400'000'000'000;
}

TEST_CASE("latch threads: many trip, many read, every kill is there once") {
  const interlock::tests::Scratch scratch;
  Latch latch(scratch / "latch", now);
  REQUIRE(latch.clear(latch.active().front().id, now).has_value());
  std::atomic<bool> done = false;
  std::atomic<std::uint64_t> wakes = 0;
  latch.on_change([&] { ++wakes; });
  std::vector<std::jthread> readers;
  std::atomic<bool> opened_again = false;
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&] {
      bool killed = false;
      while (!done) {
        const bool now_killed = Latch::firm_killed(latch.word());
        if (killed && !now_killed) opened_again = true;
        killed = now_killed;
        if (killed && latch.active().size() > 21) opened_again = true;
      }
    });
  }
  {
    std::vector<std::jthread> trippers;
    for (int thread = 0; thread < 4; ++thread) {
      trippers.emplace_back([&] {
        for (int router = 0; router < 20; ++router) {
          (void)latch.trip({ScopeKind::router, std::to_string(router)}, Source::breach, "x", "y",
                           now);
        }
        CHECK(latch.trip({}, Source::http, "anna", "all", now).persisted);
      });
    }
  }
  done = true;
  readers.clear();
  CHECK_FALSE(opened_again);
  CHECK(latch.active().size() == 21);
  CHECK(wakes == 84);
  CHECK(Latch(scratch / "latch", now).active().size() == 21);
}

TEST_CASE("latch threads: a trip beside a clear always wins or comes after it") {
  const interlock::tests::Scratch scratch;
  for (int round = 0; round < 200; ++round) {
    Latch latch(scratch / "latch", now);
    (void)latch.trip({}, Source::http, "anna", "first", now);
    const auto first = latch.active().front().id;
    std::jthread clearer([&] { (void)latch.clear(first, now); });
    const auto second = latch.trip({}, Source::http, "bob", "second", now);
    const bool shut_at_return = Latch::firm_killed(latch.word());
    clearer.join();
    // Either the first kill stands, or a new one does, or the clear came last as a whole.
    if (second.already) continue;
    CHECK(shut_at_return);
    CHECK(Latch::firm_killed(latch.word()));
    CHECK(second.kill.id > first);
    CHECK(Latch::firm_killed(Latch(scratch / "latch", now).word()));
  }
}

TEST_CASE("latch threads: a trip while the disk is written undoes the clear") {
  const interlock::tests::Scratch scratch;
  Latch latch(scratch / "latch", now);
  std::atomic<bool> stop = false;
  std::jthread tripper([&] {
    while (!stop) (void)latch.trip_in_memory({}, Source::http, "bob", "again", now);
  });
  bool gave_way = false;
  for (int clears = 0; clears < 50'000 && !gave_way;) {
    const auto kills = latch.active();
    if (kills.empty()) {
      std::this_thread::yield();  // until the other thread has run
      continue;
    }
    ++clears;
    const auto cleared = latch.clear(kills.front().id, now);
    gave_way = !cleared && cleared.error().find("another kill came") != std::string::npos;
  }
  stop = true;
  tripper.join();
  CHECK(gave_way);
  (void)latch.trip({}, Source::http, "bob", "last", now);
  CHECK(Latch::firm_killed(latch.word()));
  CHECK(Latch::firm_killed(Latch(scratch / "latch", now).word()));
}
