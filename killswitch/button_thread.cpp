#include "killswitch/button_thread.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace interlock::killswitch {
namespace {

constexpr int real_time_priority = 60;
constexpr std::size_t polled_max = 64;
constexpr std::int64_t least_ns = 250'000;  // from one look to the next

std::int64_t read(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

Moment now() { return {read(CLOCK_MONOTONIC), read(CLOCK_REALTIME)}; }

ButtonThread::ButtonThread(Panel& panel, std::vector<std::unique_ptr<ButtonSource>> sources,
                           Options options)
    : panel_(panel), options_(std::move(options)), file_(options_.touch_file.string()) {
  for (auto& source : sources) watched_.push_back({.source = std::move(source), .about = {}});
  watch_file();
  look();
  thread_ = std::thread([this] { run(); });
  ask_for_real_time();
}

ButtonThread::~ButtonThread() {
  stop_ = true;
  thread_.join();
  if (inotify_ >= 0) ::close(inotify_);
}

std::string ButtonThread::about(std::size_t button) const {
  const std::lock_guard lock(mutex_);
  const auto& about = watched_[button].about;
  return about ? *about : "not there";
}

// Above all that is not real-time; where that is not permitted, it is said, and the loop notices a
// thread that does not get its turn.
void ButtonThread::ask_for_real_time() {
  const sched_param wanted{real_time_priority};
  const int refused = ::pthread_setschedparam(thread_.native_handle(), SCHED_FIFO, &wanted);
  priority_ = refused == 0 ? fmt::format("real-time {}", real_time_priority)
                           : fmt::format("not real-time: {}", std::strerror(refused));
}

void ButtonThread::watch_file() {
  if (file_.empty()) return;
  inotify_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  ::inotify_add_watch(inotify_, options_.touch_file.parent_path().c_str(),
                      IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB);
}

namespace {

// Its stack stays in memory. Not the whole process: the journal's maps would be locked with it, a
// day's worth of them.
void keep_stack_in_memory() {
  constexpr std::size_t enough = 64 * 1024;
  const std::array<char, enough> stack{};
  ::mlock(stack.data(), stack.size());
}

}  // namespace

void ButtonThread::run() {
  keep_stack_in_memory();
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  while (!stop_.load()) {
    wait();
    look();
  }
}

// An edge shortens the wait; none is relied upon.
void ButtonThread::wait() noexcept {
  std::array<pollfd, polled_max> polled{};
  nfds_t count = 0;
  for (const Watched& watched : watched_) {
    const int fd = watched.open ? watched.source->fd() : -1;
    if (fd >= 0 && count < polled_max - 1) polled[count++] = {fd, POLLIN, 0};
  }
  if (inotify_ >= 0) polled[count++] = {inotify_, POLLIN, 0};
  const timespec tick{0, tick_ns};
  const std::int64_t begun_ns = read(CLOCK_MONOTONIC);
  const int ready = ::ppoll(polled.data(), count, &tick, nullptr);
  if (ready <= 0) return;
  if (inotify_ >= 0 && polled[count - 1].revents != 0) file_changed_ = true;
  // A contact that chatters, and a descriptor that is always ready, must not make this a busy loop
  // above all other threads: the next look waits a little, after trouble for a whole tick.
  bool broken = false;
  for (nfds_t i = 0; i < count; ++i)
    broken = broken || (polled[i].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
  const std::int64_t left_ns = (broken ? tick_ns : least_ns) - (read(CLOCK_MONOTONIC) - begun_ns);
  if (left_ns > 0) {
    const timespec rest{0, left_ns};
    ::nanosleep(&rest, nullptr);
  }
}

void ButtonThread::look() noexcept {
  const Moment moment = now();
  for (std::size_t i = 0; i < watched_.size(); ++i) look_at(i, moment);
  if (!file_.empty()) look_at_file(moment);
  panel_.ticked(moment.mono_ns);
  if (options_.page != nullptr) options_.page->thread_tick(moment.mono_ns);
  if (options_.loop != nullptr) options_.loop->look(moment.mono_ns, moment.utc_ns);
}

bool ButtonThread::reopen(Watched& watched, std::int64_t now_ns) noexcept {
  if (watched.tried_at_ns != 0 && now_ns - watched.tried_at_ns < reopen_ns) return false;
  watched.tried_at_ns = now_ns;
  if (!watched.source->open()) return false;
  try {
    auto about = std::make_shared<const std::string>(watched.source->about());
    const std::lock_guard lock(mutex_);
    watched.about = std::move(about);
  } catch (...) {  // no memory: it is only a description
  }
  return true;
}

void ButtonThread::look_at(std::size_t button, Moment moment) noexcept {
  Watched& watched = watched_[button];
  std::array<Sample, ButtonState::channels_max> samples{};
  const std::span<Sample> channels(samples.data(), watched.source->channels());
  if (!watched.open) watched.open = reopen(watched, moment.mono_ns);
  if (watched.open) {
    watched.source->look(channels, moment.mono_ns);
    // A source that cannot be read has closed itself.
    for (const Sample& sample : channels)
      if (sample.contact == Contact::unknown && sample.error != 0) watched.open = false;
  } else {
    for (Sample& sample : channels) sample.error = ENODEV;
  }
  panel_.look(button, channels, now());
}

void ButtonThread::look_at_file(Moment moment) noexcept {
  if (file_changed_) {
    file_changed_ = false;
    std::array<char, 4096> drained;
    while (inotify_ >= 0 && ::read(inotify_, drained.data(), drained.size()) > 0) {
    }
    file_there_ = ::access(file_.c_str(), F_OK) == 0;
  }
  panel_.touched(file_there_, file_, moment);
}

}  // namespace interlock::killswitch
