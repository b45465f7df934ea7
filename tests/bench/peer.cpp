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

std::string_view utc_timestamp() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  // Both ends are on the core that is measured: what they need not do, they do not.
  static std::int64_t written = 0;
  static std::string text;
  if (milliseconds == written) return text;
  written = milliseconds;
  const std::time_t seconds = milliseconds / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  text = fmt::format("{:04}{:02}{:02}-{:02}:{:02}:{:02}.{:03}", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, milliseconds % 1000);
  return text;
}

std::string_view Message::value(int tag) const {
  std::array<char, 16> text{'\001'};
  char* const end = std::to_chars(text.data() + 1, text.data() + text.size() - 1, tag).ptr;
  *end = '=';
  const std::string_view key(text.data(), static_cast<std::size_t>(end + 1 - text.data()));
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
  queue(type, body);
  flush();
}

void Peer::queue(std::string_view type, std::string_view body) {
  std::array<char, 16> digits;
  const auto text = [&](std::uint64_t value) {
    const char* const end = std::to_chars(digits.begin(), digits.end(), value).ptr;
    return std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data()));
  };
  header_.clear();
  header_.append("35=").append(type).append("\00134=").append(text(next_out_++));
  header_.append("\00149=").append(sender_).append("\00152=").append(utc_timestamp());
  header_.append("\00156=").append(target_).append("\001");
  const std::size_t from = out_.size();
  out_.append(begin).append(text(header_.size() + body.size())).append("\001");
  out_.append(header_).append(body);
  const unsigned sum = checksum(std::string_view(out_).substr(from));
  out_.append("10=").append({static_cast<char>('0' + sum / 100),
                             static_cast<char>('0' + sum / 10 % 10),
                             static_cast<char>('0' + sum % 10), '\001'});
}

void Peer::flush() {
  if (out_.empty()) return;
  const auto sent = ::send(socket_, out_.data(), out_.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(out_.size())) {
    throw std::runtime_error(fmt::format("{}: send: {}", sender_, std::strerror(errno)));
  }
  out_.clear();
}

std::optional<Message> Peer::taken() {
  while (const auto message = next()) {
    if (!handle_admin(*message)) return message;
  }
  return std::nullopt;
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
  if (const auto message = taken()) {
    throw std::runtime_error("not expected: " + readable(message->frame));
  }
}

void Peer::read_some() {
  std::array<char, 65536> bytes;
  const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
  if (count == 0) throw std::runtime_error(sender_ + ": the other end closed");
  if (count < 0) {
    throw std::runtime_error(fmt::format("{}: nothing came: {}", sender_, std::strerror(errno)));
  }
  in_.erase(0, consumed_);
  consumed_ = 0;
  in_.append(bytes.data(), static_cast<std::size_t>(count));
}

std::optional<Message> Peer::next() {
  const std::string_view rest = std::string_view(in_).substr(consumed_);
  if (rest.empty()) {
    in_.clear();
    consumed_ = 0;
    return std::nullopt;
  }
  const std::size_t digits_end = rest.find('\001', begin.size());
  if (rest.size() < begin.size() || digits_end == std::string::npos) return std::nullopt;
  if (!rest.starts_with(begin)) throw std::runtime_error("not FIX 4.2: " + readable(rest));
  const std::string_view digits = rest.substr(begin.size(), digits_end - begin.size());
  const std::size_t body_end = digits_end + 1 + number(digits, "BodyLength");
  if (rest.size() < body_end + trailer) return std::nullopt;
  consumed_ += body_end + trailer;
  const Message message{rest.substr(0, body_end + trailer)};
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
