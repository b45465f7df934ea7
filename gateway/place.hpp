// Where a gateway runs: the host and the state directory, told from every copy of either.
#pragma once

#include <filesystem>
#include <string>

namespace interlock::gateway {

struct Place {
  std::string host;      // of /etc/machine-id, hashed: the id itself is not for others' eyes
  std::string instance;  // of the directory: its path and its inode, which no copy has
  [[nodiscard]] std::string text() const { return host + "/" + instance; }
  [[nodiscard]] bool known() const { return !host.empty(); }
};
// The directory is there.
[[nodiscard]] Place place_of(const std::filesystem::path& state_dir);

}  // namespace interlock::gateway
