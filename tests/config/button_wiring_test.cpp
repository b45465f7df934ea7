// Buttons whose wiring could never be seen to open.
#include "tests/config/folder.hpp"

using namespace interlock::config;

namespace {

std::string problem_with(const std::string& device) {
  const Folder folder;
  return only_problem(folder.parse(std::string(sample()) +
                                   "\n[[kill.button]]\nid = \"b\"\nscope = \"everything\"\n"
                                   "on_loss = \"kill\"\n" +
                                   device + "\n"));
}

std::string gpio(const std::string& keys) {
  return problem_with("gpio = { chip = \"/dev/gpiochip0\", lines = [3]" + keys + " }");
}
constexpr const char* none = "0 problems:\n";
constexpr const char* always_closed = "an open circuit would read as a closed one";

}  // namespace

TEST_CASE("button wiring: a bias that makes an open circuit look closed is refused") {
  CHECK(gpio("") == none);
  CHECK(gpio(", bias = \"pull_down\"") == none);
  CHECK(gpio(", bias = \"pull_up\", active_low = true") == none);
  CHECK(gpio(", bias = \"disabled\", active_low = true") == none);
  CHECK(gpio(", bias = \"pull_up\"") == always_closed);
  CHECK(gpio(", bias = \"pull_down\", active_low = true") == always_closed);
}

TEST_CASE("button wiring: a button without a line or a loop is refused") {
  CHECK(problem_with("gpio = { chip = \"/dev/gpiochip0\", lines = [] }") ==
        "a button has one line, or two different ones as two channels");
  CHECK(problem_with("serial = { device = \"/dev/x\", loops = [] }") ==
        "a button has one loop, or two that are fed by different outputs");
  CHECK(problem_with("gpio = { chip = \"/dev/gpiochip0\" }") ==
        "gpio of button b has no 'lines': the contact is on one, or on two as two channels");
}
