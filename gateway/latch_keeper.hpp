// Writes the latch to disk in a thread of its own: the order path never waits for it, and the
// answer to a kill or to a re-arm only for a time.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "killswitch/latch.hpp"

namespace interlock::gateway {

class LatchKeeper {
 public:
  static constexpr std::chrono::milliseconds again_after{1000};
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
  // Stores the latch without that kill. An error, also when it takes too long: the kill stands, and
  // is stored again.
  std::expected<killswitch::Latch::Cleared, std::string> clear(std::uint64_t kill_id,
                                                               std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    if (clearing_) return std::unexpected(std::string("another re-arm is being stored"));
    clearing_ = kill_id;
    due_.notify_one();
    if (done_.wait_for(lock, wait, [&] { return cleared_.has_value(); })) {
      auto cleared = *std::move(cleared_);
      cleared_.reset();
      clearing_.reset();
      return cleared;
    }
    given_up_ = true;
    return std::unexpected(
        fmt::format("kill {} stands: the disk has not answered in {} ms", kill_id, wait.count()));
  }
  // Why the last writing failed, once; empty: it did not, or that was said.
  std::string failure() {
    const std::lock_guard lock(mutex_);
    return std::exchange(failure_, {});
  }

 private:
  void store_cleared(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t kill_id = *clearing_;
    lock.unlock();
    auto cleared = latch_.store_cleared(kill_id);
    lock.lock();
    if (!std::exchange(given_up_, false)) {
      cleared_ = std::move(cleared);
      done_.notify_all();
      return;
    }
    clearing_.reset();
    latch_.stands();
    asked_ = true;
    ++turn_;
  }
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      const auto is_due = [this] { return asked_ || stop_ || (clearing_ && !cleared_); };
      // What failed is tried again: a kill that is not stored is forgotten by a crash.
      written_ ? due_.wait(lock, is_due) : (void)due_.wait_for(lock, again_after, is_due);
      if (clearing_ && !cleared_) store_cleared(lock);
      if (!asked_ && stop_) return;
      if (!asked_ && written_) continue;
      asked_ = false;
      const std::uint64_t turn = turn_;
      lock.unlock();
      auto written = latch_.persist();  // the memory stays shut either way
      lock.lock();
      if (!written && written_) failure_ = written.error();  // once, not each time again
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
  bool given_up_ = false;                  // who asked to clear does not wait any more
  std::optional<std::uint64_t> clearing_;  // a kill
  std::optional<std::expected<killswitch::Latch::Cleared, std::string>> cleared_;
  std::string failure_;
  std::uint64_t turn_ = 0;
  std::uint64_t written_turn_ = 0;
  std::expected<void, std::string> written_;
  std::thread thread_;
};

}  // namespace interlock::gateway
