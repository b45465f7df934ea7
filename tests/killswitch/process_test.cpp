#include "killswitch/process.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

using namespace interlock::killswitch;

namespace {

class Child {
 public:
  Child() : pid_(::fork()) {
    while (pid_ == 0) ::pause();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    ::kill(pid_, SIGKILL);
    reap();
  }
  int reap() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    return status;
  }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

void wait_until_it_ends(const Child& child) {
  siginfo_t ended{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child.pid()), &ended, WEXITED | WNOWAIT) == 0);
}

}  // namespace

TEST_CASE("process: the facts of this one are those of /proc, and there are none of no process") {
  const auto facts = facts_of(::getpid());
  REQUIRE(facts.has_value());
  CHECK(facts->user == ::geteuid());
  CHECK(facts->started_ticks > 0);
  CHECK_FALSE(facts_of(0).has_value());
  CHECK_FALSE(facts_of(-1).has_value());
}

TEST_CASE("process: it is held only as the one that began then, and of that user") {
  Child child;
  const auto facts = facts_of(child.pid());
  REQUIRE(facts.has_value());
  HeldProcess held;
  CHECK_FALSE(held.hold(child.pid(), facts->started_ticks + 1, facts->user));
  CHECK(errno == ESRCH);
  CHECK_FALSE(held.kill());
  CHECK_FALSE(held.hold(child.pid(), facts->started_ticks, facts->user + 1));
  CHECK(errno == EPERM);
  CHECK_FALSE(held.kill());
  CHECK(held.hold(child.pid(), facts->started_ticks, facts->user));
  CHECK(held.lives());
  CHECK(held.kill());
  CHECK(WTERMSIG(child.reap()) == SIGKILL);
}

TEST_CASE("process: one that has ended does not live, and cannot be held or killed any more") {
  Child child;
  const auto facts = facts_of(child.pid());
  HeldProcess held;
  REQUIRE(held.hold(child.pid(), facts->started_ticks, facts->user));
  ::kill(child.pid(), SIGKILL);
  wait_until_it_ends(child);  // and is not reaped
  CHECK_FALSE(held.lives());
  HeldProcess late;
  CHECK_FALSE(late.hold(child.pid(), facts->started_ticks, facts->user));
  child.reap();
  CHECK_FALSE(held.lives());
  CHECK_FALSE(held.kill());
  CHECK(errno == ESRCH);
}

TEST_CASE("process: nothing is held in the beginning") {
  HeldProcess held;
  CHECK_FALSE(held.lives());
  CHECK_FALSE(held.kill());
}
