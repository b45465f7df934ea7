// A directory under the system's temporary one that is gone when its owner ends: nothing is kept.
#pragma once

#include <filesystem>

namespace interlock::cli {

class Folder {
 public:
  Folder();  // throws Failure
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path path;
};

}  // namespace interlock::cli
