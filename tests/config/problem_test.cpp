#include "config/problem.hpp"

#include <doctest/doctest.h>

using namespace interlock::config;

TEST_CASE("problem: place, what, the line, a caret below it, and what to do") {
  Problem unknown;
  unknown.file = "gateway.toml";
  unknown.line = 38;
  unknown.column = 1;
  unknown.text = "unknown key 'max_net_notinal' in [firm]";
  unknown.excerpt = "max_net_notinal   = \"50 M USD\"";
  unknown.width = 15;
  unknown.hint = "did you mean 'max_net_notional'?";
  Problem warning;
  warning.severity = Problem::Severity::warning;
  warning.file = "secrets.toml";
  warning.text = "a whole file";
  warning.hint = "chmod 600 secrets.toml";
  CHECK(render({unknown, warning}) ==
        "gateway.toml:38:1: error: unknown key 'max_net_notinal' in [firm]\n"
        "   38 | max_net_notinal   = \"50 M USD\"\n"
        "      | ^^^^^^^^^^^^^^^ did you mean 'max_net_notional'?\n"
        "secrets.toml: warning: a whole file\n"
        "      chmod 600 secrets.toml\n"
        "1 error, 1 warning\n");
  CHECK(any_error({unknown}));
  CHECK_FALSE(any_error({warning}));
  CHECK_FALSE(any_error({}));
  CHECK(render({}) == "");
}

TEST_CASE("problem: the caret stands below its column, tabs or not") {
  Problem problem;
  problem.file = "f";
  problem.line = 1;
  problem.column = 6;
  problem.excerpt = "\tab = 3";
  CHECK(render({problem, problem}) ==
        "f:1:6: error: \n    1 |  ab = 3\n      |      ^\n"
        "f:1:6: error: \n    1 |  ab = 3\n      |      ^\n2 errors\n");
}

TEST_CASE("problem: a file cannot steer the terminal that shows it") {
  Problem problem;
  problem.file = "f";
  problem.line = 1;
  problem.column = 1;
  problem.text = "a\x1b[2J";
  problem.excerpt = "b\x1b]0;x\a";
  problem.hint = "c\x7f";
  const auto shown = render({problem});
  for (const char c : shown) CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
}
