// A journal on its way back into the books, read on a second core: the FIX in its records is parsed
// by the time that they are applied.
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

namespace interlock::gateway {

// A record, and the frame in it where it has one that moves the books: an order of a router that
// came to the controls, strictly; a venue's message, as far as it reads. Valid during the call.
struct ReadRecord {
  audit::Record record;
  audit::FieldReader fields{std::span<const std::byte>{}};  // of its payload
  std::optional<ParseError> refused;  // the dialect does not take it, though it once did
  Parsed message;
};

class ReadAhead {
 public:
  using DialectOf = std::function<const config::Dialect*(std::string_view session)>;
  // Nobody appends to the journal meanwhile.
  ReadAhead(const audit::Journal& journal, DialectOf dialect_of)
      : journal_(journal), dialect_of_(std::move(dialect_of)) {}

  // Calls apply(record) for each behind the mark and up to the record `through`, in their order, on
  // the caller's thread.
  std::expected<void, std::string> run(const std::function<void(const ReadRecord&)>& apply,
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
  [[nodiscard]] const Batch* next();    // nullptr: that was the last

  const audit::Journal& journal_;
  DialectOf dialect_of_;
  Batch ring_[batches];
  std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::size_t filled_ = 0, applied_ = 0;  // batches so far
  bool is_applying_ = false, ended_ = false, stopped_ = false;
  std::expected<void, std::string> outcome_;
};

}  // namespace interlock::gateway
