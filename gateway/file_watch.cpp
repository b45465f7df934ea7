#include "gateway/file_watch.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace interlock::gateway {
namespace {

constexpr std::chrono::seconds look_every{1};

}  // namespace

std::string FileLook::newest_segment() const {
  std::string newest;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("journal-") && name.ends_with(".seg")) newest = std::max(newest, name);
  }
  return newest;
}

std::string FileLook::look_at(const std::string& name) {
  struct stat status {};
  const auto path = directory_ / name;
  const auto before = known_.find(name);
  if (::stat(path.c_str(), &status) != 0) {
    if (before == known_.end()) return {};
    known_.erase(before);
    return fmt::format("{} is gone: somebody has moved or removed it", path.string());
  }
  const Known now{status.st_dev, status.st_ino, status.st_size};
  std::string found;
  if (before != known_.end()) {
    if (now.inode != before->second.inode || now.device != before->second.device)
      found = fmt::format("{} is another file: somebody has replaced it", path.string());
    else if (now.bytes < before->second.bytes)
      found = fmt::format("{} is shorter: somebody has cut it", path.string());
  }
  known_[name] = now;
  return found;
}

std::string FileLook::look() {
  const std::string newest = newest_segment();
  std::string found;
  if (newest < segment_) {  // the one in use has gone
    found = look_at(segment_);
  } else {
    if (newest != segment_) known_.erase(std::exchange(segment_, newest));
    if (!segment_.empty()) found = look_at(segment_);
  }
  for (const char* name : {"seal", "lock"}) {
    const std::string more = look_at(name);
    if (found.empty()) found = more;
  }
  return found;
}

FileWatch::FileWatch(std::filesystem::path directory)
    : look_(std::move(directory)), thread_([this] { run(); }) {}

FileWatch::~FileWatch() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  due_.notify_one();
  thread_.join();
}

void FileWatch::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    std::string found = look_.look();
    lock.lock();
    if (!found.empty()) found_ = std::move(found);
    due_.wait_for(lock, look_every, [this] { return stop_; });
  }
}

std::string FileWatch::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(found_, {});
}

}  // namespace interlock::gateway
