#include "gateway/fence.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace interlock::gateway {
namespace {

// In the kernel's name space of sockets, not in a directory: gone with the process that bound it.
struct Name {
  sockaddr_un address{};
  socklen_t size = 0;
  explicit Name(const std::string& text) {
    address.sun_family = AF_UNIX;
    const auto length = std::min(text.size(), sizeof address.sun_path - 1);
    std::memcpy(address.sun_path + 1, text.data(), length);
    size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
  }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

std::string holder(const Name& name) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ucred who{};
  socklen_t size = sizeof who;
  const bool known = ::connect(fd, name.get(), name.size) == 0 &&
                     ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0;
  if (fd >= 0) ::close(fd);
  return known ? fmt::format("process {}", who.pid) : std::string("another process");
}

}  // namespace

std::expected<Fence, std::string> Fence::take(const config::Config& config) {
  Fence fence;
  for (const config::Connector* session : config.connectors()) {
    for (const config::Address& to : session->connect) {
      const Name name(fmt::format("interlock {} {} {} {}:{}", session->dialect->begin_string,
                                  session->comp_id.ours, session->comp_id.theirs, to.host,
                                  to.port));
      const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (fd >= 0) fence.held_.push_back(fd);
      if (fd >= 0 && ::bind(fd, name.get(), name.size) == 0 && ::listen(fd, 1) == 0) continue;
      if (errno != EADDRINUSE)
        return std::unexpected(
            fmt::format("{}: cannot be held: {}", session->id, std::strerror(errno)));
      return std::unexpected(fmt::format(
          "another instance runs: {} holds session {} ({} to {} at {}:{})", holder(name),
          session->id, session->comp_id.ours, session->comp_id.theirs, to.host, to.port));
    }
  }
  return fence;
}

Fence::~Fence() {
  for (const int fd : held_) ::close(fd);
}

}  // namespace interlock::gateway
