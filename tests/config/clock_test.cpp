// [clock]: how wrong the host's clock may be, and what a doubt does.
#include "tests/config/folder.hpp"

namespace interlock::config {

TEST_CASE("clock: without its table a clock that is 100 ms wrong is an alarm") {
  const auto loaded = Folder().load();
  REQUIRE(loaded.config);
  CHECK(loaded.config->clock_watch.max_error == risk::milliseconds(100));
  CHECK_FALSE(loaded.config->clock_watch.blocks);
}

TEST_CASE("clock: a bound of its own, and a doubt that blocks") {
  const auto loaded =
      Folder().with("[stop]", "[clock]\nmax_error = \"100 us\"\non_doubt = \"block\"\n[stop]");
  REQUIRE_MESSAGE(loaded.config, render(loaded.problems));
  CHECK(loaded.config->clock_watch.max_error.ns == 100'000);
  CHECK(loaded.config->clock_watch.blocks);
}

TEST_CASE("clock: each rule") {
  check_each({
      {"[stop]", "[clock]\nmax_error = \"0 ms\"\n[stop]", "max_error = \"0 ms\" is not a duration"},
      {"[stop]", "[clock]\nmax_error = 100\n[stop]", "max_error = 100 has no unit"},
      {"[stop]", "[clock]\non_doubt = \"kill\"\n[stop]", "on_doubt = \"kill\" is not a known word"},
      {"[stop]", "[clock]\nbound = \"1 ms\"\n[stop]", "unknown key 'bound' in [clock]"},
  });
}

}  // namespace interlock::config
