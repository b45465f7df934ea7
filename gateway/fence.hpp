// No two gateways of one host speak for the same session with a venue, whatever their directories.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace interlock::gateway {

// Holds an abstract Unix socket for each session and address that it connects to, as long as the
// process lives. (Those that it accepts are fenced by their port.)
class Fence {
 public:
  // An error names the process that holds one of them: another instance.
  static std::expected<Fence, std::string> take(const config::Config& config);
  Fence() = default;
  Fence(Fence&& other) noexcept : held_(std::move(other.held_)) { other.held_.clear(); }
  Fence& operator=(Fence&& other) noexcept {
    held_.swap(other.held_);
    return *this;
  }
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;
  ~Fence();

 private:
  std::vector<int> held_;
};

}  // namespace interlock::gateway
