// Where the sequence numbers of one session stand, and in which journal record each message that we
// sent lies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/journal.hpp"
#include "risk/pages.hpp"

namespace interlock::gateway {

// Everything here is rebuilt from the journal at start; nothing is kept elsewhere.
class SequenceStore {
 public:
  [[nodiscard]] std::uint32_t next_in() const { return next_in_; }
  [[nodiscard]] std::uint32_t next_out() const { return next_out_; }
  void set_next_in(std::uint32_t next) { next_in_ = next; }
  void set_next_out(std::uint32_t next);
  // Message `sequence` of ours lies in the record at `location`; the counter stays.
  void place(std::uint32_t sequence, const audit::Location& location);
  // The same, and the next number follows it.
  void sent(std::uint32_t sequence, const audit::Location& location);
  void reset();  // both numbers to 1, what was sent is out of reach
  // The record that holds what was sent under `sequence`; sequence 0 in the answer: none does.
  [[nodiscard]] audit::Location find(std::uint32_t sequence) const;

  template <class Archive>
  void serialize(Archive& archive) {  // for a snapshot
    auto& [next_in, next_out, sent] = *this;
    archive(next_in, next_out, sent);
  }

 private:
  std::uint32_t next_in_ = 1;
  std::uint32_t next_out_ = 1;
  // [sequence - 1]; location.sequence 0: nothing known.
  risk::Pages<audit::Location, 128> sent_;
};

// The frame that went out as (session, sequence) according to this record; empty when it holds no
// such frame.
[[nodiscard]] std::string_view sent_frame(const audit::Record& record, std::string_view session,
                                          std::uint32_t sequence);

}  // namespace interlock::gateway
