// A snapshot as Prometheus text (docs/metrics.md). Labels come from the configuration and from
// fixed lists only: never a parent or an order.
#pragma once

#include <cstdint>
#include <string>

#include "console/identity.hpp"
#include "gateway/snapshot.hpp"

namespace interlock::console {

[[nodiscard]] std::string metrics_text(const gateway::Snapshot& snapshot, const Identity& identity,
                                       std::int64_t now_ns);

}  // namespace interlock::console
