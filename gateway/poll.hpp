// What the loop waits for: one epoll, and for how long it asks again before it sleeps.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <span>

#include "risk/units.hpp"

namespace interlock::gateway {

class Poll {
 public:
  explicit Poll(risk::Duration busy);  // so long after input it does not sleep
  ~Poll();
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;

  [[nodiscard]] bool is_open() const { return epoll_ >= 0; }
  void add(int fd, std::uint32_t events, void* whom) const;
  void change(int fd, std::uint32_t events, void* whom) const;
  // What has come, after at most `wait_ms`.
  std::span<const epoll_event> wait(std::span<epoll_event> into, int wait_ms);

 private:
  int epoll_ = -1;
  const std::int64_t busy_ns_;
  std::int64_t heard_ns_ = 0;  // monotonic: when something last came
};

}  // namespace interlock::gateway
