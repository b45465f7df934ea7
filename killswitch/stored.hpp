// What the latch file holds, as bytes: two equal copies, each with a version, a length and a CRC.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "killswitch/latch.hpp"

namespace interlock::killswitch {

struct Stored {
  std::uint64_t next_id = 1;
  bool clean_stop = false;
  std::string armed_identity;
  std::vector<Kill> kills;
};

[[nodiscard]] std::string encode(const Stored& stored);

// One whole copy is enough: both are written at once, so that a whole one is the newest. Two whole
// copies that differ, and anything else, is an error that says what is wrong.
[[nodiscard]] std::expected<Stored, std::string> decode(std::string_view bytes);

}  // namespace interlock::killswitch
