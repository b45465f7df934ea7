// Chance that is the same for one seed on every machine and with every library.
#pragma once

#include <cstdint>

namespace interlock::simulation {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint32_t below(std::uint32_t n) {
    state_ += 0x9e3779b97f4a7c15u;  // SplitMix64
    std::uint64_t mixed = (state_ ^ (state_ >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return n == 0 ? 0 : static_cast<std::uint32_t>((mixed ^ (mixed >> 31)) % n);
  }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + below(static_cast<std::uint32_t>(high - low + 1));
  }

 private:
  std::uint64_t state_;
};

}  // namespace interlock::simulation
