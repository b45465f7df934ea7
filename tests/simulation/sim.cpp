// One world, told in full, or many of them, told only where they differ: tests/sim SEED [LAST].
#include <cstdlib>
#include <iostream>

#include "simulation/world.hpp"

namespace {

using namespace interlock::simulation;

std::uint64_t number(const char* word) {
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(word, &end, 10);
  return *end == '\0' ? value : 0;
}

// False: something differs.
bool run(std::uint64_t seed, std::ostream* out) {
  try {
    const Tally tally = World(seed, out).run();
    if (out) {
      *out << tally.entered << " requests entered, " << tally.refused << " refused, "
           << tally.reports << " reports: books, model and truth agree\n";
    }
    return true;
  } catch (const Failure& failure) {
    std::cout << "DIFFERS: " << failure.what() << '\n';
    return false;
  }
}

}  // namespace

int main(int count, char** words) {
  const std::uint64_t first = count > 1 ? number(words[1]) : 0;
  const std::uint64_t last = count > 2 ? number(words[2]) : first;
  if (count > 3 || first == 0 || last < first) {
    std::cerr << "usage: tests/sim SEED [LAST]\n";
    return 2;
  }
  if (first == last) return run(first, &std::cout) ? 0 : 1;
  std::uint64_t differ = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) differ += !run(seed, nullptr);
  std::cout << last - first + 1 << " worlds, " << differ << " differ\n";
  return differ == 0 ? 0 : 1;
}
