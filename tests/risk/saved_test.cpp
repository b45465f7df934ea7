// Books as bytes and back.
#include "risk/saved.hpp"

#include <doctest/doctest.h>

#include <random>
#include <sstream>

#include "tests/risk/streams.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

std::string saved(const Books& books) {
  std::ostringstream bytes;
  books.save(bytes);
  return bytes.str();
}

Books restored(const std::string& bytes) {
  std::istringstream from(bytes);
  Books books;
  books.restore(from);
  return books;
}

std::vector<std::uint8_t> stream(std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> bytes(2000);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

}  // namespace

TEST_CASE("saved: books that come back from bytes are the same, and go on as if they had stayed") {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const auto bytes = stream(seed);
    int step = 0;
    // The stream compares them with its model after each step.
    const std::uint64_t digest = Chaos(bytes).run([&](Books& books) {
      if (++step % 9 != 0) return;
      Books back = restored(saved(books));
      REQUIRE(back.digest() == books.digest());
      books = std::move(back);
    });
    CHECK(digest == Chaos(bytes).run());
  }
}

TEST_CASE("saved: a new day forgets in books that came back what it would have forgotten") {
  const auto play = [](bool comes_back) {
    World world;
    for (int i = 0; i < 200; ++i) {
      const std::string name = "o" + std::to_string(i);
      REQUIRE(world.send(world.order(name, 1)).may_go());
      if (i % 50 != 7) world.learn(world.report(Fact::ended, name, "e" + std::to_string(i)));
    }
    world.books.roll_day(world.now);
    world.books.roll_day(world.now);
    if (comes_back) world.books = restored(saved(world.books));
    world.books.roll_day(world.now);
    return std::pair(world.books.digest(), world.books.open_orders().size());
  };
  CHECK(play(true) == play(false));
  CHECK(play(true).second == 4);
}

TEST_CASE("saved: bytes that end too early change nothing") {
  World world;
  REQUIRE(world.send(world.order("1", 100)).may_go());
  const std::string whole = saved(world.books);
  const std::uint64_t before = world.books.digest();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    std::istringstream from(whole.substr(0, length));
    CHECK_THROWS(world.books.restore(from));
    REQUIRE(world.books.digest() == before);
  }
}
