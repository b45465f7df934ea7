// Modem lines as contact loops, against a port of tables.
#include <asm/termbits.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <sys/ioctl.h>

#include <functional>

#include "tests/killswitch/fake_kernel.hpp"

using namespace interlock::killswitch;
using namespace interlock::tests;

namespace {

using Loop = SerialDevice::Loop;
constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t minute = 60'000 * ms;

// A port whose outputs reach its inputs through two contacts, as they are wired.
struct Port : FakeKernel {
  int gone = 0;
  unsigned number = 0x440;  // 4:64, the first UART
  int outputs = 0;
  bool closed[2] = {true, true};  // DTR -> DSR, RTS -> CTS
  int forced = 0;                 // inputs that are high whatever is wired
  bool joined = false;            // DTR's wire touches the one to CTS: CTS needs both
  bool counts = false;
  serial_icounter_struct counted{};
  int seen = 0;  // the inputs that were counted last
  termios modes{};

  Port() {
    paths["/dev/loop"] = 0;
    answer(TIOCEXCL, answers(0));
    answer(TIOCGDEV, [this](int, void* into) {
      *static_cast<unsigned*>(into) = number;
      return 0;
    });
    answer(TCSETS, [this](int, void* from) {
      modes = *static_cast<termios*>(from);
      return 0;
    });
    answer(TIOCMBIS, [this](int, void* lines) { return set(outputs | *static_cast<int*>(lines)); });
    answer(TIOCMBIC,
           [this](int, void* lines) { return set(outputs & ~*static_cast<int*>(lines)); });
    answer(TIOCMGET, [this](int, void* into) {
      *static_cast<int*>(into) = outputs | inputs();
      return -gone;
    });
    answer(TIOCGICOUNT, [this](int, void* into) {
      if (!counts) return -EINVAL;
      *static_cast<serial_icounter_struct*>(into) = counted;
      return 0;
    });
  }
  int inputs() const {
    int lines = forced;
    const bool dtr = (outputs & TIOCM_DTR) != 0, rts = (outputs & TIOCM_RTS) != 0;
    if (dtr && closed[0]) lines |= TIOCM_DSR | TIOCM_CAR;
    if (rts && closed[1] && (!joined || dtr)) lines |= TIOCM_CTS;
    return lines;
  }
  int set(int lines) {
    outputs = lines;
    count();
    return -gone;
  }
  void count() {
    const int changed = seen ^ inputs();
    seen ^= changed;
    if (changed & TIOCM_DSR) ++counted.dsr;
    if (changed & TIOCM_CTS) ++counted.cts;
    if (changed & TIOCM_CAR) ++counted.dcd;
  }
  void contact(std::size_t index, bool is_closed) {
    closed[index] = is_closed;
    count();
  }
};

SerialDevice one_loop() { return {.device = "/dev/loop", .loops = {Loop::dtr_dsr}}; }
SerialDevice two_loops() {
  return {.device = "/dev/loop", .loops = {Loop::dtr_dsr, Loop::rts_cts}};
}

// A source, and the clock that its looks are made by.
struct Bench {
  Port port;
  std::unique_ptr<ButtonSource> source;
  std::int64_t now = 0;

  explicit Bench(const SerialDevice& device = one_loop(),
                 const std::function<void(Port&)>& wire = {}) {
    if (wire) wire(port);
    source = make_serial(device, port);
    REQUIRE(source->open());
  }
  // One look every 5 ms for as long; the worst that channel 0 or any other showed.
  struct Seen {
    bool pressed = false, unknown = false;
    std::uint32_t changes = 0;
    std::vector<Sample> last;
  };
  Seen run(std::int64_t for_ns) {
    Seen seen;
    for (const std::int64_t end = now + for_ns; now < end; now += 5 * ms) {
      seen.last = look_at_all(*source, now);
      for (const auto& sample : seen.last) {
        seen.pressed = seen.pressed || sample.contact == Contact::pressed || sample.was_pressed;
        seen.unknown = seen.unknown || sample.contact == Contact::unknown;
        seen.changes += sample.changes;
      }
    }
    return seen;
  }
  std::vector<Sample> look_now() {
    now += 5 * ms;
    return look_at_all(*source, now);
  }
  int pulses() const { return port.times(TIOCMBIC); }
};

}  // namespace

