#include "tests/hil/flow.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "tests/hil/gateway.hpp"

namespace interlock::hil {
namespace {

constexpr std::uint16_t gateway_port = 7103, venue_port = 7203;  // of tests/bench/gateway.toml
constexpr int turn_ms = 2;
constexpr int order_size = 100;
constexpr std::size_t digits = 7;  // of a ClOrdID: C0000010, replaced by R0000010.1
constexpr std::uint32_t replace_every = 10;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// -1: nobody listens, or something is in the way.
int connected_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return socket;
  }
  ::close(socket);
  return -1;
}

int listen_at(std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1, room = 4096;  // a stall is soon felt at the other end
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  const sockaddr_in address = loopback(port);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
      ::listen(listener, 4) < 0) {
    throw std::runtime_error(fmt::format("port {}: {}", port, std::strerror(errno)));
  }
  return listener;
}

bool stays_open(std::string_view cl_ord_id) { return cl_ord_id.substr(1, digits).ends_with('0'); }

// Of a new order, and of its replaces.
std::string order(std::string_view cl_ord_id, std::uint32_t number) {
  const std::uint32_t side = 1 + number % 2;
  const std::uint32_t cents = number % 25 + (side == 2 ? 25 : 0);  // own orders never cross
  return fmt::format(
      "11={}\0011=ACC-7731\001109=P-{:05}\00121=1\00155=ACME\00154={}\00138={}\00140=2\00144="
      "10.{:02}\00159=0\00115=USD\00147=A\00160={}\001",
      cl_ord_id, number % 10, side, order_size, cents, utc_timestamp());
}

}  // namespace

Flow::Flow() : listener_(listen_at(venue_port)), thread_([this] { work(); }) {}

Flow::~Flow() {
  stops_ = true;
  thread_.join();
  ::close(listener_);
}

Flow::Seen Flow::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

void Flow::wait_for_unread() const {
  wait_for("orders that wait for a venue that does not read", [this] {
    const auto now = seen();
    return now.venue_unread > 0 && now.sent - now.answered == stalled_max;
  });
}

std::string Flow::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

void Flow::work() {
  try {
    while (!stops_) turn();
  } catch (const std::exception& problem) {
    const std::lock_guard lock(mutex_);
    problem_ = problem.what();
  }
}

void Flow::turn() {
  const auto watched = [](const auto& session) { return session ? session->socket() : -1; };
  std::array<pollfd, 3> waits{{{listener_, POLLIN, 0},
                               {watched(router_), POLLIN, 0},
                               {stalls_ ? -1 : watched(venue_), POLLIN, 0}}};
  ::poll(waits.data(), waits.size(), turn_ms);
  if (waits[0].revents != 0) accept_venue();
  const std::lock_guard lock(mutex_);
  if (!router_) connect_router();
  if (router_ && waits[1].revents != 0) {
    router_->read([this](const Message& message) { hear_router(message); });
    seen_.router_on = router_->logged_on() && !router_->gone();
    if (router_->gone()) router_.reset();
  }
  if (venue_ && waits[2].revents != 0) {
    seen_.venue_bytes += venue_->read([this](const Message& message) { hear_venue(message); });
    seen_.venue_on = venue_->logged_on() && !venue_->gone();
    if (venue_->gone()) {
      seen_.venue_lost = true;
      seen_.venue_error = venue_->error();
      venue_.reset();
    }
  }
  int unread = 0;
  if (venue_) ::ioctl(venue_->socket(), FIONREAD, &unread);
  seen_.venue_unread = static_cast<std::size_t>(unread);
  send_orders();
}

void Flow::connect_router() {
  const int socket = connected_to(gateway_port);
  if (socket >= 0) router_ = std::make_unique<Session>(socket, Session::Role::router);
}

bool Flow::venue_accepts() {
  const int socket = connected_to(venue_port);
  if (socket >= 0) ::close(socket);
  return socket >= 0;
}

void Flow::accept_venue() {
  const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (socket < 0) return;
  const std::lock_guard lock(mutex_);
  venue_ = std::make_unique<Session>(socket, Session::Role::venue);
  ++seen_.logons;
}

void Flow::hear_router(const Message& message) {
  if (message.type() == "9") replacing_ = false;
  if (message.type() != "8") return;
  const auto status = message.value(150), cl_ord_id = message.value(11);
  if (status == "0" || status == "8") ++seen_.answered;
  if (status == "8") ++seen_.refused;
  if (status == "0" && stays_open(cl_ord_id) && !replacing_) open_ = cl_ord_id;
  if (status == "5") {
    open_ = cl_ord_id;
    replacing_ = false;
  }
  if (status == "4") open_.clear();
}

// Most orders are filled at once; the others give replaces and the kill something to do.
void Flow::hear_venue(const Message& message) {
  const auto type = message.type();
  if (type == "D" || type == "G") {
    seen_.orders.push_back({type[0], message.sequence(), now_ns()});
    report(message, type == "D" ? '0' : '5', 0);
    if (type == "D" && !stays_open(message.value(11))) report(message, '2', order_size);
  } else if (type == "F") {
    ++seen_.cancels;
    report(message, '4', 0);
  } else {
    throw std::runtime_error("the venue did not expect " + std::string(message.frame));
  }
}

void Flow::report(const Message& request, char status, int filled) {
  const auto original = request.value(41);
  // The digits stay the same from replace to replace.
  const auto order_id = (original.empty() ? request.value(11) : original).substr(1, digits);
  venue_->send(
      "8", fmt::format("37=V{}\00111={}\001{}17=E{:08}\00120=0\001150={}\00139={}\0011=ACC-7731\001"
                       "55={}\00154={}\00138={}\00140=2\00159=0\00132={}\00131={}\001151={}\00114="
                       "{}\0016={}\00160={}\001",
                       order_id, request.value(11),
                       original.empty() ? "" : fmt::format("41={}\001", original), ++executions_,
                       status, status, request.value(55), request.value(54), order_size, filled,
                       filled == 0 ? 0 : 10, status == '0' || status == '5' ? order_size : 0,
                       filled, filled == 0 ? 0 : 10, utc_timestamp()));
}

void Flow::send_orders() {
  const auto now = now_ns();
  const bool waits = seen_.sent - seen_.answered >= (stalls_ ? stalled_max : unanswered_max);
  if (!pours_ || !seen_.router_on || waits) {
    next_order_ns_ = now;
    return;
  }
  for (; next_order_ns_ <= now; next_order_ns_ += pause_ns) {
    ++seen_.sent;
    router_->send("D", order(fmt::format("C{:0{}}", seen_.sent, digits), seen_.sent));
    if (seen_.sent % replace_every == 0) send_replace();
  }
}

void Flow::send_replace() {
  if (open_.empty() || replacing_) return;
  replacing_ = true;
  const auto number = static_cast<std::uint32_t>(std::stoul(open_.substr(1, digits)));
  router_->send("G",
                fmt::format("41={}\001{}", open_,
                            order(fmt::format("R{:0{}}.{}", number, digits, ++replaces_), number)));
}

}  // namespace interlock::hil
