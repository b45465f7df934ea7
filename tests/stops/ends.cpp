#include "stops/ends.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>

#include "gateway/wire.hpp"

namespace interlock::stops {
namespace {

constexpr std::size_t frame_max = 64 * 1024;
constexpr int venue_takes = 128 * 1024;  // though it does not read: more than a segment of loopback

std::string now() {
  timespec at{};
  ::clock_gettime(CLOCK_REALTIME, &at);
  return gateway::fix_timestamp(at.tv_sec * 1'000'000'000 + at.tv_nsec);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

std::string_view field(std::string_view frame, std::string_view tag) {
  const std::string key = fmt::format("\x01{}=", tag);
  const std::size_t at = frame.find(key);
  if (at == std::string_view::npos) return {};
  const std::size_t from = at + key.size();
  return frame.substr(from, frame.find('\x01', from) - from);
}

std::uint32_t number_of(std::string_view frame) {
  const std::string_view digits = field(frame, "34");
  std::uint32_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

End::~End() {
  if (socket_ >= 0) ::close(socket_);
}

void End::adopt(int socket) {
  if (socket_ >= 0) ::close(socket_);
  socket_ = socket;
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  in_.clear();
  out_.clear();
  received_ = 0;
  closed_ = false;
  logged_on_ = false;
}

void End::say(std::string_view type, std::string_view body) {
  const std::string time = now();
  out_ += gateway::build_frame({.begin_string = "FIX.4.4",
                                .type = type,
                                .sender = ours_,
                                .target = theirs_,
                                .sequence = next_out_++,
                                .sending_time = time},
                               body);
}

bool End::write() {
  if (socket_ < 0 || out_.empty()) return false;
  const ssize_t sent = ::send(socket_, out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent <= 0) return false;
  out_.erase(0, static_cast<std::size_t>(sent));
  return true;
}

bool End::read() {
  if (socket_ < 0 || closed_) return false;
  std::array<char, 65536> bytes;
  const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
  if (got <= 0) {
    closed_ = true;
    logged_on_ = false;
    return true;
  }
  received_ += static_cast<std::uint64_t>(got);
  in_.append(bytes.data(), static_cast<std::size_t>(got));
  std::size_t used = 0;
  while (true) {
    const auto framed = gateway::next_frame(std::string_view(in_).substr(used), frame_max);
    using Outcome = gateway::Framed::Outcome;
    if (framed.outcome == Outcome::need_more) break;
    const std::string_view frame = framed.outcome == Outcome::frame
                                       ? framed.frame
                                       : std::string_view(in_).substr(used, framed.consumed);
    framed.outcome == Outcome::frame ? take(frame) : heard_spoilt(frame);
    used += framed.consumed;
  }
  in_.erase(0, used);
  return true;
}

void End::take(std::string_view frame) {
  const std::string_view type = field(frame, "35");
  if (type == "1") return say("0", fmt::format("112={}\x01", field(frame, "112")));
  if (type == "A") logged_on_ = true;
  heard(frame);
}

bool End::pump() {
  const bool wrote = write();
  return read() || wrote;
}

RouterEnd::RouterEnd(std::uint16_t port) : End("R1", "GW") {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in to = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    ::close(fd);
    throw std::runtime_error("the gateway does not listen");
  }
  adopt(fd);
  say("A", "98=0\001108=30\001");
}

void RouterEnd::order(std::string_view text) {
  gateway::BodyWriter body;
  body.put(11, fmt::format("o{}", ++orders_)).put(526, parent).put(1, "ACC").put(55, "ACME");
  body.put(54, "1").put(60, now()).put(38, "100").put(40, "2").put(44, "10.00");
  if (!text.empty())
    for (const std::uint32_t filler : {5020u, 5021u, 5022u, 5023u}) body.put(filler, text);
  say("D", body.bytes());
}

void RouterEnd::heard(std::string_view frame) {
  if (field(frame, "35") != "8") return;
  const std::string_view status = field(frame, "39");
  refused_ += status == "8" ? 1 : 0;
  cancelled_ += status == "4" ? 1 : 0;
  filled_ += status == "2" ? 1 : 0;
}

void RouterEnd::heard_spoilt(std::string_view) {
  throw std::runtime_error("a damaged frame came to the router");
}

VenueEnd::VenueEnd(Answers answers) : End("X", "ACME"), answers_(answers) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  // Of the connections that it takes: set before they come, as it is said when they begin.
  ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &venue_takes, sizeof venue_takes);
  sockaddr_in at = loopback(0);
  socklen_t size = sizeof at;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
      ::listen(listener_, 4) != 0) {
    throw std::runtime_error("no port for a venue");
  }
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
  port_ = ntohs(at.sin_port);
}

VenueEnd::~VenueEnd() { ::close(listener_); }

bool VenueEnd::pump() {
  if (const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); fd >= 0) {
    adopt(fd);
    return true;
  }
  const bool wrote = write();
  return (reads && read()) || wrote;
}

void VenueEnd::heard(std::string_view frame) {
  const std::string_view type = field(frame, "35");
  if (type == "A") return say("A", "98=0\001108=30\001");
  if (type == "0" || type == "2" || type == "5") return;
  const std::string_view id = field(frame, type == "F" ? "41" : "11");
  if (keeps)
    list.push_back({std::string(type), number_of(frame), std::string(id),
                    std::string(field(frame, "36")), false});
  if (type != "D") return;
  ++orders_;
  last_order_ = std::max(last_order_, number_of(frame));
  if (answers_ == Answers::nothing) return;
  gateway::BodyWriter body;
  body.put(37, fmt::format("v{}", id)).put(17, fmt::format("e{}", ++executions_));
  body.put(150, "F").put(39, "2").put(11, id).put(55, "ACME").put(54, "1");
  body.put(32, "100").put(31, "10.00").put(151, "0").put(14, "100").put(6, "10.00");
  say("8", body.bytes());
}

void VenueEnd::heard_spoilt(std::string_view frame) {
  if (keeps)
    list.push_back({std::string(field(frame, "35")),
                    number_of(frame),
                    std::string(field(frame, "11")),
                    {},
                    true});
}

void VenueEnd::cancelled(std::string_view cl_ord_id, std::string_view order) {
  gateway::BodyWriter body;
  body.put(37, fmt::format("v{}", order)).put(17, fmt::format("e{}", ++executions_));
  body.put(150, "4").put(39, "4").put(11, cl_ord_id);
  if (cl_ord_id != order) body.put(41, order);
  body.put(55, "ACME").put(54, "1").put(151, "0").put(14, "0").put(6, "0");
  say("8", body.bytes());
}

}  // namespace interlock::stops
