// Lamps as files of a folder that looks like one of /sys/class/leds, and as lines of a chip.
#include "killswitch/lights.hpp"

#include <doctest/doctest.h>
#include <linux/gpio.h>

#include <cerrno>
#include <fstream>

#include "tests/scratch.hpp"

namespace interlock::killswitch {
namespace {

using Shows = LightSettings::Shows;
constexpr std::int64_t ms = 1'000'000;

// An LED without triggers: its "trigger" cannot be written to.
class PlainLed {
 public:
  PlainLed() { std::ofstream{scratch_ / "brightness"}; }
  [[nodiscard]] Led led() const { return {scratch_.path()}; }
  [[nodiscard]] std::string written() const { return tests::bytes_of(scratch_ / "brightness"); }
  void remove() const { std::filesystem::remove(scratch_ / "brightness"); }
  [[nodiscard]] std::filesystem::path path(std::string_view name) const { return scratch_ / name; }

 private:
  tests::Scratch scratch_;
};

TEST_CASE("lights: a lamp is lit while what it shows is so, and dark at our end") {
  PlainLed lamp;
  Kernel kernel;
  {
    Lights lights({{Shows::killed, lamp.led()}}, kernel);
    lights.show({.armed = true}, 1 * ms);
    CHECK(lamp.written().empty());
    lights.show({.killed = true}, 2 * ms);
    lights.show({.killed = true}, 3 * ms);
    CHECK(lamp.written() == "1");
    lights.show({.armed = true}, 4 * ms);
    CHECK(lamp.written() == "10");
    lights.show({.killed = true}, 5 * ms);
  }
  CHECK(lamp.written() == "1010");
}

TEST_CASE("lights: tripped blinks, and killed on the same lamp stands still") {
  PlainLed lamp;
  Kernel kernel;
  Lights lights({{Shows::tripped, lamp.led()}, {Shows::killed, lamp.led()}}, kernel);
  for (int i = 0; i < 8; ++i) lights.show({.tripped = true}, i * 250 * ms);
  CHECK(lamp.written() == "10101010");
  for (int i = 8; i < 16; ++i) lights.show({.killed = true}, i * 250 * ms);
  CHECK(lamp.written() == "101010101");
}

TEST_CASE(
    "lights: an LED with the one-shot trigger is lit anew all the time, and goes out by itself") {
  PlainLed lamp;
  for (const char* file : {"trigger", "delay_on", "delay_off", "shot"})
    std::ofstream{lamp.path(file)};
  Kernel kernel;
  Lights lights({{Shows::armed, lamp.led()}}, kernel);
  for (int i = 1; i <= 50; ++i) lights.show({.armed = true}, i * 20 * ms);
  CHECK(tests::bytes_of(lamp.path("trigger")) == "oneshot");
  CHECK(tests::bytes_of(lamp.path("delay_on")) == "500");
  CHECK(tests::bytes_of(lamp.path("shot")) == "1111111111");
  lights.show({}, 2'000 * ms);
  CHECK(tests::bytes_of(lamp.path("shot")) == "1111111111");
}

TEST_CASE("lights: a lamp that is not there is said, and lit when it comes") {
  PlainLed lamp;
  lamp.remove();
  Kernel kernel;
  Lights lights({{Shows::fault, lamp.led()}}, kernel);
  lights.show({.fault = true}, 1 * ms);
  CHECK(lights.problem() == "lamp " + lamp.led().folder.string() + ": No such file or directory");
  std::ofstream{lamp.path("brightness")};
  lights.show({.fault = true}, 500 * ms);
  CHECK_FALSE(lights.problem().empty());
  lights.show({.fault = true}, 1'100 * ms);
  CHECK(lights.problem().empty());
  CHECK(lamp.written() == "1");
}

// A chip whose one line keeps what is set.
class Chip : public Kernel {
 public:
  int open(const char*, int) noexcept override { return 100; }
  int ioctl(int, unsigned long request, void* argument) noexcept override {
    if (gone) {
      errno = ENODEV;
      return -1;
    }
    if (request == GPIO_V2_GET_LINE_IOCTL) {
      auto& line = *static_cast<gpio_v2_line_request*>(argument);
      output = (line.config.flags & GPIO_V2_LINE_FLAG_OUTPUT) != 0 && line.offsets[0] == 5;
      line.fd = 101;
    } else if (request == GPIO_V2_LINE_SET_VALUES_IOCTL) {
      const auto& values = *static_cast<gpio_v2_line_values*>(argument);
      lit = values.bits & values.mask & 1;
    }
    return 0;
  }
  void close(int fd) noexcept override { closed = closed || fd == 101; }
  bool output = false, lit = false, gone = false, closed = false;
};

TEST_CASE("lights: an output of a chip is set, and opened anew when the chip has gone") {
  Chip chip;
  Lights lights({{Shows::killed, LampLine{"/dev/gpiochip0", 5, false}}}, chip);
  lights.show({.killed = true}, 1 * ms);
  CHECK(chip.output);
  CHECK(chip.lit);
  chip.gone = true;
  lights.show({}, 2 * ms);
  CHECK(chip.closed);
  CHECK(lights.problem() == "lamp /dev/gpiochip0 line 5: No such device");
  chip.gone = false;
  lights.show({.killed = true}, 2'000 * ms);
  CHECK(lights.problem().empty());
  CHECK(chip.lit);
}

}  // namespace
}  // namespace interlock::killswitch
