#include <doctest/doctest.h>

#include "tests/risk/watched.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

TEST_CASE("tag dialect: what is undeclared is an alert, what is retired blocks its router") {
  Watched world;
  Touched touched;
  touched.router = world.r2;
  touched.what = "tag 7001 is retired";
  CHECK(world.watch(Occasion::undeclared, touched) == "TAG_DIALECT note router 1");
  CHECK(world.watch(Occasion::retired, touched) == "TAG_DIALECT block router 1");
  CHECK(world.watch(Occasion::message, touched) == "");
  CHECK(world.breaches(Occasion::retired, touched).at(0).fact ==
        "router R2 sent what its dialect has retired: tag 7001 is retired");
}

TEST_CASE("parent-fill: who goes on for what is exhausted is judged at its attempts only") {
  Watched world;
  REQUIRE(world.send(world.order("all", 1000)).may_go());
  world.learn(world.fill("all", 1000));
  for (std::uint32_t i = 0; i < world.limits.parents.exhausted_refusals; ++i) {
    REQUIRE(word(world.send(world.order("more " + std::to_string(i), 1))) == "PARENT_FILL");
  }
  const Touched of = world.touched(world.order("next", 1));
  CHECK(world.watch(Occasion::attempt, of) == "PARENT_FILL kill router 0");
  CHECK(world.watch(Occasion::message, of) == "");
  CHECK(world.watch(Occasion::report, of) == "");
}
