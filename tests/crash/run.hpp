// One run: a gateway that is killed under load, as often as its plan says, and each time has to
// come back knowing at least what is true.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace interlock::crash {

struct Plan {
  std::uint64_t seed = 0;
  std::uint32_t orders_a_second = 10'000;
  std::filesystem::path program;    // interlock
  std::filesystem::path source;     // tests/crash
  std::filesystem::path directory;  // of this run; it is made
  std::string durability = "process";
};

struct Told {
  std::string problem;  // empty: all held
  std::string moments;  // when it was killed
  std::uint32_t crashes = 0;
  std::uint32_t torn = 0;       // in the middle of a record
  std::uint32_t snapshots = 0;  // that a start went on from
  std::uint64_t requests = 0, in_doubt = 0, missed = 0, records = 0;
  std::uint64_t alive = 0;     // orders that were open when it came back
  double rate = 0;             // requests a second, as long as they flowed
  double slowest_start_s = 0;  // after a crash, until it answered
};

[[nodiscard]] Told run(const Plan& plan);

}  // namespace interlock::crash
