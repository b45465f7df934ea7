#include "killswitch/device_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace interlock::killswitch {
namespace {

constexpr std::uint64_t key_max = 0x2ff;  // of linux/input-event-codes.h
constexpr std::int64_t millisecond_ns = 1'000'000;

std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t value = 0;
  const auto end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, value);
  if (digits.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return value;
}

// "10 s" or "500 ms".
std::optional<std::int64_t> duration_of(std::string_view text) {
  const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = number_of(text.substr(0, end));
  text.remove_prefix(end);
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (!count || *count > 86'400'000 || (text != "s" && text != "ms")) return std::nullopt;
  return static_cast<std::int64_t>(*count) * (text == "s" ? 1000 : 1) * millisecond_ns;
}

// The words of one device. The first that is wrong is the problem that is told.
class Words {
 public:
  Words(std::string_view kind, std::string_view words) : kind_(kind) {
    while (!words.empty()) {
      const auto end = std::min(words.find(','), words.size());
      const auto word = words.substr(0, end);
      const auto equals = word.find('=');
      if (equals == word.npos || equals == 0 || equals + 1 == word.size())
        wrong(fmt::format("'{}' is no KEY=VALUE", word));
      else
        words_.emplace_back(word.substr(0, equals), word.substr(equals + 1));
      words.remove_prefix(std::min(end + 1, words.size()));
    }
  }

  std::vector<std::string_view> all(std::string_view key) {
    std::vector<std::string_view> values;
    for (const auto& [name, value] : words_)
      if (name == key) values.push_back(value);
    std::erase_if(words_, [&](const auto& word) { return word.first == key; });
    return values;
  }
  std::optional<std::string_view> one(std::string_view key) {
    const auto values = all(key);
    if (values.size() > 1) wrong(fmt::format("'{}' stands twice", key));
    return values.empty() ? std::nullopt : std::optional(values[0]);
  }
  std::filesystem::path path(std::string_view key) {
    const auto value = one(key).value_or("");
    if (!value.starts_with('/')) wrong(fmt::format("needs {}= and an absolute path", key));
    return value;
  }
  // Without the word `into` stays.
  template <typename Value>
  void choice(std::string_view key, Value& into,
              const std::vector<std::pair<std::string_view, Value>>& among) {
    const auto value = one(key);
    if (value) into = chosen(key, *value, among, into);
  }
  template <typename Value>
  Value chosen(std::string_view key, std::string_view value,
               const std::vector<std::pair<std::string_view, Value>>& among, Value otherwise) {
    std::string names;
    for (const auto& [name, meaning] : among) {
      if (name == value) return meaning;
      names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    }
    wrong(fmt::format("{}={} is none of {}", key, value, names));
    return otherwise;
  }
  template <typename Number>
  void number(std::string_view key, std::string_view value, Number& into, std::uint64_t min,
              std::uint64_t max) {
    const auto read = number_of(value);
    if (!read || *read < min || *read > max)
      wrong(fmt::format("{}={} is not from {} to {}", key, value, min, max));
    else
      into = static_cast<Number>(*read);
  }
  void wrong(std::string what) {
    if (problem_.empty()) problem_ = fmt::format("--{}: {}", kind_, what);
  }
  std::expected<Device, std::string> finish(Device device) {
    if (!words_.empty()) wrong(fmt::format("there is no word '{}'", words_[0].first));
    if (const auto problem = wiring_problem(device)) wrong(words_of(*problem));
    if (!problem_.empty()) return std::unexpected(std::move(problem_));
    return device;
  }

 private:
  // As the guard's options call it.
  static std::string words_of(const WiringProblem& problem) {
    if (problem.key == "lines")
      return "needs line= once, or twice with different lines as two channels";
    if (problem.key == "loops")
      return "needs loop= once, or twice with loops that are fed by different outputs";
    return fmt::format("{}: {}; {}", problem.key, problem.what, problem.hint);
  }

  std::string_view kind_;
  std::vector<std::pair<std::string_view, std::string_view>> words_;
  std::string problem_;
};

