// Who is at the other end of a Unix socket: the actor of a kill that carries no token.
#pragma once

#include <string>

namespace interlock::console {

// The user's name, or "uid 1000" where /etc/passwd has none.
[[nodiscard]] std::string peer_user(int unix_socket);

}  // namespace interlock::console
