#include "gateway/store.hpp"

#include "audit/fields.hpp"

namespace interlock::gateway {

void SequenceStore::set_next_out(std::uint32_t next) {
  next_out_ = next;
  if (sent_.size() >= next) sent_.cut(next == 0 ? 0 : next - 1);
}

void SequenceStore::place(std::uint32_t sequence, const audit::Location& location) {
  while (sent_.size() < sequence) sent_.emplace_back();
  sent_[sequence - 1] = location;
}

void SequenceStore::sent(std::uint32_t sequence, const audit::Location& location) {
  place(sequence, location);
  next_out_ = sequence + 1;
}

void SequenceStore::reset() {
  next_in_ = 1;
  next_out_ = 1;
  sent_ = {};
}

audit::Location SequenceStore::find(std::uint32_t sequence) const {
  if (sequence == 0 || sequence > sent_.size()) return {};
  return sent_[sequence - 1];
}

std::string_view sent_frame(const audit::Record& record, std::string_view session,
                            std::uint32_t sequence) {
  using audit::Field;
  const audit::FieldReader fields(record.payload);
  if (fields.text(Field::out_session) == session &&
      fields.number(Field::out_sequence) == sequence) {
    return fields.text(Field::out_frame).value_or(std::string_view{});
  }
  if (fields.text(Field::reply_session) == session &&
      fields.number(Field::reply_sequence) == sequence) {
    return fields.text(Field::reply_frame).value_or(std::string_view{});
  }
  return {};
}

}  // namespace interlock::gateway
