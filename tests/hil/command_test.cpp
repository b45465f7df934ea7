// The kill that needs no button.
#include <doctest/doctest.h>

#include "tests/hil/stage.hpp"

namespace interlock::hil {
namespace {

TEST_CASE("`interlock kill everything` on the host") {
  Stage stage("");
  for (int press = 0; press < 3; ++press) {
    stage.arm();
    stage.press("command", [&] {
      Process command({"/bin/interlock", "kill", "everything", "--socket",
                       (Gateway::directory() / "state/interlock.sock").string()},
                      Gateway::directory() / "kill.log");
      CHECK_EQ(command.wait(), 0);
    });
  }
}

}  // namespace
}  // namespace interlock::hil
