// What this process is: the facts that every node proves before it is armed.
#pragma once

#include <string>

namespace interlock::console {

struct Identity {
  std::string version;       // of the release
  std::string git_revision;  // of the source
  std::string build_id;      // GNU build id of the running file, hex
  std::string config_hash;
  std::string node;
  std::string environment;
};

// The GNU build id of the running program, read from its own memory; "unknown" when the linker
// wrote none.
[[nodiscard]] std::string running_build_id();

}  // namespace interlock::console
