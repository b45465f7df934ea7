#include "killswitch/connections.hpp"

#include <vector>

#include "tests/killswitch/own_network.hpp"

using namespace interlock::killswitch;
using namespace interlock::tests;

namespace {

// Whether the kernel can do it at all, as it says itself.
bool can_destroy(const ResetOutcome& outcome) {
  if (outcome.error == 0) return true;
  MESSAGE("skipped: SOCK_DESTROY does not work here: " << std::strerror(outcome.error));
  return false;
}

}  // namespace

TEST_CASE("connections: those to a venue are reset, and no other") {
  struct Seen {
    ResetOutcome before, outcome, after;
    int venue_end = -1, mapped_end = -1;
    bool other_lives = false;
    int holder_error = 0;
  };
  Shared<Seen> seen;
  if (!in_own_network([&] {
        const Listener venue, other;
        const int first = connected(venue.port), first_peer = venue.accept();
        connected(venue.port, AF_INET6);  // met as an IPv6 socket
        const int second_peer = venue.accept();
        const int third = connected(other.port), third_peer = other.accept();
        Connections connections;
        const std::vector<PageVenue> venues{venue.venue()};
        seen->before = connections.count(venues);
        seen->outcome = connections.reset(venues);
        seen->after = connections.count(venues);
        std::size_t bytes = 0;
        if (seen->outcome.error != 0) return;
        seen->venue_end = read_to_end(first_peer, bytes);
        seen->mapped_end = read_to_end(second_peer, bytes);
        char byte = 0;
        seen->other_lives = ::write(third, "x", 1) == 1 && ::read(third_peer, &byte, 1) == 1;
        seen->holder_error = ::write(first, "x", 1) < 0 ? errno : 0;
      })) {
    return;
  }
  CHECK(seen->before.remaining == 2);
  if (!can_destroy(seen->outcome)) return;
  CHECK(seen->outcome.reset == 2);
  CHECK(seen->outcome.remaining == 0);
  CHECK(seen->after.remaining == 0);
  CHECK(seen->venue_end == ECONNRESET);
  CHECK(seen->mapped_end == ECONNRESET);
  CHECK(seen->other_lives);
  CHECK(seen->holder_error == ECONNABORTED);
}

TEST_CASE("connections: more than fit into one round are all reset") {
  Shared<ResetOutcome> outcome;
  if (!in_own_network([&] {
        const Listener venue;
        for (int i = 0; i < 300; ++i) {
          connected(venue.port);
          venue.accept();
        }
        *outcome = Connections().reset(std::vector<PageVenue>{venue.venue()});
      })) {
    return;
  }
  if (!can_destroy(*outcome)) return;
  CHECK(outcome->reset == 300);
  CHECK(outcome->remaining == 0);
}

TEST_CASE("connections: one that is being made is reset, too") {
  Shared<ResetOutcome> outcome;
  if (!in_own_network([&] {
        // A full backlog: the handshake of what comes then does not end.
        const Listener venue;
        ::listen(venue.fd, 0);
        for (int i = 0; i < 4; ++i) {
          const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
          sockaddr_in address{};
          address.sin_family = AF_INET;
          address.sin_port = htons(venue.port);
          address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
          ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
        }
        *outcome = Connections().reset(std::vector<PageVenue>{venue.venue()});
      })) {
    return;
  }
  if (!can_destroy(*outcome)) return;
  CHECK(outcome->reset == 4);
  CHECK(outcome->remaining == 0);
}

TEST_CASE("connections: to no venue there is none") {
  Connections connections;
  const auto outcome = connections.reset({});
  CHECK(outcome.reset == 0);
  CHECK(outcome.remaining == 0);
}

TEST_CASE("connections: without the right it says so, and what remains") {
  Shared<ResetOutcome> outcome;
  if (!in_own_network([&] {
        const Listener venue;
        connected(venue.port);
        if (::setresuid(65534, 65534, 65534) != 0 && ::geteuid() == 0) return;
        *outcome = Connections().reset(std::vector<PageVenue>{venue.venue()});
      })) {
    return;
  }
  if (::geteuid() != 0) return;  // who is no other user keeps the right
  CHECK(outcome->error == EPERM);
  CHECK(outcome->reset == 0);
  CHECK(outcome->remaining == 1);
}
