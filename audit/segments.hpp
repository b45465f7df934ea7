// The segment files of one journal in memory: mapped, made ahead of need, and never unmapped while
// it lives.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "audit/layout.hpp"
#include "audit/sync.hpp"

namespace interlock::audit {

inline constexpr std::uint64_t page_bytes = 4096;  // of a mapping

class Segment {
 public:
  // Allocates all of its space now, so that no later write can find the disk full.
  static std::expected<std::unique_ptr<Segment>, std::string> create(
      const std::filesystem::path& path, std::uint64_t bytes);
  static std::expected<std::unique_ptr<Segment>, std::string> open(
      const std::filesystem::path& path, bool for_writing);
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;
  ~Segment();

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  void close_file();  // the mapping stays
  // Whoever writes the `bytes` from `offset` on finds pages that he may write at once: a page that
  // was never written, or not since it was synced, stops the first who writes it.
  void make_ready(std::uint64_t offset, std::uint64_t bytes);
  // What will be written from `offset` on is on its way to the processor when somebody comes to
  // write it.
  void fetch(std::uint64_t offset) const noexcept {
    constexpr std::size_t usual_bytes = 1'024, line_bytes = 64;
    for (std::size_t i = 0; i < usual_bytes; i += line_bytes)
      __builtin_prefetch(data_ + offset + i, 1);
  }
  // Of what stands there nothing is written any more: the pages that lie wholly in it are taken out
  // of this process's tables at once. Each that is still in them when it is synced interrupts every
  // thread that runs. They come back when they are read.
  void let_go(std::uint64_t offset, std::uint64_t end);
  // Brings what stands from `offset` to `end` to disk, and leaves alone what is ready behind it: a
  // page that is synced stops the next who writes it.
  [[nodiscard]] int sync(SyncFile sync_file, std::uint64_t offset, std::uint64_t end) const;
  // Nobody is to write it any more, and this process has no need to.
  void make_read_only();

 private:
  Segment(int descriptor, std::byte* data, std::uint64_t size)
      : descriptor_(descriptor), data_(data), size_(size) {}
  static std::expected<std::unique_ptr<Segment>, std::string> map(int descriptor,
                                                                  std::uint64_t bytes,
                                                                  const std::filesystem::path& path,
                                                                  int protection);

  int descriptor_;
  std::byte* data_;
  std::uint64_t size_;
};

// So many are held back: the order path stops before the last of them is in use.
constexpr std::size_t segments_ahead = 2;
[[nodiscard]] std::string spare_name(std::size_t which);

// Thread-safe.
class Segments {
 public:
  Segments(std::filesystem::path directory, std::uint64_t segment_bytes, const JournalId& id)
      : directory_(std::move(directory)), segment_bytes_(segment_bytes), id_(id) {}

  // Maps it when it is not mapped yet; then its file is closed, and it is for reading.
  [[nodiscard]] std::expected<Segment*, std::string> at(std::uint32_t number);
  // One that an earlier run has written and that is to be synced, or written on.
  [[nodiscard]] std::expected<Segment*, std::string> open_for_writing(std::uint32_t number);
  // Allocates the space of the segments after the last; nothing when that is done.
  [[nodiscard]] std::expected<void, std::string> allocate_ahead();
  // Makes the first of these spaces the segment `number`. Allocates nothing itself, since that may
  // take as long as the disk likes: it waits a moment for another thread's `allocate_ahead`.
  [[nodiscard]] std::expected<Segment*, std::string> advance(std::uint32_t number,
                                                             std::uint64_t first_sequence);
  // Why the last `allocate_ahead` failed; empty when it did not.
  [[nodiscard]] std::string space_problem() const;
  [[nodiscard]] bool lacks_space() const { return lacks_space_.load(std::memory_order_acquire); }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  [[nodiscard]] std::expected<Segment*, std::string> map_locked(std::uint32_t number,
                                                                bool for_writing);
  void set_space_problem(std::string problem);  // under the lock

  std::filesystem::path directory_;
  std::uint64_t segment_bytes_;
  JournalId id_;
  std::mutex allocation_;     // taken first; held while the disk works
  mutable std::mutex mutex_;  // of all below; held for moments only
  std::condition_variable allocated_;
  std::array<std::unique_ptr<Segment>, segments_ahead> spares_;
  std::vector<std::unique_ptr<Segment>> segments_;
  std::string space_problem_;
  std::atomic<bool> lacks_space_{false};  // there is one
};

[[nodiscard]] std::expected<void, std::string> sync_directory(const std::filesystem::path& path);
[[nodiscard]] std::string system_error(std::string_view what, const std::filesystem::path& path,
                                       int error);

}  // namespace interlock::audit
