// Contacts of the guest: the lines of the test's GPIO chip, and USB devices that the kernel cannot
// tell from real ones.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>

namespace interlock::hil {

void write_file(const std::filesystem::path& file, std::string_view text);

// A contact between line and ground, with a pull-up: closed is 0, open and cut are 1.
void set_line(unsigned line, bool closed);
void remove_gpio_chip();
void return_gpio_chip();

// A key of the keyboard that QEMU has plugged in; pressed by the host.
void set_key(bool down);
void unplug_keyboard();
void plug_keyboard();

// A device on the kernel's own USB bus, with one function of its drivers. Unplugged at the end.
class Gadget {
 public:
  struct Identity {
    std::string_view vendor, product, serial;  // as configfs takes them: "0x1d34"
  };
  // `function` is a driver with a name, such as "acm.loop"; its settings are files with bytes.
  Gadget(std::string_view function, Identity identity,
         std::initializer_list<std::pair<std::string_view, std::string_view>> settings);
  Gadget(const Gadget&) = delete;
  Gadget& operator=(const Gadget&) = delete;
  ~Gadget();

 private:
  std::filesystem::path place_, link_, function_;
};

// 1d34:000d, the big red button under a lid: answers each request for its state.
class RedButton {
 public:
  RedButton();
  RedButton(const RedButton&) = delete;
  RedButton& operator=(const RedButton&) = delete;
  ~RedButton();

  void set(bool pressed) { state_ = pressed ? 0x16 : 0x17; }

 private:
  void answer();

  Gadget gadget_;
  std::atomic<std::uint8_t> state_ = 0x17;  // lid open
  std::atomic<bool> stops_ = false;
  std::thread thread_;
};

// A contact between DTR and DSR of a USB adapter: DSR is up while this end of the gadget is open,
// which follows the DTR that usbmon sees going over the bus.
class Modem {
 public:
  Modem();
  Modem(const Modem&) = delete;
  Modem& operator=(const Modem&) = delete;
  ~Modem();

  void set(bool closed) { closed_ = closed; }

 private:
  void follow();

  Gadget gadget_;
  std::atomic<bool> closed_ = true;
  std::atomic<bool> stops_ = false;
  std::thread thread_;
};

// A UART with its outputs led back to its inputs inside: DTR to DSR, RTS to CTS.
class LoopedPort {
 public:
  LoopedPort();
  LoopedPort(const LoopedPort&) = delete;
  LoopedPort& operator=(const LoopedPort&) = delete;
  ~LoopedPort();

  void cut();  // DTR reaches DSR no more
  void mend();
  void bridge();  // DSR is up whatever DTR does

 private:
  int fd_;
};

// The machine's own, QEMU's i6300ESB: resets the machine 4 s after the last beat (here it only
// tells the host). Stopped at the end.
class Watchdog {
 public:
  Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

  void beat();

 private:
  int fd_ = -1;
};

}  // namespace interlock::hil
