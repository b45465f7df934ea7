#include "config/pin.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

namespace interlock::config {
namespace {

static_assert(processors_max == CPU_SETSIZE);

cpu_set_t allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  ::sched_getaffinity(::getpid(), sizeof set, &set);  // of the main thread, which nothing has bound
  return set;
}

std::string text_of(const cpu_set_t& set) {
  std::string text;
  for (int i = 0; i < CPU_SETSIZE; ++i)
    if (CPU_ISSET(i, &set)) text += fmt::format("{}{}", text.empty() ? "" : " ", i);
  return text;
}

}  // namespace

std::optional<Problem> pin_problem(const Config& config) {
  if (!config.loop.pin) return std::nullopt;
  const cpu_set_t set = allowed();
  if (CPU_ISSET(*config.loop.pin, &set)) return std::nullopt;
  const long processors = ::sysconf(_SC_NPROCESSORS_CONF);
  Problem problem;
  problem.file = config.file.string();
  problem.line = config.loop.pin_line;
  problem.column = 1;
  problem.text =
      *config.loop.pin >= processors
          ? fmt::format("pin = {}: this host has {} processors, counted from 0", *config.loop.pin,
                        processors)
          : fmt::format("pin = {}: this process may not run on that processor", *config.loop.pin);
  problem.hint = fmt::format(
      "write one of {}, or let it have more (CPUAffinity= and AllowedCPUs= of the service)",
      text_of(set));
  return problem;
}

bool bind_this_thread(std::uint32_t processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  return ::sched_setaffinity(0, sizeof set, &set) == 0;
}

}  // namespace interlock::config
