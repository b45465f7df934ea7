#include "killswitch/notify.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace interlock::killswitch {
namespace {

std::string_view environment(const char* name) noexcept {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

std::int64_t number(std::string_view digits) noexcept {
  std::int64_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return read.ec == std::errc() && value > 0 ? value : 0;
}

}  // namespace

Notify::Notify() noexcept {
  const auto path = environment("NOTIFY_SOCKET");
  const bool possible = !path.empty() && (path[0] == '/' || path[0] == '@');
  if (!possible || path.size() >= sizeof to_.sun_path) return;
  to_.sun_family = AF_UNIX;
  std::memcpy(to_.sun_path, path.data(), path.size());
  if (path[0] == '@') to_.sun_path[0] = '\0';  // an abstract one
  size_ = static_cast<unsigned>(offsetof(sockaddr_un, sun_path) + path.size());
  fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const auto process = environment("WATCHDOG_PID");
  if (!process.empty() && number(process) != ::getpid()) return;
  every_ns_ = number(environment("WATCHDOG_USEC")) * 1000 / 4;
}

Notify::~Notify() {
  if (fd_ >= 0) ::close(fd_);
}

void Notify::turned(std::int64_t mono_ns) noexcept {
  if (every_ns_ == 0 || mono_ns - sent_at_ns_ < every_ns_) return;
  sent_at_ns_ = mono_ns;
  send("WATCHDOG=1");
}

void Notify::send(std::string_view words) noexcept {
  if (fd_ < 0) return;
  ::sendto(fd_, words.data(), words.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to_),
           size_);
}

}  // namespace interlock::killswitch
