// Taking a snapshot, by a process beside the gateway; and the start that goes on from one.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "audit/journal.hpp"
#include "gateway/core.hpp"
#include "gateway/snapshot_file.hpp"

namespace interlock::gateway {

struct Taken {
  std::uint64_t mark = 0;      // the last record that is in it
  std::uint64_t begun_at = 0;  // the mark of the one that it went on from; 0: from the beginning
  std::string why_not;         // one is there, and could not be gone on from
  std::uint64_t bytes = 0;     // of the state
  bool is_new = true;          // false: nothing was sealed since the last one, which stays
};
// Rebuilds all up to the last checkpoint, as a start does, and writes it down. `whole`: from the
// first record, whatever was taken before. The journal is only read, and may be written meanwhile.
[[nodiscard]] std::expected<Taken, std::string> take_snapshot(const config::Config& config,
                                                              const std::string& build_id,
                                                              bool whole);

// The journal, read from the segment that the snapshot's mark is in; from its first record where
// that does not go.
[[nodiscard]] std::expected<std::unique_ptr<audit::Journal>, std::string> open_journal(
    audit::JournalOptions options, FoundSnapshot& found);

// A core, from the snapshot and what the journal has behind it. Where that does not go the journal
// is opened anew, and all of it makes the core.
[[nodiscard]] std::expected<std::unique_ptr<Core>, std::string> start_core(
    const config::Config& config, const audit::JournalOptions& options,
    std::unique_ptr<audit::Journal>& journal, killswitch::Latch& latch,
    const std::function<Clock()>& read_clock, const std::string& build_id, FoundSnapshot& found,
    std::optional<Shadowing> shadow = std::nullopt);

// What became of it, as a record; nothing where there was none.
void record_snapshot(Floor& floor, const FoundSnapshot& found);

}  // namespace interlock::gateway
