// The journal: append-only segments, one record for what belongs together, written before any byte
// leaves. The format is audit/FORMAT.md; this class is its only writer.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/proofs.hpp"
#include "audit/sync.hpp"

namespace interlock::audit {

// Never reuse a number. The payload of each kind is laid down in audit/FORMAT.md and
// audit/records.hpp.
enum class Kind : std::uint16_t {
  start = 1,  // build, config hash, dialects, host
  stop = 2,   // orderly end
  armed = 3,  // the gate opened, and why
  kill = 4,
  rearm = 5,
  parent = 6,  // declaration
  prices = 7,  // reference prices taken over
  router_message =
      8,  // application message from a router, its verdict, and what went to the venue for it
  venue_message =
      9,  // application message from a venue, what was booked, and what went to the router for it
  gateway_message = 10,  // application message that the gateway itself sent (cancel, reject)
  session_in = 11,       // admin message received
  session_out = 12,      // admin message sent
  sequence = 13,         // sequence numbers set by a session: reset, gap fill
  link = 14,             // connected, disconnected, logged on, logged off, refused logon
  alert = 15,            // an anomaly, in words
  purge = 16,   // frames taken from an out-buffer by a kill, with the gap fill in their place
  policy = 17,  // the limits in force
  day = 27,     // the day roll, and what the day begins with
  acknowledgement = 20,  // a person has seen an alert
  tee_message = 30,      // message of an OMS-to-router session's copy, and what it told of a parent
  waiting = 32,          // application message from a router that waits, undecided, for its parent
  venue_copy = 33,       // message of a venue's drop copy, or what became of one that differed
  shadow_message = 34,   // message on the copy of a router's session, and what would have followed
  drop_copy = 31,        // a report as it went to who watches, and the record that it stands in
  proposal = 21,         // a looser policy, which another person may approve
  reload = 22,           // another policy took hold: each value before and after
  raise = 23,            // a limit was raised for a time
  raise_ended = 24,
  parent_change = 26,  // its size, its cancel, or what was executed elsewhere
  cut = 40,            // a venue's connection was reset, and what waited for it dropped
  release = 25,        // the next order like a refused one may pass once
  button = 35,         // what a button showed, when it changed
  drill = 36,          // of a button: begun, passed or failed, by whom, and how long it took
  clock = 50,          // what the kernel says of this host's clock against UTC
  statement = 51,      // what a named person states: a stress test, a control's test, a review
  reconciled = 52,     // a venue's answers compared with the books: an order, or the end of it
  signing = 53,        // the key of the checkpoints was changed; the signer was lost, or came back
  snapshot = 54,       // what a start made of the snapshot that it found
  use = 55,            // how full each limit was at most since the record before
};
[[nodiscard]] std::string_view name(Kind kind);

struct Location {              // of a record; stable for the life of the journal
  std::uint64_t sequence = 0;  // 1, 2, ...: the "B" number of reject texts
  std::uint32_t segment = 0;
  std::uint64_t offset = 0;  // of the record's header in the segment
};

struct Mark {                  // behind a record, or before the first
  std::uint64_t sequence = 0;  // of that record
  std::uint32_t segment = 1;
  std::uint64_t offset = 64;  // at which it ends
};

struct Record {
  Location location;
  Kind kind = Kind::start;
  std::int64_t time_ns = 0;  // UTC
  std::int64_t mono_ns = 0;
  std::string_view actor;  // session id, person, "interlock"
  std::span<const std::byte> payload;
  std::uint16_t run = 0;  // rises by one each time the journal is opened for writing
};

struct JournalOptions {
  std::filesystem::path directory;
  std::uint64_t segment_bytes = 64ull << 20;
  SyncFile sync_file = sync_to_disk;  // tests make it fail
  // Who signs its checkpoints: interlock-signer behind this socket, or we with keys in this folder;
  // both empty: nobody.
  std::filesystem::path signer_socket{}, signing_keys{};
  std::int64_t key_life_ns = 86'400'000'000'000;
  std::filesystem::path copies{};  // closed segments are copied there; empty: nowhere
  // Segments before this one are not read again: where they end stands in the seal.
  std::uint32_t from_segment = 1;
};

// Single writer. `append` is a copy into a mapped file: what it returned survives kill -9. One
// thread appends, replays and asks `at`; all other functions may be called from any thread.
class Journal {
 public:
  // Opens for appending after the last whole record (a torn tail is cut and reported), or creates.
  // Damage before the tail, a version that is not ours, a second writer: an error, and nothing is
  // changed.
  [[nodiscard]] static std::expected<std::unique_ptr<Journal>, std::string> open(
      JournalOptions options);
  // Also while a process writes it: all whole records that are there now. Nothing is changed, and
  // nothing can be appended.
  [[nodiscard]] static std::expected<std::unique_ptr<Journal>, std::string> open_to_read(
      const std::filesystem::path& directory, std::uint32_t from_segment = 1);
  ~Journal();

  // An error means nothing was recorded: the caller refuses and trips.
  [[nodiscard]] std::expected<Location, std::string> append(Kind kind, std::int64_t time_ns,
                                                            std::int64_t mono_ns,
                                                            std::string_view actor,
                                                            std::span<const std::byte> payload);
  // Number the next append will get.
  [[nodiscard]] std::uint64_t next_sequence() const;
  // A record already appended (or recovered); the view lives as long as the journal.
  [[nodiscard]] Record at(const Location& location) const;
  // All records in order, from the beginning or from a mark, up to a record; for recovery, before
  // the first append.
  [[nodiscard]] std::expected<void, std::string> replay(
      const std::function<void(const Record&)>& each, const Mark& after = {},
      std::uint64_t through = UINT64_MAX) const;
  // Where records of Kind::reload stand, from the segment on at which it was opened.
  [[nodiscard]] const std::vector<Location>& reloads() const;
  // What `open` cut from the tail, in words; empty when the end was whole.
  [[nodiscard]] std::string_view cut_tail() const;
  // Everything to disk, and the chain sealed up to the last record. Blocks; for kill, stop and
  // tests.
  [[nodiscard]] std::expected<void, std::string> sync();
  // What is appended is brought to disk in the background, a few times a second. `hurry` has it
  // begin now with all that is there, and does not wait; `on_disk` is the last record that is
  // there, and `told` is called after each step and each failure, on another thread. It must not
  // wait, and is replaced before what it refers to ends.
  void on_sync(std::function<void()> told);
  void hurry();
  [[nodiscard]] std::uint64_t on_disk() const;
  // Why no record is taken any more: a write or a sync failed. Empty while they are.
  [[nodiscard]] std::string problem() const;
  // Who has signed it and how far, and what is wrong with that.
  [[nodiscard]] Proofs proofs() const;
  [[nodiscard]] std::int64_t unsynced_age_ns(std::int64_t now_ns) const;
  [[nodiscard]] std::uint64_t bytes() const;
  // Why the space of the next two segments is not allocated: block what opens risk. Empty when it
  // is.
  [[nodiscard]] std::string space_problem() const;
  [[nodiscard]] bool lacks_space() const;  // the same as a question, for each order

 private:
  struct State;
  explicit Journal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace interlock::audit
