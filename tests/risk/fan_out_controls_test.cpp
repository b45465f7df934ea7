#include <doctest/doctest.h>

#include "tests/risk/watched.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

Limit<Count> count(std::uint32_t value) { return Limit<Count>::of({value}); }
Limit<Ratio> percent(std::int64_t value) { return Limit<Ratio>::of({value * 10'000}); }

// `messages` orders of one share from this router for each of `parents` parents of its own.
void work(Watched& world, RouterId router, int parents, int messages) {
  for (int i = 0; i < parents; ++i) {
    const std::string name = "Q" + std::to_string(router.value) + "-" + std::to_string(i);
    const ParentId parent = world.declare(name, shares(1000));
    for (int j = 0; j < messages; ++j) {
      NewOrder order = world.order(name + "-" + std::to_string(world.books.order_count()), 1);
      order.router = router;
      order.parent = parent;
      REQUIRE(world.send(order).may_go());
    }
  }
}

}  // namespace

TEST_CASE("new parents: one more than the limit in a window is refused and blocks the router") {
  Watched world;
  world.limits.routers[0].new_parents = Limit<Rate>::of({2, seconds(1)});
  world.resize();
  const auto child = [&](std::string parent) {
    NewOrder order = world.order(parent, 10);
    order.parent = world.declare(parent, shares(100));
    return order;
  };
  CHECK(word(world.send(child("A"))) == "may go");
  world.now = at_ms(500);
  CHECK(word(world.send(child("B"))) == "may go");
  const Verdict third = world.ask(child("C"));
  CHECK(word(third) == "NEW_PARENTS");
  CHECK(lines({*third.breach}) == "NEW_PARENTS block router 0");
  NewOrder known = world.order("again", 10);
  known.parent = world.directory.parents.find("A");
  CHECK(word(world.ask(known)) == "may go");
  NewOrder elsewhere = child("C");
  elsewhere.router = world.r2;  // new to it, and its first
  CHECK(word(world.ask(elsewhere)) == "may go");
  world.now = at_ms(999);
  CHECK(word(world.ask(child("C"))) == "NEW_PARENTS");
  world.now = at_ms(1000);
  CHECK(word(world.ask(child("C"))) == "may go");
}

TEST_CASE("parent fan-out: messages for a parent, refused ones and cancels too, kill the router") {
  Watched world;
  world.limits.parent.child_messages = count(4);
  CHECK(world.give(world.order("1", 10)) == "");
  CHECK(world.give(world.cancel("2", "1")) == "");
  CHECK(world.give(world.order("3", 2'000)) == "");  // PARENT_FILL
  CHECK(world.give(world.order("4", 10)) == "");
  CHECK(world.give(world.cancel("5", "4")) == "PARENT_FAN_OUT kill router 0");
  NewOrder other = world.order("6", 10);
  other.router = world.r2;
  CHECK(world.give(other).starts_with("PARENT_FAN_OUT kill router 1"));  // who goes on with it
}

TEST_CASE("parent fan-out: our own cancels are not the router's") {
  Watched world;
  world.limits.parent.child_messages = count(1);
  REQUIRE(world.give(world.order("1", 10)) == "");
  Cancel own = world.cancel("ILK1", "1");
  own.by_gateway = true;
  world.books.enter(own, world.now);
  CHECK(world.watch(Occasion::attempt, world.touched(world.order("2", 10))) == "");
}

TEST_CASE("parent fan-out: attempted shares against the parent's size") {
  Watched world;
  world.limits.parent.child_shares = percent(200);
  CHECK(world.give(world.order("1", 900)) == "");
  CHECK(world.give(world.order("2", 900)) == "");  // refused by parent-fill, and counted
  CHECK(world.give(world.order("3", 200)) == "");  // 2,000 of 1,000: at the limit
  const std::string beyond = world.give(world.order("4", 1));
  CHECK(beyond.starts_with("PARENT_FAN_OUT kill router 0"));
}

TEST_CASE("parent fan-out: a replace counts by what it adds") {
  Watched world;
  world.limits.parent.child_shares = percent(60);
  CHECK(world.give(world.order("1", 500)) == "");
  CHECK(world.give(world.replace("2", "1", 600)) == "");
  CHECK(world.give(world.replace("3", "2", 601)).starts_with("PARENT_FAN_OUT kill router 0"));
}

TEST_CASE("parent fan-out: of a router, on average over its parents, at least the sample") {
  Watched world;
  world.limits.routers[0].child_messages = count(2);
  world.limits.peer_sample = {2};
  const ParentId p2 = world.declare("P2", shares(1000));
  const ParentId p3 = world.declare("P3", shares(1000));
  int number = 0;
  const auto give = [&](ParentId parent) {
    NewOrder order = world.order("n" + std::to_string(++number), 1);
    order.parent = parent;
    return world.give(order);
  };
  for (int i = 0; i < 4; ++i) CHECK(give(world.p1) == "");      // 4 for one parent: as if of two
  CHECK(give(p2).starts_with("PARENT_FAN_OUT kill router 0"));  // 5 for two
  CHECK(give(p3) == "");                                        // 6 for three
  CHECK(give(p3).starts_with("PARENT_FAN_OUT kill router 0"));
}

TEST_CASE("parent fan-out: of a router, its shares against those of its parents together") {
  Watched world;
  world.limits.routers[0].child_shares = percent(100);
  NewOrder other = world.order("1", 100);
  other.parent = world.declare("P2", shares(1000));
  CHECK(world.give(other) == "");
  CHECK(world.give(world.order("2", 1'900)) == "");  // 2,000 of 2,000
  CHECK(world.give(world.order("3", 1)).starts_with("PARENT_FAN_OUT kill router 0"));
  // A parent that is made larger makes room.
  world.books.resize(world.p1, shares(1'002), ParentSource::declared, world.now);
  CHECK(world.give(world.order("4", 1)) == "");
}

TEST_CASE("peer divergence: far above the median of at least two peers is blocked") {
  Watched world;
  const RouterId r3 = world.directory.routers.intern("R3");
  world.limits.routers.push_back(wide_limits());
  world.limits.routers[0].peer_divergence = percent(500);
  world.limits.peer_sample = {3};
  world.resize();
  work(world, world.r2, 3, 2);
  work(world, world.r1, 3, 10);
  CHECK(world.watch(Occasion::tick) == "");  // one peer is none
  work(world, r3, 3, 2);
  CHECK(world.watch(Occasion::tick) == "");  // five times the median: at the limit
  NewOrder more = world.order("more", 1);
  more.parent = world.directory.parents.find("Q0-0");
  REQUIRE(world.send(more).may_go());
  CHECK(world.watch(Occasion::tick) == "PEER_DIVERGENCE block router 0");
  CHECK(world.watch(Occasion::message) == "");
  world.now = world.now + seconds(120);  // that was two minutes ago
  CHECK(world.watch(Occasion::tick) == "");
}

TEST_CASE("peer divergence: a desk that works few parents hard is neither judged nor a peer") {
  Watched world;
  const RouterId r3 = world.directory.routers.intern("R3");
  world.limits.routers.push_back(wide_limits());
  for (ScopeLimits& router : world.limits.routers) router.peer_divergence = percent(200);
  world.limits.peer_sample = {3};
  world.resize();
  work(world, world.r2, 3, 1);
  work(world, r3, 3, 1);
  work(world, world.r1, 2, 50);
  CHECK(world.watch(Occasion::tick) == "");
  world.limits.peer_sample = {2};
  CHECK(world.watch(Occasion::tick) == "PEER_DIVERGENCE block router 0");
}

TEST_CASE("peer divergence: where most are broken the same way, nobody stands out") {
  Watched world;
  const RouterId r3 = world.directory.routers.intern("R3");
  world.limits.routers.push_back(wide_limits());
  for (ScopeLimits& router : world.limits.routers) router.peer_divergence = percent(200);
  world.limits.peer_sample = {3};
  world.resize();
  work(world, world.r1, 3, 50);
  work(world, world.r2, 3, 50);
  work(world, r3, 3, 1);
  CHECK(world.watch(Occasion::tick) == "");
}

TEST_CASE("parent fan-out: is judged by what a router sends for a parent, and by nothing else") {
  Watched world;
  world.limits.parent.child_messages = world.limits.routers[0].child_messages = count(1);
  world.limits.peer_sample = {1};
  REQUIRE(world.give(world.order("1", 1)) == "");
  REQUIRE(world.give(world.order("2", 1)) != "");
  const Touched of = world.touched(world.order("3", 1));
  const std::string both = "PARENT_FAN_OUT kill router 0\nPARENT_FAN_OUT kill router 0";
  CHECK(world.watch(Occasion::attempt, of) == both);
  CHECK(world.watch(Occasion::message, of) == both);
  CHECK(world.watch(Occasion::report, of) == "");
  Touched of_no_parent = of;
  of_no_parent.parent = {};
  CHECK(world.watch(Occasion::message, of_no_parent) == "");
  Touched of_no_router = of;
  of_no_router.router = {};
  CHECK(world.watch(Occasion::message, of_no_router) == "");
}

TEST_CASE("parent fan-out: says whether a parent or a router's average is beyond its limit") {
  Watched world;
  const auto facts = [&] {
    std::string all;
    const Touched of = world.touched(world.order("next", 1));
    for (const Breach& each : world.breaches(Occasion::message, of)) {
      if (each.reason == Reason::parent_fan_out) all += each.fact + "; ";
    }
    return all;
  };
  world.limits.parent.child_messages = world.limits.routers[0].child_messages = count(1);
  world.limits.peer_sample = {1};
  world.give(world.order("1", 1000));
  world.give(world.order("2", 1000));
  CHECK(facts() == "2 messages for parent P1; 2 messages a parent of router R1; ");
  world.limits.parent = world.limits.routers[0] = wide_limits();
  world.limits.parent.child_shares = world.limits.routers[0].child_shares = percent(100);
  CHECK(facts() ==
        "200 % of the size of parent P1; 200 % of the parents' shares out of router R1; ");
}

TEST_CASE("peer divergence: neither a router itself nor one that works few parents is its peer") {
  Watched world;
  const RouterId r3 = world.directory.routers.intern("R3");
  world.limits.routers.push_back(wide_limits());
  world.limits.routers[0].peer_divergence = percent(200);
  world.limits.peer_sample = {3};
  world.resize();
  work(world, world.r2, 3, 2);
  work(world, r3, 2, 2);
  work(world, world.r1, 3, 10);
  CHECK(world.watch(Occasion::tick) == "");
  NewOrder third = world.order("third", 1);
  third.router = r3;
  third.parent = world.declare("Q2-2", shares(1000));
  REQUIRE(world.send(third).may_go());
  CHECK(world.watch(Occasion::tick) == "PEER_DIVERGENCE block router 0");
}
