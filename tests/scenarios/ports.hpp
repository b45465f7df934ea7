// Ports of this machine, for tests over sockets.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>

namespace interlock::scenarios {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline int listener(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int again = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
  sockaddr_in at = loopback(port);
  socklen_t size = sizeof at;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(fd, 4) != 0) {
    throw std::runtime_error("no free port");
  }
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
  port = ntohs(at.sin_port);
  return fd;
}

// Below the kernel's ephemeral range: no connection of anybody takes it before the gateway binds
// it.
inline std::uint16_t free_port() {
  constexpr int first = 20'000, ports = 12'000;
  static int offset = ::getpid() * 97 % ports;
  for (int tries = 0; tries < ports; ++tries) {
    offset = (offset + 1) % ports;
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in at = loopback(static_cast<std::uint16_t>(first + offset));
    const bool is_free = ::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
    ::close(fd);
    if (is_free) return static_cast<std::uint16_t>(first + offset);
  }
  throw std::runtime_error("no free port");
}

}  // namespace interlock::scenarios
