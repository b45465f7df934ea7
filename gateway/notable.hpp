// The end of the journal as people read it: what was done and what happened, without single orders.
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>

#include "audit/fields.hpp"
#include "audit/journal.hpp"
#include "gateway/snapshot.hpp"

namespace interlock::gateway {

// Puts it first when it is of a kind that people look at; the oldest goes.
void note_record(std::deque<RecordView>& records, audit::Kind kind, std::uint64_t sequence,
                 std::int64_t time_ns, std::string_view actor, const audit::FieldWriter& fields);

}  // namespace interlock::gateway
