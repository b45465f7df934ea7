// Who is at the other end of a Unix socket: the actor of a kill that carries no token.
#pragma once

#include <sys/types.h>

#include <string>

namespace interlock::console {

[[nodiscard]] uid_t peer_user(int unix_socket);
// The user's name, or "uid 1000" where /etc/passwd has none.
[[nodiscard]] std::string user_name(uid_t user);

}  // namespace interlock::console
