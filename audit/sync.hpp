// How what was written comes to disk; tests have it fail, or wait.
#pragma once

#include <cstddef>

namespace interlock::audit {

// Of a file that is mapped, the `bytes` from `from` on, which is where a page begins; nullptr: all
// of it. As ::fdatasync, 0 or -1 with errno.
using SyncFile = int (*)(int descriptor, void* from, std::size_t bytes);
[[nodiscard]] int sync_to_disk(int descriptor, void* from, std::size_t bytes);

}  // namespace interlock::audit
