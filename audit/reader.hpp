// Reading and checking a journal from outside, also while it is being written.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "audit/journal.hpp"

namespace interlock::audit {

// Never reuse a number: `interlock audit verify` names them.
enum class Finding : std::uint8_t {
  whole = 0,
  no_journal = 1,
  bad_header = 2,  // of a segment
  bad_crc = 3,
  bad_length = 4,
  sequence_gap = 5,    // deleted, duplicated or swapped records
  time_goes_back = 6,  // beyond what the clock record allows
  chain_differs = 7,   // a checkpoint does not match the records
  checkpoint_missing = 8,
  segment_missing = 9,
  unsealed_tail = 10,  // records after the last checkpoint
};
[[nodiscard]] std::string_view name(Finding finding);

struct Verification {
  Finding finding = Finding::whole;
  std::uint64_t last_good = 0;  // sequence of the last record that is certain
  std::uint64_t records = 0;
  std::string where;  // "segment 3, offset 81920, record 5512"
  std::string chain;  // head of the SHA-256 chain, hex, at last_good
};
[[nodiscard]] Verification verify(const std::filesystem::path& directory);

// Each whole record in order, until `each` returns false. Stops at the first damage with an error.
[[nodiscard]] std::expected<void, std::string> read(const std::filesystem::path& directory,
                                                    const std::function<bool(const Record&)>& each);

}  // namespace interlock::audit