std::expected<Device, std::string> gpio_of(Words words) {
  GpioDevice gpio;
  gpio.chip = words.path("chip");
  for (const auto line : words.all("line")) {
    words.number("line", line, gpio.lines.emplace_back(), 0, 0xffff);
  }
  words.choice<bool>("pressed", gpio.pressed_is_open, {{"open", true}, {"closed", false}});
  words.choice<bool>("active_low", gpio.active_low, {{"true", true}, {"false", false}});
  words.choice<GpioDevice::Bias>("bias", gpio.bias,
                                 {{"as_is", GpioDevice::Bias::as_is},
                                  {"pull_up", GpioDevice::Bias::pull_up},
                                  {"pull_down", GpioDevice::Bias::pull_down},
                                  {"disabled", GpioDevice::Bias::disabled}});
  return words.finish(std::move(gpio));
}

std::expected<Device, std::string> evdev_of(Words words) {
  EvdevDevice evdev;
  evdev.device = words.path("device");
  words.number("key", words.one("key").value_or(""), evdev.key, 1, key_max);
  words.choice<bool>("pressed", evdev.pressed_is_up, {{"down", false}, {"up", true}});
  return words.finish(std::move(evdev));
}

std::expected<Device, std::string> hidraw_of(Words words) {
  using Profile = HidrawDevice::Profile;
  HidrawDevice hidraw;
  hidraw.device = words.path("device");
  hidraw.profile = words.chosen<Profile>(
      "profile", words.one("profile").value_or(""),
      {{"dream_cheeky", Profile::dream_cheeky}, {"bit", Profile::bit}}, Profile::bit);
  if (hidraw.profile == Profile::bit) {
    if (const auto byte = words.one("byte")) words.number("byte", *byte, hidraw.byte, 0, 63);
    if (const auto mask = words.one("mask")) words.number("mask", *mask, hidraw.mask, 1, 255);
    words.choice<bool>("pressed", hidraw.pressed_is_set, {{"set", true}, {"clear", false}});
  }
  return words.finish(std::move(hidraw));
}

std::expected<Device, std::string> serial_of(Words words) {
  using Loop = SerialDevice::Loop;
  SerialDevice serial;
  serial.device = words.path("device");
  for (const auto loop : words.all("loop")) {
    serial.loops.push_back(words.chosen<Loop>(
        "loop", loop,
        {{"dtr_dsr", Loop::dtr_dsr}, {"dtr_dcd", Loop::dtr_dcd}, {"rts_cts", Loop::rts_cts}},
        Loop::dtr_dsr));
  }
  if (const auto every = words.one("test_every")) {
    const auto duration = duration_of(*every);
    if (!duration) words.wrong(fmt::format("test_every={} is no duration such as 60 s", *every));
    serial.test_every_ns = duration.value_or(0);
  }
  return words.finish(std::move(serial));
}

std::expected<Device, std::string> simulated_of(Words words) {
  SimulatedDevice simulated;
  simulated.socket = words.path("socket");
  return words.finish(std::move(simulated));
}

}  // namespace

std::expected<Device, std::string> device_of(std::string_view kind, std::string_view words) {
  if (kind == "gpio") return gpio_of({kind, words});
  if (kind == "evdev") return evdev_of({kind, words});
  if (kind == "hidraw") return hidraw_of({kind, words});
  if (kind == "serial") return serial_of({kind, words});
  if (kind == "sim") return simulated_of({kind, words});
  return std::unexpected(fmt::format("there is no kind of button '{}'", kind));
}

std::expected<OnLoss, std::string> on_loss_of(std::string_view words) {
  constexpr std::string_view later = "alarm_then_kill:";
  if (words == "kill") return OnLoss{OnLoss::Action::kill, 0};
  if (words == "alarm") return OnLoss{OnLoss::Action::alarm, 0};
  if (words.starts_with(later)) {
    auto rest = words.substr(later.size());
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    const auto after = duration_of(rest);
    if (after && *after > 0) return OnLoss{OnLoss::Action::alarm_then_kill, *after};
  }
  return std::unexpected(
      fmt::format("--on-loss: '{}' is none of kill, alarm, and alarm_then_kill: 10 s", words));
}

}  // namespace interlock::killswitch
