#include "gateway/clock_watch.hpp"

#include <fmt/format.h>
#include <sys/timex.h>

#include <cstdlib>

namespace interlock::gateway {
namespace {

constexpr std::int64_t microsecond_ns = 1'000;
constexpr std::int64_t look_every_ns = 1'000'000'000;
constexpr std::int64_t record_every_ns = 600 * look_every_ns;

double milliseconds(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

}  // namespace

std::optional<KernelClock> read_kernel_clock() {
  timex kernel{};  // modes = 0: only asks
  const int state = ::adjtimex(&kernel);
  if (state < 0) return std::nullopt;
  KernelClock clock;
  clock.synchronised = state != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0;
  clock.offset_ns =
      (kernel.status & STA_NANO) != 0 ? kernel.offset : kernel.offset * microsecond_ns;
  clock.error_ns = kernel.maxerror * microsecond_ns;
  return clock;
}

std::string ClockWatch::problem_of(const std::optional<KernelClock>& clock) const {
  if (!clock) return "the kernel does not say how good the clock is";
  if (!clock->synchronised) return "the clock is not synchronised";
  const std::int64_t most = floor_.config.clock_watch.max_error.ns;
  if (std::abs(clock->offset_ns) > most)
    return fmt::format("the clock is {:.3f} ms off, more than {:.3f} ms",
                       milliseconds(clock->offset_ns), milliseconds(most));
  if (clock->error_ns > most)
    return fmt::format("the clock may be wrong by {:.3f} ms, more than {:.3f} ms",
                       milliseconds(clock->error_ns), milliseconds(most));
  return {};
}

void ClockWatch::tick() {
  if (looked_ && floor_.clock.mono_ns - looked_ns_ < look_every_ns) return;
  look();
}

void ClockWatch::look() {
  if (!read_) return;
  looked_ns_ = floor_.clock.mono_ns;
  const std::optional<KernelClock> clock = read_();
  std::string problem = problem_of(clock);
  const bool was_good = view_.problem.empty();
  const bool turned = !looked_ || was_good != problem.empty() ||
                      view_.synchronised != (clock && clock->synchronised);
  const bool begins = !problem.empty() && (!looked_ || was_good);
  looked_ = true;
  view_.synchronised = clock && clock->synchronised;
  view_.offset_ns = clock ? clock->offset_ns : 0;
  view_.error_ns = clock ? clock->error_ns : 0;
  view_.problem = std::move(problem);
  if (turned || floor_.clock.mono_ns - recorded_ns_ >= record_every_ns) record();
  if (begins) floor_.alert("interlock", {Severity::warning, "clock", {}, view_.problem});
  if (view_.problem.empty() || !floor_.config.clock_watch.blocks) return;
  if (!floor_.is_shut({risk::Level::block, {}}))
    floor_.trip({}, killswitch::Source::breach, "interlock", view_.problem,
                killswitch::Level::block);
}

void ClockWatch::record() {
  using audit::Field;
  recorded_ns_ = floor_.clock.mono_ns;
  audit::FieldWriter fields;
  fields.put(Field::clock_offset, static_cast<std::uint64_t>(view_.offset_ns));
  fields.put(Field::clock_error, static_cast<std::uint64_t>(view_.error_ns));
  fields.put(Field::clock_state, view_.synchronised ? "synchronised" : "unsynchronised");
  if (!view_.problem.empty()) fields.put(Field::text, view_.problem);
  floor_.append(audit::Kind::clock, "interlock", fields);
}

}  // namespace interlock::gateway
