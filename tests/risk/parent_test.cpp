// Parents: who may declare them, when they are exhausted, and when a refused child kills its
// router.
#include <doctest/doctest.h>

#include "tests/risk/world.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

// A world whose parent is complete at 0 ms by a fill of R1.
struct Complete : World {
  Complete() {
    REQUIRE(send(order("1", 1000)).may_go());
    CHECK(learn(fill("1", 1000)).exhausted_parent);
  }
  // The refusal of a further child: does it kill?
  bool child_kills(std::int64_t ms, RouterId router, std::int64_t quantity = 100) {
    now = at_ms(ms);
    NewOrder child = order("c" + std::to_string(next_++), quantity);
    child.router = router;
    const Verdict verdict = send(child);
    REQUIRE(word(verdict) == "PARENT_FILL");
    if (verdict.breach->trip) {
      CHECK(*verdict.breach->trip == Trip{Level::kill, {ScopeKind::router, router.value}});
    }
    return verdict.breach->trip.has_value();
  }

 private:
  int next_ = 0;
};

}  // namespace

TEST_CASE("parent: the first declaration holds, the same again is the same, another a conflict") {
  World world;
  const ParentDeclaration first{world.p1,  world.a1,     world.aaa,
                                Side::buy, shares(1000), ParentSource::declared};
  CHECK(world.books.declare(first, world.now) == Declared::same);
  const auto differs = [&](auto change) {
    ParentDeclaration other = first;
    change(other);
    return world.books.declare(other, world.now) == Declared::conflict;
  };
  CHECK(differs([](auto& d) { d.size = shares(1001); }));
  CHECK(differs([&](auto& d) { d.account = world.a2; }));
  CHECK(differs([&](auto& d) { d.symbol = world.bbb; }));
  CHECK(differs([](auto& d) { d.side = Side::sell; }));
  CHECK(world.parent().size == shares(1000));
  CHECK(world.parent().side == Side::buy);
}

TEST_CASE("parent: a declaration with an unknown name or no size declares nothing") {
  World world;
  const ParentId fresh = world.directory.parents.intern("P2");
  for (const ParentDeclaration& bad :
       {ParentDeclaration{fresh, {}, world.aaa, Side::buy, shares(1), ParentSource::declared},
        ParentDeclaration{fresh, world.a1, {}, Side::buy, shares(1), ParentSource::declared},
        ParentDeclaration{fresh, world.a1, world.aaa, Side::buy, {}, ParentSource::declared},
        ParentDeclaration{fresh, world.a1, world.aaa, Side::buy, shares(-1),
                          ParentSource::declared},
        ParentDeclaration{{}, world.a1, world.aaa, Side::buy, shares(1), ParentSource::declared}}) {
    CHECK(world.books.declare(bad, world.now) == Declared::conflict);
  }
  CHECK(world.books.parent(fresh) == nullptr);
}

TEST_CASE("parent: exactly its size may go out, over all routers, and not a millionth more") {
  World world;
  REQUIRE(world.send(world.order("1", 400)).may_go());
  NewOrder second = world.order("2", 600);
  second.router = world.r2;
  REQUIRE(world.send(second).may_go());
  NewOrder third = world.order("3", 0);
  third.quantity = Quantity::of_raw(1);
  CHECK(world.send(third).breach->fact == "child 0.000001 makes 1000.000001 of parent P1's 1000");
}

TEST_CASE("parent: while children are open it is full, not exhausted, and nobody is killed") {
  World world;
  REQUIRE(world.send(world.order("1", 1000)).may_go());
  for (int i = 0; i < 100; ++i) {
    world.now = at_ms(i * 10);
    const Verdict verdict = world.send(world.order("c" + std::to_string(i), 100));
    REQUIRE(word(verdict) == "PARENT_FILL");
    CHECK_FALSE(verdict.breach->trip);
  }
}

TEST_CASE("parent: a child that races the last fill is refused, one after the grace kills") {
  Complete world;
  CHECK_FALSE(world.child_kills(0, world.r1));
  CHECK_FALSE(world.child_kills(500, world.r1));
  CHECK(world.child_kills(501, world.r1));
}

TEST_CASE("parent: a router with no order there is killed only after an earlier refusal") {
  Complete world;
  CHECK_FALSE(world.child_kills(5000, world.r2));
  CHECK_FALSE(world.child_kills(5500, world.r2));
  CHECK(world.child_kills(5501, world.r2));
}

