#include "killswitch/barrier.hpp"

#include <sys/stat.h>

#include <vector>

#include "tests/killswitch/own_network.hpp"
#include "tests/scratch.hpp"

using namespace interlock::killswitch;
using namespace interlock::tests;
using Status = BarrierOutcome::Status;

namespace {

const std::filesystem::path real_nft = "/usr/sbin/nft";

const std::vector<PageVenue> venues{
    {AF_INET, 0, 9878, {192, 0, 2, 7}},
    {AF_INET6, 0, 9879, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5}},
    {AF_INET, 0, 9880, {192, 0, 2, 8}}};

std::filesystem::path program(const Scratch& scratch, std::string_view body) {
  const auto path = scratch / "nft";
  put_bytes(path, std::string("#!/bin/sh\n") + std::string(body));
  ::chmod(path.c_str(), 0700);
  return path;
}

BarrierOutcome tried(const std::filesystem::path& nft, int milliseconds) {
  Barrier barrier(nft);
  barrier.begin(venues);
  return barrier.wait(milliseconds);
}

}  // namespace

TEST_CASE("barrier: the rules name each address once, and nothing for a family without one") {
  const auto text = ruleset(venues);
  CHECK(text.contains("venues4 { 192.0.2.7 . 9878, 192.0.2.8 . 9880 }\n"));
  CHECK(text.contains("venues6 { 2001:db8::5 . 9879 }\n"));
  CHECK_FALSE(ruleset(std::vector{venues[0]}).contains("add element inet interlock_guard venues6"));
}

TEST_CASE("barrier: the rules reach the program whole, on its standard input") {
  const Scratch scratch;
  const auto nft = program(scratch, "echo \"$@\" >\"$0.arguments\"; exec cat >\"$0.rules\"\n");
  CHECK(tried(nft, 60'000).status == Status::up);
  CHECK(bytes_of(scratch / "nft.rules") == ruleset(venues));
  CHECK(bytes_of(scratch / "nft.arguments") == "-f -\n");
}

TEST_CASE("barrier: a program that is not there, fails, dies or does not end is told apart") {
  const Scratch scratch;
  CHECK(tried(scratch / "none", 60'000).status == Status::no_program);
  auto outcome = tried(program(scratch, "exit 3\n"), 60'000);
  CHECK(outcome.status == Status::failed);
  CHECK(outcome.error == 3);
  outcome = tried(program(scratch, "kill -9 $$\n"), 60'000);
  CHECK(outcome.status == Status::failed);
  CHECK(outcome.error == 9);
  put_bytes(scratch / "nft", "no program");
  CHECK(tried(scratch / "nft", 60'000).status == Status::failed);
  CHECK(tried(program(scratch, "exec sleep 1000\n"), 1).status == Status::not_in_time);
}

TEST_CASE("barrier: what ends late may be asked again, and no venue needs none") {
  const Scratch scratch;
  ::mkfifo((scratch / "nft.go").c_str(), 0600);
  Barrier barrier(program(scratch, "read line <\"$0.go\"\n"));
  barrier.begin(venues);
  CHECK(barrier.wait(1).status == Status::not_in_time);
  put_bytes(scratch / "nft.go", "go\n");
  CHECK(barrier.wait(60'000).status == Status::up);
  CHECK(barrier.wait(0).status == Status::up);
  barrier.begin({});
  CHECK(barrier.wait(0).status == Status::not_needed);
}

TEST_CASE("barrier: behind the real one a venue cannot be reached, others can, and resets pass") {
  if (::access(real_nft.c_str(), X_OK) != 0) {
    MESSAGE("skipped: there is no " << real_nft.string());
    return;
  }
  struct Seen {
    BarrierOutcome first, second;
    int venue = 0, again = 0, other = 0, after_undo = 0, end = -1;
  };
  Shared<Seen> seen;
  if (!in_own_network([&] {
        const Listener one, two, other;
        const int open = connected(one.port), open_peer = one.accept();
        Barrier barrier(real_nft);
        barrier.begin(std::vector{one.venue()});
        seen->first = barrier.wait(60'000);
        barrier.begin(std::vector{two.venue(), one.venue()});
        seen->second = barrier.wait(60'000);
        seen->venue = connected(one.port);
        seen->again = connected(two.port);
        seen->other = connected(other.port);
        const linger hard{1, 0};
        ::setsockopt(open, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        ::close(open);
        std::size_t bytes = 0;
        seen->end = read_to_end(open_peer, bytes);
        if (std::system((real_nft.string() + " delete table inet interlock_guard").c_str()) == 0) {
          seen->after_undo = connected(one.port);
        }
      })) {
    return;
  }
  if (seen->first.status == Status::failed) {
    MESSAGE("skipped: nft does not work here, its exit code is " << seen->first.error);
    return;
  }
  CHECK(seen->first.status == Status::up);
  CHECK(seen->second.status == Status::up);
  CHECK(seen->venue == -ECONNREFUSED);
  CHECK(seen->again == -ECONNREFUSED);
  CHECK(seen->other > 0);
  CHECK(seen->end == ECONNRESET);
  CHECK(seen->after_undo > 0);
}