TEST_CASE("serial: the port is taken alone, its outputs rise, and it has no flow control") {
  Bench bench;
  CHECK(bench.port.flags.begin()->second == (O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  CHECK(bench.port.times(TIOCEXCL) == 1);
  CHECK(bench.port.outputs == (TIOCM_DTR | TIOCM_RTS));
  CHECK((bench.port.modes.c_cflag & CRTSCTS) == 0);
  CHECK((bench.port.modes.c_cflag & CLOCAL) != 0);
  CHECK((bench.port.modes.c_cflag & CBAUD) == B9600);  // B0 would drop DTR
  CHECK(bench.source->fail_safe());
  CHECK(bench.source->fd() == -1);
  CHECK(look(*bench.source).contact == Contact::safe);
}

TEST_CASE("serial: an open contact is a press, each loop on its own input") {
  const std::pair<Loop, std::size_t> loops[] = {
      {Loop::dtr_dsr, 0}, {Loop::dtr_dcd, 0}, {Loop::rts_cts, 1}};
  for (const auto& [loop, contact] : loops) {
    Bench bench({.device = "/dev/loop", .loops = {loop}});
    CHECK_FALSE(bench.run(100 * ms).pressed);
    bench.port.contact(1 - contact, false);
    CHECK_FALSE(bench.run(100 * ms).pressed);
    bench.port.contact(contact, false);
    const auto sample = bench.look_now()[0];
    CHECK(sample.contact == Contact::pressed);
    CHECK(sample.changes == 1);
    bench.port.contact(contact, true);
    const auto released = bench.look_now()[0];
    CHECK(released.contact == Contact::safe);
    CHECK(released.changes == 1);
    CHECK_FALSE(released.was_pressed);
  }
}

TEST_CASE("serial: of two channels each is told for itself") {
  Bench bench(two_loops());
  bench.run(200 * ms);
  bench.port.contact(1, false);
  const auto samples = bench.look_now();
  CHECK(samples[0].contact == Contact::safe);
  CHECK(samples[1].contact == Contact::pressed);
}

TEST_CASE("serial: a button held at the start is pressed once the lines had time to rise") {
  Bench bench(one_loop(), [](Port& port) { port.closed[0] = false; });
  const auto before = bench.run(50 * ms);
  CHECK(before.unknown);
  CHECK_FALSE(before.pressed);
  CHECK(before.last[0].error == 0);
  CHECK(bench.look_now()[0].contact == Contact::pressed);
  CHECK(bench.pulses() == 0);
}

TEST_CASE("serial: lines that are slow to rise at the start are no press") {
  Bench bench(one_loop(), [](Port& port) { port.closed[0] = false; });
  CHECK_FALSE(bench.run(20 * ms).pressed);
  bench.port.contact(0, true);
  const auto seen = bench.run(100 * ms);
  CHECK_FALSE(seen.pressed);
  CHECK(seen.last[0].contact == Contact::safe);
}

TEST_CASE("serial: a press that is over before the next look was a press, where the port counts") {
  Bench bench(one_loop(), [](Port& port) { port.counts = true; });
  bench.run(200 * ms);
  bench.port.contact(0, false);
  bench.port.contact(0, true);
  const auto sample = bench.look_now()[0];
  CHECK(sample.contact == Contact::safe);
  CHECK(sample.was_pressed);
  CHECK(sample.changes == 2);
  CHECK_FALSE(bench.look_now()[0].was_pressed);
  bench.port.contact(0, false);
  CHECK(bench.look_now()[0].was_pressed);
  bench.port.contact(0, true);
  CHECK_FALSE(bench.look_now()[0].was_pressed);
}

TEST_CASE("serial: a port that disappears is unknown, and is closed") {
  for (const int error : {EIO, ENODEV}) {
    Bench bench;
    bench.run(200 * ms);
    bench.port.gone = error;
    const auto sample = bench.look_now()[0];
    CHECK(sample.contact == Contact::unknown);
    CHECK(sample.error == error);
    CHECK(bench.port.descriptors.empty());
    CHECK(bench.look_now()[0].error == ENODEV);
    CHECK(bench.port.wrong_uses == 0);
    bench.port.gone = 0;
    REQUIRE(bench.source->open());
    CHECK_FALSE(bench.run(200 * ms).pressed);
  }
}

TEST_CASE("serial: a port that disappears while an output is dropped is unknown") {
  Bench bench;
  look_at_all(*bench.source, bench.now);
  CHECK(bench.port.outputs == TIOCM_RTS);
  bench.port.answer(TIOCMBIS, answers(-EIO));
  const auto sample = bench.look_now()[0];
  CHECK(sample.contact == Contact::unknown);
  CHECK(sample.error == EIO);
}

TEST_CASE("serial: the loop over CTS is refused on CDC-ACM, whose driver says that CTS is high") {
  Port port;
  port.number = 166U << 8;
  CHECK_FALSE(make_serial(two_loops(), port)->open());
  CHECK(errno == ENOTSUP);
  CHECK(port.descriptors.empty());
  CHECK(make_serial(one_loop(), port)->open());
}

TEST_CASE("serial: a CTS that is always high is found by the first pulse, on any port") {
  auto device = two_loops();
  device.test_every_ns = 0;
  Bench bench(device, [](Port& port) { port.forced = TIOCM_CTS; });
  const auto seen = bench.run(100 * ms);
  CHECK_FALSE(seen.last[0].crossed);
  CHECK(seen.last[1].crossed);
  CHECK_FALSE(seen.pressed);
}

TEST_CASE("serial: a port that cannot be taken, set or raised, or is none, is refused") {
  for (const auto request :
       {unsigned{TIOCEXCL}, unsigned{TIOCGDEV}, unsigned{TCSETS}, unsigned{TIOCMBIS}}) {
    Port port;
    port.answer(request, answers(-EBUSY));
    CHECK_FALSE(make_serial(one_loop(), port)->open());
    CHECK(errno == EBUSY);
    CHECK(port.descriptors.empty());
  }
}

TEST_CASE(
    "pulse: a loop that is sound is tested at the start and every minute, and shows nothing") {
  for (const bool counts : {false, true}) {
    Bench bench(one_loop(), [&](Port& port) { port.counts = counts; });
    auto seen = bench.run(100 * ms);
    CHECK(bench.pulses() == 1);
    seen = bench.run(minute);
    CHECK(bench.pulses() == 2);
    CHECK_FALSE(seen.pressed);
    CHECK_FALSE(seen.unknown);
    CHECK(seen.changes == 0);
    CHECK_FALSE(seen.last[0].crossed);
    CHECK(bench.port.outputs == (TIOCM_DTR | TIOCM_RTS));
  }
}

TEST_CASE("pulse: two channels are tested in turn") {
  Bench bench(two_loops());
  std::vector<int> dropped;
  bench.port.answer(TIOCMBIC, [&](int, void* lines) {
    dropped.push_back(*static_cast<int*>(lines));
    return bench.port.set(bench.port.outputs & ~dropped.back());
  });
  CHECK_FALSE(bench.run(100 * ms).pressed);
  CHECK(dropped == std::vector<int>{TIOCM_DTR, TIOCM_RTS});
  CHECK_FALSE(bench.run(2 * minute).pressed);
  CHECK(dropped == std::vector<int>{TIOCM_DTR, TIOCM_RTS, TIOCM_DTR, TIOCM_RTS});
}

TEST_CASE("pulse: an output is down for 5 ms, and for 20 ms when its input does not follow") {
  for (const bool is_short : {false, true}) {
    Bench bench(one_loop(), [&](Port& port) { port.forced = is_short ? TIOCM_DSR : 0; });
    std::int64_t down_ns = 0;
    for (int i = 0; i < 50; ++i) {
      look_at_all(*bench.source, bench.now);
      if ((bench.port.outputs & TIOCM_DTR) == 0) down_ns += ms;
      bench.now += ms;
    }
    CHECK(down_ns == (is_short ? 20 : 5) * ms);
  }
}

TEST_CASE("pulse: a short across the contact is found, and stays told until a pulse succeeds") {
  Bench bench;
  bench.run(100 * ms);
  bench.port.forced = TIOCM_DSR;
  CHECK_FALSE(bench.run(100 * ms).last[0].crossed);
  CHECK(bench.run(minute).last[0].crossed);
  bench.port.forced = 0;
  CHECK(bench.run(minute / 2).last[0].crossed);
  CHECK_FALSE(bench.run(minute).last[0].crossed);
}

TEST_CASE("pulse: a wire to the other channel is found, and what it moves is a press at once") {
  Bench bench(two_loops(), [](Port& port) { port.joined = true; });
  const auto seen = bench.run(100 * ms);
  CHECK(seen.last[0].crossed);
  CHECK_FALSE(seen.last[1].crossed);
  CHECK(seen.pressed);
}

TEST_CASE("pulse: while a button is pressed nothing is tested") {
  Bench bench(two_loops());
  bench.run(100 * ms);
  const int before = bench.pulses();
  bench.port.contact(1, false);
  bench.run(2 * minute);
  CHECK(bench.pulses() == before);
  bench.port.contact(1, true);
  bench.run(100 * ms);
  CHECK(bench.pulses() == before + 1);
}

TEST_CASE("pulse: a press during a pulse is told by the other channel at once") {
  Bench bench(two_loops());
  look_at_all(*bench.source, bench.now);
  REQUIRE(bench.port.outputs == TIOCM_RTS);
  bench.port.contact(0, false);
  bench.port.contact(1, false);
  CHECK(bench.look_now()[1].contact == Contact::pressed);
  const auto seen = bench.run(100 * ms);
  CHECK(seen.last[0].contact == Contact::pressed);
  CHECK_FALSE(seen.last[0].crossed);
  CHECK_FALSE(seen.last[1].crossed);
}

TEST_CASE("pulse: of one channel a press during a pulse is told at most 40 ms later") {
  for (const bool counts : {false, true}) {
    Bench bench(one_loop(), [&](Port& port) { port.counts = counts; });
    look_at_all(*bench.source, bench.now);
    REQUIRE(bench.port.outputs == TIOCM_RTS);
    bench.port.contact(0, false);
    CHECK(bench.run(45 * ms).pressed);
    CHECK_FALSE(bench.look_now()[0].crossed);
  }
}

TEST_CASE("pulse: an input that follows late, within 20 ms, is no press and no fault") {
  Bench bench;
  std::int64_t changed_ns = -1'000 * ms;
  int before = TIOCM_DSR | TIOCM_CAR, last = before;
  bench.port.answer(TIOCMGET, [&](int, void* into) {
    if (bench.port.inputs() != last) {
      before = std::exchange(last, bench.port.inputs());
      changed_ns = bench.now;
    }
    *static_cast<int*>(into) = bench.now - changed_ns < 14 * ms ? before : last;
    return 0;
  });
  const auto seen = bench.run(2 * minute + minute / 2);
  CHECK(bench.pulses() == 3);
  CHECK_FALSE(seen.pressed);
  CHECK_FALSE(seen.last[0].crossed);
}

TEST_CASE("pulse: looks that come late do not make a press of it") {
  Bench bench;
  for (int i = 0; i < 10; ++i) {
    const auto sample = look_at_all(*bench.source, bench.now)[0];
    CHECK(sample.contact == Contact::safe);
    CHECK_FALSE(sample.crossed);
    bench.now += 90 * ms;
  }
  CHECK(bench.port.outputs == (TIOCM_DTR | TIOCM_RTS));
}

TEST_CASE("pulse: none is made where none is wanted, but the first") {
  auto device = one_loop();
  device.test_every_ns = 0;
  Bench bench(device);
  bench.run(3 * minute);
  CHECK(bench.pulses() == 1);
}

TEST_CASE("serial: the port says what stands behind its name") {
  Bench bench;
  CHECK(bench.source->about() == "tty 4:64");
  const std::string above = "/sys/dev/char/4:64/device/../..";
  const std::map<std::string, std::string> files{{above + "/idVendor", "0403\n"},
                                                 {above + "/idProduct", "6001\n"},
                                                 {above + "/serial", "A10X\n"},
                                                 {above + "/product", "FT232R\n"}};
  for (const auto& [path, text] : files) bench.port.paths[path] = 0;
  bench.port.on_read = [&](int fd, void* into, std::size_t) {
    const auto& text = files.at(bench.port.descriptors.at(fd));
    std::memcpy(into, text.data(), text.size());
    return static_cast<int>(text.size());
  };
  CHECK(bench.source->about() == "tty 4:64, usb 0403:6001 serial A10X, FT232R");
  CHECK(bench.port.descriptors.size() == 1);
}
