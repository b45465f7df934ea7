// A key of an input device, against a device of tables.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/input.h>

#include <algorithm>
#include <deque>

#include "tests/killswitch/allocations.hpp"
#include "tests/killswitch/fake_kernel.hpp"

using namespace interlock::killswitch;
using namespace interlock::tests;

namespace {

constexpr std::uint16_t key = KEY_F13;

// As the kernel does it: each opener has a queue of 64 events, and reading the level throws the
// key events away that wait for that opener.
struct Keyboard : FakeKernel {
  bool has_key = true;
  bool down = false;
  int gone = 0;
  std::map<int, std::deque<input_event>> queues;

  Keyboard() {
    paths["/dev/input/red"] = 0;
    answer(EVIOCSCLOCKID, [](int, void* clock) {
      return *static_cast<int*>(clock) == CLOCK_MONOTONIC ? 0 : -EINVAL;
    });
    answer(EVIOCGBIT(EV_KEY, 0), [this](int, void* into) { return put_bit(into, key, has_key); });
    answer(EVIOCGKEY(0), [this](int fd, void* into) {
      if (gone != 0) return -gone;
      std::erase_if(queues[fd], [](const auto& event) { return event.type == EV_KEY; });
      return put_bit(into, key, down);
    });
    answer(EVIOCGID, gives(input_id{BUS_USB, 0x1209, 0xA1B2, 1}));
    answer(EVIOCGNAME(0), gives_text("Red Button"));
    answer(EVIOCGPHYS(0), gives_text("usb-0000:00:14.0-1/input0"));
    answer(EVIOCGUNIQ(0), gives_text("0042"));
    on_read = [this](int fd, void* into, std::size_t size) {
      if (gone != 0) return -gone;
      auto& queue = queues[fd];
      if (queue.empty()) return -EAGAIN;
      const auto count = std::min(queue.size(), size / sizeof queue[0]);
      std::copy_n(queue.begin(), count, static_cast<input_event*>(into));
      queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
      return static_cast<int>(count * sizeof(input_event));
    };
  }
  static int put_bit(void* into, int bit, bool value) {
    std::memset(into, 0, KEY_CNT / 8);
    if (value) static_cast<std::uint8_t*>(into)[bit / 8] = static_cast<std::uint8_t>(1 << bit % 8);
    return KEY_CNT / 8;
  }
  void event(std::uint16_t type, std::uint16_t code, std::int32_t value, int at_us = 0) {
    input_event made{};
    made.input_event_sec = 3;
    made.input_event_usec = at_us;
    made.type = type;
    made.code = code;
    made.value = value;
    for (const auto& [fd, path] : descriptors) queues[fd].push_back(made);
  }
  void set(bool is_down, int at_us = 0) {
    down = is_down;
    event(EV_KEY, key, is_down ? 1 : 0, at_us);
    event(EV_SYN, SYN_REPORT, 0, at_us);
  }
};

EvdevDevice pressed_when_down() { return {.device = "/dev/input/red", .key = key}; }
EvdevDevice pressed_when_up() {
  return {.device = "/dev/input/red", .key = key, .pressed_is_up = true};
}

std::unique_ptr<ButtonSource> opened(Keyboard& keyboard, EvdevDevice device = pressed_when_down()) {
  auto source = make_evdev(std::move(device), keyboard);
  REQUIRE(source->open());
  return source;
}

}  // namespace

TEST_CASE("evdev: a key held at the start is pressed, though no event comes") {
  Keyboard keyboard;
  keyboard.down = true;
  const auto source = opened(keyboard);
  CHECK(look(*source).contact == Contact::pressed);
  CHECK(look(*opened(keyboard, pressed_when_up())).contact == Contact::safe);
}

TEST_CASE("evdev: a press gives the kernel's time, on the clock that was asked for") {
  Keyboard keyboard;
  const auto source = opened(keyboard);
  CHECK(look(*source).contact == Contact::safe);
  keyboard.set(true, 250);
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::pressed);
  CHECK(sample.was_pressed);
  CHECK(sample.changes == 1);
  CHECK(sample.changed_at_ns == 3'000'250'000);
}

TEST_CASE("evdev: a press that is over before the next look was a press") {
  Keyboard keyboard;
  const auto source = opened(keyboard);
  keyboard.set(true, 250);
  keyboard.set(false, 300);
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::safe);
  CHECK(sample.was_pressed);
  CHECK(sample.changes == 2);
  CHECK(sample.changed_at_ns == 3'000'250'000);
}

TEST_CASE("evdev: a press between reading the events and reading the level is not thrown away") {
  Keyboard keyboard;
  const auto source = opened(keyboard);
  const auto level = keyboard.ioctls[FakeKernel::call_of(EVIOCGKEY(0))];
  keyboard.answer(EVIOCGKEY(0), [&](int fd, void* into) {
    keyboard.set(true);
    keyboard.set(false);
    return level(fd, into);
  });
  CHECK(look(*source).contact == Contact::safe);
  keyboard.answer(EVIOCGKEY(0), level);
  CHECK(look(*source).was_pressed);
}

