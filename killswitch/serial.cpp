// Modem lines of a serial port: an output feeds each contact, an input sees whether it is closed.
#include <asm/termbits.h>  // the kernel's termios, as its ioctls take it; not libc's
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/major.h>
#include <linux/serial.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "killswitch/device.hpp"
#include "killswitch/test_pulse.hpp"

namespace interlock::killswitch {
namespace {

using Loop = SerialDevice::Loop;
constexpr std::size_t channels_max = 2;
// For the inputs to follow the outputs that were raised at the opening.
constexpr std::int64_t settle_ns = 50'000'000;

class SerialSource final : public ButtonSource {
 public:
  SerialSource(SerialDevice device, Kernel& kernel)
      : device_(std::move(device)),
        kernel_(kernel),
        port_(kernel),
        pulse_(device_.loops.size(), device_.test_every_ns) {}

  [[nodiscard]] std::size_t channels() const noexcept override { return device_.loops.size(); }
  [[nodiscard]] bool fail_safe() const noexcept override { return true; }
  bool open() noexcept override;
  // Its lines wake nobody, and what the other end may send is nothing to wake up for.
  [[nodiscard]] int fd() const noexcept override { return -1; }
  void look(std::span<Sample> into, std::int64_t now_ns) noexcept override;
  [[nodiscard]] std::string about() const override;

 private:
  struct Channel {
    bool was_low = false;
    std::uint32_t counted = 0;  // changes of the input, by the driver
  };

  bool prepare() noexcept;
  bool sees(std::span<Sample> into, std::int64_t now_ns) noexcept;
  [[nodiscard]] bool settled(const std::array<bool, channels_max>& low,
                             std::int64_t now_ns) noexcept;
  void tell(std::size_t index, bool low, bool hidden, std::uint32_t steps, Sample& sample) noexcept;
  std::uint32_t count(std::size_t index) noexcept;
  [[nodiscard]] std::string read_line(const std::string& path) const;

