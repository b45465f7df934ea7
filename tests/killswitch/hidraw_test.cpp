// Reports of a HID device, against a device of tables.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/hidraw.h>
#include <linux/input.h>

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <optional>

#include "tests/killswitch/allocations.hpp"
#include "tests/killswitch/fake_kernel.hpp"

using namespace interlock::killswitch;
using namespace interlock::tests;

namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::int64_t ms = 1'000'000;

// As the kernel does it: 63 reports wait for each opener, and more are dropped; what waits can be
// read after the device has gone.
struct HidDevice : FakeKernel {
  bool gone = false;
  Bytes descriptor;
  std::optional<Bytes> input;  // what HIDIOCGINPUT gives
  std::map<int, std::deque<Bytes>> queues;
  std::vector<Bytes> written;
  std::optional<Bytes> says;  // in answer to each request

  HidDevice() {
    paths["/dev/red"] = 0;
    answer(HIDIOCGRAWINFO, gives(hidraw_devinfo{BUS_USB, 0x1d34, 0x000d}));
    answer(HIDIOCGRAWNAME(0), gives_text("Dream Cheeky"));
    answer(HIDIOCGRAWPHYS(0), gives_text("usb-1/input0"));
    answer(HIDIOCGRAWUNIQ(0), gives_text(""));
    answer(HIDIOCGRDESCSIZE, [this](int, void* into) {
      *static_cast<std::uint32_t*>(into) = static_cast<std::uint32_t>(descriptor.size());
      return 0;
    });
    answer(HIDIOCGRDESC, [this](int, void* into) {
      auto& asked = *static_cast<hidraw_report_descriptor*>(into);
      if (asked.size != descriptor.size()) return -EINVAL;
      std::ranges::copy(descriptor, asked.value);
      return 0;
    });
    answer(HIDIOCGINPUT(0), [this](int, void* into) {
      if (!input) return -EPIPE;
      auto* bytes = static_cast<std::uint8_t*>(into);
      const std::uint8_t id = bytes[0];
      if (!input->empty() && (*input)[0] != id) return -EPIPE;
      std::ranges::copy(*input, bytes);
      return static_cast<int>(input->size());
    });
    on_read = [this](int fd, void* into, std::size_t size) {
      auto& queue = queues[fd];
      if (queue.empty()) return gone ? -EIO : -EAGAIN;
      const auto report = queue.front();
      queue.pop_front();
      const auto count = std::min(size, report.size());
      std::copy_n(report.begin(), count, static_cast<std::uint8_t*>(into));
      return static_cast<int>(count);
    };
    on_write = [this](int, const void* from, std::size_t size) {
      if (gone) return -ENODEV;
      const auto* bytes = static_cast<const std::uint8_t*>(from);
      written.emplace_back(bytes, bytes + size);
      if (says) report(*says);
      return static_cast<int>(size);
    };
  }
  void report(const Bytes& bytes) {
    for (const auto& [fd, path] : descriptors)
      if (queues[fd].size() < 63) queues[fd].push_back(bytes);
  }
};

Bytes state(std::uint8_t first) { return {first, 0, 0, 0, 0, 0, 0, 3}; }
const Bytes lid_closed = state(0x15), pressed = state(0x16), lid_open = state(0x17);

HidrawDevice cheeky() {
  return {.device = "/dev/red", .profile = HidrawDevice::Profile::dream_cheeky};
}
HidrawDevice bit(std::uint32_t byte = 1, std::uint8_t mask = 0x04) {
  return {.device = "/dev/red", .byte = byte, .mask = mask};
}
// Two bytes of input that are not numbered: report size 8, count 2.
const Bytes two_bytes{0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01, 0x75,
                      0x08, 0x95, 0x02, 0x09, 0x01, 0x81, 0x02, 0xC0};
// The same, numbered 5.
const Bytes numbered_5{0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01, 0x85, 0x05,
                       0x75, 0x08, 0x95, 0x02, 0x09, 0x01, 0x81, 0x02, 0xC0};

