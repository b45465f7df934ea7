#include "gateway/read_ahead.hpp"

#include <exception>
#include <thread>
#include <utility>

#include "audit/fields.hpp"

namespace interlock::gateway {

using audit::Field;
using audit::Kind;

std::expected<void, std::string> ReadAhead::run(const std::function<void(ReadRecord&)>& apply,
                                                const audit::Mark& after, std::uint64_t through) {
  std::jthread reader([&, this] { read(after, through); });
  // Whatever `apply` throws, the reader does not wait for ever.
  struct Stop {
    ReadAhead& ahead;
    ~Stop() {
      const std::lock_guard lock(ahead.mutex_);
      ahead.stopped_ = true;
      ahead.changed_.notify_all();
    }
  } stop{*this};
  while (Batch* batch = next()) {
    for (std::size_t i = 0; i < batch->used; ++i) apply(batch->records[i]);
  }
  return outcome_;
}

ReadAhead::Batch* ReadAhead::next() {
  std::unique_lock lock(mutex_);
  if (is_applying_) ++applied_;
  is_applying_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return filled_ > applied_ || ended_; });
  return filled_ > applied_ ? &ring_[applied_ % batches] : nullptr;
}

bool ReadAhead::hand_over(std::size_t records) {
  std::unique_lock lock(mutex_);
  ring_[filled_ % batches].used = records;
  ++filled_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return filled_ - applied_ < batches || stopped_; });
  return !stopped_;
}

void ReadAhead::read(const audit::Mark& after, std::uint64_t through) {
  std::expected<void, std::string> outcome;
  std::size_t used = 0;
  bool is_wanted = true;
  try {
    const auto each = [&](const audit::Record& record) {
      if (!is_wanted) return;
      // Only this thread changes `filled_`.
      read(record, ring_[filled_ % batches].records[used++]);
      if (used < batch_records) return;
      is_wanted = hand_over(used);
      used = 0;
    };
    outcome = journal_.replay(each, after, through);
  } catch (const std::exception& problem) {
    outcome = std::unexpected(std::string(problem.what()));
  }
  if (is_wanted && used > 0) hand_over(used);
  const std::lock_guard lock(mutex_);
  outcome_ = std::move(outcome);
  ended_ = true;
  changed_.notify_all();
}

void ReadAhead::read(const audit::Record& record, ReadRecord& into) const {
  into.record = record;
  into.fields = audit::FieldReader(record.payload);
  into.session = nullptr;
  into.message.fields.clear();  // keeps its storage
  into.message.frame = into.message.type = {};
  into.message.is_indexed = false;
  into.refused.reset();
  into.report.reset();
  into.in.reset();
  into.out = into.reply = {};
  into.waited_record.reset();
  prepare_(into);
}

void read_message(ReadRecord& into, const config::Dialect& dialect) {
  const bool is_order = into.record.kind == Kind::router_message;
  if (!is_order && into.record.kind != Kind::venue_message) return;
  // Answered by ourselves, or refused before it came to the controls: nothing moves.
  if (is_order && !into.fields.number(Field::policy_version)) return;
  const std::string_view frame = into.fields.text(Field::in_frame).value_or("");
  auto strict = parse_strict(frame, dialect, into.message);
  if (strict) return;
  if (is_order)
    into.refused = std::move(strict.error());
  else
    into.message = parse_leniently(frame, dialect, std::move(strict.error())).parsed;
}

}  // namespace interlock::gateway
