#include "tests/heap_asked.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t asked = 0;

}  // namespace

// Replaces that of the test program; new[] and the others come to these.
void* operator new(std::size_t size) {
  ++asked;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc{};
}
// The one that does not throw, too: what it gives is freed by the same delete.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++asked;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace interlock::tests {

std::size_t heap_asked() { return asked; }

}  // namespace interlock::tests
