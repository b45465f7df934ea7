// The few system calls that reach a device, in one place, so that a test can stand in for a kernel.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace interlock::killswitch {

// The real ones: each returns what the call returns, and leaves errno. A test overrides them.
class Kernel {
 public:
  Kernel() = default;
  virtual ~Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  virtual int open(const char* path, int flags) noexcept;
  virtual int ioctl(int fd, unsigned long request, void* argument) noexcept;
  virtual ssize_t read(int fd, void* into, std::size_t size) noexcept;
  virtual ssize_t write(int fd, const void* from, std::size_t size) noexcept;
  virtual void close(int fd) noexcept;
};

}  // namespace interlock::killswitch
