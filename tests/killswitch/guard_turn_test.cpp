#include "killswitch/guard_turn.hpp"

#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "tests/killswitch/allocations.hpp"
#include "tests/killswitch/own_network.hpp"
#include "tests/scratch.hpp"

using namespace interlock::killswitch;
using namespace interlock::tests;

namespace {

constexpr std::int64_t ms = 1'000'000;
std::int64_t clock_ns = 0;

class FakeSource final : public ButtonSource {
 public:
  [[nodiscard]] std::size_t channels() const noexcept override { return samples.size(); }
  [[nodiscard]] bool fail_safe() const noexcept override { return true; }
  bool open() noexcept override {
    ++opened;
    errno = ENOENT;
    return there;
  }
  [[nodiscard]] int fd() const noexcept override { return 7; }
  void look(std::span<Sample> into, std::int64_t) noexcept override {
    std::ranges::copy(samples, into.begin());
  }
  [[nodiscard]] std::string about() const override { return "a fake"; }

  std::vector<Sample> samples{{Contact::safe}};
  bool there = true;
  int opened = 0;
};

class FakeLog final : public GuardLog {
 public:
  void say(Weight, std::string_view line) noexcept override {
    ++lines;
    if (keeps) said.emplace_back(line);
  }
  void record(std::string_view line) noexcept override { evidence.emplace_back(line); }
  std::vector<std::string> said, evidence;
  bool keeps = true;
  int lines = 0;
};

// A guard, and a gateway: a child that sleeps, with the page that says what the test wants.
struct Stand {
  explicit Stand(OnLoss on_loss = {}) {
    clock_ns = 1'000'000 * ms;
    turn.emplace(GuardTurn::Options{scratch / "page", on_loss, scratch / "nft",
                                    [] { return clock_ns; }, [] { return std::int64_t{77}; }},
                 source, log);
  }
  Stand(const Stand&) = delete;
  Stand& operator=(const Stand&) = delete;
  ~Stand() {
    if (gateway > 0) {
      ::kill(gateway, SIGKILL);
      ::waitpid(gateway, nullptr, 0);
    }
  }

  void start() {
    gateway = ::fork();
    while (gateway == 0) ::pause();
    page = *PageWriter::create(scratch / "page", {});
    claim(facts_of(gateway)->started_ticks);
  }
  // The page as the child would have made it, had it begun then.
  void claim(std::uint64_t ticks) {
    const auto pid = static_cast<std::uint32_t>(gateway);
    const int fd = ::open((scratch / "page").c_str(), O_WRONLY | O_CLOEXEC);
    REQUIRE(::pwrite(fd, &pid, sizeof pid, offsetof(Page, pid)) == sizeof pid);
    REQUIRE(::pwrite(fd, &ticks, sizeof ticks, offsetof(Page, started_ticks)) == sizeof ticks);
    ::close(fd);
  }
  void run(std::int64_t for_ns, bool shut) {
    for (const auto end = clock_ns + for_ns; clock_ns < end; clock_ns += 5 * ms) {
      if (page) page->loop_turn(clock_ns, shut);
      if (page) page->thread_tick(clock_ns);
      turn->turn(clock_ns);
    }
  }
  [[nodiscard]] bool heard(std::string_view words) const {
    return std::ranges::any_of(log.said, [&](const auto& line) { return line.contains(words); });
  }

  Scratch scratch;
  FakeSource source;
  FakeLog log;
  std::unique_ptr<PageWriter> page;
  pid_t gateway = -1;
  std::optional<GuardTurn> turn;
};

}  // namespace

TEST_CASE(
    "guard turn: a gateway that does not answer a press is dead then, and there is evidence") {
  Stand stand;
  stand.run(5 * ms, false);
  CHECK_FALSE(stand.turn->watches());
  stand.start();
  stand.run(100 * ms, false);
  CHECK(stand.turn->watches());
  CHECK(stand.heard("watching process"));
  CHECK(stand.log.evidence.empty());
  stand.source.samples[0].contact = Contact::pressed;
  stand.run(60 * ms, false);
  CHECK(stand.heard("pressed"));
  CHECK(stand.heard("CUT process"));
  CHECK(stand.heard("was sent SIGKILL"));
  REQUIRE(stand.log.evidence.size() == 1);
  CHECK(stand.log.evidence[0].contains("\"utc_ns\":77,\"cause\":\"not_shut\""));
  int status = 0;
  ::waitpid(stand.gateway, &status, 0);
  stand.gateway = -1;
  CHECK(WTERMSIG(status) == SIGKILL);
  stand.source.samples[0].contact = Contact::safe;
  stand.run(10 * ms, false);
  CHECK(stand.heard("released"));
}

TEST_CASE("guard turn: the same number with another start is another process, and is looked up") {
  Stand stand;
  stand.start();
  const auto began = facts_of(stand.gateway)->started_ticks;
  stand.claim(began - 1);
  stand.run(100 * ms, false);
  stand.source.samples[0].contact = Contact::pressed;
  stand.run(100 * ms, false);
  CHECK(stand.heard("does not live"));
  CHECK(stand.log.evidence.empty());
  stand.claim(began);
  stand.run(100 * ms, false);
  CHECK(stand.log.evidence.size() == 1);
}

