#include "gateway/sockets.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>

namespace interlock::gateway {
namespace {

constexpr std::int64_t connect_deadline_ns = 5'000'000'000;
constexpr std::size_t connections_max = 512;
// From one connection in a turn: then it is the next one's turn, so that a flood on one holds up no
// other for longer than the orders in it take.
constexpr std::size_t read_most = 8 * 1024;
constexpr int venue_send_buffer = 16 * 1024;
constexpr unsigned user_timeout_ms = 10'000;
constexpr unsigned venue_timeout_ms = 5'000;
constexpr std::int64_t warn_every_ns = 60'000'000'000;
constexpr std::int64_t ask_again_ns = Leg::probe_ns + 50'000'000;

using Endpoint = boost::asio::ip::tcp::endpoint;

Endpoint endpoint_of(const config::Address& address) {
  return {boost::asio::ip::make_address(address.host), address.port};
}

void set(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

void set_linger(int fd, bool reset) {
  const linger how{reset ? 1 : 0, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &how, sizeof how);
}

std::string peer_address(int fd, std::uint16_t* port = nullptr) {
  Endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (::getpeername(fd, endpoint.data(), &size) != 0) return "?";
  endpoint.resize(size);
  if (port != nullptr) *port = endpoint.port();
  return endpoint.address().to_string();
}

}  // namespace

class Sockets::Connection : public Link {
 public:
  enum class State : std::uint8_t { connecting, before_logon, attached, closed };

