#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "tests/cli/running.hpp"

using interlock::tests::bytes_of;
using interlock::tests::Gateway;
using interlock::tests::put_bytes;
using interlock::tests::Scratch;

namespace {}  // namespace

TEST_CASE("run: starts killed without a latch, answers its socket, and ends in order at SIGTERM") {
  Gateway gateway;
  CHECK(gateway.said().find("console http://127.0.0.1:") != std::string::npos);
  const auto state = boost::json::parse(gateway.ask({"status", "--json"}).out);
  CHECK(state.at("state").as_string() == "killed");
  CHECK(state.at("kills").at(0).at("source").as_string() == "start");

  const auto killed = gateway.ask({"kill", "router", "R1", "--json"});
  CHECK(killed.exit == 0);
  CHECK(boost::json::parse(killed.out).at("persisted").as_bool());
  CHECK_FALSE(boost::json::parse(killed.out).at("already").as_bool());
  CHECK(interlock::tests::run({"run", gateway.file().string()}).exit == 75);

  gateway.signal(SIGTERM);
  CHECK(gateway.end() == 0);
  CHECK(gateway.ask({"status"}).exit == 3);
  CHECK(interlock::tests::run({"audit", "verify", "--config", gateway.file().string()}).exit == 0);
}

TEST_CASE("run: two people open the gate, and SIGUSR1 shuts it") {
  Gateway gateway;
  const auto kill_id = [&] {
    const auto state = boost::json::parse(gateway.ask({"status", "--json"}).out);
    return boost::json::serialize(state.at("kills").at(0).at("kill_id"));
  };
  const auto id = kill_id();
  const auto state = boost::json::parse(gateway.ask({"status", "--json"}).out);
  const std::string runs(state.at("rearm").at("running").as_string());
  const auto unnamed = gateway.rearm({"begin", id, "--reason", "first start"}, "first");
  CHECK(unnamed.exit == 1);  // nobody has approved this build and configuration yet
  CHECK(unnamed.complains("approve it by its name (identity " + runs + ")"));
  CHECK(
      gateway.rearm({"begin", id, "--reason", "first start", "--identity", "x/y"}, "first").exit ==
      1);
  CHECK(gateway.rearm({"begin", id, "--reason", "first start", "--identity", runs}, "first").exit ==
        0);
  CHECK(gateway.rearm({"approve", id}, "second").exit == 1);
  CHECK(gateway.rearm({"approve", id, "--identity", runs}, "second").exit == 0);
  CHECK(gateway.ask({"rearm", "status"}).says("nothing is killed"));
  gateway.signal(SIGUSR2);  // nobody's business: the thread that hears the next one lives on
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  gateway.signal(SIGUSR1);
  CHECK(gateway.says({"status"}, "by signal (signal): SIGUSR1"));
  gateway.signal(SIGTERM);
  CHECK(gateway.end() == 0);
  const auto journal =
      interlock::tests::run({"audit", "query", "--config", gateway.file().string()});
  CHECK(journal.says("source=signal"));
}

TEST_CASE("check --against-running: what a reload would change, and who it takes") {
  const Gateway gateway;
  CHECK(gateway.compare().says("the running policy is the same"));
  gateway.edit("max_order_qty = 10_000", "max_order_qty = 9_000");
  const auto tighter = gateway.compare();
  CHECK(tighter.exit == 0);
  CHECK(tighter.says("TIGHTENED  symbol"));
  CHECK(tighter.says("max_order_qty  10000 -> 9000"));
  CHECK(tighter.says("a reload by one person"));
  gateway.edit("max_order_notional = \"1 M USD\"", "max_order_notional = \"2 M USD\"");
  const auto looser = gateway.compare();
  CHECK(looser.says("LOOSENED   account"));
  CHECK(looser.says("a reload by two"));
  const auto differ = boost::json::parse(gateway.compare({"--json"}).out);
  REQUIRE(differ.at("changes").as_array().size() == 2);
  CHECK(differ.at("config_hash") != differ.at("running_hash"));
  gateway.edit("theirs = \"R1\"", "theirs = \"R9\"");
  const auto fixed = gateway.compare();
  CHECK(fixed.says("RESTART"));
  CHECK(fixed.says("no reload takes this file"));
}

