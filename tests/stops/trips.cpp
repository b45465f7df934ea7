#include "stops/trips.hpp"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "gateway/loop.hpp"
#include "stops/turns.hpp"

namespace interlock::stops {
namespace {

using std::chrono::milliseconds;
using Moment = std::chrono::steady_clock;

constexpr std::uint32_t kills_a_floor = 250;  // journal and books of a floor are kept in memory
constexpr milliseconds patience{10'000};      // a bound for a machine under load, not a promise
constexpr milliseconds flows{10};             // armed, between two kills
constexpr std::uint32_t settled_after = 20;   // turns of the ends in which nothing moved

std::int64_t utc_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// Both ends in one thread of their own.
class Ends {
 public:
  Ends(VenueEnd& venue, std::uint16_t port, std::uint32_t orders_a_second)
      : venue_(venue),
        router_(port),
        orders_a_second_(orders_a_second),
        thread_([this] { work(); }) {}
  ~Ends() {
    stop_ = true;
    thread_.join();
  }
  std::atomic<bool> flows{false};  // orders do
  std::atomic<bool> reads{true};   // the venue does
  [[nodiscard]] bool logged_on() const { return logged_on_; }
  [[nodiscard]] std::uint64_t orders() const { return orders_; }
  [[nodiscard]] std::uint32_t last_order() const { return last_order_; }
  // Until nothing has moved at the venue for so many turns.
  void settle() const {
    quiet_turns_ = 0;
    while (quiet_turns_ < settled_after) std::this_thread::sleep_for(milliseconds(1));
  }

 private:
  void work() {
    auto from = Moment::now();
    double due = 0;
    while (!stop_) {
      const auto now = Moment::now();
      due += std::chrono::duration<double>(now - from).count() * orders_a_second_;
      from = now;
      // What the gateway does not take is not piled up here.
      if (!flows || router_.waiting() > 1 << 20) due = 0;
      for (; due >= 1; due -= 1) router_.order();
      venue_.reads = reads;
      static_cast<void>(router_.pump());
      const bool moved = venue_.pump();
      quiet_turns_ = moved ? 0 : quiet_turns_ + 1;
      orders_ = venue_.orders();
      last_order_ = venue_.last_order();
      logged_on_ = router_.logged_on() && venue_.logged_on();
      if (!moved) std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }
  VenueEnd& venue_;
  RouterEnd router_;
  std::uint32_t orders_a_second_;
  std::atomic<bool> stop_{false}, logged_on_{false};
  std::atomic<std::uint64_t> orders_{0};
  std::atomic<std::uint32_t> last_order_{0};
  mutable std::atomic<std::uint32_t> quiet_turns_{0};
  std::thread thread_;
};

class Running {
 public:
  explicit Running(const VenueEnd& venue) : setting_(flood_setting(venue)) {
    config::Loaded loaded = config::load(setting_.file());
    if (!loaded.config) throw std::runtime_error(config::render(loaded.problems));
    config_ = *std::move(loaded.config);
    auto loop = gateway::Loop::create(config_, {.build_id = "stops"});
    if (!loop) throw std::runtime_error(loop.error());
    loop_ = *std::move(loop);
    thread_ = std::thread([this] { loop_->run(); });
    loop_->declare_parent({"P-1", "ACC", "ACME", "1", "1000000000", "stops"}, patience);
  }
  ~Running() {
    loop_->stop();
    thread_.join();
  }
  gateway::Loop& loop() { return *loop_; }
  // What two people's re-arming ends in.
  void arm() {
    for (const killswitch::Kill& kill : loop_->latch().active()) {
      const auto cleared = loop_->latch().clear(kill.id, utc_ns());
      if (!cleared) throw std::runtime_error(cleared.error());
    }
  }
  [[nodiscard]] bool on() const {
    const auto seen = loop_->snapshot();
    return std::ranges::all_of(seen->sessions, [](const auto& each) { return each.state == "on"; });
  }
  // Something waits in the buffer towards the venue.
  [[nodiscard]] bool is_behind() const {
    const auto seen = loop_->snapshot();
    return std::ranges::any_of(seen->sessions, [](const auto& each) {
      return each.side == "venue" && each.out_buffer_bytes > 0;
    });
  }

 private:
  scenarios::Setting setting_;
  config::Config config_;
  std::unique_ptr<gateway::Loop> loop_;
  std::thread thread_;
};

void kill_and_arm(Running& gateway, Ends& ends, const Trips& plan, Tripped& result) {
  const auto from = Moment::now();
  const std::uint64_t before = ends.orders();
  std::this_thread::sleep_for(flows);
  // A slow machine takes its time; a kill of what does not flow would show nothing.
  const bool loaded = plan.load != Trips::Load::idle;
  while (loaded && ends.orders() == before && Moment::now() - from < patience)
    std::this_thread::sleep_for(milliseconds(1));
  if (plan.load == Trips::Load::stalled) {
    ends.reads = false;
    const auto until = Moment::now() + patience;
    while (!gateway.is_behind() && Moment::now() < until)
      std::this_thread::sleep_for(milliseconds(1));
  }
  const auto outcome = gateway.loop().kill({}, killswitch::Level::kill, killswitch::Source::http,
                                           "ann", "stops", patience);
  result.seconds += std::chrono::duration<double>(Moment::now() - from).count();
  ends.reads = true;
  if (outcome.closed) {
    result.gate_ns.push_back(outcome.closed->closed_at_ns - outcome.tripped.kill.tripped_at_ns);
    ends.settle();
    result.orders_after += ends.last_order() > outcome.closed->last_sequence.at("X") ? 1 : 0;
  } else {
    ++result.unconfirmed;
  }
  gateway.arm();
}

}  // namespace

Tripped measure(const Trips& plan) {
  Tripped result;
  for (std::uint32_t done = 0; done < plan.kills; done += kills_a_floor) {
    VenueEnd venue(VenueEnd::Answers::fills);
    venue.keeps = false;
    Running gateway(venue);
    Ends ends(venue, gateway.loop().bound_port("R1"), plan.orders_a_second);
    const auto until = Moment::now() + patience;
    while (!ends.logged_on() || !gateway.on()) {
      if (Moment::now() > until) throw std::runtime_error("the sessions do not come up");
      std::this_thread::sleep_for(milliseconds(10));
    }
    gateway.arm();
    ends.flows = plan.load != Trips::Load::idle;
    const std::uint32_t kills = std::min(kills_a_floor, plan.kills - done);
    for (std::uint32_t i = 0; i < kills; ++i) kill_and_arm(gateway, ends, plan, result);
    result.orders += ends.orders();
  }
  return result;
}

}  // namespace interlock::stops
