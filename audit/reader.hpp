// Reading and checking a journal from outside, also while it is being written.
#pragma once

#include <atomic>
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
  unsealed_tail = 10,    // records after the last checkpoint
  bad_signature = 11,    // of a checkpoint; or of none
  bad_key = 12,          // the list of keys, or one that begins where no checkpoint is
  wrong_key = 13,        // a checkpoint is signed with a key of another time
  other_key = 14,        // the first key is not the one that was asked for
  key_not_vouched = 15,  // a key begins that the one before it has not signed
  unsigned_tail = 16,    // checkpoints after the last signature
  not_signed = 17,       // there is no signature at all
  config_differs = 18,   // a start or reload names another configuration
};
[[nodiscard]] std::string_view name(Finding finding);
// Of `interlock audit verify`: 0, or 10 and the number of what was found.
[[nodiscard]] constexpr int exit_code(Finding finding) {
  return finding == Finding::whole ? 0 : 10 + static_cast<int>(finding);
}
// In one sentence, for people.
[[nodiscard]] std::string_view meaning(Finding finding);

struct VerifyOptions {
  std::vector<std::string> keys;     // fingerprints: the first key is one of them
  bool must_be_signed = false;       // a journal that nobody signs is a finding
  std::vector<std::string> configs;  // hashes: the last start or reload names the one of them; of
                                     // several, each start and reload one
  std::atomic<std::uint64_t>* at = nullptr;  // told which record is looked at
};

struct Verification {
  Finding finding = Finding::whole;
  std::uint64_t last_good = 0;  // sequence of the last record that is certain
  std::uint64_t records = 0;
  std::string where;  // "segment 3, offset 81920, record 5512"
  std::string chain;  // head of the SHA-256 chain, hex, at last_good
  // A process writes it: all up to this mark, the last checkpoint when the walk began, was looked
  // at; what stands behind it was not.
  bool is_being_written = false;
  std::uint64_t mark = 0;
  std::uint64_t signed_sequence = 0;  // the last record under a signature
  std::vector<std::string> keys;      // the fingerprint of each
};
[[nodiscard]] Verification verify(const std::filesystem::path& directory,
                                  const VerifyOptions& options = {});

// Each whole record in order, until `each` returns false. Stops at the first damage with an error.
[[nodiscard]] std::expected<void, std::string> read(const std::filesystem::path& directory,
                                                    const std::function<bool(const Record&)>& each);

}  // namespace interlock::audit
