// How often this program asks the heap, by thread: malloc and what comes to it.
#pragma once

#include <cstdint>

namespace interlock::bench {

// Of this thread, since it began.
[[nodiscard]] std::uint64_t allocations();

}  // namespace interlock::bench
