// A journal on its way back into the books, read on a second core: what can be said of a record by
// itself is worked out by the time that it is applied.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <expected>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/fields.hpp"
#include "audit/journal.hpp"
#include "gateway/wire.hpp"
#include "risk/request.hpp"

namespace interlock::gateway {

class Leg;

// Valid during the call that it is given to.
struct ReadRecord {
  audit::Record record;
  audit::FieldReader fields{std::span<const std::byte>{}};  // of its payload
  Leg* session = nullptr;                                   // of its message; nullptr: none known
  // The frame in it where it has one that moves the books: an order of a router that came to the
  // controls, strictly; a venue's message, as far as it reads.
  Parsed message;
  std::optional<ParseError> refused;  // the dialect does not take it, though it once did
  std::optional<risk::Report> report;
  // Sequence numbers that it used up.
  std::optional<std::uint64_t> in;  // of `session`
  struct Sent {
    Leg* session = nullptr;  // nullptr: nothing was sent, or to nobody known
    std::uint32_t sequence = 0;
  };
  Sent out, reply;
  std::optional<std::uint64_t> waited_record;  // in which it stood until it was decided
};

// The frame of `into.fields`, if it moves the books.
void read_message(ReadRecord& into, const config::Dialect& dialect);

class ReadAhead {
 public:
  // Works out what can be said of a record: on a thread of its own, beside who applies those before
  // it.
  using Prepare = std::function<void(ReadRecord&)>;
  // Nobody appends to the journal meanwhile.
  ReadAhead(const audit::Journal& journal, Prepare prepare)
      : journal_(journal), prepare_(std::move(prepare)) {}

  // Calls apply(record) for each behind the mark and up to the record `through`, in their order, on
  // the caller's thread.
  std::expected<void, std::string> run(const std::function<void(ReadRecord&)>& apply,
                                       const audit::Mark& after = {},
                                       std::uint64_t through = UINT64_MAX);

 private:
  static constexpr std::size_t batch_records = 256;
  static constexpr std::size_t batches = 4;  // few enough to stay in the cache
  struct Batch {
    std::vector<ReadRecord> records{batch_records};  // their storage is used again
    std::size_t used = 0;
  };

  void read(const audit::Mark& after, std::uint64_t through);
  void read(const audit::Record& record, ReadRecord& into) const;
  bool hand_over(std::size_t records);  // false: nobody takes them any more
  [[nodiscard]] Batch* next();          // nullptr: that was the last

  const audit::Journal& journal_;
  Prepare prepare_;
  Batch ring_[batches];
  std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::size_t filled_ = 0, applied_ = 0;  // batches so far
  bool is_applying_ = false, ended_ = false, stopped_ = false;
  std::expected<void, std::string> outcome_;
};

}  // namespace interlock::gateway
