// Resets TCP connections by where they lead, whoever holds them: the kernel's SOCK_DESTROY.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "killswitch/page.hpp"

namespace interlock::killswitch {

struct ResetOutcome {
  std::uint32_t reset = 0;      // connections
  std::uint32_t remaining = 0;  // that were seen at the end and could not be reset
  int error = 0;  // the last errno: EPERM without CAP_NET_ADMIN, EOPNOTSUPP without the kernel's
                  // CONFIG_INET_DIAG_DESTROY, ENOENT without its inet_diag; 0: none
};

// What a peer gets of a connection that is reset is a RST; what lay unsent in the kernel is lost.
// Found by destination and not by process: connections that a dead or forked process left count,
// and no right to look into another user's /proc/PID/fd is needed. On a gateway's host nobody else
// speaks to a venue.
class Connections {
 public:
  Connections() noexcept;
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // Whether it can be done here, as tried on a connection of its own over the loopback: 0, or the
  // errno of ResetOutcome, or what kept it from having that connection.
  int probe() noexcept;
  // Until none is left, within bounds of rounds and of time. Asks for no memory.
  ResetOutcome reset(std::span<const PageVenue> venues) noexcept;
  // How many there are; as `remaining`, with an error.
  ResetOutcome count(std::span<const PageVenue> venues) noexcept;

 private:
  int fd_;
  int open_error_;
  std::uint32_t sequence_ = 0;  // of the requests
};

}  // namespace interlock::killswitch