std::unique_ptr<ButtonSource> opened(HidDevice& device, HidrawDevice settings) {
  auto source = make_hidraw(std::move(settings), device);
  REQUIRE(source->open());
  return source;
}

}  // namespace

TEST_CASE("hidraw: the big red button is asked, and is unknown without an error until it answers") {
  HidDevice device;
  const auto source = opened(device, cheeky());
  auto sample = look(*source, 0);
  CHECK(sample.contact == Contact::unknown);
  CHECK(sample.error == 0);
  CHECK(source->fd() >= 0);
  REQUIRE(device.written.size() == 1);
  // 0, the number of a report that is not numbered, and the eight bytes of the request.
  CHECK(device.written[0] == Bytes{0, 8, 0, 0, 0, 0, 0, 0, 2});
  device.report(lid_closed);
  CHECK(look(*source, 5 * ms).contact == Contact::safe);
  CHECK(device.flags.begin()->second == (O_RDWR | O_NONBLOCK | O_CLOEXEC));
}

TEST_CASE("hidraw: the big red button is safe under both positions of its lid, and pressed") {
  HidDevice device;
  const auto source = opened(device, cheeky());
  const std::tuple<Bytes, Contact, std::uint32_t> shown[] = {{lid_closed, Contact::safe, 0},
                                                             {lid_open, Contact::safe, 0},
                                                             {pressed, Contact::pressed, 1},
                                                             {pressed, Contact::pressed, 0},
                                                             {lid_open, Contact::safe, 1}};
  std::int64_t now = 0;
  for (const auto& [report, contact, changes] : shown) {
    device.report(report);
    const auto sample = look(*source, now += 5 * ms);
    CHECK(sample.contact == contact);
    CHECK(sample.changes == changes);
    CHECK(sample.was_pressed == (contact == Contact::pressed));
  }
}

TEST_CASE("hidraw: the big red button held at the start is pressed with its first answer") {
  HidDevice device;
  device.says = pressed;
  const auto source = opened(device, cheeky());
  look(*source, 0);
  CHECK(look(*source, 5 * ms).contact == Contact::pressed);
}

TEST_CASE("hidraw: the big red button is asked once in 20 ms") {
  HidDevice device;
  device.says = lid_open;
  const auto source = opened(device, cheeky());
  for (std::int64_t now = 0; now < 100 * ms; now += 5 * ms) look(*source, now);
  CHECK(device.written.size() == 5);
}

TEST_CASE("hidraw: a big red button that does not answer for 200 ms is unknown, and is closed") {
  HidDevice device;
  device.says = lid_open;
  const auto source = opened(device, cheeky());
  look(*source, 0);
  CHECK(look(*source, 5 * ms).contact == Contact::safe);
  device.says.reset();
  look(*source, 20 * ms);  // asked
  CHECK(look(*source, 219 * ms).contact == Contact::safe);
  const auto sample = look(*source, 220 * ms);
  CHECK(sample.contact == Contact::unknown);
  CHECK(sample.error == ETIMEDOUT);
  CHECK(source->fd() == -1);
  CHECK(device.descriptors.empty());
}

TEST_CASE("hidraw: a big red button that never answers is unknown after 200 ms") {
  HidDevice device;
  const auto source = opened(device, cheeky());
  CHECK(look(*source, 0).error == 0);
  CHECK(look(*source, 199 * ms).error == 0);
  CHECK(look(*source, 200 * ms).error == ETIMEDOUT);
}

TEST_CASE("hidraw: an answer that waited while nobody looked is an answer") {
  HidDevice device;
  device.says = lid_open;
  const auto source = opened(device, cheeky());
  look(*source, 0);
  const auto sample = look(*source, 900 * ms);
  CHECK(sample.contact == Contact::safe);
  CHECK(device.written.size() == 2);
  CHECK(look(*source, 905 * ms).contact == Contact::safe);
}

TEST_CASE("hidraw: an answer that is none of the three is unknown") {
  HidDevice device;
  const auto source = opened(device, cheeky());
  device.report(state(0x00));
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::unknown);
  CHECK(sample.error == EBADMSG);
}

