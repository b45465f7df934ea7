// How long orders take through here, as counts of a histogram: enough for a percentile, whatever
// their number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace interlock::gateway {

struct LatencyCounts {
  // Upper bounds; what is above the last one stands in a bucket of its own.
  static constexpr std::array<std::int64_t, 18> bounds_ns{
      5'000,     10'000,    15'000,    20'000,     30'000,      50'000,
      75'000,    100'000,   150'000,   200'000,    300'000,     500'000,
      1'000'000, 2'000'000, 5'000'000, 20'000'000, 100'000'000, 1'000'000'000};

  std::array<std::uint64_t, bounds_ns.size() + 1> counts{};
  std::int64_t sum_ns = 0;

  void note(std::int64_t ns) {
    std::size_t bucket = 0;
    while (bucket < bounds_ns.size() && ns > bounds_ns[bucket]) ++bucket;
    ++counts[bucket];
    sum_ns += ns;
  }
};

}  // namespace interlock::gateway
