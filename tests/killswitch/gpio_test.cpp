// The lines of a GPIO chip, against a chip of tables.
#include <doctest/doctest.h>
#include <linux/gpio.h>

#include <algorithm>
#include <deque>

#include "tests/killswitch/allocations.hpp"
#include "tests/killswitch/fake_kernel.hpp"

using namespace interlock::killswitch;
using namespace interlock::tests;

namespace {

// A chip as the kernel presents it: levels, and a queue that keeps the newest 64 edges.
struct Chip : FakeKernel {
  bool interrupts = true;
  int gone = 0;  // the errno of everything, once it is gone
  gpio_v2_line_request request{};
  std::uint64_t closed = 0b11;  // a bit a line of the request
  std::deque<gpio_v2_line_event> queue;
  std::uint32_t numbers[2] = {0, 0};
  bool waits = true;  // until FIONBIO

  Chip() {
    paths["/dev/gpiochip0"] = 0;
    answer(GPIO_GET_CHIPINFO_IOCTL, gives(gpiochip_info{"gpiochip0", "pinctrl", 8}));
    answer(GPIO_V2_GET_LINE_IOCTL, [this](int, void* argument) {
      auto& asked = *static_cast<gpio_v2_line_request*>(argument);
      const auto edges = GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING;
      if (gone != 0) return -gone;
      if (!interrupts && (asked.config.flags & edges) != 0) return -ENXIO;
      asked.fd = give("lines");
      request = asked;
      return 0;
    });
    answer(FIONBIO, [this](int, void* argument) {
      waits = *static_cast<int*>(argument) == 0;
      return 0;
    });
    answer(GPIO_V2_LINE_GET_VALUES_IOCTL, [this](int, void* argument) {
      auto& values = *static_cast<gpio_v2_line_values*>(argument);
      values.bits = closed & values.mask;
      return -gone;
    });
    on_read = [this](int, void* into, std::size_t size) {
      if (gone != 0) return -gone;
      if (queue.empty()) return waits ? -EDEADLK : -EAGAIN;  // a real one would wait for ever
      const auto count = std::min(queue.size(), size / sizeof queue[0]);
      std::copy_n(queue.begin(), count, static_cast<gpio_v2_line_event*>(into));
      queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
      return static_cast<int>(count * sizeof queue[0]);
    };
  }
  // An edge of the line at `index`; `says_closed` is what the kernel makes of it.
  void edge(std::size_t index, bool says_closed, std::uint64_t at_ns) {
    gpio_v2_line_event event{};
    event.timestamp_ns = at_ns;
    event.id = says_closed ? GPIO_V2_LINE_EVENT_RISING_EDGE : GPIO_V2_LINE_EVENT_FALLING_EDGE;
    event.offset = request.offsets[index];
    event.line_seqno = ++numbers[index];
    queue.push_back(event);
    if (queue.size() > 64) queue.pop_front();
  }
  void set(std::size_t index, bool is_closed, std::uint64_t at_ns) {
    closed = (closed & ~(1ULL << index)) | (is_closed ? 1ULL << index : 0);
    if (interrupts) edge(index, is_closed, at_ns);
  }
};

GpioDevice normally_closed() { return {.chip = "/dev/gpiochip0", .lines = {3}}; }

std::unique_ptr<ButtonSource> opened(Chip& chip, GpioDevice device = normally_closed()) {
  auto source = make_gpio(std::move(device), chip);
  REQUIRE(source->open());
  return source;
}

}  // namespace

TEST_CASE("gpio: a button held at the start is pressed, though no edge comes") {
  Chip chip;
  chip.closed = 0;
  const auto source = opened(chip);
  CHECK(chip.queue.empty());
  CHECK(look(*source).contact == Contact::pressed);
}

TEST_CASE("gpio: the request asks for both edges, and for no debounce") {
  Chip chip;
  const auto source = opened(chip);
  CHECK(chip.request.config.flags ==
        (GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING));
  CHECK(chip.request.config.num_attrs == 0);
  CHECK(chip.request.offsets[0] == 3);
  CHECK(chip.request.num_lines == 1);
  CHECK(source->fd() >= 0);
  CHECK(look(*source).contact == Contact::safe);
}

