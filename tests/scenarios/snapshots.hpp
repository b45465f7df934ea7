// Snapshots that are taken while a play runs in process, as another process would.
#pragma once

#include <cstdint>
#include <string>

#include "audit/journal.hpp"
#include "config/config.hpp"

namespace interlock::scenarios {

struct Snapshots {
  static inline const std::string build = "scenario";
  std::uint32_t every = 0;  // so many turns; 0: never
  std::uint32_t turns = 0;
  std::uint32_t gone_on = 0;  // taken from the one before
  std::uint32_t used = 0;     // by a start

  void turn(const config::Config& config, audit::Journal& journal);
};

}  // namespace interlock::scenarios
