#include "tests/hil/devices.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/watchdog.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

#include "tests/hil/gateway.hpp"
#include "tests/hil/host.hpp"

namespace interlock::hil {
namespace {

namespace fs = std::filesystem;

constexpr int loop_back = 0x8000;  // TIOCM_LOOP of asm/termios.h, which does not go with libc's
constexpr std::string_view controller = "dummy_udc.0";  // of dummy_hcd

// Eight bytes each way, of the maker's own meaning.
constexpr std::string_view red_reports(
    "\x06\x00\xff\x09\x01\xa1\x01\x15\x00\x26\xff\x00\x75\x08\x95\x08"
    "\x09\x01\x81\x02\x09\x01\x91\x02\xc0",
    25);

int open_device(const fs::path& device, int flags) {
  int fd = -1;
  wait_for(device.native(),
           [&] { return (fd = ::open(device.c_str(), flags | O_NOCTTY | O_CLOEXEC)) >= 0; });
  return fd;
}

void wait_for_link(const fs::path& link) {
  wait_for(link.native(), [&] { return fs::exists(link); });
}

// What an event of usbmon says of DTR: bit 0 of wValue of CDC's SET_CONTROL_LINE_STATE.
std::optional<bool> dtr_after(std::string_view event) {
  const std::string_view request = " s 21 22 ";
  const auto at = event.find(request);
  if (at == event.npos || event.size() < at + request.size() + 4) return std::nullopt;
  return (event[at + request.size() + 3] - '0') % 2 == 1;
}

void set_modem_lines(int fd, unsigned long request, int lines) {
  if (::ioctl(fd, request, &lines) < 0) {
    throw std::runtime_error(fmt::format("modem lines: {}", std::strerror(errno)));
  }
}

}  // namespace

void write_file(const fs::path& file, std::string_view text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  const bool written = fd >= 0 && ::write(fd, text.data(), text.size()) >= 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!written)
    throw std::runtime_error(fmt::format("{}: {}", file.native(), std::strerror(error)));
}

void set_line(unsigned line, bool closed) {
  write_file("/sys/devices/platform/test-gpio/level", fmt::format("{} {}", line, closed ? 0 : 1));
}

void remove_gpio_chip() { write_file("/sys/bus/platform/drivers/test-gpio/unbind", "test-gpio"); }

void return_gpio_chip() { write_file("/sys/bus/platform/drivers/test-gpio/bind", "test-gpio"); }

void set_key(bool down) {
  ask_host(fmt::format(
      R"({{"execute": "input-send-event", "arguments": {{"events": [{{"type": "key", "data": )"
      R"({{"down": {}, "key": {{"type": "qcode", "data": "f12"}}}}}}]}}}})",
      down));
}

void unplug_keyboard() { ask_host(R"({"execute": "device_del", "arguments": {"id": "key"}})"); }

void plug_keyboard() {
  ask_host(R"({"execute": "device_add", "arguments": {"driver": "usb-kbd", "bus": "usb.0", )"
           R"("id": "key", "serial": "KILL0001"}})");
  wait_for_link("/dev/killswitch/key");
}

Gadget::Gadget(std::string_view function, Identity identity,
               std::initializer_list<std::pair<std::string_view, std::string_view>> settings)
    : place_(fs::path("/config/usb_gadget") / function),
      link_(place_ / "configs/only.1" / function),
      function_(place_ / "functions" / function) {
  fs::create_directories(place_ / "strings/0x409");
  fs::create_directories(link_.parent_path());
  fs::create_directories(function_);
  write_file(place_ / "idVendor", identity.vendor);
  write_file(place_ / "idProduct", identity.product);
  if (!identity.serial.empty()) write_file(place_ / "strings/0x409/serialnumber", identity.serial);
  for (const auto& [name, bytes] : settings) write_file(function_ / name, bytes);
  fs::create_directory_symlink(function_, link_);
  write_file(place_ / "UDC", controller);
}

