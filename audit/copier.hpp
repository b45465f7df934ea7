// The thread that copies what is closed of a journal to a second directory: segments, and as much
// of the seal, the keys and the signatures as belongs to them. The copy is a journal that can be
// verified by itself.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

namespace interlock::audit {

class Copier {
 public:
  Copier(std::filesystem::path from, std::filesystem::path to);
  Copier(const Copier&) = delete;
  Copier& operator=(const Copier&) = delete;
  ~Copier();

  // All segments up to this one are closed, and under a checkpoint.
  void closed(std::uint32_t segment);
  [[nodiscard]] std::string problem() const;

 private:
  void run();

  std::filesystem::path from_;
  std::filesystem::path to_;
  mutable std::mutex mutex_;  // of all below
  std::condition_variable closed_or_stopping_;
  std::uint32_t closed_ = 0;
  std::string problem_;
  bool stopping_ = false;
  std::thread thread_;
};

// What the thread does each time. The error: nothing that was there before is worse than it was.
[[nodiscard]] std::expected<void, std::string> copy_closed(const std::filesystem::path& from,
                                                           const std::filesystem::path& to,
                                                           std::uint32_t segments);

}  // namespace interlock::audit
