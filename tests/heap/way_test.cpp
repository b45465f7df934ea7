// On an order's way, from its frame to the out-buffer of its venue, and on the way of its reports,
// the heap is asked for nothing: but by tables that grow with the day, once in many orders.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "bench/house.hpp"
#include "tests/heap_asked.hpp"

namespace interlock::bench {
namespace {

constexpr std::uint64_t open = 100;  // at any time: then the oldest is filled

// How often each message asks.
struct Asked {
  std::vector<std::size_t> order, report, flush;
};

class Flow {
 public:
  explicit Flow(const Size& size) : house_(size) {}

  void run(std::uint64_t orders, Asked& each) {
    for (const std::uint64_t end = next_ + orders; next_ < end; ++next_) {
      const std::uint64_t i = next_;
      each.order.push_back(take(house_.router(i), house_.new_order(i), house_.venue_of(i), each));
      REQUIRE(house_.reached(i));
      each.report.push_back(
          take(house_.venue_of(i), house_.acknowledgement(i), house_.router(i), each));
      if (i < open) continue;
      const std::uint64_t oldest = i - open;
      each.report.push_back(
          take(house_.venue_of(oldest), house_.fill(oldest), house_.router(oldest), each));
    }
  }

 private:
  std::size_t take(End& from, std::string_view frame, End& to, Asked& each) {
    gateway::Core& core = house_.core();
    const std::uint64_t before = to.messages();
    std::size_t used = tests::heap_asked();
    core.wake();
    core.received(from.leg(), frame);
    used = tests::heap_asked() - used;
    std::size_t flushed = tests::heap_asked();
    core.flush();
    each.flush.push_back(tests::heap_asked() - flushed);
    to.answer();
    from.answer();
    REQUIRE(to.messages() == before + 1);
    return used;
  }

  House house_;
  std::uint64_t next_ = 0;
};

std::size_t those_that_ask(const std::vector<std::size_t>& each) {
  std::size_t count = 0;
  for (const std::size_t times : each) count += times == 0 ? 0 : 1;
  return count;
}

void asks_for_nothing(const Size& size) {
  Flow flow(size);
  Asked warm_up, steady;
  for (auto* each : {&warm_up, &steady}) {
    each->order.reserve(10'000), each->report.reserve(20'000), each->flush.reserve(30'000);
  }
  // Where little doubles: the 64 parts of a table do at some 3,300, 6,700 and 13,400 names, and the
  // thousand parents' rings at 8,000 orders.
  flow.run(4'500, warm_up);
  flow.run(1'000, steady);
  CHECK(those_that_ask(warm_up.order) > 0);  // the counter counts
  // Pages of 32 orders, and parts that double late or early, come to one in twenty; what each
  // message asks for is far above one in ten.
  CHECK(those_that_ask(steady.order) <= steady.order.size() / 10);
  CHECK(those_that_ask(steady.report) <= steady.report.size() / 10);
  CHECK(those_that_ask(steady.flush) <= steady.flush.size() / 10);
}

TEST_CASE("heap: an order and its reports ask for nothing") { asks_for_nothing({}); }
TEST_CASE("heap: neither where several routers share the session of a venue") {
  asks_for_nothing({.routers = 4, .venues = 2});
}

}  // namespace
}  // namespace interlock::bench
