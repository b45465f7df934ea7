#include "tests/hil/session.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <stdexcept>

namespace interlock::hil {
namespace {

constexpr std::string_view begin = "8=FIX.4.2\0019=";
constexpr std::size_t trailer = 7;  // "10=" three digits SOH

unsigned checksum(std::string_view bytes) {
  unsigned sum = 0;
  for (const char byte : bytes) sum += static_cast<unsigned char>(byte);
  return sum % 256;
}

std::uint32_t number(std::string_view digits, const char* what) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    throw std::runtime_error(fmt::format("{} is '{}'", what, digits));
  }
  return value;
}

}  // namespace

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

std::string utc_timestamp() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::tm utc{};
  ::gmtime_r(&now.tv_sec, &utc);
  return fmt::format("{:04}{:02}{:02}-{:02}:{:02}:{:02}.{:03}", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec / 1'000'000);
}

std::string_view Message::value(int tag) const {
  const std::string key = fmt::format("\001{}=", tag);
  const std::size_t at = frame.find(key);
  if (at == std::string_view::npos) return {};
  const std::size_t from = at + key.size();
  return frame.substr(from, frame.find('\001', from) - from);
}

std::uint32_t Message::sequence() const { return number(value(34), "MsgSeqNum"); }

Session::Session(int socket, Role role) : socket_(socket), role_(role) {
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (role_ == Role::router) send("A", "98=0\001108=30\001");
}

Session::~Session() { ::close(socket_); }

void Session::send(std::string_view type, std::string_view body) {
  if (gone_) return;
  const std::string header = fmt::format("35={}\00134={}\00149={}\00152={}\00156={}\001", type,
                                         next_out_++, sender_, utc_timestamp(), target_);
  std::string frame = fmt::format("{}{}\001{}{}", begin, header.size() + body.size(), header, body);
  frame += fmt::format("10={:03}\001", checksum(frame));
  // What a full buffer does not take whole cannot be taken back: the session is over.
  const auto sent = ::send(socket_, frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent != static_cast<ssize_t>(frame.size())) lost(sent < 0 ? errno : EAGAIN);
}

std::size_t Session::read(const std::function<void(const Message&)>& hear) {
  std::array<char, 65536> bytes;
  const auto count = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count <= 0) {
    if (count == 0 || errno != EAGAIN) lost(count == 0 ? 0 : errno);
    return 0;
  }
  in_.append(bytes.data(), static_cast<std::size_t>(count));
  for (auto message = next(); !message.frame.empty(); message = next()) {
    if (!handle_admin(message)) hear(message);
    in_.erase(0, message.frame.size());
  }
  return static_cast<std::size_t>(count);
}

Message Session::next() {
  const std::size_t digits_end = in_.find('\001', begin.size());
  if (in_.size() < begin.size() || digits_end == std::string::npos) return {};
  if (!in_.starts_with(begin)) throw std::runtime_error("not FIX 4.2: " + in_);
  const std::string_view all(in_);
  const auto digits = all.substr(begin.size(), digits_end - begin.size());
  const std::size_t body_end = digits_end + 1 + number(digits, "BodyLength");
  if (all.size() < body_end + trailer) return {};
  const Message message{all.substr(0, body_end + trailer)};
  if (number(message.value(10), "CheckSum") != checksum(all.substr(0, body_end))) {
    throw std::runtime_error("damaged: " + std::string(message.frame));
  }
  return message;
}

bool Session::handle_admin(const Message& message) {
  const std::string_view type = message.type();
  if (type.size() != 1 || std::string_view("A012345").find(type) == std::string_view::npos) {
    return false;
  }
  if (type == "1") send("0", fmt::format("112={}\001", message.value(112)));
  if (type == "5") send("5", "");
  if (type == "2") throw std::runtime_error("asked to send again: nothing was lost");
  if (type == "A") {
    logged_on_ = true;
    if (role_ == Role::venue) {
      sender_ = message.value(56);
      target_ = message.value(49);
      send("A", "98=0\001108=30\001");
    }
  }
  return true;
}

void Session::lost(int error) {
  gone_ = true;
  error_ = error;
}

}  // namespace interlock::hil
