// A key of an input device. It is not grabbed: the guard may read the same device.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/input.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "killswitch/device.hpp"

namespace interlock::killswitch {
namespace {

constexpr std::size_t events_max = 64;
using Keys = std::array<std::uint8_t, KEY_CNT / 8>;

class EvdevSource final : public ButtonSource {
 public:
  EvdevSource(EvdevDevice device, Kernel& kernel)
      : device_(std::move(device)), events_(kernel), level_(kernel) {}

  [[nodiscard]] std::size_t channels() const noexcept override { return 1; }
  // The kernel releases the keys of a device that goes: one that was held down all the while is a
  // press then.
  [[nodiscard]] bool fail_safe() const noexcept override { return device_.pressed_is_up; }
  bool open() noexcept override;
  [[nodiscard]] int fd() const noexcept override { return events_.fd(); }
  void look(std::span<Sample> into, std::int64_t now_ns) noexcept override;
  [[nodiscard]] std::string about() const override;

 private:
  bool open_both() noexcept;
  bool drain(Sample& sample) noexcept;
  void count(const input_event& event, Sample& sample) const noexcept;
  void close() noexcept {
    events_.close();
    level_.close();
  }
  [[nodiscard]] bool holds(const Keys& keys) const noexcept {
    return (keys[device_.key / 8] >> (device_.key % 8) & 1) != 0;
  }

  EvdevDevice device_;
  // Opened twice: to read the level throws away the key events that wait on the same descriptor,
  // and with them a press that came and went since they were read.
  OpenDevice events_;
  OpenDevice level_;
  input_id id_{};
  std::array<char, 128> name_{}, place_{}, serial_{};
};

bool EvdevSource::open_both() noexcept {
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
  if (!events_.open(device_.device.c_str(), flags)) return false;
  if (!level_.open(device_.device.c_str(), flags)) return false;
  int clock = CLOCK_MONOTONIC;
  if (events_.ioctl(EVIOCSCLOCKID, &clock) < 0) return false;
  Keys has{};
  if (level_.ioctl(EVIOCGBIT(EV_KEY, sizeof has), has.data()) < 0) return false;
  if (device_.key <= KEY_MAX && holds(has)) return true;
  errno = ENXIO;  // a device without this key would never be pressed
  return false;
}

bool EvdevSource::open() noexcept {
  close();
  id_ = {};
  name_ = place_ = serial_ = {};
  if (!open_both()) {
    close();
    return false;
  }
  // What a device does not tell stays empty; the last byte stays zero.
  level_.ioctl(EVIOCGID, &id_);
  level_.ioctl(EVIOCGNAME(sizeof name_ - 1), name_.data());
  level_.ioctl(EVIOCGPHYS(sizeof place_ - 1), place_.data());
  level_.ioctl(EVIOCGUNIQ(sizeof serial_ - 1), serial_.data());
  return true;
}

bool EvdevSource::drain(Sample& sample) noexcept {
  std::array<input_event, events_max> events;
  const ssize_t size = events_.read(events.data(), sizeof events);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  const auto whole = static_cast<std::size_t>(size) / sizeof events[0];
  for (const auto& event : std::span(events).first(whole)) count(event, sample);
  return true;
}

void EvdevSource::count(const input_event& event, Sample& sample) const noexcept {
  constexpr std::int32_t up = 0, down = 1;
  const bool dropped = event.type == EV_SYN && event.code == SYN_DROPPED;
  const bool changed = event.type == EV_KEY && event.code == device_.key &&
                       (event.value == up || event.value == down);  // not the repeats of a held key
  if (!dropped && !changed) return;
  // What was dropped is not told: it may have been a press.
  if (dropped || (event.value == up) == device_.pressed_is_up) sample.was_pressed = true;
  ++sample.changes;
  if (sample.changed_at_ns == 0) {
    sample.changed_at_ns = static_cast<std::int64_t>(event.input_event_sec) * 1'000'000'000 +
                           static_cast<std::int64_t>(event.input_event_usec) * 1'000;
  }
}

void EvdevSource::look(std::span<Sample> into, std::int64_t /*now_ns*/) noexcept {
  into[0] = {};
  Keys keys{};
  if (!drain(into[0]) || level_.ioctl(EVIOCGKEY(sizeof keys), keys.data()) < 0) {
    tell_unknown(into, errno);
    close();
    return;
  }
  into[0].contact = holds(keys) == device_.pressed_is_up ? Contact::safe : Contact::pressed;
}

std::string EvdevSource::about() const {
  return fmt::format("{}, key {}",
                     hardware_name(id_.bustype, id_.vendor, id_.product, serial_.data(),
                                   place_.data(), name_.data()),
                     device_.key);
}

}  // namespace

std::unique_ptr<ButtonSource> make_evdev(EvdevDevice device, Kernel& kernel) {
  return std::make_unique<EvdevSource>(std::move(device), kernel);
}

}  // namespace interlock::killswitch
