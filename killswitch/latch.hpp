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
#include <vector>

namespace interlock::killswitch {

enum class ScopeKind : std::uint8_t {
  firm = 1,
  router = 2,
  venue = 3,
  account = 4,
  symbol = 5,
  parent = 6
};
[[nodiscard]] std::string_view name(ScopeKind kind);
[[nodiscard]] std::optional<ScopeKind> scope_kind_of(
    std::string_view name);  // "everything" is firm too

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
};
[[nodiscard]] std::string_view name(Source source);

struct Kill {
  std::uint64_t id = 0;  // rises by one for each kill of this state directory, never reused
  Scope scope;
  Source source = Source::internal;
  std::string actor;               // who: a person, a router, "interlock"
  std::string cause;               // in words
  std::int64_t tripped_at_ns = 0;  // UTC
};

struct Tripped {
  Kill kill;
  bool already = false;    // the same scope was killed before: that kill is the answer
  bool persisted = false;  // written and synced; false is answered to the caller, never hidden
  std::string problem;     // why not persisted
};

// Thread-safe: any thread may trip; the loop reads `word()` immediately before bytes go to a venue.
class Latch {
 public:
  // Opens `path` (two copies, CRC each; created by the first re-arm). Missing, corrupt, unreadable:
  // killed (firm, source start).
  explicit Latch(std::filesystem::path path, std::int64_t now_ns);

  // Bit 0: the firm is killed. Bits 1..63: a generation that changes with every trip and re-arm.
  [[nodiscard]] std::uint64_t word() const noexcept {
    return word_.load(std::memory_order_acquire);
  }
  [[nodiscard]] static constexpr bool firm_killed(std::uint64_t word) noexcept { return word & 1; }

  // Memory first: when this returns, word() has changed, also if the disk is full. Idempotent by
  // scope.
  Tripped trip(Scope scope, Source source, std::string actor, std::string cause,
               std::int64_t now_ns);

  [[nodiscard]] std::vector<Kill> active() const;

  // Called by Rearm after two people agreed. Persists first, opens second; an error leaves it
  // killed.
  [[nodiscard]] std::expected<Kill, std::string> clear(std::uint64_t kill_id, std::int64_t now_ns);

  // What the gate was armed under (build id, config hash, dialects); compared at start for
  // `resume_if_unchanged`.
  [[nodiscard]] std::string armed_identity() const;
  [[nodiscard]] bool clean_stop() const;  // the last run ended in order
  [[nodiscard]] std::expected<void, std::string> record_armed(std::string identity);
  [[nodiscard]] std::expected<void, std::string> record_clean_stop(
      bool clean);  // false at start, true at orderly stop

  // Called after each change of word(), on the tripping thread (the loop's eventfd). Set once,
  // before threads start.
  void on_change(std::function<void()> wake);

 private:
  struct Stored;
  std::expected<void, std::string> persist_locked();
  std::filesystem::path path_;
  std::atomic<std::uint64_t> word_;
  mutable std::mutex mutex_;
  std::vector<Kill> kills_;
  std::uint64_t next_id_ = 1;
  std::string armed_identity_;
  bool clean_stop_ = false;
  std::function<void()> wake_;
};

}  // namespace interlock::killswitch
