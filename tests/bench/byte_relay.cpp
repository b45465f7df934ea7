// A relay that only copies bytes: what a hop costs before anything is read or decided.
// usage: bench_byte_relay LISTEN_PORT VENUE_PORT (both on 127.0.0.1), one connection, epoll, one
// thread.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <system_error>

namespace {

int checked(ssize_t result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return static_cast<int>(result);
}

sockaddr_in loopback(const char* port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
  return address;
}

void no_delay(int socket) {
  const int on = 1;
  checked(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
}

int accept_one(const char* port) {
  const int listener = checked(::socket(AF_INET, SOCK_STREAM, 0), "socket");
  const int on = 1;
  checked(::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
  const sockaddr_in address = loopback(port);
  checked(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  checked(::listen(listener, 1), "listen");
  const int router = checked(::accept(listener, nullptr, nullptr), "accept");
  no_delay(router);
  return router;
}

int connect_to(const char* port) {
  const int venue = checked(::socket(AF_INET, SOCK_STREAM, 0), "socket");
  const sockaddr_in address = loopback(port);
  checked(::connect(venue, reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
  no_delay(venue);
  return venue;
}

void write_all(int to, const char* bytes, std::size_t count) {
  while (count > 0) {
    const auto written = static_cast<std::size_t>(checked(::write(to, bytes, count), "write"));
    bytes += written;
    count -= written;
  }
}

void relay(int router, int venue) {
  const int poll = checked(::epoll_create1(0), "epoll_create1");
  for (const auto& [from, to] : {std::pair{router, venue}, std::pair{venue, router}}) {
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.u64 = static_cast<std::uint64_t>(from) << 32 | static_cast<std::uint32_t>(to);
    checked(::epoll_ctl(poll, EPOLL_CTL_ADD, from, &interest), "epoll_ctl");
  }
  std::array<epoll_event, 2> events{};
  std::array<char, 65536> bytes;
  for (;;) {
    const int ready = checked(::epoll_wait(poll, events.data(), events.size(), -1), "epoll_wait");
    for (int i = 0; i < ready; ++i) {
      const int from = static_cast<int>(events[i].data.u64 >> 32);
      const int to = static_cast<int>(events[i].data.u64 & 0xffffffff);
      const int count = checked(::read(from, bytes.data(), bytes.size()), "read");
      if (count == 0) return;
      write_all(to, bytes.data(), static_cast<std::size_t>(count));
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: bench_byte_relay LISTEN_PORT VENUE_PORT\n";
    return 2;
  }
  try {
    const int router = accept_one(arguments[1]);
    relay(router, connect_to(arguments[2]));
  } catch (const std::exception& problem) {
    std::cerr << "bench_byte_relay: " << problem.what() << "\n";
    return 1;
  }
}
