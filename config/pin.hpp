// The processor that the event loop's thread is bound to: whether this host gives it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/config.hpp"

namespace interlock::config {

inline constexpr std::int64_t processors_max = 1024;  // that an affinity mask of the kernel names

// Why `loop.pin` cannot be had here and now; nullopt: it can, or there is none. A file may be read
// on other hosts, too, so this is asked by `check` and at a start alone.
[[nodiscard]] std::optional<Problem> pin_problem(const Config& config);
// Binds the calling thread. False: the kernel did not.
[[nodiscard]] bool bind_this_thread(std::uint32_t processor);

}  // namespace interlock::config
