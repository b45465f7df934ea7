// How far long work is, for who waits at a terminal: nothing for the first second, nor where stderr
// is no terminal.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

namespace interlock::cli {

class Progress {
 public:
  // "verifying: record 1204889 of 4000000, 12 s". `of` 0: nobody knows; `to` nullptr: nobody is
  // told.
  explicit Progress(std::string what, std::uint64_t of = 0, std::FILE* to = stderr,
                    std::chrono::milliseconds first = std::chrono::seconds{1});
  ~Progress();  // takes its line away
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  std::atomic<std::uint64_t> at{0};  // the record in hand; written by the work

 private:
  void show(const std::string& what, std::uint64_t of, std::chrono::milliseconds first);

  std::FILE* to_;
  std::mutex mutex_;
  std::condition_variable ends_;
  bool ended_ = false;
  std::thread thread_;
};

// Where progress goes while the work itself writes to stdout: nowhere, when that is a terminal too.
[[nodiscard]] std::FILE* beside_output();
// The last record of a journal that is sealed; 0: nobody knows.
[[nodiscard]] std::uint64_t records_of(const std::filesystem::path& journal);

}  // namespace interlock::cli
