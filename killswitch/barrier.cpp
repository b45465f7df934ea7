#include "killswitch/barrier.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace interlock::killswitch {
namespace {

std::string elements(std::span<const PageVenue> venues, std::uint8_t family) {
  std::string said;
  for (const auto& venue : venues) {
    std::array<char, INET6_ADDRSTRLEN> address;
    if (venue.family != family) continue;
    if (::inet_ntop(family, venue.address.data(), address.data(), address.size()) == nullptr) {
      continue;
    }
    said += fmt::format("{}{} . {}", said.empty() ? "" : ", ", address.data(), venue.port);
  }
  return said;
}

// A file without a name that holds the text: it cannot block, as a pipe can.
int held(const std::string& text) {
  const int fd = ::memfd_create("ruleset", MFD_CLOEXEC);
  if (fd < 0) return -1;
  const bool whole = ::write(fd, text.data(), text.size()) == std::ssize(text);
  if (whole && ::lseek(fd, 0, SEEK_SET) == 0) return fd;
  ::close(fd);
  return -1;
}

// 0, or an errno.
int spawn(const std::filesystem::path& program, int input, pid_t& pid) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  std::string name = program.string();
  std::array<char, 3> option{"-f"}, dash{"-"};
  std::array<char*, 4> arguments{name.data(), option.data(), dash.data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  const int error =
      ::posix_spawn(&pid, name.c_str(), &files, &attributes, arguments.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  return error;
}

}  // namespace

std::string ruleset(std::span<const PageVenue> venues) {
  const auto four = elements(venues, AF_INET), six = elements(venues, AF_INET6);
  std::string text =
      "add table inet interlock_guard\n"
      "add set inet interlock_guard venues4 { type ipv4_addr . inet_service; }\n"
      "add set inet interlock_guard venues6 { type ipv6_addr . inet_service; }\n"
      "add chain inet interlock_guard output { type filter hook output priority 0; }\n"
      "flush chain inet interlock_guard output\n"
      "add rule inet interlock_guard output tcp flags & rst == rst accept\n"
      "add rule inet interlock_guard output ip daddr . tcp dport @venues4 reject with tcp reset\n"
      "add rule inet interlock_guard output ip6 daddr . tcp dport @venues6 reject with tcp reset\n";
  if (!four.empty())
    text += fmt::format("add element inet interlock_guard venues4 {{ {} }}\n", four);
  if (!six.empty()) text += fmt::format("add element inet interlock_guard venues6 {{ {} }}\n", six);
  return text;
}

void Barrier::begin(std::span<const PageVenue> venues) {
  using Status = BarrierOutcome::Status;
  end();
  if (venues.empty()) {
    outcome_ = {Status::not_needed, 0};
    return;
  }
  if (::access(nft_.c_str(), X_OK) != 0) {
    outcome_ = {Status::no_program, errno};
    return;
  }
  const int input = held(ruleset(venues));
  const int error = input < 0 ? errno : spawn(nft_, input, running_);
  if (input >= 0) ::close(input);
  if (error != 0) running_ = -1;
  outcome_ = {error == 0 ? Status::not_in_time : Status::failed, error};
}

BarrierOutcome Barrier::wait(int milliseconds) noexcept {
  using Status = BarrierOutcome::Status;
  if (running_ < 0) return outcome_;
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, running_, 0));
  pollfd ended{fd, POLLIN, 0};
  ::poll(&ended, 1, milliseconds);
  if (fd >= 0) ::close(fd);
  int status = 0;
  if (::waitpid(running_, &status, WNOHANG) != running_) return outcome_;
  running_ = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    outcome_ = {Status::up, 0};
  } else {
    outcome_ = {Status::failed, WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status)};
  }
  return outcome_;
}

void Barrier::end() noexcept {
  if (running_ < 0) return;
  ::kill(running_, SIGKILL);
  ::waitpid(running_, nullptr, 0);
  running_ = -1;
}

}  // namespace interlock::killswitch
