#include "gateway/poll.hpp"

#include <time.h>
#include <unistd.h>

#include <algorithm>

namespace interlock::gateway {
namespace {

std::int64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

void control(int epoll, int operation, int fd, std::uint32_t events, void* whom) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = whom;
  ::epoll_ctl(epoll, operation, fd, &event);
}

}  // namespace

Poll::Poll(risk::Duration busy) : epoll_(::epoll_create1(EPOLL_CLOEXEC)), busy_ns_(busy.ns) {}

Poll::~Poll() {
  if (epoll_ >= 0) ::close(epoll_);
}

void Poll::add(int fd, std::uint32_t events, void* whom) const {
  control(epoll_, EPOLL_CTL_ADD, fd, events, whom);
}

void Poll::change(int fd, std::uint32_t events, void* whom) const {
  control(epoll_, EPOLL_CTL_MOD, fd, events, whom);
}

std::span<const epoll_event> Poll::wait(std::span<epoll_event> into, int wait_ms) {
  const auto ask = [&](int ms) {
    const int count = ::epoll_wait(epoll_, into.data(), static_cast<int>(into.size()), ms);
    return into.first(static_cast<std::size_t>(std::max(count, 0)));
  };
  if (busy_ns_ == 0 || wait_ms == 0) return ask(wait_ms);
  const std::int64_t sleep_ns = heard_ns_ + busy_ns_;
  std::int64_t now_ns = monotonic_ns();
  const std::int64_t turn_ns = now_ns + wait_ms * 1'000'000;
  auto found = ask(0);
  while (found.empty() && (now_ns = monotonic_ns()) < std::min(sleep_ns, turn_ns)) found = ask(0);
  if (found.empty() && sleep_ns < turn_ns) found = ask(wait_ms);
  if (!found.empty()) heard_ns_ = monotonic_ns();
  return found;
}

}  // namespace interlock::gateway
