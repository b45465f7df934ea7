// Where the tree under test stands. It is compiled into main.cpp alone: a path in each file's
// command line would make every checkout compile them anew.
#pragma once

#include <filesystem>

namespace interlock::tests {

[[nodiscard]] const std::filesystem::path& source_dir();

}  // namespace interlock::tests
