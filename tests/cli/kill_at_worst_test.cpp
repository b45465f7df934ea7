// The program itself: kills that come together, in every scope, and with a disk that is full.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

#include "tests/cli/running.hpp"
#include "tests/scenarios/ports.hpp"
#include "tests/small_disk.hpp"

namespace interlock::tests {
namespace {

namespace json = boost::json;

json::object asked(const Gateway& gateway, std::vector<std::string> words) {
  words.insert(words.begin(), "kill");
  words.push_back("--json");
  const auto ran = gateway.ask(words);
  INFO(ran.err);
  REQUIRE_FALSE(ran.out.empty());
  return json::parse(ran.out).as_object();
}

TEST_CASE("kill: twice at once by two processes is one kill, and both are answered") {
  Gateway gateway;
  gateway.arm();
  for (int round = 0; round < 5; ++round) {
    std::array<Ran, 2> answers;
    std::thread other([&] { answers[1] = gateway.ask({"kill", "everything", "--json"}); });
    answers[0] = gateway.ask({"kill", "everything", "--json"});
    other.join();
    int first = 0;
    for (const Ran& each : answers) {
      CHECK(each.exit == 0);
      const auto answer = json::parse(each.out);
      CHECK_FALSE(answer.at("gate_ns").is_null());
      CHECK(answer.at("persisted").as_bool());
      first += answer.at("already").as_bool() ? 0 : 1;
    }
    CHECK(first == 1);
    CHECK(json::parse(answers[0].out).at("kill_id") == json::parse(answers[1].out).at("kill_id"));
    gateway.arm();
  }
}

TEST_CASE("kill: in every scope it is answered with a shut gate, and each is re-armed by itself") {
  Gateway gateway(R"(
[algo.twap]
max_orders = "none"
max_executions = "none"
max_gross_notional = "none"
why = "a test"
owner = "nobody"
review = 2099-12-31
[trader.ann]
max_orders = "none"
max_gross_notional = "none"
why = "a test"
owner = "nobody"
review = 2099-12-31
[desk.cash]
max_orders = "none"
max_gross_notional = "none"
why = "a test"
owner = "nobody"
review = 2099-12-31
)");
  gateway.arm();
  const std::vector<std::vector<std::string>> scopes{
      {"router", "R1"},   {"venue", "SIM"},  {"account", "7731"},
      {"symbol", "ACME"}, {"parent", "P-1"}, {"algo", "twap"},
      {"trader", "ann"},  {"desk", "cash"},  {"everything"}};
  for (const auto& scope : scopes) {
    const auto answer = asked(gateway, scope);
    CAPTURE(scope[0]);
    CHECK_FALSE(answer.at("gate_ns").is_null());
    CHECK(answer.at("persisted").as_bool());
    CHECK_FALSE(answer.at("already").as_bool());
  }
  const auto state = json::parse(gateway.ask({"status", "--json"}).out);
  CHECK(state.at("kills").as_array().size() == scopes.size());
  gateway.arm();
  CHECK(gateway.ask({"status"}).says("ARMED"));
}

// A stranger at a router's port, who speaks no FIX: a record, as long as it is one of the first few
// from its address. So the knocks come from one address of 127.0.0.0/8 after the other.
void knock(std::uint16_t port, int number) {
  constexpr int knocks_an_address = 10;
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr =
      htonl(INADDR_LOOPBACK + 0x100 + static_cast<std::uint32_t>(number / knocks_an_address));
  REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0);
  const sockaddr_in address = scenarios::loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const std::string_view noise = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    char gone = 0;
    if (::send(fd, noise.data(), noise.size(), MSG_NOSIGNAL) > 0) ::recv(fd, &gone, 1, 0);
  }
  ::close(fd);
}

TEST_CASE(
    "kill: with a disk that filled after the start, at the roll of a segment, it is answered") {
  const Scratch folder;
  const SmallDisk disk(folder.path());
  if (!disk.is_there()) {
    MESSAGE("not shown: a small file system takes the right to mount one");
    return;
  }
  Gateway gateway;
  gateway.signal(SIGTERM);
  CHECK(gateway.end() == 0);
  gateway.edit("state_dir = \"state\"",
               fmt::format("state_dir = \"{}/state\"", disk.path().native()));
  gateway.edit("dir = \"audit\"", fmt::format("dir = \"{}/audit\"", disk.path().native()));
  gateway.edit("segment = \"64 MiB\"", "segment = \"1 MiB\"");
  const std::uint16_t port = scenarios::free_port();
  gateway.edit("listen = \"127.0.0.1:0\"", fmt::format("listen = \"127.0.0.1:{}\"", port));
  gateway.start();
  gateway.arm();
  disk.fill();
  const auto sources = [&] {
    std::string text;
    const auto state = json::parse(gateway.ask({"status", "--json"}).out);
    for (const auto& kill : state.at("kills").as_array())
      if (kill.at("scope").as_string() == "firm")
        text += std::string(kill.at("source").as_string()) + " " +
                std::string(kill.at("level").as_string()) + ", ";
    return text;
  };
  // Blocked before there is no room; killed when the journal takes a record no more.
  int knocks = 0;
  for (; knocks < 60'000 && !sources().contains("journal kill"); knocks += 2'000)
    for (int i = 0; i < 2'000; ++i) knock(port, knocks + i);
  MESSAGE("firm: ", sources(), "after ", knocks, " records");
  CHECK(sources().contains("journal kill"));
  const auto killed = gateway.ask({"kill", "venue", "SIM", "--json"});
  CHECK(killed.exit == 0);
  const auto answer = json::parse(killed.out);
  CHECK_FALSE(answer.at("gate_ns").is_null());
  CHECK(answer.at("persisted").as_bool());  // in space that was there before
  gateway.signal(SIGKILL);
  gateway.end();
  std::filesystem::remove(disk.path() / "filler");
  gateway.start();
  CHECK(sources() != "");  // nothing was written in order: it starts killed
}

}  // namespace
}  // namespace interlock::tests
