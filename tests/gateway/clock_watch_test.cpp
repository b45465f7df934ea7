// Fault 10: nobody disciplines the clock any more, or it is off by more than it may be.
#include "gateway/clock_watch.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/scratch.hpp"

namespace interlock::gateway {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

class Host {
 public:
  explicit Host(bool blocks = false) {
    config_.clock_watch.blocks = blocks;
    journal_ = *audit::Journal::open({scratch_ / "audit", 1 << 20});
    latch_ = std::make_unique<killswitch::Latch>(scratch_ / "latch", 1);
    arm();
    floor_ = std::make_unique<Floor>(config_, *journal_, *latch_, [this] { return now_; });
    watch_ = std::make_unique<ClockWatch>(*floor_);
    watch_->watches([this] { return clock; });
  }

  void seconds(int count) {
    for (int i = 0; i < count; ++i) {
      now_ = {{now_.utc.ns + second_ns}, now_.mono_ns + second_ns};
      floor_->wake();
      watch_->tick();
    }
  }
  void arm() {
    for (const auto& kill : latch_->active()) REQUIRE(latch_->clear(kill.id, 1));
  }
  // "state offset error[: problem]" of each record of the clock.
  [[nodiscard]] std::vector<std::string> records() const {
    std::vector<std::string> found;
    REQUIRE(journal_->replay([&](const audit::Record& record) {
      if (record.kind != audit::Kind::clock) return;
      using audit::Field;
      const audit::FieldReader fields(record.payload);
      const auto signed_number = [&](Field field) {
        return static_cast<std::int64_t>(fields.number(field).value());
      };
      found.push_back(fmt::format("{} {} {}", fields.text(Field::clock_state).value(),
                                  signed_number(Field::clock_offset),
                                  signed_number(Field::clock_error)));
      if (const auto text = fields.text(Field::text)) found.back() += fmt::format(": {}", *text);
    }));
    return found;
  }
  [[nodiscard]] std::string shut() const {
    std::string text;
    for (const auto& kill : latch_->active())
      text += fmt::format("{} {}: {}", name(kill.level), kill.actor, kill.cause);
    return text;
  }
  [[nodiscard]] const auto& alerts() const { return floor_->alerts.all(); }
  [[nodiscard]] const ClockView& view() const { return watch_->view(); }

  std::optional<KernelClock> clock = KernelClock{true, -1'000, 20'000'000};

 private:
  tests::Scratch scratch_;
  config::Config config_;
  Clock now_{{1'000 * second_ns}, second_ns};
  std::unique_ptr<audit::Journal> journal_;
  std::unique_ptr<killswitch::Latch> latch_;
  std::unique_ptr<Floor> floor_;
  std::unique_ptr<ClockWatch> watch_;
};

}  // namespace

TEST_CASE("fault 10: a good clock is recorded once, and again every ten minutes") {
  Host host;
  host.seconds(600);
  CHECK(host.records() == std::vector<std::string>{"synchronised -1000 20000000"});
  host.seconds(1);
  CHECK(host.records().size() == 2);
  CHECK(host.alerts().empty());
  CHECK(host.view().synchronised);
  CHECK(host.view().problem.empty());
}

TEST_CASE("fault 10: a clock that nobody disciplines is one alarm while it lasts") {
  Host host;
  host.seconds(2);
  host.clock->synchronised = false;
  host.seconds(100);
  REQUIRE(host.alerts().size() == 1);
  CHECK(host.alerts()[0].what.kind == "clock");
  CHECK(host.alerts()[0].what.text == "the clock is not synchronised");
  CHECK(host.alerts()[0].count == 1);
  CHECK(host.shut() == "");
  host.clock->synchronised = true;
  host.seconds(100);
  CHECK(host.view().problem.empty());
  host.clock->synchronised = false;
  host.seconds(1);
  CHECK(host.alerts()[0].count == 2);
  const std::string lost = "unsynchronised -1000 20000000: the clock is not synchronised";
  CHECK(host.records() == std::vector<std::string>{"synchronised -1000 20000000", lost,
                                                   "synchronised -1000 20000000", lost});
}

TEST_CASE("fault 10: an offset or an error beyond the bound is doubt, in either direction") {
  for (const auto& [clock, problem] :
       std::vector<std::pair<std::optional<KernelClock>, const char*>>{
           {KernelClock{true, 100'000'000, 100'000'000}, ""},
           {KernelClock{true, 100'000'001, 0}, "the clock is 100.000 ms off, more than 100.000 ms"},
           {KernelClock{true, -250'000'000, 0},
            "the clock is -250.000 ms off, more than 100.000 ms"},
           {KernelClock{true, 0, 100'500'000},
            "the clock may be wrong by 100.500 ms, more than 100.000 ms"},
           {std::nullopt, "the kernel does not say how good the clock is"}}) {
    Host host;
    host.clock = clock;
    host.seconds(1);
    CHECK(host.view().problem == problem);
    CHECK(host.alerts().size() == (*problem == '\0' ? 0 : 1));
  }
}

TEST_CASE("fault 10: where it blocks, the firm is shut, and again after a re-arm in doubt") {
  Host host(true);
  host.seconds(2);
  CHECK(host.shut() == "");
  host.clock->synchronised = false;
  host.seconds(1);
  CHECK(host.shut() == "block interlock: the clock is not synchronised");
  host.arm();
  host.seconds(1);
  CHECK(host.shut() == "block interlock: the clock is not synchronised");
  host.clock->synchronised = true;
  host.seconds(2);
  CHECK(host.shut() != "");  // it does not open by itself
  host.arm();
  host.seconds(2);
  CHECK(host.shut() == "");
}

TEST_CASE("fault 10: the kernel of this host answers, and nothing is changed in it") {
  const auto clock = read_kernel_clock();
  REQUIRE(clock);
  CHECK(clock->error_ns >= 0);
}

}  // namespace interlock::gateway
