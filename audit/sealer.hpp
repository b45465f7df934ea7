// The thread that follows the writer: hashes each record into the chain, brings the files to disk,
// writes checkpoints, and allocates the space ahead.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <expected>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "audit/seal.hpp"
#include "audit/segments.hpp"

namespace interlock::audit {

// Where the next record will stand, or stands.
struct Position {
  std::uint32_t segment = 1;
  std::uint64_t offset = segment_header_bytes;
};

class Notary;

class Sealer {
 public:
  struct Synced {
    std::uint64_t sequence = 0;  // the last record that is on disk
    Position end;                // behind it
  };
  struct Begin {
    Chain chain;  // at the last checkpoint: what is behind it is followed as what will be written
    Synced synced;
    Notary* notary = nullptr;  // is told of each checkpoint
  };
  // The thread runs from here on. `seal` is open for appending and is closed in the end.
  Sealer(Segments& segments, Begin begin, int seal, SyncFile sync_file);
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;
  // Seals all that is written, unless a write failed before.
  ~Sealer();

  // Blocks until all up to `sequence` is on disk and under a checkpoint.
  [[nodiscard]] std::expected<void, std::string> sync(std::uint64_t sequence);
  // The same, and nobody waits.
  void seal_soon(std::uint64_t sequence);
  // A write or sync failed: it is not tried again, since nobody knows what the disk holds then.
  [[nodiscard]] bool failed() const noexcept { return failed_.load(std::memory_order_acquire); }
  [[nodiscard]] std::string problem() const;

  [[nodiscard]] Synced synced() const;

  // From here on `told` is called after each sync, on this thread: it must not wait.
  void on_sync(std::function<void()> told);
  // All up to `sequence` is brought to disk now, not at the next pause; does not wait for it.
  void hurry(std::uint64_t sequence);
  // The space ahead is allocated now.
  void allocate();
  // The last record that is on disk.
  [[nodiscard]] std::uint64_t on_disk() const noexcept {
    return on_disk_.load(std::memory_order_acquire);
  }

 private:
  void run();
  bool step(bool checkpoint);
  bool follow();
  [[nodiscard]] bool ends_unsealed() const;
  [[nodiscard]] bool segment_is_closed();
  void sync_segments(const Position& synced);
  void make_ready(const Position& synced);
  void write_checkpoint();
  void reserve_seal();
  void tell();
  void fail(std::string problem);
  [[nodiscard]] Segment& segment(std::uint32_t number);

  Segments& segments_;
  int seal_;
  SyncFile sync_file_;
  Chain chain_;
  Position end_;  // of the last record in the chain
  std::uint64_t sequence_;
  std::int64_t mono_ns_ = 0;         // of that record
  std::int64_t sealed_mono_ns_ = 0;  // of the last one under a checkpoint
  std::int64_t time_ns_ = 0;         // UTC, of the last record in the chain
  Notary* notary_;
  std::uint64_t seal_bytes_ = 0;
  std::uint64_t seal_reserved_ = 0;

  std::atomic<bool> failed_ = false;
  std::atomic<std::uint64_t> on_disk_;
  std::mutex telling_;  // held while `told_` is called, so that it can be taken away
  std::function<void()> told_;
  mutable std::mutex mutex_;  // of all below
  std::condition_variable wanted_or_stopping_;
  std::condition_variable sealed_;
  std::uint64_t wanted_ = 0;
  std::uint64_t hurried_ = 0;
  bool space_wanted_ = false;
  std::uint64_t checkpoint_;
  Synced synced_;
  bool stopping_ = false;
  std::string problem_;
  std::thread thread_;
};

}  // namespace interlock::audit
