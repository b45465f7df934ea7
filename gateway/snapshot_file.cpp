#include "gateway/snapshot_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "killswitch/file.hpp"
#include "risk/saved.hpp"

namespace interlock::gateway {
namespace {

// The number rises when what is in front of `state` changes: other builds have to read that far.
constexpr std::string_view magic = "ILSNAP1\n";

std::string_view view(const audit::Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

template <class Archive, class Snapshot>
void fields(Archive& archive, Snapshot& snapshot) {
  auto& [build_id, config_hash, journal, mark, books, state] = snapshot;
  auto& [sequence, offset, segment, records, head, root] = mark;
  archive(build_id, config_hash, journal, sequence, offset, segment, records, head, root, books,
          state);
}

std::string not_usable(const SnapshotFile& snapshot, const config::Config& config,
                       std::string_view build_id) {
  if (build_id == "unknown") return "this build has no id";
  if (snapshot.build_id != build_id) {
    return fmt::format("it is of build {}, this is {}", snapshot.build_id, build_id);
  }
  if (snapshot.config_hash != config.hash) {
    return fmt::format("it is of the configuration {}, this one is {}", snapshot.config_hash,
                       config.hash);
  }
  const auto seal = audit::read_seal(config.audit_dir);
  if (!seal) return seal.error();
  if (seal->id != snapshot.journal) return "it is of another journal";
  const auto found = std::ranges::lower_bound(seal->checkpoints, snapshot.mark.sequence, {},
                                              &audit::Checkpoint::sequence);
  if (found == seal->checkpoints.end() || *found != snapshot.mark) {
    return fmt::format("the journal has no such checkpoint at record {}", snapshot.mark.sequence);
  }
  return {};
}

}  // namespace

std::filesystem::path snapshot_path(const config::Config& config) {
  return config.state_dir / "snapshot";
}

std::expected<void, std::string> write_snapshot(const std::filesystem::path& path,
                                                const SnapshotFile& snapshot) {
  std::ostringstream bytes;
  bytes << magic;
  {
    risk::Saving archive(bytes);
    fields(archive, snapshot);
  }
  const audit::Hash hash = audit::sha256({audit::bytes_of(bytes.view())});
  bytes << view(hash);
  return killswitch::replace_file(path, bytes.view());
}

std::expected<SnapshotFile, std::string> read_snapshot(const std::filesystem::path& path) {
  auto file = killswitch::read_file(path);
  if (!file) return std::unexpected(std::move(file.error()));
  const std::string_view all = *file;
  if (!all.starts_with(magic)) return std::unexpected("it is of another form, or damaged");
  if (all.size() < magic.size() + sizeof(audit::Hash)) return std::unexpected("it is cut off");
  const auto body = all.substr(0, all.size() - sizeof(audit::Hash));
  if (view(audit::sha256({audit::bytes_of(body)})) != all.substr(body.size())) {
    return std::unexpected("its SHA-256 is wrong");
  }
  SnapshotFile snapshot;
  std::istringstream bytes(std::move(*file));
  bytes.ignore(magic.size());
  try {
    risk::Restoring archive(bytes);
    fields(archive, snapshot);
  } catch (const cereal::Exception& error) {
    return std::unexpected(error.what());
  }
  return snapshot;
}

FoundSnapshot find_snapshot(const config::Config& config, std::string_view build_id) {
  FoundSnapshot found;
  std::error_code ignored;
  if (!std::filesystem::exists(snapshot_path(config), ignored)) return found;
  auto read = read_snapshot(snapshot_path(config));
  if (!read) {
    found.give_up(std::move(read.error()));
  } else if (auto why = not_usable(*read, config, build_id); !why.empty()) {
    found.give_up(std::move(why));
  } else {
    found.file = std::move(*read);
  }
  return found;
}

}  // namespace interlock::gateway
