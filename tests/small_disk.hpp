// A file system in memory of a given size, which ends with this process; it can be filled.
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace interlock::tests {

class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path at, const char* size = "size=12m") : at_(std::move(at)) {
    is_there_ = ::unshare(CLONE_NEWNS) == 0 &&
                ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                ::mount("small", at_.c_str(), "tmpfs", 0, size) == 0;
  }
  ~SmallDisk() {
    if (is_there_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  // False: it takes the right to mount.
  [[nodiscard]] bool is_there() const { return is_there_; }
  [[nodiscard]] std::filesystem::path path() const { return at_; }
  void fill() const {
    std::ofstream file(at_ / "filler", std::ios::binary);
    const std::string block(4096, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }

 private:
  std::filesystem::path at_;
  bool is_there_ = false;
};

}  // namespace interlock::tests
