// A latch that belongs to nobody: a core has one, and a rebuild of a journal does not ask it.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "killswitch/latch.hpp"

namespace interlock::gateway {

class NoLatch {
 public:
  NoLatch() {
    std::string name = (std::filesystem::temp_directory_path() / "interlock-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw std::filesystem::filesystem_error("cannot work in",
                                              std::filesystem::temp_directory_path(),
                                              std::error_code(errno, std::system_category()));
    }
    folder_ = name;
    latch_.emplace(folder_ / "latch", 0);
  }
  NoLatch(const NoLatch&) = delete;
  NoLatch& operator=(const NoLatch&) = delete;
  ~NoLatch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  [[nodiscard]] killswitch::Latch& latch() { return *latch_; }

 private:
  std::filesystem::path folder_;
  std::optional<killswitch::Latch> latch_;
};

}  // namespace interlock::gateway
