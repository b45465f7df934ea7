// One world, told in full: tests/sim SEED.
#include <cstdlib>
#include <iostream>

#include "simulation/world.hpp"

int main(int count, char** words) {
  char* end = nullptr;
  const std::uint64_t seed = count == 2 ? std::strtoull(words[1], &end, 10) : 0;
  if (end == nullptr || *end != '\0') {
    std::cerr << "usage: tests/sim SEED\n";
    return 2;
  }
  try {
    const auto tally = interlock::simulation::World(seed, &std::cout).run();
    std::cout << tally.entered << " requests entered, " << tally.refused << " refused, "
              << tally.reports << " reports: books, model and truth agree\n";
  } catch (const interlock::simulation::Failure& failure) {
    std::cout << "DIFFERS: " << failure.what() << '\n';
    return 1;
  }
}
