#include "killswitch/connections.hpp"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace interlock::killswitch {
namespace {

struct Connection {
  std::uint8_t family = 0;
  inet_diag_sockid id{};
};

// Of one round; what does not fit is found in the next.
struct Found {
  std::array<Connection, 256> connections;
  std::size_t count = 0;
  std::uint32_t seen = 0;  // with those that did not fit
};

constexpr int rounds_max = 16;
constexpr timeval patience{0, 100'000};  // for one answer of the kernel

// All that can still send or become able to; a listener has no destination.
constexpr std::uint32_t states = 1U << TCP_ESTABLISHED | 1U << TCP_SYN_SENT | 1U << TCP_SYN_RECV |
                                 1U << TCP_FIN_WAIT1 | 1U << TCP_FIN_WAIT2 | 1U << TCP_CLOSE_WAIT |
                                 1U << TCP_LAST_ACK | 1U << TCP_CLOSING;

struct Request {
  nlmsghdr head{};
  inet_diag_req_v2 body{};
};

// To the kernel, with the number of the last request: an answer that comes too late bears another.
struct Line {
  int fd;
  std::uint32_t& sequence;
};

bool send(Line line, std::uint16_t type, std::uint16_t flags,
          const inet_diag_req_v2& body) noexcept {
  Request request;
  request.head.nlmsg_len = sizeof request;
  request.head.nlmsg_type = type;
  request.head.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  request.head.nlmsg_seq = ++line.sequence;
  request.body = body;
  return ::send(line.fd, &request, sizeof request, 0) == sizeof request;
}

// An IPv4 venue is met as IPv4, and as IPv6 with the address mapped.
bool leads_to(const Connection& connection, const PageVenue& venue) noexcept {
  if (ntohs(connection.id.idiag_dport) != venue.port) return false;
  std::array<std::uint8_t, 16> destination{};
  std::memcpy(destination.data(), connection.id.idiag_dst, destination.size());
  if (venue.family == connection.family) {
    const std::ptrdiff_t size = venue.family == AF_INET ? 4 : 16;
    return std::equal(destination.begin(), destination.begin() + size, venue.address.begin());
  }
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return venue.family == AF_INET && connection.family == AF_INET6 &&
         std::equal(mapped.begin(), mapped.end(), destination.begin()) &&
         std::equal(destination.begin() + 12, destination.end(), venue.address.begin());
}

// One answer, as it lies in `into`; its size, or 0 with errno.
std::size_t receive(Line line, std::span<char> into) noexcept {
  while (true) {
    const ssize_t size = ::recv(line.fd, into.data(), into.size(), 0);
    const auto* head = reinterpret_cast<const nlmsghdr*>(into.data());
    if (size >= static_cast<ssize_t>(sizeof *head) && head->nlmsg_seq != line.sequence) continue;
    if (size > 0) return static_cast<std::size_t>(size);
    if (size == 0) errno = EIO;
    if (size == 0 || errno != EINTR) return 0;
  }
}

void keep(const nlmsghdr& head, std::span<const PageVenue> venues, Found& found) noexcept {
  inet_diag_msg message;
  std::memcpy(&message, NLMSG_DATA(&head), sizeof message);
  const Connection connection{message.idiag_family, message.id};
  const bool wanted =
      std::ranges::any_of(venues, [&](const auto& venue) { return leads_to(connection, venue); });
  if (!wanted) return;
  ++found.seen;
  if (found.count < found.connections.size()) found.connections[found.count++] = connection;
}

// The errno of an answer that says one; 0 also for "it is done".
int error_in(const nlmsghdr& head) noexcept {
  nlmsgerr error{};
  std::memcpy(&error, NLMSG_DATA(&head), sizeof error.error);
  return -error.error;
}

// 0, or an errno.
int find(Line line, std::uint8_t family, std::span<const PageVenue> venues, Found& found) noexcept {
  inet_diag_req_v2 body{};
  body.sdiag_family = family;
  body.sdiag_protocol = IPPROTO_TCP;
  body.idiag_states = states;
  if (!send(line, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, body)) return errno;
  alignas(nlmsghdr) std::array<char, 32768> buffer;
  while (true) {
    std::size_t size = receive(line, buffer);
    if (size == 0) return errno;
    for (auto* head = reinterpret_cast<nlmsghdr*>(buffer.data()); NLMSG_OK(head, size);
         head = NLMSG_NEXT(head, size)) {
      if (head->nlmsg_type == NLMSG_DONE) return 0;
      if (head->nlmsg_type == NLMSG_ERROR) return error_in(*head);
      if (head->nlmsg_type == SOCK_DIAG_BY_FAMILY) keep(*head, venues, found);
    }
  }
}

int find_all(Line line, std::span<const PageVenue> venues, Found& found) noexcept {
  found.count = found.seen = 0;
  const int error = find(line, AF_INET, venues, found);
  if (error != 0) return error;
  const int error6 = find(line, AF_INET6, venues, found);
  return error6 == ENOENT ? 0 : error6;  // a kernel without IPv6 has none
}

int destroy(Line line, const Connection& connection) noexcept {
  inet_diag_req_v2 body{};
  body.sdiag_family = connection.family;
  body.sdiag_protocol = IPPROTO_TCP;
  body.id = connection.id;
  if (!send(line, SOCK_DESTROY, NLM_F_ACK, body)) return errno;
  alignas(nlmsghdr) std::array<char, 1024> buffer;
  std::size_t size = receive(line, buffer);
  const auto* head = reinterpret_cast<const nlmsghdr*>(buffer.data());
  if (size == 0) return errno;
  return NLMSG_OK(head, size) && head->nlmsg_type == NLMSG_ERROR ? error_in(*head) : EPROTO;
}

}  // namespace

Connections::Connections() noexcept
    : fd_(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)), open_error_(errno) {
  if (fd_ < 0) return;
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

Connections::~Connections() {
  if (fd_ >= 0) ::close(fd_);
}

int Connections::probe() noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool made = ::bind(listener, any, size) == 0 && ::listen(listener, 1) == 0 &&
                    ::getsockname(listener, any, &size) == 0 &&
                    ::connect(connection, any, size) == 0;
  int error = made ? 0 : errno;
  if (made) {
    const PageVenue itself{AF_INET, 0, ntohs(address.sin_port), {127, 0, 0, 1}};
    const auto outcome = reset({&itself, 1});
    error = outcome.error == 0 && outcome.reset != 1 ? EIO : outcome.error;
  }
  for (const int fd : {listener, connection})
    if (fd >= 0) ::close(fd);
  return error;
}

ResetOutcome Connections::count(std::span<const PageVenue> venues) noexcept {
  if (fd_ < 0) return {0, 0, open_error_};
  Found found;
  const int error = find_all({fd_, sequence_}, venues, found);
  return {0, found.seen, error};
}

ResetOutcome Connections::reset(std::span<const PageVenue> venues) noexcept {
  if (fd_ < 0) return {0, 0, open_error_};
  ResetOutcome outcome;
  Found found;
  for (int round = 0; round < rounds_max; ++round) {
    outcome.error = find_all({fd_, sequence_}, venues, found);
    outcome.remaining = found.seen;
    if (outcome.error != 0 || found.seen == 0) return outcome;
    const auto before = outcome.reset;
    for (std::size_t i = 0; i < found.count; ++i) {
      const int error = destroy({fd_, sequence_}, found.connections[i]);
      if (error == 0) ++outcome.reset;
      if (error != 0 && error != ENOENT) outcome.error = error;  // it has closed by itself
    }
    if (outcome.error != 0 && outcome.reset == before) return outcome;
  }
  return outcome;
}

}  // namespace interlock::killswitch
