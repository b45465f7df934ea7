// How often this thread has asked for memory; counted by the `operator new` of this program.
#pragma once

namespace interlock::tests {

[[nodiscard]] long allocations();

}  // namespace interlock::tests