TEST_CASE("gpio: polarity and bias go to the kernel") {
  Chip chip;
  auto device = normally_closed();
  device.active_low = true;
  const std::pair<GpioDevice::Bias, std::uint64_t> flags[] = {
      {GpioDevice::Bias::as_is, 0},
      {GpioDevice::Bias::pull_up, GPIO_V2_LINE_FLAG_BIAS_PULL_UP},
      {GpioDevice::Bias::pull_down, GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN},
      {GpioDevice::Bias::disabled, GPIO_V2_LINE_FLAG_BIAS_DISABLED}};
  for (const auto& [bias, flag] : flags) {
    device.bias = bias;
    const auto source = opened(chip, device);
    CHECK((chip.request.config.flags & ~(GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING |
                                         GPIO_V2_LINE_FLAG_EDGE_FALLING)) ==
          (GPIO_V2_LINE_FLAG_ACTIVE_LOW | flag));
  }
}

TEST_CASE("gpio: a line that closes when pressed is pressed at 1, and does not fail safe") {
  Chip chip;
  auto device = normally_closed();
  device.pressed_is_open = false;
  const auto source = opened(chip, device);
  CHECK_FALSE(source->fail_safe());
  CHECK(look(*source).contact == Contact::pressed);
  chip.closed = 0;
  CHECK(look(*source).contact == Contact::safe);
  CHECK(opened(chip)->fail_safe());
}