TEST_CASE("hidraw: a request that cannot be sent is a loss") {
  HidDevice device;
  const auto source = opened(device, cheeky());
  device.on_write = [](int, const void*, std::size_t) { return -EPIPE; };
  CHECK(look(*source).error == EPIPE);
}

TEST_CASE("hidraw: an unplugged device is unknown by EIO, after the reports that it left") {
  HidDevice device;
  device.descriptor = two_bytes;
  const auto source = opened(device, bit());
  device.report({0, 0x00});
  CHECK(look(*source).contact == Contact::safe);
  device.report({0, 0x04});
  device.gone = true;
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::unknown);
  CHECK(sample.error == EIO);
  CHECK(sample.was_pressed);
  CHECK(source->fd() == -1);
  CHECK(device.descriptors.empty());
  CHECK(look(*source).error == ENODEV);
  CHECK(device.wrong_uses == 0);
}

TEST_CASE("hidraw: after a replug nothing is known of the time before") {
  HidDevice device;
  device.descriptor = two_bytes;
  const auto source = opened(device, bit());
  device.report({0, 0x00});
  look(*source);
  device.gone = true;
  look(*source);
  device.gone = false;
  REQUIRE(source->open());
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::unknown);
  CHECK(sample.error == 0);
}

TEST_CASE("hidraw: a bit is unknown until the first report, where the level cannot be asked") {
  HidDevice device;
  device.descriptor = two_bytes;
  const auto source = opened(device, bit());
  auto sample = look(*source);
  CHECK(sample.contact == Contact::unknown);
  CHECK(sample.error == 0);
  device.report({0xFF, 0xFB});
  CHECK(look(*source).contact == Contact::safe);
  device.report({0x00, 0x04});
  CHECK(look(*source).contact == Contact::pressed);
  CHECK(device.written.empty());
  CHECK(device.flags.begin()->second == (O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

TEST_CASE("hidraw: a bit held at the start is pressed, where the level can be asked") {
  HidDevice device;
  device.descriptor = two_bytes;
  SUBCASE("a report that is not numbered has a zero in front") { device.input = {0, 0, 0x04}; }
  SUBCASE("some transports give it bare") { device.input = {0, 0x04}; }
  SUBCASE("a numbered one begins with its number") {
    device.descriptor = numbered_5;
    device.input = {5, 0x04, 0};
  }
  const auto source = opened(device, bit());
  CHECK(look(*source).contact == Contact::pressed);
}

TEST_CASE("hidraw: an answer of another size is no level") {
  HidDevice device;
  device.descriptor = two_bytes;
  device.input = {0, 0, 0, 0x04};
  CHECK(look(*opened(device, bit())).contact == Contact::unknown);
  device.input = {0};
  CHECK(look(*opened(device, bit())).contact == Contact::unknown);
}

TEST_CASE("hidraw: a press that is over before the next look was a press") {
  HidDevice device;
  device.descriptor = two_bytes;
  const auto source = opened(device, bit());
  device.report({0, 0});
  look(*source);
  device.report({0, 0x04});
  device.report({0, 0});
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::safe);
  CHECK(sample.was_pressed);
  CHECK(sample.changes == 2);
}

TEST_CASE("hidraw: a bit that is set while all is well is pressed when it is clear") {
  HidDevice device;
  device.descriptor = two_bytes;
  auto settings = bit();
  settings.pressed_is_set = false;
  const auto source = opened(device, settings);
  device.report({0, 0x04});
  CHECK(look(*source).contact == Contact::safe);
  device.report({0, 0x00});
  CHECK(look(*source).contact == Contact::pressed);
}

TEST_CASE("hidraw: reports that the kernel may have dropped leave the level in doubt") {
  HidDevice device;
  device.descriptor = two_bytes;
  const auto source = opened(device, bit());
  for (int i = 0; i < 62; ++i) device.report({0, 0});
  CHECK(look(*source).contact == Contact::safe);
  for (int i = 0; i < 63; ++i) device.report({0, 0});
  device.report({0, 0x04});  // of which nothing is heard
  const auto sample = look(*source);
  CHECK(sample.contact == Contact::unknown);
  CHECK(sample.error == ENOBUFS);
}

TEST_CASE("hidraw: a report that ends before the bit is unknown") {
  HidDevice device;
  device.descriptor = two_bytes;
  const auto source = opened(device, bit());
  device.report({0});
  CHECK(look(*source).error == EBADMSG);
}

TEST_CASE(
    "hidraw: a device whose reports cannot hold the bit, or are of several kinds, is refused") {
  const Bytes two_kinds{0xA1, 0x01, 0x85, 0x01, 0x75, 0x08, 0x95, 0x02,
                        0x81, 0x02, 0x85, 0x02, 0x81, 0x02, 0xC0};
  const Bytes no_input{0xA1, 0x01, 0x75, 0x08, 0x95, 0x02, 0x91, 0x02, 0xC0};
  const Bytes cut_off{0xA1, 0x01, 0x75, 0x08, 0x95, 0x02, 0x81, 0x02, 0x75};
  const std::pair<Bytes, std::uint32_t> refused[] = {
      {two_kinds, 1}, {no_input, 1},   {cut_off, 1},   {Bytes{}, 1},
      {two_bytes, 2}, {numbered_5, 0}, {numbered_5, 3}};
  for (const auto& [descriptor, byte] : refused) {
    CAPTURE(descriptor.size());
    CAPTURE(byte);
    HidDevice device;
    device.descriptor = descriptor;
    CHECK_FALSE(make_hidraw(bit(byte), device)->open());
    CHECK(errno == ENOTSUP);
    CHECK(device.descriptors.empty());
  }
}

TEST_CASE("hidraw: what a descriptor pushes it pops, and items that do not matter are skipped") {
  // Push, another size for an output, pop, a long item, and a count of four bytes.
  const Bytes tricky{0x75, 0x08, 0xA4, 0x75, 0x10, 0x91, 0x02, 0xB4, 0xFE, 0x02,
                     0x33, 0x81, 0x85, 0x97, 0x02, 0x00, 0x00, 0x00, 0x81, 0x02};
  HidDevice device;
  device.descriptor = tricky;
  CHECK(make_hidraw(bit(1), device)->open());
  CHECK_FALSE(make_hidraw(bit(2), device)->open());
}

TEST_CASE("hidraw: every opener gets each report, so that the guard sees the same press") {
  HidDevice device;
  device.descriptor = two_bytes;
  const auto gateway = opened(device, bit());
  const auto guard = opened(device, bit());
  device.report({0, 0x04});
  CHECK(look(*gateway).contact == Contact::pressed);
  CHECK(look(*guard).contact == Contact::pressed);
}

TEST_CASE("hidraw: the device says what stands behind its name") {
  HidDevice device;
  CHECK(opened(device, cheeky())->about() ==
        "usb 1d34:000d without serial at usb-1/input0, Dream Cheeky");
  device.answer(HIDIOCGRAWINFO, answers(-ENOTTY));
  CHECK_FALSE(make_hidraw(cheeky(), device)->open());
  CHECK(errno == ENOTTY);
  CHECK(device.descriptors.empty());
}

TEST_CASE("hidraw: a look asks for no memory, neither at a press nor at a loss") {
  HidDevice device;
  device.on_write = [](int, const void*, std::size_t size) { return static_cast<int>(size); };
  const auto source = opened(device, cheeky());
  look(*source, 0);
  device.report(pressed);
  auto& queue = device.queues.begin()->second;
  device.on_read = [&](int, void* into, std::size_t) {
    if (queue.empty()) return -EAGAIN;
    std::memcpy(into, queue.front().data(), 8);
    queue.pop_front();
    return 8;
  };
  const long before = allocations();
  CHECK(look(*source, 20 * ms).contact == Contact::pressed);
  CHECK(look(*source, 40 * ms).contact == Contact::pressed);
  CHECK(look(*source, 240 * ms).error == ETIMEDOUT);
  CHECK(allocations() == before);
}
