#include "tests/hil/host.hpp"

#include <fmt/format.h>

#include <iostream>
#include <stdexcept>
#include <string>

namespace interlock::hil {
namespace {

// The answer is a line; "done" is the only good one.
void ask(std::string_view word, std::string_view rest) {
  say(fmt::format("{} {}", word, rest));
  std::string answer;
  if (!std::getline(std::cin, answer) || answer != "done") {
    throw std::runtime_error(fmt::format("{} {}: {}", word, rest, answer));
  }
}

}  // namespace

void say(std::string_view line) { std::cout << line << "\n" << std::flush; }

void ask_host(std::string_view qmp) { ask("qmp", qmp); }

void await_host(std::string_view event) { ask("await", event); }

}  // namespace interlock::hil
