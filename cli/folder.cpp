#include "cli/folder.hpp"

#include <stdlib.h>

#include <string>

#include "cli/command.hpp"

namespace interlock::cli {

namespace fs = std::filesystem;

Folder::Folder() {
  std::string name = (fs::temp_directory_path() / "interlock-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw Failure(exit_cannot_start, "no temporary folder");
  path = name;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

}  // namespace interlock::cli
