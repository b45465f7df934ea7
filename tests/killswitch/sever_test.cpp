#include "killswitch/sever.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <boost/json/src.hpp>
#include <chrono>
#include <regex>

#include "tests/killswitch/own_network.hpp"
#include "tests/scratch.hpp"

using namespace interlock::killswitch;
using namespace interlock::tests;

namespace {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

struct Seen {
  Cut cut;
  std::size_t written = 0;
  std::size_t arrived = 0;
  int end = -1;
  int status = 0;
  std::atomic<bool> ready = false;
};

// A gateway that fills its connection while the venue does not read, and stops.
void victim(std::uint16_t port, Seen& seen) {
  const int fd = connected(port);
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  const std::string order(200, 'D');
  while (true) {
    const ssize_t count = ::write(fd, order.data(), order.size());
    if (count < 0) break;
    seen.written += static_cast<std::size_t>(count);
  }
  ::raise(SIGSTOP);
  ::_exit(0);
}

// Cuts it off while the venue has read nothing; then the venue reads on.
void cut_a_stopped_gateway(Seen& seen, const std::filesystem::path& nft, bool only_kill = false) {
  const Listener venue(4096);
  const pid_t gateway = ::fork();
  if (gateway == 0) victim(venue.port, seen);
  const int peer = venue.accept();
  int status = 0;
  ::waitpid(gateway, &status, WUNTRACED);
  const auto facts = facts_of(gateway);
  HeldProcess held;
  if (!WIFSTOPPED(status) || !held.hold(gateway, facts->started_ticks, facts->user)) return;
  const PageSeen page{static_cast<std::uint32_t>(gateway), facts->started_ticks};
  if (only_kill) {
    held.kill();
  } else {
    Sever sever(nft, now_ns);
    seen.cut = sever.cut(GuardCause::loop_silent, page, std::vector{venue.venue()}, held);
  }
  seen.end = read_to_end(peer, seen.arrived);
  ::waitpid(gateway, &seen.status, 0);
}

}  // namespace

TEST_CASE("sever: of a stopped gateway the venue gets a reset, and not the bytes in the kernel") {
  const Scratch scratch;
  Shared<Seen> seen;
  if (!in_own_network([&] { cut_a_stopped_gateway(*seen, scratch / "none"); })) return;
  REQUIRE(seen->written > 100'000);
  CHECK(WIFSIGNALED(seen->status));
  CHECK(WTERMSIG(seen->status) == SIGKILL);
  CHECK(seen->cut.dead);
  CHECK(seen->cut.kill_error == 0);
  CHECK(seen->cut.barrier.status == BarrierOutcome::Status::no_program);
  if (seen->cut.reset.error != 0) {
    MESSAGE("SOCK_DESTROY does not work here: " << std::strerror(seen->cut.reset.error));
    return;
  }
  CHECK(seen->cut.reset.reset == 1);
  CHECK(seen->cut.left.remaining == 0);
  CHECK(seen->end == ECONNRESET);
  CHECK(seen->arrived < 100'000);
  MESSAGE("written " << seen->written << " B, arrived " << seen->arrived << " B, reset after "
                     << (seen->cut.reset_ns - seen->cut.begun_ns) / 1000 << " us, dead after "
                     << (seen->cut.dead_ns - seen->cut.begun_ns) / 1000 << " us");
}

TEST_CASE("sever: a gateway that is only killed leaves all its bytes to be sent, hence the reset") {
  Shared<Seen> seen;
  if (!in_own_network([&] { cut_a_stopped_gateway(*seen, "", true); })) return;
  CHECK(seen->end == 0);
  CHECK(seen->arrived == seen->written);
}

TEST_CASE("sever: the connections are reset before the barrier goes up") {
  const Scratch scratch;
  put_bytes(scratch / "nft", "#!/bin/sh\nexec cat /proc/net/tcp >\"$0.seen\"\n");
  ::chmod((scratch / "nft").c_str(), 0700);
  Shared<Seen> seen;
  if (!in_own_network([&] { cut_a_stopped_gateway(*seen, scratch / "nft"); })) return;
  if (seen->cut.reset.error != 0) return;
  const auto table = bytes_of(scratch / "nft.seen");
  REQUIRE(table.contains("0100007F:"));
  // The column of states; 01 is an established one.
  CHECK_FALSE(std::regex_search(table, std::regex(":[0-9A-F]{4} 01 ")));
}

TEST_CASE("sever: a barrier that hangs holds the kill up no longer than it may") {
  const Scratch scratch;
  put_bytes(scratch / "nft", "#!/bin/sh\nexec sleep 1000\n");
  ::chmod((scratch / "nft").c_str(), 0700);
  Shared<Seen> seen;
  if (!in_own_network([&] { cut_a_stopped_gateway(*seen, scratch / "nft"); })) return;
  CHECK(seen->cut.dead);
  CHECK(seen->cut.barrier.status == BarrierOutcome::Status::not_in_time);
  CHECK(seen->cut.barrier_ns > seen->cut.dead_ns);
  CHECK(seen->cut.killed_ns - seen->cut.begun_ns >= 50'000'000);
}

TEST_CASE("sever: each step is a line that says what was done, and how to undo it") {
  Cut cut;
  cut.page.pid = 77;
  cut.cause = GuardCause::not_shut;
  cut.reset = {2, 0, 0};
  cut.venues = 1;
  cut.reset_ns = 1'500'000;
  cut.barrier.status = BarrierOutcome::Status::up;
  cut.barrier_ns = 12'000'000;
  cut.killed_ns = 12'100'000;
  cut.dead = true;
  cut.dead_ns = 13'000'000;
  CHECK(lines(cut) ==
        std::vector<std::string>{
            "CUT process 77: not_shut",
            "reset 2 connection(s) to 1 venue address(es) after 1.50 ms",
            "the way to the venues is barred after 12.00 ms; to undo: nft delete table inet "
            "interlock_guard",
            "process 77 was sent SIGKILL after 12.10 ms, and was dead after 13.00 ms",
            "0 connection(s) to the venues are left"});
  cut.reset = {0, 2, EPERM};
  cut.kill_error = EPERM;
  cut.left.error = ENOENT;
  cut.barrier = {BarrierOutcome::Status::failed, 1};
  const auto said = lines(cut);
  CHECK(said[1].contains("2 could not be reset: Operation not permitted"));
  CHECK(said[2].contains("NOT barred: nft failed (1)"));
  CHECK(said[3] == "process 77 was NOT killed: Operation not permitted");
  CHECK(said[4].contains("not known"));
}

TEST_CASE("sever: the evidence is one line of JSON") {
  Cut cut;
  cut.page = {77, 1234, 0, 5, 6, true, false};
  cut.cause = GuardCause::loop_silent;
  cut.reset.reset = 3;
  const auto text = json(cut, 42);
  CHECK_FALSE(text.contains('\n'));
  const auto read = boost::json::parse(text).as_object();
  CHECK(read.at("utc_ns").as_int64() == 42);
  CHECK(read.at("cause").as_string() == "loop_silent");
  CHECK(read.at("started_ticks").as_int64() == 1234);
  CHECK(read.at("shut").as_bool());
  CHECK(read.at("reset").as_int64() == 3);
  CHECK(read.at("barrier").as_string() == "no_program");
}