TEST_CASE("run: at SIGHUP the file that only tightens is in force, and one that loosens is not") {
  Gateway gateway;
  const auto hangup = [&](const std::string& key) {
    gateway.signal(SIGHUP);
    interlock::tests::Ran policy;
    for (int i = 0; i < 3000 && !policy.says(key); ++i) {
      policy = gateway.ask({"policy"});
      ::usleep(10'000);
    }
    return policy;
  };
  gateway.edit("max_order_qty = 10_000", "max_order_qty = 9_000");
  CHECK(hangup(" 9000 ").says(" 9000 "));
  CHECK(gateway.compare().says("the running policy is the same"));
  gateway.edit("max_order_qty = 9_000", "max_order_qty = 9_500");
  CHECK(hangup("PROPOSED").says("max_order_qty  9000 -> 9500"));
  CHECK(gateway.compare().says("LOOSENED"));
  gateway.signal(SIGTERM);
  CHECK(gateway.end() == 0);
}

TEST_CASE("run: systemd hears when it is ready, that its loop turns, and that it stops") {
  const Scratch scratch;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, (scratch / "notify").c_str());
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const timeval patience{30, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const auto heard = [fd] {
    char words[100];
    const ssize_t size = ::recv(fd, words, sizeof words, 0);
    return size < 0 ? std::string("nothing") : std::string(words, size);
  };
  ::setenv("NOTIFY_SOCKET", address.sun_path, 1);
  ::setenv("WATCHDOG_USEC", "1000000", 1);
  {
    Gateway gateway;
    CHECK(heard() == "READY=1");
    CHECK(heard() == "WATCHDOG=1");
    CHECK(heard() == "WATCHDOG=1");
    gateway.signal(SIGTERM);
    std::string last;
    do last = heard();
    while (last == "WATCHDOG=1");
    CHECK(last == "STOPPING=1");
    CHECK(gateway.end() == 0);
  }
  ::unsetenv("NOTIFY_SOCKET");
  ::unsetenv("WATCHDOG_USEC");
  ::close(fd);
}

namespace {

constexpr const char* desk_button = R"(
[[kill.button]]
id = "desk"
scope = "everything"
on_loss = "kill"
sim = { socket = "button.sock" }
)";

}  // namespace

TEST_CASE(
    "run: a drill by command passes, and a press after it is a kill that is re-armed once "
    "released") {
  Gateway gateway(desk_button);
  CHECK(gateway.ask({"button", "list"}).says("last drill never"));
  CHECK(gateway.ask({"button", "test", "nosuch"}).exit == 2);
  interlock::tests::Ran drill;
  std::thread drilling([&] { drill = gateway.ask({"button", "test", "desk"}); });
  const bool waits = gateway.says({"button", "list"}, "waits for a press");
  if (waits) {
    CHECK(gateway.ask({"button", "press", "desk"}).exit == 0);
    CHECK(gateway.says({"button", "list"}, "waits for the release"));
    CHECK(gateway.ask({"button", "release", "desk"}).exit == 0);
  }
  drilling.join();
  REQUIRE(waits);
  CHECK(drill.exit == 0);
  CHECK(drill.says("passed: 1 channel pressed and released; contact to latch"));

  gateway.arm();
  const auto flowing = gateway.ask({"button", "test", "desk"});
  CHECK(flowing.exit == 1);
  CHECK(flowing.complains("orders are flowing, and a press now is a kill"));
  REQUIRE(gateway.ask({"button", "press", "desk"}).exit == 0);
  CHECK(gateway.says({"status"}, "by desk (button): the button was pressed"));
  CHECK(gateway.says({"button", "list"}, "desk  pressed"));
  CHECK(gateway.ask({"button", "list"}).exit == 1);
  CHECK(gateway.ask({"rearm", "status"}).says("in the way: button desk is pressed: release it"));
  const auto state = boost::json::parse(gateway.ask({"status", "--json"}).out);
  const auto id = boost::json::serialize(state.at("kills").at(0).at("kill_id"));
  CHECK(gateway.rearm({"begin", id, "--reason", "x"}, "first").complains("button desk is pressed"));

  gateway.signal(SIGKILL);
  CHECK(gateway.end() == 128 + SIGKILL);
  gateway.start();
  CHECK(gateway.ask({"status"}).says("by desk (button): the button was pressed"));
  CHECK(gateway.says({"button", "list"}, "desk  at rest"));
  gateway.arm();
  CHECK(gateway.ask({"status"}).says("ARMED"));
}

TEST_CASE("run: a file in the state directory kills, and stands in the way until it is removed") {
  Gateway gateway;
  gateway.arm();
  const auto file = gateway.file().parent_path() / "state" / "kill-now";
  put_bytes(file, "");
  CHECK(gateway.says({"status"}, "(file): the file is there"));
  CHECK(gateway.ask({"rearm", "status"}).says("in the way: the file that killed is still there"));
  std::filesystem::remove(file);
  CHECK(gateway.says({"rearm", "status"}, "next: interlock rearm begin"));
  for (int i = 0; i < 100 && gateway.ask({"rearm", "status"}).says("in the way"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  gateway.arm();
  CHECK(gateway.ask({"status"}).says("ARMED"));
}
