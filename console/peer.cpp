#include "console/peer.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <memory>

namespace interlock::console {

uid_t peer_user(int unix_socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  const bool known = getsockopt(unix_socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0;
  return known ? credentials.uid : static_cast<uid_t>(-1);
}

// From the file alone: a name service that hangs must not stand before a kill.
std::string user_name(uid_t user) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen("/etc/passwd", "re"),
                                                             &std::fclose};
  std::array<char, 1024> text;
  passwd entry;
  passwd* found = nullptr;
  while (file && fgetpwent_r(file.get(), &entry, text.data(), text.size(), &found) == 0) {
    if (found->pw_uid == user) return found->pw_name;
  }
  return fmt::format("uid {}", user);
}

}  // namespace interlock::console