TEST_CASE("evdev: a release alone is no press, and neither is a key that repeats") {
  Keyboard keyboard;
  keyboard.down = true;
  const auto source = opened(keyboard);
  look(*source);
  keyboard.event(EV_KEY, key, 2);
  CHECK(look(*source).changes == 0);
  keyboard.set(false);
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::safe);
  CHECK_FALSE(sample.was_pressed);
  CHECK(sample.changes == 1);
}

TEST_CASE("evdev: another key of the device is no press") {
  Keyboard keyboard;
  const auto source = opened(keyboard);
  keyboard.event(EV_KEY, KEY_F14, 1);
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::safe);
  CHECK_FALSE(sample.was_pressed);
  CHECK(sample.changes == 0);
}

TEST_CASE("evdev: events that the kernel dropped may have been a press") {
  Keyboard keyboard;
  const auto source = opened(keyboard);
  keyboard.event(EV_SYN, SYN_DROPPED, 0, 10);
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::safe);
  CHECK(sample.was_pressed);
  CHECK(sample.changes == 1);
}

TEST_CASE("evdev: a key held down while all is well is pressed when it comes up") {
  Keyboard keyboard;
  keyboard.down = true;
  const auto source = opened(keyboard, pressed_when_up());
  CHECK(source->fail_safe());
  look(*source);
  keyboard.set(false);
  keyboard.set(true);
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::safe);
  CHECK(sample.was_pressed);
  CHECK_FALSE(opened(keyboard)->fail_safe());
}

TEST_CASE("evdev: the release that the kernel makes up before an unplug does not look safe") {
  Keyboard keyboard;
  keyboard.down = true;
  const auto source = opened(keyboard);
  CHECK(look(*source).contact == Contact::pressed);
  keyboard.set(false);  // made up: the finger is still on the button
  keyboard.gone = ENODEV;
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::unknown);
  CHECK(sample.error == ENODEV);
  CHECK(source->fd() == -1);
  CHECK(keyboard.descriptors.empty());
  CHECK(look(*source).contact == Contact::unknown);
  CHECK(keyboard.wrong_uses == 0);
}

TEST_CASE("evdev: a device that goes between its events and its level keeps the press") {
  Keyboard keyboard;
  const auto source = opened(keyboard);
  keyboard.set(true);
  keyboard.answer(EVIOCGKEY(0), answers(-ENODEV));
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::unknown);
  CHECK(sample.was_pressed);
}

TEST_CASE("evdev: after a replug the level is read anew") {
  Keyboard keyboard;
  const auto source = opened(keyboard);
  keyboard.gone = ENODEV;
  look(*source);
  keyboard.paths["/dev/input/red"] = ENOENT;
  CHECK_FALSE(source->open());
  CHECK(errno == ENOENT);
  keyboard.gone = 0;
  keyboard.paths["/dev/input/red"] = 0;
  keyboard.down = true;
  REQUIRE(source->open());
  CHECK(look(*source).contact == Contact::pressed);
}

TEST_CASE("evdev: nothing is grabbed, so that a second reader sees the same press") {
  Keyboard keyboard;
  const auto gateway = opened(keyboard);
  const auto guard = opened(keyboard);
  keyboard.set(true);
  keyboard.set(false);
  CHECK(look(*gateway).was_pressed);
  CHECK(look(*guard).was_pressed);
  CHECK(keyboard.times(EVIOCGRAB) == 0);
  for (const auto& [fd, flags] : keyboard.flags) {
    CHECK(flags == (O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }
}

TEST_CASE("evdev: a device without the key is refused") {
  Keyboard keyboard;
  keyboard.has_key = false;
  const auto source = make_evdev(pressed_when_down(), keyboard);
  CHECK_FALSE(source->open());
  CHECK(errno == ENXIO);
  CHECK(source->fd() == -1);
  CHECK(keyboard.descriptors.empty());
  auto beyond = pressed_when_down();
  beyond.key = KEY_MAX + 1;
  CHECK_FALSE(make_evdev(beyond, keyboard)->open());
}

TEST_CASE("evdev: a clock that cannot be set, or no input device, is refused") {
  Keyboard keyboard;
  keyboard.answer(EVIOCSCLOCKID, answers(-ENOTTY));
  CHECK_FALSE(make_evdev(pressed_when_down(), keyboard)->open());
  CHECK(errno == ENOTTY);
  CHECK(keyboard.descriptors.empty());
}

TEST_CASE("evdev: the device says what stands behind its name") {
  Keyboard keyboard;
  CHECK(opened(keyboard)->about() ==
        "usb 1209:a1b2 serial 0042 at usb-0000:00:14.0-1/input0, Red Button, key 183");
  keyboard.answer(EVIOCGUNIQ(0), answers(-ENOENT));
  CHECK(opened(keyboard)->about() ==
        "usb 1209:a1b2 without serial at usb-0000:00:14.0-1/input0, Red Button, key 183");
}

TEST_CASE("evdev: a look asks for no memory, neither at a press nor at a loss") {
  Keyboard keyboard;
  const auto source = opened(keyboard);
  look(*source);
  keyboard.set(true);
  const long before = allocations();
  CHECK(look(*source).changes == 1);
  keyboard.gone = ENODEV;
  CHECK(look(*source).error == ENODEV);
  CHECK(allocations() == before);
}
