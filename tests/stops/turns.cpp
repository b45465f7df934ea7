#include "stops/turns.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/source.hpp"

namespace interlock::stops {
namespace {

constexpr std::int64_t tick_every_ns = 20'000'000;

std::int64_t read(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}
gateway::Clock read_clock() { return {{read(CLOCK_REALTIME)}, read(CLOCK_MONOTONIC)}; }

template <class T>
T value_of(std::expected<T, std::string> made) {
  if (!made) throw std::runtime_error(made.error());
  return *std::move(made);
}

}  // namespace

scenarios::Setting flood_setting(const VenueEnd& venue) {
  return {tests::source_dir() / "tests/scenarios/configs", "flood", [&](std::string text) {
            const std::string port = "127.0.0.1:9101";
            return text.replace(text.find(port), port.size(),
                                fmt::format("127.0.0.1:{}", venue.port()));
          }};
}

Turns::Turns(const VenueEnd& venue, Disk disk) : setting_(flood_setting(venue)) {
  config::Loaded loaded = config::load(setting_.file());
  if (!loaded.config) throw std::runtime_error(config::render(loaded.problems));
  config_ = *std::move(loaded.config);
  config_.durability = disk.durability;
  journal_ = value_of(
      audit::Journal::open({config_.audit_dir, config_.audit_segment_bytes, disk.sync_file}));
  std::filesystem::create_directories(config_.state_dir);
  latch_ = std::make_unique<killswitch::Latch>(config_.state_dir / "latch", read_clock().utc.ns);
  core_ = value_of(gateway::Core::create(config_, *journal_, *latch_, read_clock, "stops"));
  wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  sockets_ = value_of(gateway::Sockets::open(config_, *core_, wake_));
  core_->open_or_stay_shut();
  auto prices = config::load_prices(config_.prices_file, core_->floor().directory);
  if (!prices) throw std::runtime_error(config::render(prices.error()));
  core_->take_prices(*std::move(prices), "stops");
  core_->declare_parent({"P-1", "ACC", "ACME", "1", "1000000000", "stops"});
}

Turns::~Turns() {
  sockets_.reset();
  core_.reset();
  ::close(wake_);
}

void Turns::turn() {
  sockets_->turn(0);
  core_->latch_changed();
  if (const std::int64_t now = read(CLOCK_MONOTONIC); now - ticked_ns_ >= tick_every_ns) {
    ticked_ns_ = now;
    core_->tick();
  }
  core_->flush();
  sockets_->keep_up();
}

void Turns::arm() {
  for (const killswitch::Kill& kill : latch_->active()) {
    const auto cleared = latch_->clear(kill.id, read_clock().utc.ns);
    if (!cleared) throw std::runtime_error(cleared.error());
  }
  turn();
}

std::uint64_t Turns::kill(killswitch::Scope scope) {
  return latch_
      ->trip_in_memory(std::move(scope), killswitch::Source::http, "ann", "stops",
                       read_clock().utc.ns)
      .kill.id;
}

}  // namespace interlock::stops