  SerialDevice device_;
  Kernel& kernel_;
  OpenDevice port_;
  unsigned number_ = 0;  // of the device, as the kernel packs major and minor
  TestPulse pulse_;
  bool settled_ = false;
  std::optional<std::int64_t> looked_first_ns_;
  std::array<Channel, channels_max> channels_{};
  serial_icounter_struct counts_{};
};

int output_of(Loop loop) noexcept { return loop == Loop::rts_cts ? TIOCM_RTS : TIOCM_DTR; }

int input_of(Loop loop) noexcept {
  switch (loop) {
    case Loop::dtr_dsr:
      return TIOCM_DSR;
    case Loop::dtr_dcd:
      return TIOCM_CAR;
    case Loop::rts_cts:
      return TIOCM_CTS;
  }
  return 0;
}

bool SerialSource::open() noexcept {
  port_.close();
  pulse_ = TestPulse(device_.loops.size(), device_.test_every_ns);
  settled_ = false;
  looked_first_ns_.reset();
  channels_ = {};
  if (device_.loops.empty() || device_.loops.size() > channels_max) {
    errno = EINVAL;
    return false;
  }
  // The lines rise with the opening; it would wait for a carrier without O_NONBLOCK.
  constexpr int flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
  if (!port_.open(device_.device.c_str(), flags)) return false;
  if (prepare()) return true;
  port_.close();
  return false;
}

bool SerialSource::prepare() noexcept {
  // Another program that moves the outputs would press or hide a press.
  if (port_.ioctl(TIOCEXCL) < 0) return false;
  if (port_.ioctl(TIOCGDEV, &number_) < 0) return false;
  const bool has_cts = std::ranges::count(device_.loops, Loop::rts_cts) != 0;
  // The driver of CDC-ACM answers that CTS is high, whatever is wired (acm_tty_tiocmget).
  if (has_cts && gnu_dev_major(number_) == USB_ACM_MAJOR) {
    errno = ENOTSUP;
    return false;
  }
  termios modes{};
  modes.c_cflag = B9600 | CS8 | CLOCAL | HUPCL;  // no CRTSCTS: RTS is ours. A fall of DCD is no end
  if (port_.ioctl(TCSETS, &modes) < 0) return false;
  int lines = TIOCM_DTR | TIOCM_RTS;
  return port_.ioctl(TIOCMBIS, &lines) >= 0;
}

// How often the input changed since this was asked last, where the driver counts.
std::uint32_t SerialSource::count(std::size_t index) noexcept {
  const Loop loop = device_.loops[index];
  const int now = loop == Loop::dtr_dsr   ? counts_.dsr
                  : loop == Loop::dtr_dcd ? counts_.dcd
                                          : counts_.cts;
  const auto counted = static_cast<std::uint32_t>(now);
  return counted - std::exchange(channels_[index].counted, counted);
}

bool SerialSource::settled(const std::array<bool, channels_max>& low,
                           std::int64_t now_ns) noexcept {
  if (!looked_first_ns_) looked_first_ns_ = now_ns;
  if (!low[0] && !low[1]) settled_ = true;
  if (now_ns - *looked_first_ns_ >= settle_ns) settled_ = true;
  return settled_;
}

bool SerialSource::sees(std::span<Sample> into, std::int64_t now_ns) noexcept {
  int lines = 0;
  if (port_.ioctl(TIOCMGET, &lines) < 0) return false;
  port_.ioctl(TIOCGICOUNT, &counts_);  // stays as it was where the driver does not count
  std::array<bool, channels_max> low{};
  for (std::size_t i = 0; i < channels(); ++i) low[i] = (lines & input_of(device_.loops[i])) == 0;
  if (!settled_) {
    for (std::size_t i = 0; i < channels(); ++i) count(i);  // what the opening moved
    if (!settled(low, now_ns)) return true;                 // unknown, without an error
  }
  const auto step = pulse_.step(low, now_ns);
  for (std::size_t i = 0; i < channels(); ++i)
    tell(i, low[i], step.hides && step.channel == i, count(i), into[i]);
  if (step.output == TestPulse::Output::leave) return true;
  int output = output_of(device_.loops[step.channel]);
  return port_.ioctl(step.output == TestPulse::Output::drop ? TIOCMBIC : TIOCMBIS, &output) >= 0;
}

void SerialSource::tell(std::size_t index, bool low, bool hidden, std::uint32_t steps,
                        Sample& sample) noexcept {
  auto& channel = channels_[index];
  sample.crossed = pulse_.crossed(index);
  if (hidden) {
    sample.contact = Contact::safe;
    return;
  }
  sample.contact = low ? Contact::pressed : Contact::safe;
  sample.changes = std::max<std::uint32_t>(steps, low != channel.was_low ? 1 : 0);
  // One change ends a press that the last look saw; any other began with a fall.
  sample.was_pressed = low || steps > (channel.was_low ? 1U : 0U);
  channel.was_low = low;
}

void SerialSource::look(std::span<Sample> into, std::int64_t now_ns) noexcept {
  std::ranges::fill(into, Sample{});
  if (sees(into, now_ns)) return;
  tell_unknown(into, errno);
  port_.close();
}

std::string SerialSource::read_line(const std::string& path) const {
  OpenDevice file(kernel_);
  std::array<char, 128> bytes;
  if (!file.open(path.c_str(), O_RDONLY | O_CLOEXEC)) return {};
  const ssize_t size = file.read(bytes.data(), bytes.size());
  const std::string text(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return text.substr(0, text.find('\n'));
}

std::string SerialSource::about() const {
  const auto device = fmt::format("{}:{}", gnu_dev_major(number_), gnu_dev_minor(number_));
  // The adapter is a directory or two above the port in sysfs, by its driver.
  std::string directory = fmt::format("/sys/dev/char/{}/device", device);
  for (int up = 0; up < 3; ++up) {
    directory += "/..";
    const auto vendor = read_line(directory + "/idVendor");
    if (vendor.empty()) continue;
    const auto serial = read_line(directory + "/serial");
    return fmt::format(
        "tty {}, usb {}:{} {}{}, {}", device, vendor, read_line(directory + "/idProduct"),
        serial.empty() ? "without serial" : "serial ", serial, read_line(directory + "/product"));
  }
  return fmt::format("tty {}", device);
}

}  // namespace

std::unique_ptr<ButtonSource> make_serial(SerialDevice device, Kernel& kernel) {
  return std::make_unique<SerialSource>(std::move(device), kernel);
}

}  // namespace interlock::killswitch
