// The event loop's thread: bound to the processor that the configuration names, and it alone; and
// how it waits.
#include <doctest/doctest.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "gateway/loop.hpp"
#include "stops/turns.hpp"

namespace interlock::stops {
namespace {

constexpr std::chrono::seconds patience{10};

std::string status_of(const std::filesystem::path& task, std::string_view key) {
  std::ifstream in(task / "status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key)) return line.substr(line.find_first_not_of(":\t ", key.size()));
  return {};
}

class Running {
 public:
  explicit Running(config::LoopThread how) : setting_(flood_setting(venue_)) {
    config::Loaded loaded = config::load(setting_.file());
    if (!loaded.config) throw std::runtime_error(config::render(loaded.problems));
    config_ = *std::move(loaded.config);
    config_.loop = how;
    auto loop = gateway::Loop::create(config_, {.build_id = "stops"});
    if (!loop) throw std::runtime_error(loop.error());
    loop_ = *std::move(loop);
    thread_ = std::thread([this] {
      id_ = ::gettid();
      loop_->run();
    });
    speak();  // it runs
  }
  ~Running() {
    loop_->stop();
    thread_.join();
  }
  void speak() {  // wakes it, and waits for its answer
    loop_->declare_parent({"P-1", "ACC", "ACME", "1", "1000", "stops"}, patience);
  }
  [[nodiscard]] std::filesystem::path task() const {
    return std::filesystem::path("/proc/self/task") / std::to_string(id_);
  }
  [[nodiscard]] long sleeps() const {
    return std::stol(status_of(task(), "voluntary_ctxt_switches"));
  }

 private:
  VenueEnd venue_{VenueEnd::Answers::nothing};
  scenarios::Setting setting_;
  config::Config config_;
  std::unique_ptr<gateway::Loop> loop_;
  std::atomic<pid_t> id_ = 0;
  std::thread thread_;
};

config::LoopThread pinned(std::uint32_t processor) {
  config::LoopThread how;
  how.pin = processor;
  return how;
}

config::LoopThread polling(risk::Duration busy_poll) {
  config::LoopThread how;
  how.busy_poll = busy_poll;
  return how;
}

std::uint32_t last_processor() {
  cpu_set_t set;
  REQUIRE(::sched_getaffinity(0, sizeof set, &set) == 0);
  int last = CPU_SETSIZE - 1;
  while (!CPU_ISSET(last, &set)) --last;
  return static_cast<std::uint32_t>(last);
}

TEST_CASE("loop: its thread is bound to the processor of its configuration, no other is") {
  const std::uint32_t processor = last_processor();
  const std::string all = status_of("/proc/self", "Cpus_allowed_list");
  const Running gateway(pinned(processor));
  CHECK(status_of(gateway.task(), "Cpus_allowed_list") == std::to_string(processor));
  int others = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path() == gateway.task()) continue;
    CHECK(status_of(task.path(), "Cpus_allowed_list") == all);
    ++others;
  }
  CHECK(others > 2);  // this one, the sealer's, the latch keeper's ...
}

TEST_CASE("loop: a processor that this host does not have keeps it from starting") {
  CHECK_THROWS_WITH_AS(Running(pinned(1023)), doctest::Contains("pin = 1023: this host has "),
                       std::runtime_error);
}

TEST_CASE("loop: with busy_poll it does not sleep behind its last input, without it at once") {
  constexpr std::chrono::milliseconds while_{200};  // twenty turns that nothing comes in
  const auto slept = [&](risk::Duration busy_poll) {
    Running gateway(polling(busy_poll));
    gateway.speak();
    const long before = gateway.sleeps();
    std::this_thread::sleep_for(while_);
    return gateway.sleeps() - before;
  };
  CHECK(slept({}) >= 10);
  CHECK(slept(risk::milliseconds(60'000)) < 10);
  CHECK(slept(risk::milliseconds(1)) >= 10);
}

}  // namespace
}  // namespace interlock::stops
