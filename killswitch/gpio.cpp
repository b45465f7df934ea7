// Lines of a GPIO chip, by the kernel's uAPI v2. The kernel's debounce is not used: it restarts its
// timer at each edge, so that a chattering contact reads as safe for ever.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "killswitch/device.hpp"

namespace interlock::killswitch {
namespace {

constexpr std::size_t events_max = 64;
constexpr std::size_t channels_max = 2;

class GpioSource final : public ButtonSource {
 public:
  GpioSource(GpioDevice device, Kernel& kernel)
      : device_(std::move(device)), kernel_(kernel), lines_(kernel) {}

  [[nodiscard]] std::size_t channels() const noexcept override { return device_.lines.size(); }
  [[nodiscard]] bool fail_safe() const noexcept override { return device_.pressed_is_open; }
  bool open() noexcept override;
  [[nodiscard]] int fd() const noexcept override { return lines_.fd(); }
  void look(std::span<Sample> into, std::int64_t now_ns) noexcept override;
  [[nodiscard]] std::string about() const override;

 private:
  struct Channel {
    bool known = false;
    bool pressed = false;
    std::uint32_t number = 0;  // of its last edge; the kernel counts from 1
  };

  bool request(OpenDevice& chip, std::uint64_t edges) noexcept;
  bool drain(std::span<Sample> into) noexcept;
  void count(const gpio_v2_line_event& event, std::span<Sample> into) noexcept;
  [[nodiscard]] bool is_press(bool closed) const noexcept {
    return closed != device_.pressed_is_open;
  }

  GpioDevice device_;
  Kernel& kernel_;
  OpenDevice lines_;
  gpiochip_info chip_{};
  bool has_edges_ = false;
  std::array<Channel, channels_max> channels_{};
};

std::uint64_t bias_flag(GpioDevice::Bias bias) noexcept {
  switch (bias) {
    case GpioDevice::Bias::as_is:
      return 0;
    case GpioDevice::Bias::pull_up:
      return GPIO_V2_LINE_FLAG_BIAS_PULL_UP;
    case GpioDevice::Bias::pull_down:
      return GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN;
    case GpioDevice::Bias::disabled:
      return GPIO_V2_LINE_FLAG_BIAS_DISABLED;
  }
  return 0;
}

bool GpioSource::request(OpenDevice& chip, std::uint64_t edges) noexcept {
  gpio_v2_line_request wanted{};
  std::ranges::copy(device_.lines, std::begin(wanted.offsets));
  std::strncpy(wanted.consumer, "interlock button", sizeof wanted.consumer - 1);
  wanted.num_lines = static_cast<std::uint32_t>(device_.lines.size());
  wanted.event_buffer_size = events_max;
  wanted.config.flags = GPIO_V2_LINE_FLAG_INPUT | edges | bias_flag(device_.bias);
  // The kernel turns values and edges round, so that 1 is a closed circuit here.
  if (device_.active_low) wanted.config.flags |= GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  if (chip.ioctl(GPIO_V2_GET_LINE_IOCTL, &wanted) < 0) return false;
  lines_.adopt(wanted.fd);
  return true;
}

bool GpioSource::open() noexcept {
  lines_.close();
  channels_ = {};
  if (device_.lines.empty() || device_.lines.size() > channels_max) {
    errno = EINVAL;
    return false;
  }
  OpenDevice chip(kernel_);
  if (!chip.open(device_.chip.c_str(), O_RDONLY | O_CLOEXEC)) return false;
  chip_ = {};
  if (chip.ioctl(GPIO_GET_CHIPINFO_IOCTL, &chip_) < 0) return false;
  has_edges_ = request(chip, GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING);
  // A chip without interrupts takes no request for edges, but its levels can be read.
  if (!has_edges_ && (errno != ENXIO || !request(chip, 0))) return false;
  int on = 1;  // the kernel gives out descriptors whose read waits
  if (lines_.ioctl(FIONBIO, &on) == 0) return true;
  lines_.close();
  return false;
}

bool GpioSource::drain(std::span<Sample> into) noexcept {
  std::array<gpio_v2_line_event, events_max> events;
  const ssize_t size = lines_.read(events.data(), sizeof events);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  const auto whole = static_cast<std::size_t>(size) / sizeof events[0];
  for (const auto& event : std::span(events).first(whole)) count(event, into);
  return true;
}

void GpioSource::count(const gpio_v2_line_event& event, std::span<Sample> into) noexcept {
  const auto line = std::ranges::find(device_.lines, event.offset);
  if (line == device_.lines.end()) return;
  const auto index = static_cast<std::size_t>(line - device_.lines.begin());
  auto& sample = into[index];
  auto& channel = channels_[index];
  const std::uint32_t steps = event.line_seqno - channel.number;  // over 1: the kernel dropped some
  const bool pressed = is_press(event.id == GPIO_V2_LINE_EVENT_RISING_EDGE);
  // The kernel takes the direction of an edge from the level at the time when its thread runs: of
  // a short press both edges may say "safe". Where nothing was pressed, any edge began a press.
  if (pressed || steps != 1 || !channel.pressed) sample.was_pressed = true;
  sample.changes += std::max(steps, 1U);
  if (sample.changed_at_ns == 0)
    sample.changed_at_ns = static_cast<std::int64_t>(event.timestamp_ns);
  channel.number = event.line_seqno;
  channel.pressed = pressed;
}

void GpioSource::look(std::span<Sample> into, std::int64_t /*now_ns*/) noexcept {
  std::ranges::fill(into, Sample{});
  gpio_v2_line_values values{};
  values.mask = (1U << channels()) - 1;
  const bool read =
      (!has_edges_ || drain(into)) && lines_.ioctl(GPIO_V2_LINE_GET_VALUES_IOCTL, &values) >= 0;
  if (!read) {
    tell_unknown(into, errno);
    lines_.close();
    return;
  }
  for (std::size_t i = 0; i < channels(); ++i) {
    auto& channel = channels_[i];
    const bool pressed = is_press((values.bits >> i & 1U) != 0);
    if (!has_edges_ && channel.known && pressed != channel.pressed) into[i].changes = 1;
    channel.known = true;
    channel.pressed = pressed;
    into[i].contact = pressed ? Contact::pressed : Contact::safe;
  }
}

std::string GpioSource::about() const {
  auto text =
      fmt::format("gpio {} ({}) line", std::string_view(chip_.name), std::string_view(chip_.label));
  for (const auto line : device_.lines) text += fmt::format(" {}", line);
  return text + (has_edges_ ? "" : ", without interrupts");
}

}  // namespace

std::unique_ptr<ButtonSource> make_gpio(GpioDevice device, Kernel& kernel) {
  return std::make_unique<GpioSource>(std::move(device), kernel);
}

}  // namespace interlock::killswitch
