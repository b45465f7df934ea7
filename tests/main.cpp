// The one main of all doctest programs.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "tests/source.hpp"

#include <doctest/doctest.h>

const std::filesystem::path& interlock::tests::source_dir() {
  static const std::filesystem::path dir = SOURCE_DIR;
  return dir;
}
