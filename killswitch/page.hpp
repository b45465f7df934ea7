// One page of shared memory: what the gateway shows the guard, and all that the guard knows of it.
// Each number below stands for ever; a page of another version is not read.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace interlock::killswitch {

struct PageVenue {          // an address of a venue, to which the gateway connects
  std::uint8_t family = 0;  // AF_INET or AF_INET6; 0: none
  std::uint8_t unused = 0;
  std::uint16_t port = 0;                  // in host order
  std::array<std::uint8_t, 16> address{};  // in network order; IPv4 in the first four
};

// As it stands in the file, which is zeroed and has a size of 4,096 bytes.
struct Page {
  static constexpr std::uint64_t magic_value = 0x3147504B434C4E49;  // "INLCKPG1"
  static constexpr std::size_t venues_max = 128;

  std::atomic<std::uint64_t> magic;  // written last when a gateway takes the page
  std::atomic<std::uint32_t> pid;
  std::atomic<std::uint32_t> venue_count;
  std::atomic<std::uint64_t>
      started_ticks;                    // field 22 of /proc/PID/stat: tells a pid from its reuse
  std::atomic<std::int64_t> loop_ns;    // CLOCK_MONOTONIC of the loop's last turn
  std::atomic<std::int64_t> thread_ns;  // of the button thread's last tick
  // 1: the loop has acted on a latch that is shut for the firm: nothing that opens risk leaves.
  std::atomic<std::uint32_t> shut;
  std::atomic<std::uint32_t> ended;  // 1: the gateway has stopped in order
  std::array<PageVenue, venues_max> venues;
};
static_assert(sizeof(Page) <= 4096);
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

// The gateway's side. Made anew (another file under the same name) at each start, for its owner to
// write and its group to read, whatever the umask. Belongs on a tmpfs such as /run: a page of a
// file on a disk may be waited for while the disk is stuck.
class PageWriter {
 public:
  // The error says what, where, and what to do: no directory, no right, more than `venues_max`.
  static std::expected<std::unique_ptr<PageWriter>, std::string> create(
      const std::filesystem::path& file, const std::vector<PageVenue>& venues);
  ~PageWriter();
  PageWriter(const PageWriter&) = delete;
  PageWriter& operator=(const PageWriter&) = delete;

  void loop_turn(std::int64_t mono_ns, bool shut) noexcept;
  void thread_tick(std::int64_t mono_ns) noexcept;
  void ended() noexcept;

 private:
  explicit PageWriter(Page* page) : page_(page) {}
  Page* page_;
};

// What a page says at one moment, and whose it is.
struct PageSeen {
  std::uint32_t pid = 0;
  std::uint64_t started_ticks = 0;
  uid_t owner = 0;  // of the file
  std::int64_t loop_ns = 0;
  std::int64_t thread_ns = 0;
  bool shut = false;
  bool ended = false;
  friend bool operator==(const PageSeen&, const PageSeen&) = default;
};

// The guard's side. Looks at the file's name each time, so that it follows a gateway that was
// started again. After the construction nothing here waits or asks for memory.
class PageReader {
 public:
  explicit PageReader(std::filesystem::path file) : file_(std::move(file)) {}
  ~PageReader() { close(); }
  PageReader(const PageReader&) = delete;
  PageReader& operator=(const PageReader&) = delete;

  // Nothing: no such file, of another size, without the magic, or of a process that cannot be.
  [[nodiscard]] std::optional<PageSeen> look() noexcept;
  // Of the last page that was seen, even when it has gone since.
  [[nodiscard]] std::span<const PageVenue> venues() const noexcept {
    return {venues_.data(), venue_count_};
  }

 private:
  bool follow() noexcept;
  void close() noexcept;

  std::filesystem::path file_;
  const Page* page_ = nullptr;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  uid_t owner_ = 0;
  std::array<PageVenue, Page::venues_max> venues_{};
  std::size_t venue_count_ = 0;
};

}  // namespace interlock::killswitch