  Connection(int fd, State first) : fd_(fd), state(first) {}
  ~Connection() override {
    if (fd_ >= 0) ::close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  std::size_t write(std::string_view bytes) override {
    if (fd_ < 0) return broken;
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : broken;
  }
  // On purpose: what is in the kernel may still leave (a Logout). Only a cut and our death reset a
  // venue's connection.
  void close() override { end(false); }
  void reset() override { end(true); }
  std::uint64_t unsent() const override {
    int bytes = 0;
    if (fd_ < 0 || ::ioctl(fd_, SIOCOUTQNSD, &bytes) != 0) return 0;
    return static_cast<std::uint64_t>(bytes);
  }
  std::string peer() const override { return peer_text; }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  void end(bool with_reset) {
    if (fd_ < 0) return;
    set_linger(fd_, with_reset);
    ::close(fd_);
    fd_ = -1;
    state = State::closed;
  }
  int fd_ = -1;

 public:
  State state;
  Leg* leg = nullptr;
  const Listener* listener = nullptr;
  std::uint32_t connector = 0;
  std::string address;
  std::string peer_text;
  std::string first;  // bytes before the Logon is complete
  std::int64_t deadline_ns = 0;
  std::int64_t again_ns = 0;  // its Logon is looked at again then; 0: not
  bool watching_write = false;
};

Sockets::Sockets(const config::Config& config, Core& core, int wake_fd)
    : acceptors_(config.acceptors()),
      connectors_(config.connectors().size()),
      core_(core),
      poll_(config.loop.busy_poll),
      wake_fd_(wake_fd),
      spare_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {}

Sockets::~Sockets() {
  connections_.clear();
  stop_listening();
  if (spare_ >= 0) ::close(spare_);
}

std::expected<std::unique_ptr<Sockets>, std::string> Sockets::open(const config::Config& config,
                                                                   Core& core, int wake_fd) {
  std::unique_ptr<Sockets> sockets(new Sockets(config, core, wake_fd));
  if (!sockets->poll_.is_open())
    return std::unexpected(std::string("epoll: ") + std::strerror(errno));
  sockets->poll_.add(wake_fd, EPOLLIN, nullptr);
  for (std::uint32_t i = 0; i < sockets->acceptors_.size(); ++i) {
    if (auto bound = sockets->listen(i); !bound) return std::unexpected(bound.error());
  }
  return sockets;
}

std::expected<void, std::string> Sockets::listen(std::uint32_t index) {
  const config::Acceptor& session = *acceptors_[index];
  for (const auto& listener : listeners_) {
    const config::Address& known = acceptors_[listener->sessions.front()]->listen;
    if (session.listen.port != 0 && known.host == session.listen.host &&
        known.port == session.listen.port) {
      listener->sessions.push_back(index);
      return {};
    }
  }
  const Endpoint endpoint = endpoint_of(session.listen);
  auto listener = std::make_unique<Listener>();
  listener->fd =
      ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  set(listener->fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (listener->fd < 0 ||
      ::bind(listener->fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 ||
      ::listen(listener->fd, 64) != 0) {
    const std::string why = std::strerror(errno);
    if (listener->fd >= 0) ::close(listener->fd);
    return std::unexpected(fmt::format("{}: cannot listen on {}:{}: {}", session.id,
                                       session.listen.host, session.listen.port, why));
  }
  Endpoint bound;
  auto size = static_cast<socklen_t>(bound.capacity());
  ::getsockname(listener->fd, bound.data(), &size);
  listener->port = bound.port();
  listener->sessions.push_back(index);
  poll_.add(listener->fd, EPOLLIN, listener.get());
  listeners_.push_back(std::move(listener));
  return {};
}

std::uint16_t Sockets::bound_port(std::string_view session) const {
  for (const auto& listener : listeners_) {
    for (const std::uint32_t index : listener->sessions) {
      if (acceptors_[index]->id == session) return listener->port;
    }
  }
  return 0;
}

void Sockets::stop_listening() {
  for (const auto& listener : listeners_) {
    if (listener->fd >= 0) ::close(listener->fd);
    listener->fd = -1;
  }
}

void Sockets::turn(int wait_ms) {
  std::array<epoll_event, 64> events;
  const auto found = poll_.wait(events, wait_ms);
  core_.wake();
  for (const epoll_event& event : found) {
    void* whom = event.data.ptr;
    if (whom == nullptr) {
      std::uint64_t drained = 0;
      [[maybe_unused]] const ssize_t got = ::read(wake_fd_, &drained, sizeof drained);
      continue;
    }
    const auto is = [whom](const auto& entry) { return entry.get() == whom; };
    if (const auto listener = std::ranges::find_if(listeners_, is); listener != listeners_.end()) {
      accept(**listener);
      continue;
    }
    auto& connection =
        *static_cast<Connection*>(whom);  // alive: closed ones are dropped in keep_up only
    if (event.events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) writable(connection);
    if (event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) readable(connection);
  }
}

void Sockets::accept(const Listener& listener) {
  while (listener.fd >= 0) {
    const int fd = ::accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
      turn_away(listener);
      return;
    }
    if (fd < 0) return;
    auto connection = std::make_unique<Connection>(fd, Connection::State::before_logon);
    std::uint16_t port = 0;
    connection->address = peer_address(fd, &port);
    connection->peer_text = fmt::format("{}:{}", connection->address, port);
    connection->listener = &listener;
    std::size_t same = 0;
    std::uint32_t allowed_same = 0;
    std::int64_t deadline_ns = 0;
    for (const std::uint32_t index : listener.sessions) {
      allowed_same = std::max(allowed_same, acceptors_[index]->connections_max);
      deadline_ns = std::max(deadline_ns, acceptors_[index]->logon_deadline.ns);
    }
    for (const auto& other : connections_) {
      same +=
          other->state == Connection::State::before_logon && other->address == connection->address;
    }
    const Visitor visitor{connection->address, listener.sessions};
    if (connections_.size() >= connections_max || same >= allowed_same || !core_.allowed(visitor))
      continue;
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_ms);
    connection->deadline_ns = core_.floor().clock.mono_ns + deadline_ns;
    poll_.add(fd, EPOLLIN, connection.get());
    connections_.push_back(std::move(connection));
  }
}

// Without a descriptor nobody can be accepted, and who waits would wake the loop for ever: he gets
// the spare one, and is closed.
void Sockets::turn_away(const Listener& listener) {
  if (spare_ >= 0) ::close(spare_);
  const int fd = ::accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) ::close(fd);
  spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const std::int64_t now_ns = core_.floor().clock.mono_ns;
  if (warned_ns_ != 0 && now_ns - warned_ns_ < warn_every_ns) return;
  warned_ns_ = now_ns;
  core_.floor().alert("interlock", {Severity::warning,
                                    "descriptors",
                                    {},
                                    "no file descriptors are left: connections are turned away"});
}

void Sockets::dial(std::uint32_t connector, const config::Address& address) {
  const Endpoint endpoint = endpoint_of(address);
  const int fd =
      ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return core_.connect_failed(connector, std::strerror(errno));
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, venue_timeout_ms);
  set(fd, SOL_SOCKET, SO_SNDBUF,
      venue_send_buffer);  // little in the kernel: a kill takes the rest back
  set_linger(fd, true);
  auto connection = std::make_unique<Connection>(fd, Connection::State::connecting);
  connection->connector = connector;
  connection->peer_text = fmt::format("{}:{}", address.host, address.port);
  connection->deadline_ns = core_.floor().clock.mono_ns + connect_deadline_ns;
  if (::connect(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 &&
      errno != EINPROGRESS) {
    return core_.connect_failed(connector, connection->peer_text + ": " + std::strerror(errno));
  }
  poll_.add(fd, EPOLLOUT, connection.get());
  connections_.push_back(std::move(connection));
}

void Sockets::writable(Connection& connection) {
  if (connection.state == Connection::State::attached) return;  // flushed at the end of the turn
  if (connection.state != Connection::State::connecting) return;
  int problem = 0;
  socklen_t size = sizeof problem;
  ::getsockopt(connection.fd(), SOL_SOCKET, SO_ERROR, &problem, &size);
  if (problem != 0) {
    core_.connect_failed(connection.connector,
                         connection.peer_text + ": " + std::strerror(problem));
    return connection.close();
  }
  connection.state = Connection::State::attached;
  connection.leg = &core_.connecting(connection.connector);
  poll_.change(connection.fd(), EPOLLIN, &connection);
  connection.leg->attach(connection);
}

void Sockets::readable(Connection& connection) {
  std::array<char, read_most> bytes;
  if (connection.state == Connection::State::closed ||
      connection.state == Connection::State::connecting)
    return;
  const ssize_t got = ::recv(connection.fd(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (got <= 0) {
    if (connection.leg != nullptr && connection.leg->link() == &connection) {
      connection.leg->detach(got == 0 ? "the counterparty closed" : std::strerror(errno));
    }
    return connection.close();
  }
  const std::string_view in(bytes.data(), static_cast<std::size_t>(got));
  if (connection.state == Connection::State::attached) return core_.received(*connection.leg, in);
  if (connection.first.size() + in.size() > 2 * Leg::frame_max) return connection.close();
  connection.first.append(in);
  if (connection.again_ns == 0) first_bytes(connection);
}

// Before the Logon: only whole, valid frames of a known counterparty lead any further.
void Sockets::first_bytes(Connection& connection) {
  const Framed framed = next_frame(connection.first, Leg::frame_max);
  if (framed.outcome == Framed::Outcome::need_more) return;
  const Visitor visitor{connection.address, connection.listener->sessions};
  if (framed.outcome != Framed::Outcome::frame) {
    core_.refuse_garbage(visitor, framed.error);
    return connection.close();
  }
  const auto admitted = core_.admit(visitor, framed.frame);
  if (!admitted && admitted.error() == Turned::later) {
    connection.again_ns = core_.floor().clock.mono_ns + ask_again_ns;
    connection.deadline_ns =
        std::max(connection.deadline_ns, core_.floor().clock.mono_ns + 2 * ask_again_ns);
    return;
  }
  if (!admitted) return connection.close();
  Leg* leg = *admitted;
  connection.state = Connection::State::attached;
  connection.leg = leg;
  leg->attach(connection);
  const std::string first = std::move(connection.first);
  core_.received(*leg, first);
}

void Sockets::keep_up() {
  const std::int64_t now_ns = core_.floor().clock.mono_ns;
  for (std::uint32_t connector = 0; connector < connectors_; ++connector) {
    const bool dialing = std::ranges::any_of(connections_, [connector](const auto& connection) {
      return connection->state == Connection::State::connecting &&
             connection->connector == connector;
    });
    if (dialing) continue;
    if (const auto address = core_.wants_connection(connector)) dial(connector, *address);
  }
  for (const auto& connection : connections_) {
    if (connection->again_ns != 0 && now_ns >= connection->again_ns &&
        connection->state == Connection::State::before_logon) {
      connection->again_ns = 0;
      first_bytes(*connection);
    }
    const bool early = connection->state == Connection::State::connecting ||
                       connection->state == Connection::State::before_logon;
    if (early && now_ns > connection->deadline_ns) {
      if (connection->state == Connection::State::connecting) {
        core_.connect_failed(connection->connector, connection->peer_text + ": no answer");
      }
      connection->close();
    }
    if (connection->state != Connection::State::attached) continue;
    const bool wants =
        connection->leg->link() == connection.get() && connection->leg->wants_write();
    if (wants == connection->watching_write) continue;
    connection->watching_write = wants;
    poll_.change(connection->fd(), wants ? EPOLLIN | EPOLLOUT : EPOLLIN, connection.get());
  }
  std::erase_if(connections_, [](const auto& connection) {
    return connection->state == Connection::State::closed;
  });
}

}  // namespace interlock::gateway
