// Tells systemd that a service is ready and lives: the datagrams of sd_notify(3).
#pragma once

#include <sys/un.h>

#include <cstdint>
#include <string_view>

namespace interlock::killswitch {

class Notify {
 public:
  // By NOTIFY_SOCKET and WATCHDOG_USEC of the environment; without them nothing is ever sent.
  Notify() noexcept;
  ~Notify();
  Notify(const Notify&) = delete;
  Notify& operator=(const Notify&) = delete;

  void ready() noexcept { send("READY=1"); }
  void stopping() noexcept { send("STOPPING=1"); }
  // At each turn; sent four times within the time that systemd allows. Neither waits nor fails.
  void turned(std::int64_t mono_ns) noexcept;

 private:
  void send(std::string_view words) noexcept;

  int fd_ = -1;
  sockaddr_un to_{};
  unsigned size_ = 0;
  std::int64_t every_ns_ = 0;  // 0: no watchdog
  std::int64_t sent_at_ns_ = 0;
};

}  // namespace interlock::killswitch