TEST_CASE("gpio: a press gives the kernel's time of its first edge") {
  Chip chip;
  const auto source = opened(chip);
  look(*source);
  chip.set(0, false, 7'000);
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::pressed);
  CHECK(sample.was_pressed);
  CHECK(sample.changes == 1);
  CHECK(sample.changed_at_ns == 7'000);
  CHECK(look(*source).changes == 0);
}

TEST_CASE("gpio: a press that is over before the next look was a press") {
  Chip chip;
  const auto source = opened(chip);
  look(*source);
  chip.set(0, false, 7'000);
  chip.set(0, true, 8'000);
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::safe);
  CHECK(sample.was_pressed);
  CHECK(sample.changes == 2);
  CHECK(sample.changed_at_ns == 7'000);
  CHECK_FALSE(look(*source).was_pressed);
}

TEST_CASE("gpio: two edges that both say safe were a press, since the kernel read the level late") {
  Chip chip;
  const auto source = opened(chip);
  look(*source);
  chip.edge(0, true, 7'000);
  chip.edge(0, true, 7'100);
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::safe);
  CHECK(sample.was_pressed);
}

TEST_CASE("gpio: the release alone is no new press") {
  Chip chip;
  chip.closed = 0;
  const auto source = opened(chip);
  look(*source);
  chip.set(0, true, 9'000);
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::safe);
  CHECK_FALSE(sample.was_pressed);
  CHECK(sample.changes == 1);
}

TEST_CASE("gpio: of a contact that chatters beyond the buffer, every change is counted") {
  Chip chip;
  const auto source = opened(chip);
  look(*source);
  for (std::uint64_t i = 0; i < 200; ++i) chip.set(0, i % 2 == 1, 1'000 + i);
  CHECK(chip.queue.size() == 64);
  CHECK(chip.queue.front().line_seqno == 137);
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::safe);
  CHECK(sample.changes == 200);
  CHECK(sample.was_pressed);
}

TEST_CASE("gpio: a gap in the numbers alone was a press") {
  Chip chip;
  chip.closed = 0;
  const auto source = opened(chip);
  look(*source);
  chip.numbers[0] = 2;  // two edges that the kernel dropped
  chip.set(0, true, 9'000);
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::safe);
  CHECK(sample.was_pressed);
  CHECK(sample.changes == 3);
}

TEST_CASE("gpio: a chip without interrupts is only polled") {
  Chip chip;
  chip.interrupts = false;
  const auto source = opened(chip);
  CHECK(chip.request.config.flags == GPIO_V2_LINE_FLAG_INPUT);
  chip.on_read = [](int, void*, std::size_t) { return -EINVAL; };  // there are no edges to read
  auto sample = look(*source);
  CHECK(sample.contact == Contact::safe);
  CHECK(sample.changes == 0);
  chip.set(0, false, 0);
  sample = look(*source);
  CHECK(sample.contact == Contact::pressed);
  CHECK(sample.changes == 1);
  CHECK(sample.changed_at_ns == 0);
  CHECK(source->about() == "gpio gpiochip0 (pinctrl) line 3, without interrupts");
}

TEST_CASE("gpio: a button held at the start is no change, on a chip without interrupts") {
  Chip chip;
  chip.interrupts = false;
  chip.closed = 0;
  const auto sample = look(*opened(chip));
  CHECK(sample.contact == Contact::pressed);
  CHECK(sample.changes == 0);
}

TEST_CASE("gpio: an edge that comes after its level was read is counted once") {
  Chip chip;
  const auto source = opened(chip);
  look(*source);
  chip.closed = 0;
  auto sample = look(*source);
  CHECK(sample.contact == Contact::pressed);
  CHECK(sample.changes == 0);
  chip.edge(0, false, 7'000);
  sample = look(*source);
  CHECK(sample.contact == Contact::pressed);
  CHECK(sample.changes == 1);
}

TEST_CASE("gpio: a chip that disappears without waking anybody is unknown at the next look") {
  Chip chip;
  const auto source = opened(chip);
  chip.set(0, false, 1'000);
  chip.set(0, true, 2'000);
  look(*source);
  chip.gone = ENODEV;
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::unknown);
  CHECK(sample.error == ENODEV);
  CHECK(source->fd() == -1);
  CHECK(chip.descriptors.empty());
  CHECK(look(*source).error == ENODEV);
  CHECK(chip.wrong_uses == 0);

  CHECK_FALSE(source->open());
  CHECK(errno == ENODEV);
  chip.gone = 0;
  chip.numbers[0] = 0;
  REQUIRE(source->open());
  CHECK(look(*source).contact == Contact::safe);
  chip.set(0, false, 3'000);  // the first of the new request
  CHECK(look(*source).changes == 1);
}

TEST_CASE("gpio: a chip without interrupts that disappears is unknown too") {
  Chip chip;
  chip.interrupts = false;
  const auto source = opened(chip);
  chip.gone = ENODEV;
  CHECK(look(*source).error == ENODEV);
}

TEST_CASE("gpio: a line that somebody else holds cannot be opened") {
  Chip chip;
  chip.gone = EBUSY;
  const auto source = make_gpio(normally_closed(), chip);
  CHECK_FALSE(source->open());
  CHECK(errno == EBUSY);
  CHECK(chip.times(GPIO_V2_GET_LINE_IOCTL) == 1);  // to poll would be no cure
  CHECK(source->fd() == -1);
  CHECK(chip.descriptors.empty());
  CHECK(look(*source).contact == Contact::unknown);
}

TEST_CASE("gpio: lines that cannot be read without waiting are not used") {
  Chip chip;
  chip.answer(FIONBIO, answers(-EINVAL));
  CHECK_FALSE(make_gpio(normally_closed(), chip)->open());
  CHECK(errno == EINVAL);
  CHECK(chip.descriptors.empty());
}

TEST_CASE("gpio: what is no GPIO chip is not opened") {
  Chip chip;
  chip.answer(GPIO_GET_CHIPINFO_IOCTL, answers(-ENOTTY));
  CHECK_FALSE(make_gpio(normally_closed(), chip)->open());
  CHECK(errno == ENOTTY);
  CHECK(chip.descriptors.empty());
}

TEST_CASE("gpio: each of two lines is a channel of its own") {
  Chip chip;
  auto device = normally_closed();
  device.lines = {7, 3};
  const auto source = opened(chip, device);
  look(*source);
  chip.set(1, false, 5'000);
  const auto samples = look_at_all(*source);
  CHECK(samples[0].contact == Contact::safe);
  CHECK(samples[0].changes == 0);
  CHECK(samples[1].contact == Contact::pressed);
  CHECK(samples[1].changes == 1);
  CHECK(samples[1].changed_at_ns == 5'000);
  CHECK(source->about() == "gpio gpiochip0 (pinctrl) line 7 3");
}

TEST_CASE("gpio: a look asks for no memory, neither at a press nor at a loss") {
  Chip chip;
  const auto source = opened(chip);
  look(*source);
  chip.set(0, false, 7'000);
  const long before = allocations();
  CHECK(look(*source).changes == 1);
  chip.gone = ENODEV;
  CHECK(look(*source).error == ENODEV);
  CHECK(allocations() == before);
}
