// What the sources share: a device that is closed at the end, how its loss is told, and its name.
#pragma once

#include <cerrno>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "killswitch/button_source.hpp"
#include "killswitch/kernel.hpp"

namespace interlock::killswitch {

// An open device or none. `errno` of a failure survives the closing.
class OpenDevice {
 public:
  explicit OpenDevice(Kernel& kernel) noexcept : kernel_(kernel) {}
  OpenDevice(const OpenDevice&) = delete;
  OpenDevice& operator=(const OpenDevice&) = delete;
  ~OpenDevice() { close(); }

  bool open(const char* path, int flags) noexcept {
    adopt(kernel_.open(path, flags));
    return fd_ >= 0;
  }
  void adopt(int fd) noexcept {
    close();
    fd_ = fd;
  }
  void close() noexcept {
    const int error = errno;
    if (fd_ >= 0) kernel_.close(fd_);
    fd_ = -1;
    errno = error;
  }
  [[nodiscard]] int fd() const noexcept { return fd_; }

  // As the calls themselves; a closed device answers ENODEV.
  int ioctl(unsigned long request, void* argument = nullptr) noexcept {
    return fd_ >= 0 ? kernel_.ioctl(fd_, request, argument) : no_device();
  }
  ssize_t read(void* into, std::size_t size) noexcept {
    return fd_ >= 0 ? kernel_.read(fd_, into, size) : no_device();
  }
  ssize_t write(const void* from, std::size_t size) noexcept {
    return fd_ >= 0 ? kernel_.write(fd_, from, size) : no_device();
  }

 private:
  static int no_device() noexcept {
    errno = ENODEV;
    return -1;
  }

  Kernel& kernel_;
  int fd_ = -1;
};

// Each channel is unknown. That it was pressed before stays told.
inline void tell_unknown(std::span<Sample> samples, int error) noexcept {
  for (auto& sample : samples) {
    sample.contact = Contact::unknown;
    sample.error = error;
  }
}

// "usb 1209:a1b2 serial 0042 at usb-1/input0, Name": the bus by its BUS_ number of linux/input.h.
[[nodiscard]] std::string hardware_name(std::uint32_t bus, std::uint16_t vendor,
                                        std::uint16_t product, std::string_view serial,
                                        std::string_view place, std::string_view name);

}  // namespace interlock::killswitch
