// Looks whether somebody else moves, replaces, shortens or removes files of the journal that are in
// use.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace interlock::gateway {

class FileLook {
 public:
  explicit FileLook(std::filesystem::path directory) : directory_(std::move(directory)) {}
  // What has happened since the last look to the newest segment, the seal or the lock; empty:
  // nothing. Closed segments may be moved away.
  [[nodiscard]] std::string look();

 private:
  struct Known {
    dev_t device = 0;
    ino_t inode = 0;
    std::int64_t bytes = 0;
  };
  [[nodiscard]] std::string newest_segment() const;
  [[nodiscard]] std::string look_at(const std::string& name);

  std::filesystem::path directory_;
  std::string segment_;
  std::map<std::string, Known> known_;
};

// The same once a second, on a thread of its own: a disk that hangs holds up nobody else.
class FileWatch {
 public:
  explicit FileWatch(std::filesystem::path directory);
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;
  // Each finding once.
  [[nodiscard]] std::string take();

 private:
  void run();

  FileLook look_;
  std::mutex mutex_;
  std::condition_variable due_;
  bool stop_ = false;
  std::string found_;
  std::thread thread_;
};

}  // namespace interlock::gateway
