// Modem lines as contact loops, against a port of tables.
#include <doctest/doctest.h>
#include <fcntl.h>

#include "tests/killswitch/allocations.hpp"
#include "tests/killswitch/fake_port.hpp"

using namespace interlock::killswitch;
using namespace interlock::tests;

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
  for (const bool counts : {false, true}) {
    Bench bench(one_loop(), [&](Port& port) {
      port.closed[0] = false;
      port.counts = counts;
      port.counted.dsr = 7;
    });
    for (const int opening : {1, 2}) {
      CAPTURE(opening);
      CHECK_FALSE(bench.run(20 * ms).pressed);
      bench.port.contact(0, true);
      const auto seen = bench.run(100 * ms);
      CHECK_FALSE(seen.pressed);
      CHECK(seen.changes == 0);
      CHECK(seen.last[0].contact == Contact::safe);
      CHECK(bench.pulses() == opening);
      bench.port.contact(0, false);
      REQUIRE(bench.source->open());
    }
  }
}

TEST_CASE("serial: what a port was before a replug is forgotten") {
  Bench bench(one_loop(), [](Port& port) { port.forced = TIOCM_DSR; });
  CHECK(bench.run(100 * ms).last[0].crossed);
  bench.port.forced = 0;
  bench.port.contact(0, false);
  CHECK(bench.look_now()[0].contact == Contact::pressed);
  bench.port.contact(0, true);
  REQUIRE(bench.source->open());
  const auto seen = bench.run(100 * ms);
  CHECK_FALSE(seen.last[0].crossed);
  CHECK(seen.changes == 0);
}

TEST_CASE("serial: a fall between reading the level and the counter is a press") {
  Bench bench(one_loop(), [](Port& port) { port.counts = true; });
  bench.run(200 * ms);
  const auto count = bench.port.ioctls[FakeKernel::call_of(TIOCGICOUNT)];
  bench.port.answer(TIOCGICOUNT, [&](int fd, void* into) {
    bench.port.contact(0, false);
    return count(fd, into);
  });
  CHECK(bench.look_now()[0].was_pressed);
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

TEST_CASE("serial: a look asks for no memory, neither in a pulse nor at a loss") {
  Bench bench;
  look(*bench.source, 0);
  bench.run(2 * minute);  // with a pulse
  const long before = allocations();
  for (int i = 0; i < 20'000; ++i) CHECK(look(*bench.source, bench.now += 5 * ms).error == 0);
  bench.port.gone = EIO;
  CHECK(look(*bench.source, bench.now).error == EIO);
  CHECK(allocations() == before);
}
