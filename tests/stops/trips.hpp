// Many kills of a running gateway, loop and threads as in production: from the press to the shut
// gate, with what the venue heard beside it.
#pragma once

#include <cstdint>
#include <vector>

namespace interlock::stops {

struct Trips {
  enum class Load : std::uint8_t {
    idle,     // sessions are up, nothing flows
    flowing,  // orders pour in, the venue fills each
    stalled,  // the same, and before each kill the venue stops reading
  };
  Load load = Load::idle;
  std::uint32_t kills = 0;
  std::uint32_t orders_a_second = 0;
};

struct Tripped {
  std::vector<std::int64_t> gate_ns;  // of each kill: from `tripped_at` to `closed_at`
  std::uint64_t orders = 0;           // that the venue received
  double seconds = 0;                 // in which orders could flow
  std::uint32_t orders_after = 0;     // received with a number above the one reported: none, ever
  std::uint32_t unconfirmed = 0;      // kills that the loop has not answered within ten seconds
};

// Throws std::runtime_error when the floor cannot be set up. A new one for each 250 kills.
[[nodiscard]] Tripped measure(const Trips& plan);

}  // namespace interlock::stops
