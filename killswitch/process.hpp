// A process that cannot be taken for another: its number, when it began, and whose it is.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace interlock::killswitch {

struct ProcessFacts {
  std::uint64_t started_ticks = 0;  // field 22 of /proc/PID/stat
  uid_t user = 0;                   // the effective one, of /proc/PID/status
};

// Nothing: there is none of that number. Asks for no memory.
[[nodiscard]] std::optional<ProcessFacts> facts_of(pid_t pid) noexcept;

// Holds on to one process, so that its number, used again, never means another.
class HeldProcess {
 public:
  HeldProcess() = default;
  ~HeldProcess() { release(); }
  HeldProcess(const HeldProcess&) = delete;
  HeldProcess& operator=(const HeldProcess&) = delete;

  // False, with errno, when it does not live, began at another time, or is another user's: ESRCH,
  // ESRCH and EPERM. Then nothing is held.
  bool hold(pid_t pid, std::uint64_t started_ticks, uid_t user) noexcept;
  void release() noexcept;

  // Of all its threads; a process that is held and waits to be reaped does not live.
  [[nodiscard]] bool lives() const noexcept;
  [[nodiscard]] bool dies_within(int milliseconds) const noexcept;
  // SIGKILL; false with errno.
  bool kill() noexcept;

 private:
  int fd_ = -1;
};

}  // namespace interlock::killswitch
