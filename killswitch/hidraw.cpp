// Reports of a HID device. Every opener gets each of them, so that the guard may read them too.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/hidraw.h>
#include <linux/input.h>
#include <sys/ioctl.h>

#include <array>
#include <optional>
#include <utility>

#include "killswitch/device.hpp"
#include "killswitch/hid_report.hpp"

namespace interlock::killswitch {
namespace {

using Report = std::span<const std::uint8_t>;
constexpr std::size_t report_size_max = 1024;
// The kernel keeps as many for an opener, and drops the newest when they are not fetched.
constexpr int waiting_max = 63;
constexpr std::int64_t ask_every_ns = 20'000'000;
constexpr std::int64_t answer_within_ns = 200'000'000;
// hidraw takes the first byte for the number of the report, and sends it on only when it is not 0
// (usbhid_set_raw_report). The device numbers none: without the 0, its own 8 would be taken for the
// number, and the request would be for a report that it does not have.
constexpr std::array<std::uint8_t, 9> status_request{0, 0x08, 0, 0, 0, 0, 0, 0, 0x02};

class HidrawSource final : public ButtonSource {
 public:
  HidrawSource(HidrawDevice device, Kernel& kernel)
      : device_(std::move(device)), reports_(kernel) {}

  [[nodiscard]] std::size_t channels() const noexcept override { return 1; }
  [[nodiscard]] bool fail_safe() const noexcept override { return false; }
  bool open() noexcept override;
  [[nodiscard]] int fd() const noexcept override { return reports_.fd(); }
  void look(std::span<Sample> into, std::int64_t now_ns) noexcept override;
  [[nodiscard]] std::string about() const override;

 private:
  bool open_bit() noexcept;
  void read_level(const InputReport& kind) noexcept;
  bool drain(Sample& sample) noexcept;
  bool ask(std::int64_t now_ns) noexcept;
  [[nodiscard]] std::optional<bool> pressed_in(Report report) const noexcept;

  HidrawDevice device_;
  OpenDevice reports_;
  hidraw_devinfo info_{};
  std::array<char, 128> name_{}, place_{}, serial_{};
  bool known_ = false;
  bool pressed_ = false;
  std::optional<std::int64_t> asked_ns_;
  std::optional<std::int64_t> unanswered_since_ns_;
};

bool HidrawSource::open() noexcept {
  known_ = false;
  asked_ns_.reset();
  unanswered_since_ns_.reset();
  info_ = {};
  name_ = place_ = serial_ = {};
  const bool asks = device_.profile == HidrawDevice::Profile::dream_cheeky;
  const int flags = (asks ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_CLOEXEC;
  if (!reports_.open(device_.device.c_str(), flags)) return false;
  if (reports_.ioctl(HIDIOCGRAWINFO, &info_) < 0 || (!asks && !open_bit())) {
    reports_.close();
    return false;
  }
  // What a device does not tell stays empty; the last byte stays zero.
  reports_.ioctl(HIDIOCGRAWNAME(sizeof name_ - 1), name_.data());
  reports_.ioctl(HIDIOCGRAWPHYS(sizeof place_ - 1), place_.data());
  reports_.ioctl(HIDIOCGRAWUNIQ(sizeof serial_ - 1), serial_.data());
  return true;
}

// The bit is one of each report: of a device with several kinds it would be anything.
bool HidrawSource::open_bit() noexcept {
  hidraw_report_descriptor descriptor{};
  if (reports_.ioctl(HIDIOCGRDESCSIZE, &descriptor.size) < 0) return false;
  if (reports_.ioctl(HIDIOCGRDESC, &descriptor) < 0) return false;
  const auto kind = only_input_report(std::span(descriptor.value).first(descriptor.size));
  const bool in_it = kind && device_.byte < kind->size && kind->size <= report_size_max;
  if (!in_it || (kind->id != 0 && device_.byte == 0)) {
    errno = ENOTSUP;
    return false;
  }
  read_level(*kind);
  return true;
}

// Not every device answers; then the first report tells.
void HidrawSource::read_level(const InputReport& kind) noexcept {
  std::array<std::uint8_t, report_size_max + 1> bytes{kind.id};
  const int got = reports_.ioctl(HIDIOCGINPUT(sizeof bytes), bytes.data());
  // Here a report that is not numbered has a 0 in front, which some transports leave out.
  const std::size_t front = kind.id == 0 && got == static_cast<int>(kind.size) + 1 ? 1 : 0;
  if (got != static_cast<int>(kind.size + front)) return;
  if (bytes[0] != kind.id && (front == 1 || kind.id != 0)) return;
  const auto pressed = pressed_in(Report(bytes).subspan(front, kind.size));
  known_ = pressed.has_value();
  pressed_ = pressed.value_or(false);
}

std::optional<bool> HidrawSource::pressed_in(Report report) const noexcept {
  if (device_.profile == HidrawDevice::Profile::bit) {
    if (report.size() <= device_.byte) return std::nullopt;
    return ((report[device_.byte] & device_.mask) != 0) == device_.pressed_is_set;
  }
  constexpr std::uint8_t lid_closed = 0x15, pressed = 0x16, lid_open = 0x17;
  if (report.empty()) return std::nullopt;
  if (report[0] == pressed) return true;
  if (report[0] == lid_closed || report[0] == lid_open) return false;
  return std::nullopt;
}

bool HidrawSource::drain(Sample& sample) noexcept {
  std::array<std::uint8_t, report_size_max> bytes;
  for (int count = 0; count < waiting_max; ++count) {
    const ssize_t size = reports_.read(bytes.data(), bytes.size());
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    const auto pressed = pressed_in(Report(bytes).first(static_cast<std::size_t>(size)));
    if (!pressed) {
      errno = EBADMSG;
      return false;
    }
    if (*pressed) sample.was_pressed = true;
    if (known_ && *pressed != pressed_) ++sample.changes;
    known_ = true;
    pressed_ = *pressed;
    unanswered_since_ns_.reset();
  }
  errno = ENOBUFS;  // the newest are lost, and with them the level
  return false;
}

bool HidrawSource::ask(std::int64_t now_ns) noexcept {
  if (unanswered_since_ns_ && now_ns - *unanswered_since_ns_ >= answer_within_ns) {
    errno = ETIMEDOUT;
    return false;
  }
  if (asked_ns_ && now_ns - *asked_ns_ < ask_every_ns) return true;
  if (reports_.write(status_request.data(), status_request.size()) < 0) return false;
  asked_ns_ = now_ns;
  if (!unanswered_since_ns_) unanswered_since_ns_ = now_ns;
  return true;
}

void HidrawSource::look(std::span<Sample> into, std::int64_t now_ns) noexcept {
  into[0] = {};
  const bool asks = device_.profile == HidrawDevice::Profile::dream_cheeky;
  if (!drain(into[0]) || (asks && !ask(now_ns))) {
    tell_unknown(into, errno);
    reports_.close();
  } else if (known_) {
    into[0].contact = pressed_ ? Contact::pressed : Contact::safe;
  }
}

std::string HidrawSource::about() const {
  return hardware_name(info_.bustype, static_cast<std::uint16_t>(info_.vendor),
                       static_cast<std::uint16_t>(info_.product), serial_.data(), place_.data(),
                       name_.data());
}

}  // namespace

std::unique_ptr<ButtonSource> make_hidraw(HidrawDevice device, Kernel& kernel) {
  return std::make_unique<HidrawSource>(std::move(device), kernel);
}

}  // namespace interlock::killswitch
