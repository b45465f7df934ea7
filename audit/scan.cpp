#include "audit/scan.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "killswitch/file.hpp"

namespace interlock::audit {
namespace {

constexpr std::size_t worth_a_thread = 2'000;  // records: below, it costs more than it saves

// Each leaf by itself, so half of them by another thread; what follows from them is one chain.
std::vector<Hash> leaves_of(std::span<const Bytes> records) {
  std::vector<Hash> leaves(records.size());
  const auto hash = [&](std::size_t from, std::size_t to) {
    for (; from < to; ++from) leaves[from] = leaf_hash(records[from]);
  };
  const auto half = records.size() < worth_a_thread ? records.size() : records.size() / 2;
  std::jthread other;
  if (half < records.size()) other = std::jthread(hash, half, records.size());
  hash(0, half);
  return leaves;
}

class Walk {
 public:
  Walk(const std::filesystem::path& directory, bool live, const Each& each)
      : directory_(directory), live_(live), each_(each), seal_(read_seal(directory)) {}

  Scan run(std::uint32_t from) {
    count_segments();
    if (scan_.segments == 0) {
      const bool sealed = seal_ && !seal_->checkpoints.empty();
      found(sealed ? Finding::segment_missing : Finding::no_journal,
            sealed ? "a seal, but no segment" : "there is no segment");
      return std::move(scan_);
    }
    for (std::uint32_t number = begin_at(from) ? from : 1; walk_segment(number); ++number) {
    }
    if (!stopped_) judge_end();
    return std::move(scan_);
  }

 private:
  void count_segments() {
    while (std::filesystem::exists(directory_ / segment_name(scan_.segments + 1))) {
      ++scan_.segments;
    }
    // A hole in the row: what is behind it shows that segments are missing.
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(directory_, ignored)) {
      const auto name = entry.path().filename().string();
      behind_hole_ |= is_segment(name) && name > segment_name(scan_.segments);
    }
  }

  // As if all before it had been walked. False: the seal does not say how that would have ended.
  bool begin_at(std::uint32_t from) {
    if (!seal_ || from <= 1 || from > scan_.segments) return false;
    const auto next = std::ranges::lower_bound(seal_->checkpoints, from, {}, &Checkpoint::segment);
    if (next == seal_->checkpoints.begin() || std::prev(next)->segment != from - 1) return false;
    next_checkpoint_ = static_cast<std::size_t>(next - seal_->checkpoints.begin());
    scan_.sealed = *std::prev(next);
    scan_.last = scan_.sealed.sequence;
    scan_.chain = chain_.emplace(scan_.sealed.head);
    for (std::uint32_t number = 1; number < from; ++number) {
      closed_ += std::filesystem::file_size(directory_ / segment_name(number));
    }
    return true;
  }

  [[nodiscard]] bool is_copy() const {
    std::error_code ignored;
    return std::filesystem::exists(directory_ / copy_mark, ignored);
  }

  bool found(Finding finding, std::string_view what) {
    stopped_ = true;
    scan_.all_checkpoints = seal_ && next_checkpoint_ == seal_->checkpoints.size();
    if (live_ && scan_.all_checkpoints) return false;
    scan_.finding = finding;
    scan_.where = fmt::format("segment {}, offset {}, record {}: {}", segment_, offset_,
                              scan_.last + 1, what);
    return false;
  }

  bool walk_segment(std::uint32_t number) {
    segment_ = number;
    offset_ = 0;
    if (number > scan_.segments && scan_.sealed.sequence == scan_.last && is_copy()) return false;
    const auto file = killswitch::read_file(directory_ / segment_name(number));
    if (!file) return found(Finding::segment_missing, file.error());
    const auto bytes = std::as_bytes(std::span(*file));
    if (!check_header(bytes)) return false;
    offset_ = scan_.offset = segment_header_bytes;
    scan_.segment = number;
    scan_.closed_bytes = closed_;
    const auto records = whole_records(bytes);
    const auto leaves = leaves_of(records);
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (!take(view_record(records[i].data()), leaves[i])) return false;
    }
    if (offset_ + end_bytes > bytes.size()) {
      return found(Finding::bad_length, "the segment has no end");
    }
    const auto length = length_at(bytes.data() + offset_);
    if (length == 0) return end_of_journal(bytes.subspan(offset_));
    if (length == end_of_segment) return next_segment(bytes);
    return found(parse_record(bytes.subspan(offset_)).error(), "damaged");
  }

  // As far as they stand one behind the other; what ends the row is looked at afterwards.
  std::vector<Bytes> whole_records(Bytes bytes) const {
    std::vector<Bytes> records;
    for (auto at = offset_; at + end_bytes <= bytes.size(); at += records.back().size()) {
      const auto length = length_at(bytes.data() + at);
      if (length == 0 || length == end_of_segment) break;
      const auto record = parse_record(bytes.subspan(at));
      if (!record) break;
      records.push_back(record->padded);
    }
    return records;
  }

