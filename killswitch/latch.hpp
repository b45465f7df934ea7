// The latch: what is killed, in memory first and on disk next. Doubt means killed.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace interlock::killswitch {

enum class ScopeKind : std::uint8_t {
  firm = 1,
  router = 2,
  venue = 3,
  account = 4,
  symbol = 5,
  parent = 6,
  algo = 7,
  trader = 8,
  desk = 9,
};
[[nodiscard]] std::string_view name(ScopeKind kind);
[[nodiscard]] std::optional<ScopeKind> scope_kind_of(
    std::string_view name);  // "everything" is firm too

// How far a scope is shut; a higher one includes the lower ones.
enum class Level : std::uint8_t {
  reduce_only = 1,  // only orders that reduce a position
  block = 2,        // no order
  kill = 3,         // no order, and what is open is cancelled
};
[[nodiscard]] std::string_view name(Level level);
[[nodiscard]] std::optional<Level> level_of(std::string_view name);

struct Scope {
  ScopeKind kind = ScopeKind::firm;
  std::string id;  // the name in its kind; empty for the firm
  friend bool operator==(const Scope&, const Scope&) = default;
};

// Where a kill came from. Never reuse a number.
enum class Source : std::uint8_t {
  http = 1,
  socket = 2,
  breach = 3,
  start = 4,
  journal = 5,
  signal = 6,
  internal = 7,
  button = 8,  // a press, or the loss of a contact
  file = 9,    // somebody made the file of [kill] touch_file
};
[[nodiscard]] std::string_view name(Source source);

// One closing of the latch, of whatever level.
struct Kill {
  // Rises by one for each kill. A start jumps ahead to the milliseconds of its clock, so that the
  // id of a kill that could not be written is not used again either.
  std::uint64_t id = 0;
  Scope scope;
  Level level = Level::kill;
  Source source = Source::internal;
  std::string actor;               // who: a person, a router, "interlock"
  std::string cause;               // in words
  std::int64_t tripped_at_ns = 0;  // UTC
};

struct Tripped {
  Kill kill;
  bool already = false;    // the scope was shut as far before: that kill is the answer
  bool persisted = false;  // written and synced; false is answered to the caller, never hidden
  std::string problem;     // why not persisted
};

struct Stored;

// Thread-safe: any thread may trip; the loop reads `word()` immediately before bytes go to a venue.
class Latch {
 public:
  // Opens `path` (two copies, CRC each; created by the first change). Missing, corrupt, unreadable:
  // killed (firm, source start).
  explicit Latch(std::filesystem::path path, std::int64_t now_ns);

  // Bit 0: the firm is killed or blocked. Bits 1..63: a generation that changes with every trip and
  // re-arm, and at the latest when `active()` has changed.
  [[nodiscard]] std::uint64_t word() const noexcept {
    return word_.load(std::memory_order_acquire);
  }
  [[nodiscard]] static constexpr bool firm_killed(std::uint64_t word) noexcept { return word & 1; }

  // Memory first: when this returns, word() has changed, also if the disk is full. Idempotent by
  // scope and level. Waits for the disk, though never before the gate is shut and `on_change` was
  // called. Where the kill itself cannot be noted (no memory), the whole firm is shut until a
  // restart.
  Tripped trip(Scope scope, Source source, std::string actor, std::string cause,
               std::int64_t now_ns, Level level = Level::kill) noexcept;
  // The same without the disk, for a thread that must not wait: it owes a call of `persist`, from
  // any thread.
  Tripped trip_in_memory(Scope scope, Source source, std::string actor, std::string cause,
                         std::int64_t now_ns, Level level = Level::kill) noexcept;
  // Changes the word and wakes the loop, as a trip does, and shuts nothing: what a drill measures.
  // Returns the new word.
  std::uint64_t touch() noexcept;
  // That scope itself is killed; a wider one that covers it does not count.
  [[nodiscard]] bool shuts(const Scope& scope) const noexcept;
  // Writes what is not written yet; nothing when all is.
  [[nodiscard]] std::expected<void, std::string> persist() noexcept;

  [[nodiscard]] std::vector<Kill> active() const;

  // Called by Rearm after two people agreed. Persists first, opens second; an error leaves it
  // killed. A trip of any scope meanwhile is such an error: a kill always wins.
  [[nodiscard]] std::expected<Kill, std::string> clear(std::uint64_t kill_id, std::int64_t now_ns);
  // The same in two steps, for a thread that must not wait. Another one stores the latch without
  // the kill, and the gate stays shut; what came of that opens it, unless anything has changed
  // since. A step that is not followed by the next owes a call of `stands`, and one of `persist`
  // from any thread, as does one that fails.
  struct Cleared {
    Kill kill;
    std::uint64_t word = 0;     // before
    std::uint64_t changes = 0;  // that are stored
  };
  [[nodiscard]] std::expected<Cleared, std::string> store_cleared(std::uint64_t kill_id);
  [[nodiscard]] std::expected<Kill, std::string> open(Cleared cleared);
  void stands();

  // What the gate was armed under (build id, config hash, dialects); compared at start for
  // `resume_if_unchanged`.
  [[nodiscard]] std::string armed_identity() const;
  [[nodiscard]] bool clean_stop() const;  // the last run ended in order
  void note_armed(std::string identity);  // owes a call of `persist`
  // False at start, true at orderly stop. An error of the first means: do not arm.
  [[nodiscard]] std::expected<void, std::string> record_clean_stop(bool clean);

  // Called after each change of word(), on the tripping thread (the loop's eventfd). Set once,
  // before threads start.
  void on_change(std::function<void()> wake);

 private:
  std::uint64_t change_word(bool firm) noexcept;
  Tripped note(Kill kill);
  // What the file is to hold, and the number of its last change.
  [[nodiscard]] std::pair<Stored, std::uint64_t> state() const;
  [[nodiscard]] std::expected<void, std::string> persist_with_file_locked();
  [[nodiscard]] std::expected<Cleared, std::string> store_with_file_locked(std::uint64_t kill_id);
  [[nodiscard]] bool open_in_memory(const Cleared& cleared);
  [[nodiscard]] std::string stands_because(std::string why);
  void wake() noexcept;

  std::filesystem::path path_;
  std::atomic<std::uint64_t> word_;
  std::atomic<std::uint32_t> tripping_ =
      0;                                  // trips between their change of the word and their note
  std::atomic<bool> unrecorded_ = false;  // a kill that there was no memory for
  std::mutex file_mutex_;                 // taken first; held during disk writes
  mutable std::mutex mutex_;              // of all below; held for moments only
  std::vector<Kill> kills_;
  std::uint64_t next_id_ = 1;
  std::string armed_identity_;
  bool clean_stop_ = false;
  std::uint64_t changes_ = 0;    // of what the file holds
  std::uint64_t persisted_ = 0;  // the last of them that is on disk
  std::function<void()> wake_;
};

}  // namespace interlock::killswitch
