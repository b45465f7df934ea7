// The program itself: what a kill outlives, and what cannot keep it from its answer.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>

#include "tests/cli/running.hpp"

namespace interlock::tests {
namespace {

std::string state_of(const Gateway& gateway) {
  return std::string(
      boost::json::parse(gateway.ask({"status", "--json"}).out).at("state").as_string());
}
// "venue SIM http, ..." of the kills in force.
std::string kills_of(const Gateway& gateway) {
  std::string text;
  const auto state = boost::json::parse(gateway.ask({"status", "--json"}).out);
  for (const auto& kill : state.at("kills").as_array())
    text += std::string(kill.at("scope").as_string()) + " " +
            std::string(kill.at("id").as_string()) + " " +
            std::string(kill.at("source").as_string()) + ", ";
  return text;
}
void stop(Gateway& gateway, int signal = SIGTERM) {
  gateway.signal(signal);
  gateway.end();
}

// The same program, but for one bit of its build id.
std::filesystem::path another_build(const Scratch& scratch) {
  std::string bytes = bytes_of(program());
  const std::string note("\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0", 16);
  const auto at = bytes.find(note);
  REQUIRE(at != std::string::npos);
  bytes[at + note.size()] = static_cast<char>(bytes[at + note.size()] ^ 1);
  const auto copy = scratch / "interlock";
  put_bytes(copy, bytes);
  std::filesystem::permissions(copy, std::filesystem::perms::owner_all);
  return copy;
}

TEST_CASE("stays killed: over an orderly restart, a kill -9, and both again") {
  Gateway gateway;
  gateway.arm();
  REQUIRE(gateway.ask({"kill", "venue", "SIM"}).exit == 0);
  stop(gateway);
  gateway.start();
  CHECK(kills_of(gateway) == "venue SIM socket, ");  // and nothing else: it was armed but for it
  stop(gateway, SIGKILL);
  gateway.start();
  CHECK(kills_of(gateway).contains("venue SIM socket, "));
  CHECK(kills_of(gateway).contains("firm  start, "));  // a crash kills all, whatever was killed
  stop(gateway);
  gateway.start();
  CHECK(kills_of(gateway).contains("venue SIM socket, "));
}

TEST_CASE("stays killed: armed and stopped in order it resumes; after a kill -9 it does not") {
  Gateway gateway;
  gateway.arm();
  stop(gateway);
  gateway.start();
  CHECK(state_of(gateway) == "armed");
  stop(gateway, SIGKILL);
  gateway.start();
  CHECK(kills_of(gateway) == "firm  start, ");
}

TEST_CASE(
    "stays killed: a roll-back to another build is a deploy like any other, and starts killed") {
  const Scratch scratch;
  Gateway gateway;
  gateway.arm();
  REQUIRE(gateway.ask({"kill", "venue", "SIM"}).exit == 0);
  stop(gateway);
  gateway.start(another_build(scratch));
  CHECK(kills_of(gateway).contains("venue SIM socket, "));
  stop(gateway);
  gateway.start();
  gateway.arm();
  stop(gateway);
  gateway.start(another_build(scratch));
  CHECK(kills_of(gateway) == "firm  start, ");
}

TEST_CASE("stays killed: under another configuration than was armed it starts killed") {
  Gateway gateway;
  gateway.arm();
  stop(gateway);
  gateway.edit("max_open_orders = 5_000", "max_open_orders = 4_999");
  gateway.start();
  CHECK(kills_of(gateway) == "firm  start, ");
}

TEST_CASE("stays killed: without its latch file, and with a damaged one") {
  Gateway gateway;
  gateway.arm();
  stop(gateway);
  REQUIRE(std::filesystem::remove(gateway.latch()));
  gateway.start();
  CHECK(kills_of(gateway) == "firm  start, ");
  gateway.arm();
  CHECK(state_of(gateway) == "armed");
  stop(gateway);
  std::string bytes = bytes_of(gateway.latch());
  for (char& byte : bytes) byte = static_cast<char>(byte ^ 0x55);
  put_bytes(gateway.latch(), bytes);
  gateway.start();
  CHECK(kills_of(gateway) == "firm  start, ");
}

TEST_CASE(
    "kill: with a disk that hangs the gate shuts, the answer says so, and it is written later") {
  const Scratch scratch;
  const auto flag = scratch / "stuck";
  const auto shim = program().parent_path() / "libstuck_disk.so";
  REQUIRE(std::filesystem::exists(shim));
  Gateway gateway({}, {{"LD_PRELOAD", shim.string()},
                       {"STUCK_DISK", flag.string()},
                       {"ASAN_OPTIONS", "verify_asan_link_order=0"}});
  gateway.arm();
  std::ofstream(flag) << "from here on: the latch's file, and the thread that seals the journal\n";
  const auto killed = gateway.ask({"kill", "venue", "SIM", "--json"});
  CHECK(killed.exit == 5);  // partly: not on disk
  const auto answer = boost::json::parse(killed.out);
  CHECK_FALSE(answer.at("gate_ns").is_null());
  CHECK_FALSE(answer.at("persisted").as_bool());
  CHECK(std::string(answer.at("problem").as_string()).contains("the disk has not answered"));
  CHECK(kills_of(gateway) == "venue SIM socket, ");
  // And again, of another scope, while the first still waits for the disk.
  CHECK_FALSE(boost::json::parse(gateway.ask({"kill", "everything", "--json"}).out)
                  .at("gate_ns")
                  .is_null());
  REQUIRE(std::filesystem::remove(flag));
  CHECK(gateway.says({"kill", "venue", "SIM", "--json"}, "\"persisted\":true"));
  stop(gateway, SIGKILL);
  gateway.start();
  CHECK(kills_of(gateway).contains("venue SIM socket, "));
}

TEST_CASE(
    "re-arming: with a disk that hangs it is refused in time, the loop goes on, and the kill "
    "stands on disk too") {
  const Scratch scratch;
  const auto flag = scratch / "stuck";
  const auto shim = program().parent_path() / "libstuck_disk.so";
  Gateway gateway({}, {{"LD_PRELOAD", shim.string()},
                       {"STUCK_DISK", flag.string()},
                       {"ASAN_OPTIONS", "verify_asan_link_order=0"}});
  gateway.arm();
  const auto killed = gateway.ask({"kill", "venue", "SIM", "--json"});
  const auto id = boost::json::serialize(boost::json::parse(killed.out).at("kill_id"));
  REQUIRE(gateway.rearm({"begin", id, "--reason", "test"}, "first").exit == 0);
  std::ofstream(flag) << "from here on\n";
  const auto refused = gateway.rearm({"approve", id}, "second");
  CHECK(refused.exit != 0);
  CHECK(refused.complains("the disk has not answered"));
  CHECK(kills_of(gateway) == "venue SIM socket, ");
  const auto other = gateway.ask({"kill", "router", "R1", "--json"});
  CHECK_FALSE(boost::json::parse(other.out).at("gate_ns").is_null());
  REQUIRE(std::filesystem::remove(flag));
  CHECK(gateway.says({"kill", "router", "R1", "--json"}, "\"persisted\":true"));
  stop(gateway, SIGKILL);
  gateway.start();
  CHECK(kills_of(gateway).contains("venue SIM socket, "));
}

TEST_CASE("kill: 100 clients that hang on the console's port do not keep it from its answer") {
  Gateway gateway;
  gateway.arm();
  const std::string& said = gateway.said();
  const std::string before = "console http://127.0.0.1:";
  const int port = std::stoi(said.substr(said.find(before) + before.size()));
  sockaddr_in console{};
  console.sin_family = AF_INET;
  console.sin_port = htons(static_cast<std::uint16_t>(port));
  console.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::vector<int> hanging;
  for (int i = 0; i < 100; ++i) {
    hanging.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(hanging.back(), reinterpret_cast<const sockaddr*>(&console),
                      sizeof console) == 0);
    const std::string half = "POST /api/v1/parents HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n";
    CHECK(::send(hanging.back(), half.data(), half.size(), MSG_NOSIGNAL) > 0);
  }
  const auto killed = gateway.ask({"kill", "everything", "--json"});
  CHECK(killed.exit == 0);
  CHECK_FALSE(boost::json::parse(killed.out).at("gate_ns").is_null());
  for (const int each : hanging) ::close(each);
}

}  // namespace
}  // namespace interlock::tests
