#include "crash/snapshots.hpp"

#include <fmt/format.h>

#include <csignal>

#include "crash/end.hpp"

namespace interlock::crash {

void Snapshots::turn(bool flows) {
  constexpr std::int64_t pause_ns_max = 1'500'000'000;
  if (running_ != nullptr) {
    if (!running_->ended()) return;
    if (running_->exit_code() != 0 && !saw_crash_)
      throw Failed(
          fmt::format("a snapshot ended with {}: see snapshots.log", running_->exit_code()));
    running_.reset();
    next_ns_ = now_ns() + static_cast<std::int64_t>(random_() % pause_ns_max);
  }
  if (!flows || now_ns() < next_ns_) return;
  saw_crash_ = false;
  running_ = std::make_unique<Program>(
      std::vector<std::string>{program_, "snapshot", "--config", directory_ / "gateway.toml"},
      directory_ / "snapshots.log");
}

void Snapshots::crashed() {
  saw_crash_ = true;
  if (running_ != nullptr && random_() % 3 == 0) running_->signal(SIGKILL);
}

}  // namespace interlock::crash
