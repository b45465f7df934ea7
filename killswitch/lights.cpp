#include "killswitch/lights.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/gpio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace interlock::killswitch {
namespace {

constexpr std::int64_t blink_ns = 250'000'000;
constexpr std::int64_t again_ns = 100'000'000;  // a one-shot LED is lit anew
constexpr std::int64_t reopen_ns = 1'000'000'000;

std::string name_of(const std::variant<Led, LampLine>& where) {
  if (const auto* led = std::get_if<Led>(&where)) return led->folder.string();
  const auto& line = std::get<LampLine>(where);
  return fmt::format("{} line {}", line.chip.string(), line.line);
}

bool on(const Lights::State& state, LightSettings::Shows shows, std::int64_t mono_ns) {
  switch (shows) {
    case LightSettings::Shows::armed:
      return state.armed;
    case LightSettings::Shows::tripped:
      return state.tripped && mono_ns / blink_ns % 2 == 0;
    case LightSettings::Shows::killed:
      return state.killed;
    case LightSettings::Shows::fault:
      return state.fault;
  }
  return false;
}

}  // namespace

Lights::Lights(std::vector<LightSettings> settings, Kernel& kernel) : kernel_(kernel) {
  for (auto& light : settings) {
    const std::string name = name_of(light.lamp);
    auto known = std::ranges::find(lamps_, name, &Lamp::name);
    if (known == lamps_.end()) {
      lamps_.push_back({.where = std::move(light.lamp), .name = name});
      known = std::prev(lamps_.end());
    }
    uses_.push_back({light.shows, static_cast<std::size_t>(known - lamps_.begin())});
  }
}

Lights::~Lights() {
  for (Lamp& lamp : lamps_) {
    if (lamp.fd < 0) continue;
    set(lamp, false, 0);
    if (lamp.fd >= 0) kernel_.close(lamp.fd);
  }
}

bool Lights::write_file(const std::filesystem::path& file, std::string_view text) {
  const int fd = kernel_.open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool written = kernel_.write(fd, text.data(), text.size()) == std::ssize(text);
  kernel_.close(fd);
  return written;
}

void Lights::open_led(Lamp& lamp, const Led& led) {
  lamp.one_shot = write_file(led.folder / "trigger", "oneshot") &&
                  write_file(led.folder / "delay_on", "500") &&
                  write_file(led.folder / "delay_off", "1");
  if (!lamp.one_shot) write_file(led.folder / "trigger", "none");
  const auto file = led.folder / (lamp.one_shot ? "shot" : "brightness");
  lamp.fd = kernel_.open(file.c_str(), O_WRONLY | O_CLOEXEC);
}

void Lights::open_line(Lamp& lamp, const LampLine& line) {
  const int chip = kernel_.open(line.chip.c_str(), O_RDONLY | O_CLOEXEC);
  if (chip < 0) return;
  gpio_v2_line_request request{};
  request.offsets[0] = line.line;
  request.num_lines = 1;
  std::strncpy(request.consumer, "interlock lamp", sizeof request.consumer - 1);
  request.config.flags =
      GPIO_V2_LINE_FLAG_OUTPUT | (line.active_low ? GPIO_V2_LINE_FLAG_ACTIVE_LOW : 0);
  const int granted = kernel_.ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request);
  const int error = errno;
  kernel_.close(chip);
  errno = error;
  if (granted == 0) lamp.fd = request.fd;
}

void Lights::open(Lamp& lamp) noexcept {
  try {
    if (const auto* led = std::get_if<Led>(&lamp.where))
      open_led(lamp, *led);
    else
      open_line(lamp, std::get<LampLine>(lamp.where));
    lamp.error = lamp.fd < 0 ? errno : 0;
  } catch (...) {  // no memory for a path
    lamp.error = ENOMEM;
  }
}

void Lights::set(Lamp& lamp, bool lit, std::int64_t mono_ns) noexcept {
  int done = 0;
  if (std::holds_alternative<LampLine>(lamp.where)) {
    if (lit == lamp.lit) return;
    gpio_v2_line_values values{.bits = lit ? 1u : 0u, .mask = 1};
    done = kernel_.ioctl(lamp.fd, GPIO_V2_LINE_SET_VALUES_IOCTL, &values);
  } else if (lamp.one_shot) {
    // Dark comes by itself, at the latest half a second after the last shot.
    if (lit && mono_ns - lamp.lit_at_ns >= again_ns) {
      done = kernel_.write(lamp.fd, "1", 1) == 1 ? 0 : -1;
      lamp.lit_at_ns = mono_ns;
    }
  } else {
    if (lit == lamp.lit) return;
    done = kernel_.write(lamp.fd, lit ? "1" : "0", 1) == 1 ? 0 : -1;
  }
  lamp.lit = lit;
  if (done == 0) return;
  lamp.error = errno;
  kernel_.close(lamp.fd);
  lamp.fd = -1;
}

void Lights::show(State state, std::int64_t mono_ns) noexcept {
  for (std::size_t i = 0; i < lamps_.size(); ++i) {
    Lamp& lamp = lamps_[i];
    if (lamp.fd < 0 && (lamp.tried_at_ns == 0 || mono_ns - lamp.tried_at_ns >= reopen_ns)) {
      lamp.tried_at_ns = mono_ns;
      lamp.lit = false;
      open(lamp);
    }
    if (lamp.fd < 0) continue;
    const bool lit = std::ranges::any_of(
        uses_, [&](const Use& use) { return use.lamp == i && on(state, use.shows, mono_ns); });
    set(lamp, lit, mono_ns);
  }
}

std::string Lights::problem() const {
  for (const Lamp& lamp : lamps_) {
    if (lamp.fd < 0 && lamp.tried_at_ns != 0)
      return fmt::format("lamp {}: {}", lamp.name, std::strerror(lamp.error));
  }
  return {};
}

}  // namespace interlock::killswitch
