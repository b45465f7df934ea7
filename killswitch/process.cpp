#include "killswitch/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>

namespace interlock::killswitch {
namespace {

using Buffer = std::array<char, 4096>;

// What fits; both facts stand within the first kilobyte.
std::string_view read_begin(const char* path, Buffer& into) noexcept {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  const ssize_t count = ::read(fd, into.data(), into.size());
  ::close(fd);
  return count < 0 ? std::string_view() : std::string_view(into.data(), count);
}

std::string_view word(std::string_view text, std::size_t number) noexcept {
  while (true) {
    const auto begin = text.find_first_not_of(" \t\n");
    if (begin == text.npos) return {};
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(" \t\n"), text.size());
    if (number-- == 0) return text.substr(0, end);
    text.remove_prefix(end);
  }
}

template <typename Number>
bool parse(std::string_view digits, Number& into) noexcept {
  const auto end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, into);
  return !digits.empty() && read.ec == std::errc() && read.ptr == end;
}

}  // namespace

std::optional<ProcessFacts> facts_of(pid_t pid) noexcept {
  std::array<char, 64> path;
  Buffer buffer;
  ProcessFacts facts;
  std::snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
  const auto stat = read_begin(path.data(), buffer);
  // The second field is the name in parentheses, and may hold anything: the last one ends it.
  const auto name_end = stat.rfind(')');
  if (name_end == stat.npos || !parse(word(stat.substr(name_end + 1), 19), facts.started_ticks)) {
    return std::nullopt;
  }
  std::snprintf(path.data(), path.size(), "/proc/%d/status", pid);
  const auto status = read_begin(path.data(), buffer);
  constexpr std::string_view user_line = "\nUid:";
  const auto user = status.find(user_line);
  if (user == status.npos || !parse(word(status.substr(user + user_line.size()), 1), facts.user)) {
    return std::nullopt;
  }
  return facts;
}

bool HeldProcess::hold(pid_t pid, std::uint64_t started_ticks, uid_t user) noexcept {
  release();
  fd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd_ < 0) return false;
  // Read after it is held: if it began at that time, then it is the one that is held.
  const auto facts = facts_of(pid);
  if (facts && facts->started_ticks == started_ticks && facts->user == user && lives()) return true;
  const bool of_another = facts && facts->started_ticks == started_ticks && facts->user != user;
  release();
  errno = of_another ? EPERM : ESRCH;
  return false;
}

void HeldProcess::release() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool HeldProcess::lives() const noexcept { return !dies_within(0); }

bool HeldProcess::dies_within(int milliseconds) const noexcept {
  if (fd_ < 0) return true;
  pollfd ended{fd_, POLLIN, 0};
  return ::poll(&ended, 1, milliseconds) == 1;
}

bool HeldProcess::kill() noexcept {
  if (fd_ < 0) {
    errno = ESRCH;
    return false;
  }
  return ::syscall(SYS_pidfd_send_signal, fd_, SIGKILL, nullptr, 0) == 0;
}

}  // namespace interlock::killswitch
