// Hundreds of mutated journals, the same on each run, through the body that libFuzzer runs.
#include "tests/fuzz/journal_fuzz.cpp"

#include <doctest/doctest.h>

#include <random>

namespace {

void try_input(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

TEST_CASE("journal fuzz: whatever the files hold, a reader ends, and only the original is whole") {
  try_input("");
  std::mt19937 random(5);
  const auto byte = [&] { return static_cast<char>(random()); };
  for (int round = 0; round < 400; ++round) {
    std::string input;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      const auto size = random() % 4 == 0 ? 0 : 1 + random() % 24;
      input += {byte(), byte(), byte(), static_cast<char>(size)};
      for (std::size_t i = 0; i < size; ++i) input += random() % 3 == 0 ? '\0' : byte();
    }
    try_input(input);
  }
}
