// [loop]: where the event loop's thread runs, and how it waits.
#include <sched.h>

#include "config/pin.hpp"
#include "tests/config/folder.hpp"

namespace interlock::config {
namespace {

Loaded pinned_to(int processor) {
  return Folder().with("[stop]", fmt::format("[loop]\npin = {}\n[stop]", processor));
}

TEST_CASE("loop: without its table the thread is not bound, and sleeps at once") {
  const auto loaded = Folder().load();
  REQUIRE(loaded.config);
  CHECK_FALSE(loaded.config->loop.pin);
  CHECK(loaded.config->loop.busy_poll.ns == 0);
  CHECK_FALSE(pin_problem(*loaded.config));
}

TEST_CASE("loop: a processor of its own, and asking before it sleeps") {
  const auto loaded = Folder().with("[stop]", "[loop]\npin = 3\nbusy_poll = \"50 us\"\n[stop]");
  REQUIRE_MESSAGE(loaded.config, render(loaded.problems));
  CHECK(loaded.config->loop.pin == 3);
  CHECK(loaded.config->loop.busy_poll.ns == 50'000);
}

TEST_CASE("loop: each rule") {
  check_each({
      {"[stop]", "[loop]\npin = \"3\"\n[stop]", "pin = \"3\" is not a whole number from 0 to 1023"},
      {"[stop]", "[loop]\npin = 1024\n[stop]", "pin = 1024 is not a whole number from 0 to 1023"},
      {"[stop]", "[loop]\nbusy_poll = 50\n[stop]", "busy_poll = 50 has no unit"},
      {"[stop]", "[loop]\nspin = 1\n[stop]", "unknown key 'spin' in [loop]"},
  });
}

TEST_CASE("loop: a processor that this host gives, and those that it does not") {
  cpu_set_t set;
  REQUIRE(::sched_getaffinity(0, sizeof set, &set) == 0);
  int own = 0;
  while (!CPU_ISSET(own, &set)) ++own;
  CHECK_FALSE(pin_problem(*pinned_to(own).config));

  const auto none = pin_problem(*pinned_to(1023).config);
  REQUIRE(none);
  CHECK(none->text.starts_with("pin = 1023: this host has "));
  CHECK(none->line > 1);

  cpu_set_t less = set;  // as a service's CPUAffinity= leaves it
  CPU_CLR(own, &less);
  if (CPU_COUNT(&less) == 0) return;
  REQUIRE(::sched_setaffinity(0, sizeof less, &less) == 0);
  const auto taken = pin_problem(*pinned_to(own).config);
  REQUIRE(::sched_setaffinity(0, sizeof set, &set) == 0);
  REQUIRE(taken);
  CHECK(taken->text == fmt::format("pin = {}: this process may not run on that processor", own));
  CHECK(taken->hint.starts_with("write one of "));
}

}  // namespace
}  // namespace interlock::config
