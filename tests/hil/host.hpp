// The machine outside: what only it can do to the guest, asked for over the serial line.
#pragma once

#include <string_view>

namespace interlock::hil {

// Prints a line for people.
void say(std::string_view line);
// Has QEMU do a QMP command, such as {"execute": "device_del", "arguments": {"id": "key"}}, and
// waits until it is done; throws std::runtime_error when it is refused.
void ask_host(std::string_view qmp);
// Waits for an event of QEMU since the last one asked for; throws when none comes in five
// minutes.
void await_host(std::string_view event);

}  // namespace interlock::hil
