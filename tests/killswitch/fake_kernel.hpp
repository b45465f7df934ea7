// A kernel of tables: which paths can be opened, and what each call answers. It notes a descriptor
// that is used after its end, and one that is never closed.
#pragma once

#include <sys/ioctl.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "killswitch/button_source.hpp"
#include "killswitch/kernel.hpp"

namespace interlock::tests {

// Answers below 0 are an errno.
class FakeKernel : public killswitch::Kernel {
 public:
  using Ioctl = std::function<int(int fd, void* argument)>;

  std::map<std::string, int> paths;       // 0, or the errno of opening it; others: ENOENT
  std::map<unsigned long, Ioctl> ioctls;  // by call_of(request); others: ENOTTY
  std::function<int(int fd, void* into, std::size_t size)> on_read;         // none: EAGAIN
  std::function<int(int fd, const void* from, std::size_t size)> on_write;  // none: EBADF
  std::map<int, std::string> descriptors;                                   // that are open
  std::map<int, int> flags;                                                 // each was opened with
  std::map<unsigned long, int> called;  // how often, by call_of(request)
  int wrong_uses = 0;                   // of a descriptor that is not open

  // Type and number of a request, without its size.
  static unsigned long call_of(unsigned long request) { return request & 0xFFFFU; }
  void answer(unsigned long request, Ioctl how) { ioctls[call_of(request)] = std::move(how); }
  [[nodiscard]] int times(unsigned long request) const {
    const auto found = called.find(call_of(request));
    return found == called.end() ? 0 : found->second;
  }
  int give(const std::string& name) {
    descriptors[next_] = name;
    return next_++;
  }

  int open(const char* path, int open_flags) noexcept override {
    const auto found = paths.find(path);
    if (found == paths.end() || found->second != 0) {
      return checked(-(found == paths.end() ? ENOENT : found->second));
    }
    const int fd = give(path);
    flags[fd] = open_flags;
    return fd;
  }
  int ioctl(int fd, unsigned long request, void* argument) noexcept override {
    if (!is_open(fd)) return checked(-EBADF);
    ++called[call_of(request)];
    const auto found = ioctls.find(call_of(request));
    return checked(found == ioctls.end() ? -ENOTTY : found->second(fd, argument));
  }
  ssize_t read(int fd, void* into, std::size_t size) noexcept override {
    if (!is_open(fd)) return checked(-EBADF);
    return checked(on_read ? on_read(fd, into, size) : -EAGAIN);
  }
  ssize_t write(int fd, const void* from, std::size_t size) noexcept override {
    if (!is_open(fd)) return checked(-EBADF);
    return checked(on_write ? on_write(fd, from, size) : -EBADF);
  }
  void close(int fd) noexcept override {
    if (is_open(fd)) descriptors.erase(fd);
    errno = EBADF;  // as some close may leave it: the error of the call before must survive
  }

 private:
  static int checked(int answer) {
    if (answer >= 0) return answer;
    errno = -answer;
    return -1;
  }
  bool is_open(int fd) {
    if (descriptors.contains(fd)) return true;
    ++wrong_uses;
    return false;
  }

  int next_ = 100;
};

// An ioctl that always answers `value`.
inline FakeKernel::Ioctl answers(int value) {
  return [value](int, void*) { return value; };
}

// An ioctl that gives out these bytes, as many as fit.
template <typename Value>
FakeKernel::Ioctl gives(Value value) {
  return [value](int, void* into) {
    std::memcpy(into, &value, sizeof value);
    return static_cast<int>(sizeof value);
  };
}
inline FakeKernel::Ioctl gives_text(std::string text) {
  return [text = std::move(text)](int, void* into) {
    std::memcpy(into, text.c_str(), text.size() + 1);
    return static_cast<int>(text.size() + 1);
  };
}

// What a source with one channel, or the first of two, shows now.
inline killswitch::Sample look(killswitch::ButtonSource& source, std::int64_t now_ns = 0) {
  killswitch::Sample samples[2];
  source.look(std::span(samples).first(source.channels()), now_ns);
  return samples[0];
}
inline std::vector<killswitch::Sample> look_at_all(killswitch::ButtonSource& source,
                                                   std::int64_t now_ns = 0) {
  std::vector<killswitch::Sample> samples(source.channels());
  source.look(samples, now_ns);
  return samples;
}

}  // namespace interlock::tests
