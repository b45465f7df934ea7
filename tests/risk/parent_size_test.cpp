// Rule 23: who may change a parent's size, and what is executed elsewhere.
#include <doctest/doctest.h>

#include "tests/risk/live.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

// A parent that a child of R1 named with 100.
struct Claimed : World {
  ParentId claimed = directory.parents.intern("C");
  Claimed() { CHECK(declare_from(ParentSource::child_tag, 100) == Declared::added); }
  Declared declare_from(ParentSource source, std::int64_t size) {
    return books.declare({claimed, a1, aaa, Side::buy, shares(size), source}, now);
  }
  Resized resize(ParentSource source, std::int64_t size) {
    return books.resize(claimed, shares(size), source, now);
  }
  [[nodiscard]] Quantity size() const { return books.parent(claimed)->size; }
  [[nodiscard]] std::string ask_child(const char* name, std::int64_t quantity) const {
    NewOrder child = order(name, quantity);
    child.parent = claimed;
    return word(ask(child));
  }
  Verdict send_child(const char* name, std::int64_t quantity) {
    NewOrder child = order(name, quantity);
    child.parent = claimed;
    return send(child);
  }
};

}  // namespace

TEST_CASE(
    "rule 23: the copy of the OMS is trusted most, then its declaration, then a child's tag") {
  Claimed world;
  CHECK(world.declare_from(ParentSource::child_tag, 200) == Declared::conflict);
  CHECK(world.size() == shares(100));
  CHECK(world.declare_from(ParentSource::declared, 300) == Declared::resized);
  CHECK(world.size() == shares(300));
  CHECK(world.books.parent(world.claimed)->source == ParentSource::declared);
  CHECK(world.declare_from(ParentSource::child_tag, 400) == Declared::conflict);
  CHECK(world.declare_from(ParentSource::tee, 250) == Declared::resized);
  CHECK(world.declare_from(ParentSource::declared, 300) == Declared::conflict);
  CHECK(world.declare_from(ParentSource::declared, 250) == Declared::same);
  CHECK(world.size() == shares(250));
  CHECK(world.books.parent(world.claimed)->source == ParentSource::tee);
  CHECK(world.books.declare(
            {world.claimed, world.a2, world.aaa, Side::buy, shares(250), ParentSource::tee},
            world.now) == Declared::conflict);
}

TEST_CASE("rule 23: raised by the router alone is refused, by its OMS it holds") {
  Claimed world;
  CHECK(world.resize(ParentSource::child_tag, 200) == Resized::refused);
  CHECK(world.resize(ParentSource::child_tag, 50) == Resized::refused);
  CHECK(world.ask_child("1", 101) == "PARENT_FILL");
  CHECK(world.resize(ParentSource::tee, 200) == Resized::resized);
  CHECK(world.ask_child("1", 200) == "may go");
  CHECK(world.resize(ParentSource::declared, 201) == Resized::refused);  // the tee said 200
  CHECK(world.resize(ParentSource::declared, 150) == Resized::resized);  // less, anybody may
  CHECK(world.books.parent(world.claimed)->source == ParentSource::tee);
  CHECK(world.resize(ParentSource::tee, 150) == Resized::same);
  CHECK(world.resize(ParentSource::tee, 0) == Resized::refused);
  CHECK(world.resize(ParentSource::tee, -1) == Resized::refused);
  CHECK(world.books.resize({}, shares(1), ParentSource::tee, world.now) == Resized::unknown_parent);
}

TEST_CASE("rule 23: re-sized below what is used, its children live on and none may enter") {
  Claimed world;
  REQUIRE(world.send_child("1", 60).may_go());
  world.learn(world.fill("1", 20));
  CHECK(world.resize(ParentSource::declared, 40) == Resized::resized);
  CHECK(counts(world.find("1")) == Counts{60, 20, 40});
  CHECK(world.books.parent(world.claimed)->used() == shares(60));
  CHECK(world.ask_child("2", 1) == "PARENT_FILL");
  CHECK(word(world.ask(world.replace("2", "1", 61))) == "PARENT_FILL");
  CHECK(word(world.ask(world.replace("2", "1", 30))) == "may go");
}

TEST_CASE("rule 23: exhausted by a smaller size, a router has the grace from then on") {
  Claimed world;
  REQUIRE(world.send_child("1", 60).may_go());
  world.learn(world.fill("1", 60));
  world.now = at_ms(10'000);
  CHECK(world.resize(ParentSource::declared, 60) == Resized::resized);
  world.now = at_ms(10'500);
  CHECK_FALSE(world.send_child("2", 10).breach->trip);
  world.now = at_ms(10'501);
  CHECK(world.send_child("3", 10).breach->trip);
}

TEST_CASE("rule 23: a raise takes back what the smaller size held against a router") {
  Claimed world;
  REQUIRE(world.send_child("1", 100).may_go());
  world.learn(world.fill("1", 100));
  CHECK_FALSE(world.send_child("2", 10).breach->trip);
  CHECK(world.resize(ParentSource::declared, 120) == Resized::resized);
  world.now = at_ms(10'000);
  REQUIRE(world.send_child("3", 20).may_go());
  world.learn(world.fill("3", 20));
  CHECK_FALSE(world.send_child("4", 10).breach->trip);  // a race with the last fill
}

TEST_CASE("rule 23: cancelled while children live, they live on and count") {
  Claimed world;
  REQUIRE(world.send_child("1", 60).may_go());
  world.books.cancel_parent(world.claimed, world.now);
  CHECK(world.books.parent(world.claimed)->used() == shares(60));
  CHECK(world.ask_child("2", 1) == "PARENT_FILL");
  world.learn(world.fill("1", 60));
  CHECK(world.books.parent(world.claimed)->cum == shares(60));
}

TEST_CASE("what the OMS reports as executed counts where it is more than our own children's") {
  Claimed world;
  REQUIRE(world.send_child("1", 30).may_go());
  world.learn(world.fill("1", 20));
  CHECK(world.books.report_executed(world.claimed, shares(15), world.now) == Quantity{});
  CHECK(world.books.parent(world.claimed)->used() == shares(30));
  CHECK(world.books.report_executed(world.claimed, shares(50), world.now) == shares(30));
  CHECK(world.books.parent(world.claimed)->used() == shares(60));
  CHECK(world.ask_child("2", 40) == "may go");
  CHECK(world.ask_child("2", 41) == "PARENT_FILL");
  CHECK(world.books.report_executed(world.claimed, shares(10), world.now) == shares(30));
  CHECK(world.books.parent(world.claimed)->used() == shares(60));  // it never falls
  CHECK(world.books.report_executed({}, shares(10), world.now) == Quantity{});
}

TEST_CASE("a parent that is executed elsewhere is exhausted, and its router has a grace") {
  Claimed world;
  REQUIRE(world.send_child("1", 10).may_go());
  world.now = at_ms(5'000);
  world.books.report_executed(world.claimed, shares(100), world.now);
  world.now = at_ms(5'500);
  CHECK_FALSE(world.send_child("2", 10).breach->trip);
  world.now = at_ms(5'501);
  CHECK(world.send_child("3", 10).breach->trip);
}
