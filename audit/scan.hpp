// A walk over all files of a journal from the first record, with every check that there is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "audit/reader.hpp"
#include "audit/seal.hpp"

namespace interlock::audit {

struct Scan {
  Finding finding = Finding::whole;
  std::string where;               // of the finding, and in words what is wrong
  std::uint32_t segment = 0;       // behind the last whole record: where the next one belongs
  std::uint64_t offset = 0;        //
  std::uint64_t last = 0;          // sequence of the last whole record
  std::uint16_t run = 0;           // of the last whole record
  std::int64_t mono_ns = 0;        // of the last whole record
  Checkpoint sealed;               // the last checkpoint that the records match
  std::optional<Chain> chain;      // there
  bool all_checkpoints = false;    // each checkpoint matched: what is wrong is behind the last
  std::uint32_t segments = 0;      // files, whether reached or not
  std::uint64_t closed_bytes = 0;  // of the segments before `segment`
};

using Each = std::function<bool(const Record&)>;

// `live`: a process is writing, and what is wrong behind the last checkpoint is only not there yet.
// `each` may end the walk by false; views into its record end with the call. From a segment other
// than the first one: the seal says how the chain stood at the end of the one before.
[[nodiscard]] Scan scan(const std::filesystem::path& directory, bool live, const Each& each,
                        std::uint32_t from_segment = 1);

// A process holds the journal for writing.
[[nodiscard]] bool is_being_written(const std::filesystem::path& directory);

}  // namespace interlock::audit
