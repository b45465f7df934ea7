#include "killswitch/sever.hpp"

#include <fmt/format.h>

#include <system_error>

namespace interlock::killswitch {
namespace {

// Together less than WatchdogSec of deploy/interlock-guard.service.
constexpr int barrier_before_kill_ms = 50;
constexpr int barrier_after_kill_ms = 500;
constexpr int death_ms = 1'000;

std::string words(int error) { return std::generic_category().message(error); }

std::string_view name(BarrierOutcome::Status status) {
  switch (status) {
    case BarrierOutcome::Status::up:
      return "up";
    case BarrierOutcome::Status::no_program:
      return "no_program";
    case BarrierOutcome::Status::not_needed:
      return "not_needed";
    case BarrierOutcome::Status::not_in_time:
      return "not_in_time";
    case BarrierOutcome::Status::failed:
      return "failed";
  }
  return "";
}

double ms(std::int64_t from_ns, std::int64_t to_ns) {
  return static_cast<double>(to_ns - from_ns) / 1e6;
}

std::string reset_line(const Cut& cut) {
  const auto& [reset, remaining, error] = cut.reset;
  auto line = fmt::format("reset {} connection(s) to {} venue address(es) after {:.2f} ms", reset,
                          cut.venues, ms(cut.begun_ns, cut.reset_ns));
  if (error != 0) line += fmt::format("; {} could not be reset: {}", remaining, words(error));
  return line;
}

std::string barrier_line(const Cut& cut) {
  const double after = ms(cut.begun_ns, cut.barrier_ns);
  switch (cut.barrier.status) {
    case BarrierOutcome::Status::up:
      return fmt::format(
          "the way to the venues is barred after {:.2f} ms; to undo: nft delete table inet "
          "interlock_guard",
          after);
    case BarrierOutcome::Status::not_needed:
      return "no way is barred: the page names no venue";
    case BarrierOutcome::Status::no_program:
      return "the way to the venues is NOT barred: there is no nft; install nftables";
    case BarrierOutcome::Status::not_in_time:
      return fmt::format("the way to the venues is NOT barred: nft has not ended after {:.2f} ms",
                         after);
    case BarrierOutcome::Status::failed:
      return fmt::format("the way to the venues is NOT barred: nft failed ({}) after {:.2f} ms",
                         cut.barrier.error, after);
  }
  return "";
}

std::string kill_line(const Cut& cut) {
  if (cut.kill_error != 0) {
    return fmt::format("process {} was NOT killed: {}", cut.page.pid, words(cut.kill_error));
  }
  auto line = fmt::format("process {} was sent SIGKILL after {:.2f} ms", cut.page.pid,
                          ms(cut.begun_ns, cut.killed_ns));
  return line + (cut.dead
                     ? fmt::format(", and was dead after {:.2f} ms", ms(cut.begun_ns, cut.dead_ns))
                     : ", and is NOT dead");
}

void add(ResetOutcome& to, const ResetOutcome& more) {
  to.reset += more.reset;
  to.remaining = more.remaining;
  if (more.error != 0) to.error = more.error;
}

}  // namespace

Cut Sever::cut(GuardCause cause, const PageSeen& page, std::span<const PageVenue> venues,
               HeldProcess& gateway) {
  Cut done;
  done.cause = cause;
  done.page = page;
  done.venues = static_cast<std::uint32_t>(venues.size());
  done.begun_ns = clock_();
  done.reset = connections_.reset(venues);
  done.reset_ns = clock_();
  barrier_.begin(venues);
  done.barrier = barrier_.wait(barrier_before_kill_ms);
  done.barrier_ns = clock_();
  add(done.reset, connections_.reset(venues));
  if (!gateway.kill()) done.kill_error = errno;
  done.killed_ns = clock_();
  done.dead = gateway.dies_within(death_ms);
  done.dead_ns = clock_();
  if (done.barrier.status == BarrierOutcome::Status::not_in_time) {
    done.barrier = barrier_.wait(barrier_after_kill_ms);
    done.barrier_ns = clock_();
    barrier_.end();
  }
  done.left = connections_.count(venues);
  return done;
}

std::vector<std::string> lines(const Cut& cut) {
  auto left = fmt::format("{} connection(s) to the venues are left", cut.left.remaining);
  if (cut.left.error != 0) left = "what is left is not known: " + words(cut.left.error);
  return {fmt::format("CUT process {}: {}", cut.page.pid, name(cut.cause)), reset_line(cut),
          barrier_line(cut), kill_line(cut), std::move(left)};
}

std::string json(const Cut& cut, std::int64_t utc_ns) {
  return fmt::format(
      R"({{"utc_ns":{},"cause":"{}","pid":{},"started_ticks":{},"shut":{},"loop_ns":{},)"
      R"("thread_ns":{},"venues":{},"begun_ns":{},"reset":{},"reset_error":{},"reset_ns":{},)"
      R"("barrier":"{}","barrier_error":{},"barrier_ns":{},"kill_error":{},"killed_ns":{},)"
      R"("dead":{},"dead_ns":{},"left":{},"left_error":{}}})",
      utc_ns, name(cut.cause), cut.page.pid, cut.page.started_ticks, cut.page.shut,
      cut.page.loop_ns, cut.page.thread_ns, cut.venues, cut.begun_ns, cut.reset.reset,
      cut.reset.error, cut.reset_ns, name(cut.barrier.status), cut.barrier.error, cut.barrier_ns,
      cut.kill_error, cut.killed_ns, cut.dead, cut.dead_ns, cut.left.remaining, cut.left.error);
}

}  // namespace interlock::killswitch
