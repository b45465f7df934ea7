// How often this thread of a test program has asked the heap: link heap_asked.cpp, which replaces
// operator new.
#pragma once

#include <cstddef>

namespace interlock::tests {

[[nodiscard]] std::size_t heap_asked();

}  // namespace interlock::tests
