// What a start rebuilds, as a file: read instead of the journal up to a mark in it, by the same
// build under the same configuration only.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>

#include "audit/seal.hpp"
#include "config/config.hpp"

namespace interlock::gateway {

struct SnapshotFile {
  std::string build_id, config_hash;
  audit::JournalId journal{};
  audit::Checkpoint mark;   // of that journal: all up to it is in `state`
  std::uint64_t books = 0;  // their digest there
  std::string state;        // Recovery::save
};

[[nodiscard]] std::filesystem::path snapshot_path(const config::Config& config);

// With a SHA-256 over all of it; the file before it stands until this one is on disk.
[[nodiscard]] std::expected<void, std::string> write_snapshot(const std::filesystem::path& path,
                                                              const SnapshotFile& snapshot);
[[nodiscard]] std::expected<SnapshotFile, std::string> read_snapshot(
    const std::filesystem::path& path);

// The one that a start would use; in doubt there is none, and `why_not` says why.
struct FoundSnapshot {
  std::optional<SnapshotFile> file;
  std::string why_not;  // empty: it is used, or no file is there

  void give_up(std::string why) {
    file.reset();
    why_not = std::move(why);
  }
};
[[nodiscard]] FoundSnapshot find_snapshot(const config::Config& config, std::string_view build_id);

}  // namespace interlock::gateway
