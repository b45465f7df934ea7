// Writes the latch to disk in a thread of its own: the order path never waits for it, and the
// answer to a kill only for a time.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <expected>
#include <mutex>
#include <string>
#include <thread>

#include "killswitch/latch.hpp"

namespace interlock::gateway {

class LatchKeeper {
 public:
  explicit LatchKeeper(killswitch::Latch& latch) : latch_(latch), thread_([this] { work(); }) {}
  ~LatchKeeper() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    due_.notify_one();
    thread_.join();
  }
  // The number of the writing that will hold all that the latch holds now.
  std::uint64_t ask() {
    const std::lock_guard lock(mutex_);
    asked_ = true;
    due_.notify_one();
    return ++turn_;
  }
  // How that writing ended; waits so long for it.
  std::expected<void, std::string> written(std::uint64_t turn, std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    if (done_.wait_for(lock, wait, [&] { return written_turn_ >= turn; })) return written_;
    return std::unexpected(fmt::format("the disk has not answered in {} ms", wait.count()));
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      due_.wait(lock, [this] { return asked_ || stop_; });
      if (!asked_) return;
      asked_ = false;
      const std::uint64_t turn = turn_;
      lock.unlock();
      auto written = latch_.persist();  // the memory stays shut either way
      lock.lock();
      written_ = std::move(written);
      written_turn_ = turn;
      done_.notify_all();
    }
  }
  killswitch::Latch& latch_;
  std::mutex mutex_;
  std::condition_variable due_;
  std::condition_variable done_;
  bool asked_ = false;
  bool stop_ = false;
  std::uint64_t turn_ = 0;
  std::uint64_t written_turn_ = 0;
  std::expected<void, std::string> written_;
  std::thread thread_;
};

}  // namespace interlock::gateway
