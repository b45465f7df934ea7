// Random streams, mirrored in the slow model and against an honest venue.
#include "tests/risk/model.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "tests/risk/streams.hpp"

using namespace interlock::risk::test;

namespace {

std::vector<std::uint8_t> random_bytes(std::uint32_t seed, std::size_t size) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

}  // namespace

TEST_CASE("model: whatever a venue reports, the books hold what the model computes from scratch") {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    const auto bytes = random_bytes(seed, 2000);
    REQUIRE_NOTHROW(Chaos(bytes).run());
  }
}

TEST_CASE("model: the same changes give the same digest, other changes another") {
  const auto bytes = random_bytes(1, 2000);
  auto other = bytes;
  other.resize(1500);
  const std::uint64_t digest = Chaos(bytes).run();
  CHECK(Chaos(bytes).run() == digest);
  CHECK(Chaos(other).run() != digest);
}

TEST_CASE("model: an honest venue never can execute more than the books count, nor leaks any") {
  for (std::uint32_t seed = 1; seed <= 1000; ++seed) {
    CAPTURE(seed);
    const auto bytes = random_bytes(seed, 1500);
    REQUIRE_NOTHROW(Honest(bytes).run());
  }
}
