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