TEST_CASE("guard turn: one that answers lives, and of one that is gone there is nothing to cut") {
  Stand stand;
  stand.start();
  stand.run(100 * ms, false);
  stand.source.samples[0].contact = Contact::pressed;
  stand.run(100 * ms, true);
  CHECK(stand.heard("says that it is shut"));
  ::kill(stand.gateway, SIGKILL);
  ::waitpid(stand.gateway, nullptr, 0);
  stand.gateway = -1;
  stand.run(100 * ms, false);
  CHECK(stand.heard("does not live"));
  stand.page->ended();
  stand.source.samples[0].contact = Contact::safe;
  stand.run(100 * ms, false);
  stand.source.samples[0].contact = Contact::pressed;
  stand.run(100 * ms, false);
  CHECK(stand.heard("has stopped in order"));
  std::filesystem::remove(stand.scratch / "page");
  stand.run(100 * ms, false);
  CHECK(stand.heard("there is no page at"));
  CHECK(stand.log.evidence.empty());
}

TEST_CASE("guard turn: a press between two looks, and on either channel, is a press") {
  Stand stand;
  stand.source.samples = {{Contact::safe}, {Contact::safe}};
  stand.run(10 * ms, false);
  SUBCASE("between two looks") { stand.source.samples[0].was_pressed = true; }
  SUBCASE("on the second, while the first is lost") {
    stand.source.samples = {{Contact::unknown}, {Contact::pressed}};
  }
  stand.run(5 * ms, false);
  CHECK(stand.heard("pressed, and no gateway"));
}

TEST_CASE("guard turn: it does not watch itself, nor a process of another user than the page's") {
  Stand stand;
  SUBCASE("itself") { stand.page = *PageWriter::create(stand.scratch / "page", {}); }
  SUBCASE("another user's") {
    if (::geteuid() != 0) return;
    stand.start();
    REQUIRE(::chown((stand.scratch / "page").c_str(), 65534, 65534) == 0);
  }
  stand.run(10 * ms, false);
  stand.source.samples[0].contact = Contact::pressed;
  stand.run(1'000 * ms, false);
  CHECK(stand.log.evidence.empty());
  CHECK(stand.heard("nothing to cut"));
  CHECK(stand.heard("page and process have to be of one user") == (stand.gateway > 0));
}

TEST_CASE("guard turn: a device that is not there is tried ten times a second, and is a loss") {
  Stand stand({OnLoss::Action::alarm_then_kill, 500 * ms});
  stand.source.there = false;
  stand.run(1'000 * ms, false);
  CHECK(stand.source.opened == 10);
  CHECK(stand.heard("the contact is lost: No such file or directory"));
  CHECK(stand.heard("the loss of the contact counts as a press"));
  CHECK(stand.turn->fd() == -1);
  stand.source.there = true;
  stand.run(200 * ms, false);
  CHECK(stand.heard("the contact is back"));
  CHECK(stand.turn->fd() == 7);
  stand.source.samples[0] = {Contact::unknown, false, 0, 0, false, EIO};
  stand.run(5 * ms, false);
  CHECK(stand.turn->fd() == -1);
}

TEST_CASE("guard turn: a device has 250 ms to tell its state, and crossed wires have none") {
  Stand stand({OnLoss::Action::alarm, 0});
  stand.source.samples[0] = {Contact::unknown};
  SUBCASE("silent") {
    stand.run(250 * ms, false);
    CHECK_FALSE(stand.heard("lost"));
    stand.run(10 * ms, false);
    CHECK(stand.heard("the contact is lost: it tells nothing"));
  }
  SUBCASE("crossed") {
    stand.source.samples[0] = {Contact::safe, false, 0, 0, true, 0};
    stand.run(5 * ms, false);
    CHECK(stand.heard("its wires are crossed"));
  }
}

TEST_CASE("guard turn: none asks for memory, whatever it sees and says, until it cuts") {
  Stand stand({OnLoss::Action::alarm, 0});
  stand.log.keeps = false;
  stand.start();
  const auto page_file = stand.scratch / "page";
  const long before = allocations();
  stand.run(100 * ms, false);
  stand.source.samples[0].contact = Contact::pressed;
  stand.run(100 * ms, true);
  stand.source.samples[0].contact = Contact::unknown;
  stand.run(500 * ms, true);
  stand.source.samples[0].contact = Contact::safe;
  stand.run(100 * ms, true);
  stand.page->ended();
  stand.source.samples[0].contact = Contact::pressed;
  stand.run(100 * ms, true);
  ::unlink(page_file.c_str());
  stand.run(100 * ms, true);
  CHECK(allocations() == before);
  CHECK(stand.log.lines >= 8);
  CHECK(stand.log.evidence.empty());
}
