#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "scenarios/stage.hpp"

namespace interlock::scenarios {
namespace {

const std::filesystem::path here = std::filesystem::path(SOURCE_DIR) / "tests/scenarios";

std::vector<Play> plays() {
  std::vector<Play> all;
  const char* only = std::getenv("PLAY");
  for (const auto& entry : std::filesystem::directory_iterator(here)) {
    if (entry.path().extension() != ".fix") continue;
    if (only != nullptr && entry.path().stem() != only) continue;
    all.push_back(read_play(entry.path()));
  }
  std::ranges::sort(all, {}, [](const Play& play) { return play.file; });
  return all;
}

TEST_CASE("scenarios: each play holds in process, with time advanced") {
  for (const Play& play : plays()) {
    CAPTURE(play.file.stem().string());
    const auto stage = in_process(here / "configs", play.config);
    CHECK_MESSAGE(give(play, *stage).empty(), give(play, *in_process(here / "configs", play.config)));
  }
}

}  // namespace
}  // namespace interlock::scenarios
