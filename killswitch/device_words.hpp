// A button in words, as the guard's command line has it: the keys of [[kill.button]].
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "killswitch/button.hpp"

namespace interlock::killswitch {

// `kind` is gpio, evdev, hidraw, serial or sim; `words` are such as
// "chip=/dev/gpiochip0,line=4,pressed=open,bias=pull_up". Two `line` or `loop` are two channels.
// The error says which word, and what it may be.
[[nodiscard]] std::expected<Device, std::string> device_of(std::string_view kind,
                                                           std::string_view words);

// "kill", "alarm_then_kill: 10 s" or "alarm".
[[nodiscard]] std::expected<OnLoss, std::string> on_loss_of(std::string_view words);

}  // namespace interlock::killswitch
