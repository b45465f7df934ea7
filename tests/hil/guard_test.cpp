// What holds when the gateway itself does not act any more: the guard, and the machine's watchdog.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>

#include "killswitch/page.hpp"
#include "tests/hil/devices.hpp"
#include "tests/hil/host.hpp"
#include "tests/hil/stage.hpp"

namespace interlock::hil {
namespace {

constexpr std::string_view rack = R"([[kill.button]]
id = "rack"
scope = "everything"
on_loss = "kill"
gpio = { chip = "/dev/killswitch/gpio", lines = [3], pressed = "open", active_low = true }
)";

// Two contacts on one head: line 3 is the gateway's, line 6 the guard's.
void set_head(bool closed) {
  set_line(3, closed);
  set_line(6, closed);
}

class Guard {
 public:
  Guard()
      : process_(
            {"/bin/interlock-guard", "--page", (Gateway::directory() / "state/guard.page").string(),
             "--gpio", "chip=/dev/killswitch/gpio,line=6,pressed=open,active_low=true", "--on-loss",
             "kill", "--record", record().string()},
            Gateway::directory() / "guard.log") {}

  [[nodiscard]] static std::filesystem::path record() { return Gateway::directory() / "cuts"; }
  [[nodiscard]] static boost::json::object cut() {
    return boost::json::parse(read_file(record())).as_object();
  }
  [[nodiscard]] bool alive() { return process_.alive(); }

 private:
  Process process_;
};

// Beats the watchdog as long as the loop of the gateway turns, by the page that it keeps.
class Supervisor {
 public:
  explicit Supervisor(Watchdog& watchdog)
      : watchdog_(watchdog),
        page_(Gateway::directory() / "state/guard.page"),
        thread_([this] { watch(); }) {}
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  ~Supervisor() {
    stops_ = true;
    thread_.join();
  }

  void wait_for_beats() {
    const auto before = beats_.load();
    wait_for("beats", [&] { return beats_ >= before + 20; });  // 2 s
  }

 private:
  void watch() {
    for (std::int64_t seen = 0; !stops_; ::usleep(100'000)) {
      const auto page = page_.look();
      if (!page || std::exchange(seen, page->loop_ns) == page->loop_ns) continue;
      watchdog_.beat();
      ++beats_;
    }
  }

  Watchdog& watchdog_;
  killswitch::PageReader page_;
  std::atomic<int> beats_ = 0;
  std::atomic<bool> stops_ = false;
  std::thread thread_;
};

TEST_CASE("guard: it leaves a gateway alone that answers the press") {
  set_head(true);
  Stage stage(rack);
  Guard guard;
  for (int press = 0; press < 3; ++press) {
    stage.arm();
    stage.press("gpio", [] { set_head(false); });
    set_head(true);
  }
  CHECK(guard.alive());
  CHECK_EQ(read_file(Guard::record()), "");
}

TEST_CASE("guard: the gateway is stopped with orders on their way, and the button pressed") {
  set_head(true);
  Stage stage(rack);
  Guard guard;
  stage.arm();
  stage.flow().stall(true);
  stage.flow().wait_for_unread();  // more waits in the gateway's socket
  stage.gateway().process().signal(SIGSTOP);
  const auto pressed_ns = now_ns();
  set_head(false);
  const int status = stage.gateway().process().wait();
  CHECK(WIFSIGNALED(status));
  CHECK_EQ(WTERMSIG(status), SIGKILL);

  wait_for("the guard's record", [] { return read_file(Guard::record()).ends_with("\n"); });
  const auto cut = Guard::cut();
  note("gpio, guard resets", cut.at("reset_ns").as_int64() - pressed_ns);
  note("gpio, gateway dead", cut.at("dead_ns").as_int64() - pressed_ns);
  CHECK_GE(cut.at("reset").as_int64(), 1);

  // The venue still has what had left; then a reset, and nothing for ever.
  const auto left = stage.flow().seen();
  stage.flow().stall(false);
  wait_for("the venue to see the end", [&] { return stage.flow().seen().venue_lost; });
  const auto seen = stage.flow().seen();
  CHECK_EQ(seen.venue_error, ECONNRESET);
  CHECK_EQ(seen.venue_bytes, left.venue_bytes + left.venue_unread);
  CHECK_LT(seen.orders.size(), seen.sent);
  CHECK_EQ(seen.logons, 1);
  CHECK(guard.alive());

  wait_for("the way to the venue to be barred", [] { return !Flow::venue_accepts(); });
  Process nft({"/usr/sbin/nft", "delete", "table", "inet", "interlock_guard"},
              Gateway::directory() / "nft.log");
  CHECK_EQ(nft.wait(), 0);
  CHECK(Flow::venue_accepts());
  set_head(true);
}

TEST_CASE("watchdog: a gateway that hangs starves the machine's watchdog") {
  set_head(true);
  Stage stage(rack);
  stage.arm();
  {
    Watchdog watchdog;
    Supervisor supervisor(watchdog);
    supervisor.wait_for_beats();
    stage.gateway().process().signal(SIGSTOP);
    await_host("WATCHDOG");
  }
  stage.gateway().process().signal(SIGCONT);
}

}  // namespace
}  // namespace interlock::hil
