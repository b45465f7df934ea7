#include "gateway/snapshot_taking.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>

#include "gateway/no_latch.hpp"
#include "gateway/recover.hpp"

namespace interlock::gateway {
namespace {

namespace fs = std::filesystem;

// Two that take one at the same time would write into the same file.
class Turn {
 public:
  explicit Turn(const fs::path& path)
      : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    is_ours_ = file_ >= 0 && ::fcntl(file_, F_OFD_SETLK, &whole) == 0;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (file_ >= 0) ::close(file_);
  }
  [[nodiscard]] bool is_ours() const { return is_ours_; }

 private:
  int file_;
  bool is_ours_ = false;
};

std::expected<SnapshotFile, std::string> rebuild(const config::Config& config,
                                                 const std::string& build_id,
                                                 const audit::Seal& seal,
                                                 const SnapshotFile* from) {
  const auto& mark = seal.checkpoints.back();
  auto journal =
      audit::Journal::open_to_read(config.audit_dir, from == nullptr ? 1 : from->mark.segment);
  if (!journal) return std::unexpected(std::move(journal.error()));
  NoLatch none;
  const auto core = Recovery::blank(
      config, **journal, none.latch(), [] { return Clock{}; }, build_id);
  Recovery recovery(*core);
  if (auto done = recovery.run(from, mark.sequence); !done)
    return std::unexpected(std::move(done.error()));
  std::ostringstream state;
  recovery.save(state);
  return SnapshotFile{
      build_id, config.hash, seal.id, mark, core->floor().books.digest(), std::move(state).str()};
}

}  // namespace

std::expected<Taken, std::string> take_snapshot(const config::Config& config,
                                                const std::string& build_id, bool whole) {
  const fs::path path = snapshot_path(config);
  const Turn turn(path.string() + ".lock");
  if (!turn.is_ours()) {
    return std::unexpected(
        fmt::format("{} cannot be locked: another one is being taken, or the "
                    "directory is not ours",
                    path.string()));
  }
  const auto seal = audit::read_seal(config.audit_dir);
  if (!seal) return std::unexpected(seal.error());
  if (seal->checkpoints.empty()) return std::unexpected("the journal has no checkpoint yet");
  FoundSnapshot before = whole ? FoundSnapshot{} : find_snapshot(config, build_id);
  if (before.file && before.file->mark == seal->checkpoints.back()) {
    return Taken{before.file->mark.sequence,
                 before.file->mark.sequence,
                 {},
                 before.file->state.size(),
                 false};
  }
  try {
    auto made = rebuild(config, build_id, *seal, before.file ? &*before.file : nullptr);
    if (!made && before.file) {
      before.give_up(std::move(made.error()));
      made = rebuild(config, build_id, *seal, nullptr);
    }
    if (!made) return std::unexpected(std::move(made.error()));
    if (auto written = write_snapshot(path, *made); !written)
      return std::unexpected(std::move(written.error()));
    return Taken{made->mark.sequence, before.file ? before.file->mark.sequence : 0, before.why_not,
                 made->state.size()};
  } catch (const fs::filesystem_error& error) {
    return std::unexpected(error.what());
  }
}

std::expected<std::unique_ptr<audit::Journal>, std::string> open_journal(
    audit::JournalOptions options, FoundSnapshot& found) {
  options.from_segment = found.file ? found.file->mark.segment : 1;
  auto journal = audit::Journal::open(options);
  if (journal || options.from_segment == 1) return journal;
  found.give_up(std::move(journal.error()));
  options.from_segment = 1;
  return audit::Journal::open(std::move(options));
}

std::expected<std::unique_ptr<Core>, std::string> start_core(
    const config::Config& config, const audit::JournalOptions& options,
    std::unique_ptr<audit::Journal>& journal, killswitch::Latch& latch,
    const std::function<Clock()>& read_clock, const std::string& build_id, FoundSnapshot& found,
    std::optional<Shadowing> shadow) {
  if (found.file) {
    auto core = Core::create(config, *journal, latch, read_clock, build_id, {}, &*found.file);
    if (core) return core;
    found.give_up(std::move(core.error()));
    journal.reset();
    auto whole = open_journal(options, found);
    if (!whole) return std::unexpected(std::move(whole.error()));
    journal = std::move(*whole);
  }
  return Core::create(config, *journal, latch, read_clock, build_id, std::move(shadow));
}

void record_snapshot(Floor& floor, const FoundSnapshot& found) {
  if (!found.file && found.why_not.empty()) return;
  audit::FieldWriter record;
  record.put(audit::Field::event, found.file ? "used" : "not used");
  if (found.file) {
    record.put(audit::Field::source_record, found.file->mark.sequence);
    record.put(audit::Field::digest, fmt::format("{:016x}", found.file->books));
  } else {
    record.put(audit::Field::text, found.why_not);
  }
  floor.append(audit::Kind::snapshot, "interlock", record);
}

}  // namespace interlock::gateway
