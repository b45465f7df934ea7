#include "killswitch/notify.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/scratch.hpp"

using namespace interlock::killswitch;

namespace {

// Stands in for systemd.
class Manager {
 public:
  explicit Manager(std::string name) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = offsetof(sockaddr_un, sun_path) + name.size();
    REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(size)) == 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  ~Manager() {
    ::close(fd_);
    for (const auto* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }
  std::vector<std::string> heard() const {
    std::vector<std::string> words;
    char buffer[100];
    for (ssize_t size = 0; (size = ::recv(fd_, buffer, sizeof buffer, 0)) >= 0;)
      words.emplace_back(buffer, size);
    return words;
  }

 private:
  int fd_;
};

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("notify: ready, a sign of life each quarter of the time allowed, and the end") {
  const interlock::tests::Scratch scratch;
  std::string name;
  SUBCASE("to a path") { name = (scratch / "notify").string(); }
  SUBCASE("to an abstract name") { name = "@" + (scratch / "notify").string(); }
  const Manager manager(name);
  ::setenv("WATCHDOG_USEC", "1000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  Notify notify;
  notify.ready();
  constexpr std::int64_t begin = 1'000'000'000'000;
  for (int i = 0; i <= 100; ++i) notify.turned(begin + i * 5'000'000);
  notify.stopping();
  CHECK(manager.heard() ==
        Words{"READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"});
}

TEST_CASE("notify: without a watchdog, or with that of another process, no sign of life") {
  const interlock::tests::Scratch scratch;
  const Manager manager((scratch / "notify").string());
  SUBCASE("none") {}
  SUBCASE("of another") {
    ::setenv("WATCHDOG_USEC", "1000000", 1);
    ::setenv("WATCHDOG_PID", "1", 1);
  }
  SUBCASE("of no number") { ::setenv("WATCHDOG_USEC", "soon", 1); }
  Notify notify;
  notify.turned(1'000'000'000'000);
  CHECK(manager.heard().empty());
}

TEST_CASE("notify: without systemd nothing is sent") {
  Notify notify;
  notify.ready();
  notify.turned(1);
}
