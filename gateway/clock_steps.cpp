#include "gateway/clock_steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace interlock::gateway {

using audit::Field;

void ClockSteps::seen(std::int64_t offset_ns) {
  offset_ns_ = offset_ns;
  // Ours comes nearer by a millisecond a second: only another step is news, and the end of it all.
  const bool gone = std::abs(offset_ns) < step_ns / 2;
  if (gone ? told_ns_ == 0 : std::abs(offset_ns - told_ns_) <= step_ns) return;
  tell(offset_ns);
  told_ns_ = gone ? 0 : offset_ns;
}

void ClockSteps::tell(std::int64_t offset_ns) {
  const bool gone = std::abs(offset_ns) < step_ns / 2;
  audit::FieldWriter record;
  record.put(Field::event, gone ? "host clock is back" : "host clock stepped");
  record.put(Field::clock_offset, static_cast<std::uint64_t>(offset_ns));
  floor_.append(audit::Kind::clock, "interlock", record);
  if (gone) return;
  floor_.alert("interlock",
               {Severity::critical,
                "clock-step",
                {},
                fmt::format("the clock of this host was set: it is {:+.3f} s from ours, which goes "
                            "on and follows it by a millisecond a second; a start takes the host's",
                            static_cast<double>(offset_ns) / 1e9)});
}

risk::Time ClockSteps::of_file(risk::Time time) const {
  const bool stepped = told_ns_ != 0;
  const risk::Time ours{time.ns - (stepped ? offset_ns_ : 0)};
  return std::min(ours, floor_.clock.utc);
}

void ClockSteps::by_our_time(risk::References& of_files) const {
  for (auto* all : {&of_files.by_symbol, &of_files.by_currency}) {
    for (auto& each : *all) {
      if (each) each->as_of = of_file(each->as_of);
    }
  }
}

}  // namespace interlock::gateway
