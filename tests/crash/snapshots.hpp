// Snapshots of a gateway under load, taken by processes beside it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "crash/gateway.hpp"
#include "crash/run.hpp"

namespace interlock::crash {

// One after the other, with pauses.
class Snapshots {
 public:
  explicit Snapshots(const Plan& plan)
      : program_(plan.program), directory_(plan.directory), random_(plan.seed * 5) {}
  // Throws Failed where one could not be taken and no crash explains it.
  void turn(bool flows);
  // The gateway was killed; one that is being taken is killed with it, or sees it.
  void crashed();

 private:
  std::filesystem::path program_, directory_;
  std::mt19937_64 random_;
  std::unique_ptr<Program> running_;
  std::int64_t next_ns_ = 0;
  bool saw_crash_ = false;
};

}  // namespace interlock::crash
