#include "bench/allocations.hpp"

#include <cstddef>

namespace {

// In the program's own block of thread storage: reading it asks for no memory itself.
thread_local std::uint64_t asked __attribute__((tls_model("initial-exec"))) = 0;

}  // namespace

// glibc's own, under the names that a program which replaces them may call.
extern "C" {
void* __libc_malloc(std::size_t);               // NOLINT
void* __libc_calloc(std::size_t, std::size_t);  // NOLINT
void* __libc_realloc(void*, std::size_t);       // NOLINT

void* malloc(std::size_t size) {
  ++asked;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++asked;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  ++asked;
  return __libc_realloc(memory, size);
}
}

namespace interlock::bench {

std::uint64_t allocations() { return asked; }

}  // namespace interlock::bench
