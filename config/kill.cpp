// [kill]: what stops trading by hand. [[kill.button]] and [[kill.light]]: the hardware for it.
#include <fmt/format.h>

#include <algorithm>

#include "config/build.hpp"
#include "config/forms.hpp"
#include "config/values.hpp"

namespace interlock::config {
namespace {

using killswitch::ButtonSettings;
using killswitch::EvdevDevice;
using killswitch::GpioDevice;
using killswitch::HidrawDevice;
using killswitch::LightSettings;
using killswitch::OnLoss;
using killswitch::SerialDevice;

constexpr std::int64_t millisecond_ns = 1'000'000;
constexpr std::uint16_t key_max = 0x2ff;  // KEY_MAX of linux/input-event-codes.h

Form<std::filesystem::path> file_form() {
  return text_form<std::filesystem::path>(
      "an absolute path", "\"/dev/interlock/button\"",
      [](std::string_view text) -> std::optional<std::filesystem::path> {
        std::filesystem::path path(text);
        if (!path.is_absolute()) return std::nullopt;
        return path;
      });
}

// "kill", "alarm" or "alarm_then_kill: 10 s".
Form<OnLoss> on_loss_form() {
  return text_form<OnLoss>("what a loss means", "\"kill\", \"alarm_then_kill: 10 s\" or \"alarm\"",
                           [](std::string_view text) -> std::optional<OnLoss> {
                             constexpr std::string_view later = "alarm_then_kill:";
                             if (text == "kill") return OnLoss{OnLoss::Action::kill, 0};
                             if (text == "alarm") return OnLoss{OnLoss::Action::alarm, 0};
                             if (!text.starts_with(later)) return std::nullopt;
                             text.remove_prefix(later.size());
                             while (text.starts_with(' ')) text.remove_prefix(1);
                             const auto after = parse_duration(text);
                             if (!after || after->ns <= 0) return std::nullopt;
                             return OnLoss{OnLoss::Action::alarm_then_kill, after->ns};
                           });
}

Form<bool> word_form(const char* yes, const char* no) {
  return choice_form<bool>({{yes, true}, {no, false}});
}

// "everything", or a table with one kind of scope and its name.
void read_scope(Build& build, Section& button, killswitch::Scope& scope) {
  const auto* node = button.find("scope");
  if (node == nullptr)
    return button.missing("scope", "\"everything\"", "what a press stops is never a default");
  if (const auto* word = node->as_string(); word != nullptr && word->get() == "everything") return;
  const auto* table = node->as_table();
  if (table == nullptr || table->size() != 1)
    return button.error("scope", "scope is neither \"everything\" nor one kind with a name",
                        "write { router = \"R1\" }");
  const auto first = table->begin();  // what it points to lives as long as it does
  const auto& [key, value] = *first;
  const auto kind = killswitch::scope_kind_of(key.str());
  const auto name = value.value<std::string>();
  if (!kind || *kind == killswitch::ScopeKind::firm || !name || name->empty())
    return button.error("scope", fmt::format("'{}' with that name is no scope", key.str()),
                        "kinds: router, venue, account, symbol, parent, algo, trader, desk");
  scope = {*kind, *name};
  const auto known = [&](std::vector<std::string> names) {
    if (std::ranges::find(names, *name) == names.end())
      button.error("scope", fmt::format("there is no {} '{}'", key.str(), *name),
                   fmt::format("did you mean '{}'?", nearest(*name, names)));
  };
  using enum killswitch::ScopeKind;
  if (*kind == router) known(ids_of(build.config.routers));
  if (*kind == venue) known(ids_of(build.config.venues));
  if (*kind == account) known(build.config.accounts);
  if (*kind == symbol) known(build.config.symbols);
}

void read_gpio(Section& section, ButtonSettings& button) {
  GpioDevice gpio;
  section.require("chip", gpio.chip, file_form(), "the contact is on a line of it");
  if (section.find("lines") == nullptr)
    section.missing("lines", "[17]", "the contact is on one, or on two as two channels");
  section.read_list("lines", gpio.lines,
                    Form<std::uint32_t>{"a line of the chip", "17", false,
                                        [](const toml::node& node) -> std::optional<std::uint32_t> {
                                          const auto number = node.value<std::int64_t>();
                                          if (!number || *number < 0 || *number > 0xffff)
                                            return std::nullopt;
                                          return static_cast<std::uint32_t>(*number);
                                        }});
  section.read("pressed", gpio.pressed_is_open, word_form("open", "closed"));
  section.read("active_low", gpio.active_low, boolean_form());
  section.read("bias", gpio.bias,
               choice_form<GpioDevice::Bias>({{"as_is", GpioDevice::Bias::as_is},
                                              {"pull_up", GpioDevice::Bias::pull_up},
                                              {"pull_down", GpioDevice::Bias::pull_down},
                                              {"disabled", GpioDevice::Bias::disabled}}));
  if (!gpio.pressed_is_open)
    section.warning("pressed", "a cut wire of this button stops nothing",
                    "wire it normally closed, and write pressed = \"open\"");
  button.device = std::move(gpio);
}

void read_evdev(Section& section, ButtonSettings& button) {
  EvdevDevice evdev;
  section.require("device", evdev.device, file_form(),
                  "its name has to stay: /dev/input/by-id/...");
  section.require("key", evdev.key, count_form(1, key_max),
                  "the number of the key in linux/input-event-codes.h; F13 is 183");
  section.read("pressed", evdev.pressed_is_up, word_form("up", "down"));
  button.device = std::move(evdev);
}

void read_hidraw(Section& section, ButtonSettings& button) {
  HidrawDevice hidraw;
  section.require("device", hidraw.device, file_form(), "a link that udev keeps");
  section.require(
      "profile", hidraw.profile,
      choice_form<HidrawDevice::Profile>({{"dream_cheeky", HidrawDevice::Profile::dream_cheeky},
                                          {"bit", HidrawDevice::Profile::bit}}),
      "how its reports are read");
  if (hidraw.profile == HidrawDevice::Profile::bit) {
    section.read("byte", hidraw.byte, count_form(0, 63));
    section.read("mask", hidraw.mask, count_form(1, 255));
    section.read("pressed", hidraw.pressed_is_set, word_form("set", "clear"));
  }
  button.device = std::move(hidraw);
}

void read_serial(Section& section, ButtonSettings& button) {
  using Loop = SerialDevice::Loop;
  SerialDevice serial;
  section.require("device", serial.device, file_form(), "a link that udev keeps");
  if (section.find("loops") == nullptr)
    section.missing("loops", "[\"dtr_dsr\"]",
                    "which output feeds the contact, which input sees it");
  section.read_list(
      "loops", serial.loops,
      choice_form<Loop>(
          {{"dtr_dsr", Loop::dtr_dsr}, {"dtr_dcd", Loop::dtr_dcd}, {"rts_cts", Loop::rts_cts}}));
  risk::Duration every{serial.test_every_ns};
  section.read("test_every", every, duration_form());
  serial.test_every_ns = every.ns;
  button.device = std::move(serial);
}

void read_simulated(Build& build, Section& section, ButtonSettings& button) {
  std::string socket;
  section.require("socket", socket, printable_form(80), "`press` and `release` come there");
  if (build.config.environment == "production")
    section.error("socket", "a simulated button stops nothing when it is needed",
                  "use it where environment is not \"production\"");
  button.device = killswitch::SimulatedDevice{build.config.state_dir / socket};
}

void read_device(Build& build, Section& section, ButtonSettings& button) {
  int found = 0;
  const auto read = [&](std::string_view key, auto&& reader) {
    const auto* table = section.table(key);
    if (table == nullptr) return;
    ++found;
    Section device(build.source, *table, fmt::format("{} of {}", key, section.name()));
    reader(device);
    const auto problem = killswitch::wiring_problem(button.device);
    // What is not there has been said already.
    if (problem && device.find(problem->key) != nullptr)
      device.error(problem->key, std::string(problem->what), std::string(problem->hint));
  };
  read("gpio", [&](Section& device) { read_gpio(device, button); });
  read("evdev", [&](Section& device) { read_evdev(device, button); });
  read("hidraw", [&](Section& device) { read_hidraw(device, button); });
  read("serial", [&](Section& device) { read_serial(device, button); });
  read("sim", [&](Section& device) { read_simulated(build, device, button); });
  if (found != 1)
    section.error({}, fmt::format("{} has {} devices, and needs one", section.name(), found),
                  "write one of gpio, evdev, hidraw, serial, sim");
}

void read_times(Section& section, ButtonSettings& button) {
  const auto read = [&](std::string_view key, std::int64_t& ns, std::int64_t min_ns,
                        std::int64_t max_ns) {
    risk::Duration value{ns};
    if (!section.read(key, value, duration_form())) return;
    ns = value.ns;
    if (ns < min_ns || ns > max_ns)
      section.error(key, fmt::format("{} is {} to {} ms", key, min_ns / millisecond_ns,
                                     max_ns / millisecond_ns));
  };
  read("confirm", button.confirm_ns, 0, 5 * millisecond_ns);
  read("release", button.release_ns, 50 * millisecond_ns, 60'000 * millisecond_ns);
  read("discrepancy", button.discrepancy_ns, 50 * millisecond_ns, 60'000 * millisecond_ns);
  section.read("chatter", button.chatter_max, count_form(4, 10'000));
}

void read_buttons(Build& build, Section& kill) {
  auto& buttons = build.config.buttons;
  for (const auto* table : kill.tables("button")) {
    Section section(build.source, *table, "a button");
    ButtonSettings button;
    section.require("id", button.id, name_form(), "the journal says which one was pressed");
    section.rename("button " + button.id);
    if (std::ranges::find(buttons, button.id, &ButtonSettings::id) != buttons.end())
      section.error("id", fmt::format("button {} is declared twice", button.id));
    read_scope(build, section, button.scope);
    section.require("on_loss", button.on_loss, on_loss_form(),
                    "what an unplugged button means is never a default");
    read_device(build, section, button);
    read_times(section, button);
    buttons.push_back(std::move(button));
  }
  if (buttons.empty()) return;
  if (std::ranges::all_of(buttons, [](const ButtonSettings& button) {
        return button.on_loss.action == OnLoss::Action::alarm;
      }))
    kill.error("button", "no button's loss would ever stop anything: all say on_loss = \"alarm\"",
               "let one of them say \"kill\" or \"alarm_then_kill: 10 s\"");
}

void read_lights(Build& build, Section& kill) {
  for (const auto* table : kill.tables("light")) {
    Section section(build.source, *table, "a light");
    LightSettings light;
    using Shows = LightSettings::Shows;
    section.require("shows", light.shows,
                    choice_form<Shows>({{"armed", Shows::armed},
                                        {"tripped", Shows::tripped},
                                        {"killed", Shows::killed},
                                        {"fault", Shows::fault}}),
                    "a lamp without a meaning is worse than none");
    killswitch::Led led;
    const bool has_led = section.read("led", led.folder, file_form());
    if (has_led) light.lamp = led;
    if (const auto* line = section.table("gpio"); line != nullptr) {
      killswitch::LampLine lamp;
      Section device(build.source, *line, "gpio of a light");
      device.require("chip", lamp.chip, file_form(), "the lamp is on a line of it");
      device.require("line", lamp.line, count_form(0, 0xffff), "the lamp is on it");
      device.read("active_low", lamp.active_low, boolean_form());
      light.lamp = lamp;
      if (has_led) section.error("gpio", "a light has one lamp, not an LED and a line");
    } else if (!has_led) {
      section.missing("led", "\"/sys/class/leds/red\"", "a light needs an LED, or a gpio line");
    }
    build.config.lights.push_back(std::move(light));
  }
}

}  // namespace

void read_kill(Build& build, Section& root) {
  auto& config = build.config;
  config.cancel_timeout = risk::seconds(30);
  const auto* table = root.require_table("kill", "a start needs to know when to stay killed");
  if (table == nullptr) return;
  Section kill(build.source, *table, "[kill]");
  kill.require("on_start", config.resume_if_unchanged,
               choice_form<bool>({{"resume_if_unchanged", true}, {"killed", false}}),
               "whether a clean restart of the same build and policy may trade");
  kill.read("cancel_timeout", config.cancel_timeout, duration_form());
  std::string touch_file = "kill-now";
  kill.read("touch_file", touch_file, name_form());
  kill.read("page", config.guard_page, file_form());
  config.touch_file = config.state_dir / touch_file;
  kill.read("hardware_rearm", config.hardware_rearm_anywhere, word_form("anywhere", "on_host"));
  read_buttons(build, kill);
  read_lights(build, kill);
}

}  // namespace interlock::config
