// Threads that follow the one that takes orders, and let it pass.
#pragma once

#include <unistd.h>

namespace interlock::audit {

// The calling thread's share of a processor that others want, too, becomes a tenth of theirs, and
// it is stopped at once when one of them wakes up. Alone on a processor it is as quick as before. A
// system that refuses it leaves it as it is.
inline void stand_back() {
  constexpr int steps = 10;  // of `nice`, each a quarter more or less
  [[maybe_unused]] const int now = ::nice(steps);
}

}  // namespace interlock::audit
