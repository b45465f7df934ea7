// The thread that looks at the buttons, with real time and devices that a test moves.
#include "killswitch/button_thread.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "tests/scratch.hpp"

namespace interlock::killswitch {
namespace {

using namespace std::chrono_literals;

// A contact in memory, which can be there or not.
struct Wire {
  std::atomic<Contact> contact = Contact::safe;
  std::atomic<bool> there = true;
  std::atomic<int> looks = 0;
  std::atomic<int> opens = 0;
};

class WireSource : public ButtonSource {
 public:
  explicit WireSource(Wire& wire) : wire_(wire) {}
  [[nodiscard]] std::size_t channels() const noexcept override { return 1; }
  [[nodiscard]] bool fail_safe() const noexcept override { return true; }
  bool open() noexcept override {
    ++wire_.opens;
    return wire_.there;
  }
  [[nodiscard]] int fd() const noexcept override { return -1; }
  void look(std::span<Sample> into, std::int64_t) noexcept override {
    ++wire_.looks;
    into[0] = wire_.there ? Sample{.contact = wire_.contact} : Sample{.error = 19};
  }
  [[nodiscard]] std::string about() const override { return "a wire"; }

 private:
  Wire& wire_;
};

class Rack {
 public:
  Rack() {
    for (const Kill& kill : latch.active()) REQUIRE(latch.clear(kill.id, 1));
  }
  void start(std::filesystem::path file = {}) {
    std::vector<std::unique_ptr<ButtonSource>> sources;
    sources.push_back(std::make_unique<WireSource>(wire));
    thread = std::make_unique<ButtonThread>(panel, std::move(sources),
                                            ButtonThread::Options{std::move(file), nullptr});
  }
  template <class Condition>
  static bool within(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }
  [[nodiscard]] bool killed() const { return Latch::firm_killed(latch.word()); }

  Wire wire;
  tests::Scratch scratch;
  Latch latch{scratch / "latch", 1};
  Panel panel{{{.id = "rack",
                .scope = {},
                .device = GpioDevice{.chip = {}, .lines = {1}},
                .on_loss = {OnLoss::Action::alarm_then_kill, 300'000'000}}},
              latch,
              [] {},
              now()};
  std::unique_ptr<ButtonThread> thread;
};

TEST_CASE("button thread: what is held at the start has tripped before anything else runs") {
  Rack rack;
  rack.wire.contact = Contact::pressed;
  rack.start();
  CHECK(rack.killed());
}

TEST_CASE("button thread: a level is read on every tick, though no descriptor ever wakes it") {
  Rack rack;
  rack.start();
  const int looks = rack.wire.looks;
  REQUIRE(Rack::within([&] { return rack.wire.looks > looks + 20; }));
  CHECK_FALSE(rack.killed());
  rack.wire.contact = Contact::pressed;
  CHECK(Rack::within([&] { return rack.killed(); }));
  CHECK(rack.thread->about(0) == "a wire");
}

TEST_CASE(
    "button thread: a device that goes is opened again by its name, and kills when it stays away") {
  Rack rack;
  rack.start();
  rack.wire.there = false;
  REQUIRE(Rack::within([&] { return rack.wire.opens >= 2; }));
  SUBCASE("it comes back") {
    rack.wire.there = true;
    const int looks = rack.wire.looks;
    REQUIRE(Rack::within([&] { return rack.wire.looks > looks + 5; }));
    REQUIRE(Rack::within([&] { return rack.panel.problem().empty(); }));
  }
  SUBCASE("it stays away") {
    CHECK(Rack::within([&] { return rack.killed(); }));
    CHECK(rack.latch.active()[0].cause == "the button cannot be read");
  }
}

TEST_CASE("button thread: its ticks are seen, and stop with it") {
  Rack rack;
  rack.start();
  const auto seen = rack.panel.last_tick_ns();
  REQUIRE(Rack::within([&] { return rack.panel.last_tick_ns() > seen; }));
  rack.thread.reset();
  const auto last = rack.panel.last_tick_ns();
  std::this_thread::sleep_for(30ms);
  CHECK(rack.panel.last_tick_ns() == last);
}

TEST_CASE("button thread: the file kills when it is made, and when it was there before the start") {
  Rack rack;
  const auto file = rack.scratch / "kill-now";
  SUBCASE("made") {
    rack.start(file);
    CHECK_FALSE(rack.killed());
    std::ofstream{file};
    CHECK(Rack::within([&] { return rack.killed(); }));
  }
  SUBCASE("moved there") {
    std::ofstream{rack.scratch / "other"};
    rack.start(file);
    CHECK_FALSE(rack.killed());
    std::filesystem::rename(rack.scratch / "other", file);
    CHECK(Rack::within([&] { return rack.killed(); }));
  }
  SUBCASE("there before") {
    std::ofstream{file};
    rack.start(file);
    CHECK(rack.killed());
  }
  CHECK_FALSE(rack.panel.problem().empty());
  std::filesystem::remove(file);
  CHECK(Rack::within([&] { return rack.panel.problem().empty(); }));
  CHECK(rack.killed());
}

}  // namespace
}  // namespace interlock::killswitch
