#include "peer.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <ctime>
#include <stdexcept>

namespace interlock::bench {
namespace {

constexpr std::string_view begin = "8=FIX.4.2\0019=";
constexpr std::size_t trailer = 7;  // "10=" three digits SOH

unsigned checksum(std::string_view bytes) {
  unsigned sum = 0;
  for (const char byte : bytes) sum += static_cast<unsigned char>(byte);
  return sum % 256;
}

std::size_t number(std::string_view digits, const char* what) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value);
  if (error != std::errc{} || end != digits.end()) {
    throw std::runtime_error(fmt::format("{} is '{}'", what, digits));
  }
  return value;
}

std::string readable(std::string_view frame) {
  std::string text(frame);
  for (char& byte : text) {
    if (byte == '\001') byte = '|';
  }
  return text;
}

}  // namespace

std::string utc_timestamp() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::time_t seconds = milliseconds / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}{:02}{:02}-{:02}:{:02}:{:02}.{:03}", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, milliseconds % 1000);
}

std::string_view Message::value(int tag) const {
  const std::string key = fmt::format("\001{}=", tag);
  const std::size_t at = frame.find(key);
  if (at == std::string_view::npos) return {};
  const std::size_t from = at + key.size();
  return frame.substr(from, frame.find('\001', from) - from);
}

Peer::Peer(int socket, Role role) : socket_(socket), role_(role) {
  const int on = 1;
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  if (::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 ||
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0) {
    throw std::runtime_error(fmt::format("setsockopt: {}", std::strerror(errno)));
  }
}

Peer::~Peer() { ::close(socket_); }

void Peer::log_on() { send("A", "98=0\001108=30\001"); }

void Peer::send(std::string_view type, std::string_view body) {
  const std::string header = fmt::format("35={}\00134={}\00149={}\00152={}\00156={}\001", type,
                                         next_out_++, sender_, utc_timestamp(), target_);
  out_ = fmt::format("{}{}\001{}{}", begin, header.size() + body.size(), header, body);
  out_ += fmt::format("10={:03}\001", checksum(out_));
  const auto sent = ::send(socket_, out_.data(), out_.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(out_.size())) {
    throw std::runtime_error(fmt::format("{}: send: {}", sender_, std::strerror(errno)));
  }
}

Message Peer::receive() {
  for (;;) {
    if (const auto message = next()) {
      if (!handle_admin(*message)) return *message;
    } else {
      read_some();
    }
  }
}

void Peer::answer() {
  read_some();
  while (const auto message = next()) {
    if (!handle_admin(*message)) {
      throw std::runtime_error("not expected: " + readable(message->frame));
    }
  }
}

void Peer::read_some() {
  std::array<char, 16384> bytes;
  const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
  if (count == 0) throw std::runtime_error(sender_ + ": the other end closed");
  if (count < 0) {
    throw std::runtime_error(fmt::format("{}: nothing came: {}", sender_, std::strerror(errno)));
  }
  in_.append(bytes.data(), static_cast<std::size_t>(count));
}

std::optional<Message> Peer::next() {
  in_.erase(0, consumed_);
  consumed_ = 0;
  const std::size_t digits_end = in_.find('\001', begin.size());
  if (in_.size() < begin.size() || digits_end == std::string::npos) return std::nullopt;
  if (!in_.starts_with(begin)) throw std::runtime_error("not FIX 4.2: " + readable(in_));
  const std::string_view digits(in_.data() + begin.size(), digits_end - begin.size());
  const std::size_t body_end = digits_end + 1 + number(digits, "BodyLength");
  if (in_.size() < body_end + trailer) return std::nullopt;
  consumed_ = body_end + trailer;
  const Message message{std::string_view(in_).substr(0, consumed_)};
  const auto sum = checksum(message.frame.substr(0, body_end));
  if (number(message.value(10), "CheckSum") != sum || message.type().empty()) {
    throw std::runtime_error("damaged: " + readable(message.frame));
  }
  if (number(message.value(34), "MsgSeqNum") != next_in_++) {
    throw std::runtime_error("out of sequence: " + readable(message.frame));
  }
  return message;
}

bool Peer::handle_admin(const Message& message) {
  const std::string_view type = message.type();
  if (type == "0") return true;
  if (type == "1") {
    send("0", fmt::format("112={}\001", message.value(112)));
    return true;
  }
  if (type == "A") {
    logged_on_ = true;
    if (role_ == Role::venue) {
      sender_ = message.value(56);
      target_ = message.value(49);
      log_on();
    }
    return true;
  }
  if (type.size() == 1 && type.find_first_of("2345") == 0) {
    throw std::runtime_error("not expected: " + readable(message.frame));
  }
  return false;
}

}  // namespace interlock::bench