TEST_CASE("parent: the twentieth refusal within a second kills, the grace notwithstanding") {
  Complete world;
  for (int i = 1; i < 20; ++i) CHECK_FALSE(world.child_kills(i, world.r1));
  CHECK(world.child_kills(20, world.r1));
}

TEST_CASE("parent: nineteen a second do not, and refusals of other routers do not count") {
  Complete world;
  world.limits.parents.exhausted_grace = seconds(3600);
  for (int i = 0; i < 19; ++i) CHECK_FALSE(world.child_kills(i, world.r1));
  CHECK_FALSE(world.child_kills(19, world.r2));
  CHECK_FALSE(world.child_kills(1000, world.r1));  // the first of them is a second old
  CHECK(world.child_kills(1000, world.r1));        // and here is the twentieth
}

TEST_CASE("parent: what is full but open is not exhausted, however few refusals kill") {
  World world;
  world.limits.parents.exhausted_refusals = 1;
  REQUIRE(world.send(world.order("1", 1000)).may_go());
  CHECK_FALSE(world.send(world.order("2", 10)).breach->trip);
  world.learn(world.fill("1", 1000));
  CHECK(world.send(world.order("3", 10)).breach->trip);
}

TEST_CASE("parent: with nothing open and a rest smaller than the child, it is exhausted") {
  World world;
  REQUIRE(world.send(world.order("1", 950)).may_go());
  world.learn(world.fill("1", 950));
  world.now = at_ms(501);
  CHECK(word(world.ask(world.order("2", 50))) == "may go");
  const Verdict verdict = world.send(world.order("2", 51));
  CHECK(word(verdict) == "PARENT_FILL");
  CHECK(verdict.breach->trip);
}

TEST_CASE(
    "parent: a child that passes takes back what an earlier refusal held against its router") {
  World world;
  REQUIRE(world.send(world.order("1", 950)).may_go());
  world.learn(world.fill("1", 950));
  CHECK_FALSE(world.send(world.order("2", 100)).breach->trip);  // the router misjudged the rest
  REQUIRE(world.send(world.order("3", 50)).may_go());
  world.now = at_ms(10'000);
  world.learn(world.fill("3", 50));
  CHECK_FALSE(world.send(world.order("4", 50)).breach->trip);  // a race with the last fill
}

TEST_CASE("parent: cancelled by its owner it is exhausted, with a grace from then on") {
  World world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  world.now = at_ms(1000);
  world.books.cancel_parent(world.p1, world.now);
  CHECK(world.parent().cancelled);
  world.now = at_ms(1500);
  Verdict verdict = world.send(world.order("2", 100));
  CHECK(verdict.breach->fact == "parent P1 was cancelled by its owner");
  CHECK_FALSE(verdict.breach->trip);
  world.now = at_ms(1501);
  verdict = world.send(world.order("3", 100));
  CHECK(verdict.breach->trip);
}

TEST_CASE(
    "parent: a grace counts from the cancel, not from when it was idle with room for the child") {
  for (const std::int64_t quantity : {50, 100}) {  // of the 100 that are left
    World world;
    REQUIRE(world.send(world.order("1", 900)).may_go());
    world.learn(world.fill("1", 900));
    world.now = at_ms(1000);
    world.books.cancel_parent(world.p1, world.now);
    world.now = at_ms(1100);
    CHECK_FALSE(world.send(world.order("2", quantity)).breach->trip);
  }
}

TEST_CASE("parent: a complete one is exhausted once, and late fills count on") {
  Complete world;
  const Learned learned = world.learn(world.fill("1", 5));
  CHECK_FALSE(learned.exhausted_parent);
  CHECK(learned.anomaly == Anomaly::over_fill);
  CHECK(world.parent().used() == shares(1005));
  CHECK(world.child_kills(501, world.r1, 1));
}

TEST_CASE("parent: a router that mints children over many parents is killed by the count") {
  World world;
  world.limits.parents.exhausted_grace = seconds(3600);
  int kills = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "Q" + std::to_string(i);
    NewOrder child = world.order(name, 10);
    child.parent = world.declare(name, shares(10));
    REQUIRE(world.send(child).may_go());
    world.learn(world.fill(name, 10));
    child.cl_ord_id += "+";
    kills += world.send(child).breach->trip.has_value();
  }
  CHECK(kills == 1);
}
