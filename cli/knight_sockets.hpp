// The morning over real FIX sessions on loopback, at real pace: the gateway as `interlock run` has
// it, eight routers and eight venues on threads of their own.
#pragma once

#include "cli/knight_figures.hpp"

namespace interlock::cli::knight {

struct SocketOptions {
  std::int64_t shown_ns = 5 * second_ns;  // from the open, and again from the roll-back; the
                                          // minutes between and after are skipped
};

// Only rejects that are hidden: the hours before the open do not fit in real time.
[[nodiscard]] Figures over_sockets(const Morning& morning, const SocketOptions& options);

}  // namespace interlock::cli::knight
