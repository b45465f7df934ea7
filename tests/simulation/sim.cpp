// One world, told in full, or many of them, told only where they differ: tests/sim [core] SEED
// [LAST].
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "simulation/core_world.hpp"
#include "simulation/world.hpp"
#include "tests/source.hpp"

const std::filesystem::path& interlock::tests::source_dir() {
  static const std::filesystem::path dir = SOURCE_DIR;
  return dir;
}

namespace {

using namespace interlock::simulation;

std::uint64_t number(const char* word) {
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(word, &end, 10);
  return *end == '\0' ? value : 0;
}

void run_one(std::uint64_t seed, bool is_core, std::ostream* out) {
  if (is_core) {
    const CoreTally tally = CoreWorld(seed, out).run();
    if (!out) return;
    *out << tally.entered << " orders entered, " << tally.kills << " kills, " << tally.shut_out
         << " shut out, " << tally.judged << " judged again: all holds\n";
    return;
  }
  const Tally tally = World(seed, out).run();
  if (!out) return;
  *out << tally.entered << " requests entered, " << tally.refused << " refused, " << tally.reports
       << " reports: books, model and truth agree\n";
}

// False: something differs.
bool run(std::uint64_t seed, bool is_core, std::ostream* out) {
  try {
    run_one(seed, is_core, out);
    return true;
  } catch (const std::exception& failure) {
    std::cout << "DIFFERS: " << failure.what() << '\n';
    return false;
  }
}

}  // namespace

int main(int count, char** words) {
  const bool is_core = count > 1 && std::string_view(words[1]) == "core";
  if (is_core) ++words, --count;
  const std::uint64_t first = count > 1 ? number(words[1]) : 0;
  const std::uint64_t last = count > 2 ? number(words[2]) : first;
  if (count > 3 || first == 0 || last < first) {
    std::cerr << "usage: tests/sim [core] SEED [LAST]\n";
    return 2;
  }
  if (first == last) return run(first, is_core, &std::cout) ? 0 : 1;
  std::uint64_t differ = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) differ += !run(seed, is_core, nullptr);
  std::cout << last - first + 1 << " worlds, " << differ << " differ\n";
  return differ == 0 ? 0 : 1;
}