Gadget::~Gadget() {
  write_file(place_ / "UDC", "\n");
  fs::remove(link_);
  fs::remove(function_);
  fs::remove(link_.parent_path());
  fs::remove(place_ / "strings/0x409");
  fs::remove(place_);
}

RedButton::RedButton()
    : gadget_("hid.red", {"0x1d34", "0x000d", ""},
              {{"report_length", "8"}, {"report_desc", red_reports}}),
      thread_([this] { answer(); }) {
  wait_for_link("/dev/killswitch/red");
}

RedButton::~RedButton() {
  stops_ = true;
  thread_.join();
}

void RedButton::answer() {
  const int fd = open_device("/dev/hidg0", O_RDWR | O_NONBLOCK);
  while (!stops_) {
    constexpr int turn_ms = 20;
    pollfd wait{fd, POLLIN, 0};
    ::poll(&wait, 1, turn_ms);
    std::array<std::uint8_t, 8> report{};
    if (::read(fd, report.data(), report.size()) != static_cast<ssize_t>(report.size())) continue;
    if (report[0] != 0x08 || report[7] != 0x02) continue;  // not the request for its state
    report = {state_, 0, 0, 0, 0, 0, 0, 0x03};
    // One that cannot be sent is asked for again.
    static_cast<void>(!::write(fd, report.data(), report.size()));
  }
  ::close(fd);
}

Modem::Modem()
    : gadget_("acm.loop", {"0x1209", "0x0001", "LOOP0001"}, {}), thread_([this] { follow(); }) {
  wait_for_link("/dev/killswitch/modem");
}

Modem::~Modem() {
  stops_ = true;
  thread_.join();
}

void Modem::follow() {
  const int bus = open_device("/sys/kernel/debug/usb/usbmon/0u", O_RDONLY | O_NONBLOCK);
  int port = -1;
  for (bool dtr = false; !stops_; ::usleep(500)) {
    std::array<char, 512> line;  // a read gives one event
    const auto size = ::read(bus, line.data(), line.size());
    if (size > 0) dtr = dtr_after({line.data(), static_cast<std::size_t>(size)}).value_or(dtr);
    const bool up = dtr && closed_;
    if (up && port < 0) port = open_device("/dev/ttyGS0", O_RDWR | O_NONBLOCK);
    if (!up && port >= 0) ::close(std::exchange(port, -1));
  }
  if (port >= 0) ::close(port);
  ::close(bus);
}

Watchdog::Watchdog() {
  for (const auto& entry : fs::directory_iterator("/sys/class/watchdog")) {
    if (!read_file(entry.path() / "identity").starts_with("i6300ESB")) continue;
    fd_ = open_device(fs::path("/dev") / entry.path().filename(), O_WRONLY);
  }
  int seconds = 4;
  if (::ioctl(fd_, WDIOC_SETTIMEOUT, &seconds) < 0) throw std::runtime_error("no watchdog");
}

Watchdog::~Watchdog() {
  // "V" before the end says that the end is meant.
  static_cast<void>(!::write(fd_, "V", 1));
  ::close(fd_);
}

void Watchdog::beat() { ::ioctl(fd_, WDIOC_KEEPALIVE, 0); }

LoopedPort::LoopedPort() : fd_(open_device("/dev/ttyS2", O_RDWR | O_NONBLOCK)) { mend(); }

LoopedPort::~LoopedPort() { ::close(fd_); }

void LoopedPort::cut() { set_modem_lines(fd_, TIOCMBIC, TIOCM_DTR | TIOCM_RTS); }

void LoopedPort::mend() { set_modem_lines(fd_, TIOCMBIS, loop_back | TIOCM_DTR | TIOCM_RTS); }

void LoopedPort::bridge() { set_modem_lines(fd_, TIOCMBIC, loop_back); }

}  // namespace interlock::hil
