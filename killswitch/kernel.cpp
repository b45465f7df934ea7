#include "killswitch/kernel.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace interlock::killswitch {

int Kernel::open(const char* path, int flags) noexcept { return ::open(path, flags); }
int Kernel::ioctl(int fd, unsigned long request, void* argument) noexcept {
  return ::ioctl(fd, request, argument);
}
ssize_t Kernel::read(int fd, void* into, std::size_t size) noexcept {
  return ::read(fd, into, size);
}
ssize_t Kernel::write(int fd, const void* from, std::size_t size) noexcept {
  return ::write(fd, from, size);
}
void Kernel::close(int fd) noexcept { ::close(fd); }

}  // namespace interlock::killswitch