  bool check_header(Bytes bytes) {
    const auto header = parse_header(bytes);
    if (!header) return found(Finding::bad_header, header.error());
    if (header->number != segment_ || header->first_sequence != scan_.last + 1) {
      return found(Finding::bad_header, "its header belongs to another segment");
    }
    if (seal_ && header->id != seal_->id) {
      return found(Finding::bad_header, "its header belongs to another journal");
    }
    if (header->bytes != bytes.size()) {
      return found(Finding::bad_length, fmt::format("the file has {} bytes, its header says {}",
                                                    bytes.size(), header->bytes));
    }
    if (!chain_) scan_.chain = chain_.emplace(header->id);
    chain_->begin_segment();
    return true;
  }

  bool take(const Parsed& record, const Hash& leaf) {
    const auto& head = record.head;
    if (head.sequence != scan_.last + 1) {
      return found(Finding::sequence_gap, fmt::format("record {} stands here", head.sequence));
    }
    if (head.run == scan_.run && head.mono_ns < scan_.mono_ns) {
      return found(Finding::time_goes_back, "its monotonic clock is behind the record before");
    }
    chain_->add(leaf);
    const auto end = offset_ + record.padded.size();
    if (!compare(head.sequence, end)) {
      return found(Finding::chain_differs, "the checkpoint says otherwise");
    }
    const Location location{head.sequence, segment_, offset_};
    offset_ = scan_.offset = end;
    scan_.last = head.sequence;
    scan_.run = head.run;
    scan_.mono_ns = head.mono_ns;
    stopped_ = !each_(
        {location, head.kind, head.time_ns, head.mono_ns, head.actor, record.payload, head.run});
    return !stopped_;
  }

  bool compare(std::uint64_t sequence, std::uint64_t end) {
    if (!seal_ || next_checkpoint_ == seal_->checkpoints.size()) return true;
    const auto& expected = seal_->checkpoints[next_checkpoint_];
    if (expected.sequence != sequence) return true;
    if (expected != Checkpoint{.sequence = sequence,
                               .offset = end,
                               .segment = segment_,
                               .records = chain_->tree().size(),
                               .head = chain_->head(),
                               .root = chain_->tree().root()}) {
      return false;
    }
    ++next_checkpoint_;
    scan_.sealed = expected;
    scan_.chain = *chain_;
    return true;
  }

  bool end_of_journal(Bytes rest) {
    if (!live_ && !all_zero(rest)) return found(Finding::bad_length, "bytes that are no record");
    if (segment_ < scan_.segments) {
      return found(Finding::sequence_gap, "the segment ends here without its mark");
    }
    return false;
  }

  bool next_segment(Bytes bytes) {
    if (!all_zero(bytes.subspan(offset_ + sizeof end_of_segment))) {
      return found(Finding::bad_length, "bytes behind the segment's end");
    }
    // Its last checkpoint holds the root of all its records.
    if (seal_ && next_checkpoint_ < seal_->checkpoints.size() &&
        scan_.sealed.sequence != scan_.last) {
      return found(Finding::checkpoint_missing, "the segment ends without a checkpoint");
    }
    closed_ += bytes.size();
    return true;
  }

  // No record is wrong: do the checkpoints, and does the row of segments, end here too?
  void judge_end() {
    if (seal_ && next_checkpoint_ < seal_->checkpoints.size()) {
      const auto& expected = seal_->checkpoints[next_checkpoint_];
      const bool has_segment = expected.segment <= scan_.segments;
      found(has_segment ? Finding::sequence_gap : Finding::segment_missing,
            fmt::format("the journal ends here, a checkpoint has record {} in segment {}",
                        expected.sequence, expected.segment));
    } else if (behind_hole_) {
      found(Finding::segment_missing, "a later segment stands in the directory");
    } else if (!seal_) {
      found(Finding::checkpoint_missing, seal_.error());
    } else if (seal_->torn && !live_) {
      found(Finding::checkpoint_missing, "the last checkpoint is not whole");
    } else if (scan_.last > scan_.sealed.sequence) {
      found(Finding::unsealed_tail,
            fmt::format("{} records before it are behind the last checkpoint",
                        scan_.last - scan_.sealed.sequence));
    } else {
      scan_.all_checkpoints = true;
    }
  }

  const std::filesystem::path& directory_;
  bool live_;
  const Each& each_;
  std::expected<Seal, std::string> seal_;
  std::size_t next_checkpoint_ = 0;
  std::optional<Chain> chain_;  // at the last whole record
  std::uint32_t segment_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t closed_ = 0;
  bool behind_hole_ = false;
  bool stopped_ = false;
  Scan scan_;
};

}  // namespace

Scan scan(const std::filesystem::path& directory, bool live, const Each& each,
          std::uint32_t from_segment) {
  return Walk(directory, live, each).run(from_segment);
}

bool is_being_written(const std::filesystem::path& directory) {
  const int lock = ::open((directory / "lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (lock < 0) return false;
  // Only asked: to take the lock for a moment could make a writer fail that starts just then.
  struct flock held {};
  held.l_type = F_WRLCK;
  held.l_whence = SEEK_SET;
  const bool answered = ::fcntl(lock, F_OFD_GETLK, &held) == 0;
  ::close(lock);
  return answered && held.l_type != F_UNLCK;
}

}  // namespace interlock::audit
