// Runs a piece of a test in a process with a network of its own, where it may do anything to it.
#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <string_view>

#include "killswitch/page.hpp"

namespace interlock::tests {

inline bool loopback_up() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool up = ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  ::close(fd);
  return up;
}

// What both processes see. `Result` is plain data.
template <typename Result>
class Shared {
 public:
  Shared()
      : at_(new (::mmap(nullptr, sizeof(Result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                        -1, 0)) Result{}) {}
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  ~Shared() { ::munmap(at_, sizeof(Result)); }
  Result& operator*() { return *at_; }
  Result* operator->() { return at_; }

 private:
  Result* at_;
};

// False: this machine does not let us have a network, which is said. `body` fills in what is
// shared; checks are of the caller, since the other process tells nobody.
template <typename Body>
bool in_own_network(Body body) {
  constexpr int denied = 77, done = 78;
  const pid_t child = ::fork();
  if (child == 0) {
    const int spaces = ::geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET;
    if (::unshare(spaces) != 0 || !loopback_up()) ::_exit(denied);
    body();
    ::_exit(done);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  REQUIRE((code == denied || code == done));
  if (code == denied) MESSAGE("skipped: no network of its own can be had here");
  return code == done;
}

struct Listener {
  explicit Listener(int receive_buffer = 0) : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer != 0) {
      ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(fd, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(fd, 64);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
  [[nodiscard]] killswitch::PageVenue venue() const { return {AF_INET, 0, port, {127, 0, 0, 1}}; }
  int accept() const { return ::accept(fd, nullptr, nullptr); }

  int fd;
  std::uint16_t port = 0;
};

// The errno when it is refused, as a negative number.
inline int connected(std::uint16_t port, int family = AF_INET) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  ::inet_pton(AF_INET6, "::ffff:127.0.0.1", &six.sin6_addr);
  const bool is_four = family == AF_INET;
  const auto* address =
      is_four ? reinterpret_cast<sockaddr*>(&four) : reinterpret_cast<sockaddr*>(&six);
  if (::connect(fd, address, is_four ? sizeof four : sizeof six) == 0) return fd;
  const int error = errno;
  ::close(fd);
  return -error;
}

// Reads to the end; the errno that ended it, 0 for an orderly end, EAGAIN when none comes.
inline int read_to_end(int fd, std::size_t& bytes) {
  const timeval patience{20, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  char piece[4096];
  while (true) {
    const ssize_t count = ::read(fd, piece, sizeof piece);
    if (count == 0) return 0;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    bytes += static_cast<std::size_t>(count);
  }
}

}  // namespace interlock::tests
