// One report on its way into the books, and what its executions do there (rules 8 to 12).
#pragma once

#include "risk/books_state.hpp"

namespace interlock::risk {

struct Lesson {
  Books::State& state;
  const Report& report;
  Time now;
  Learned learned;
  NamedOrder named;            // by 11, else by 41; of a bust or correction, else by ExecRefID
  OrderId by_name;             // by 11 or 41 only
  SeenExecId* seen = nullptr;  // under this report's ExecID, if it has one
};

// Whether the venue said this before that. Of two reports without a time, or of the same, neither
// is the older one: what is heard last holds.
[[nodiscard]] inline bool is_older(const Report& report, std::optional<Time> than) {
  return report.venue_time && than && *report.venue_time < *than;
}

// Rule 10. False: seen before with the same content, so nothing may move.
[[nodiscard]] bool is_news(Lesson& lesson);

// The order of a bust or a correction: the named one, else that of the execution which it names.
[[nodiscard]] OrderId order_of_execution(const Lesson& lesson);

void fill(Lesson& lesson, OrderRecord& order);
void bust(Lesson& lesson, OrderRecord& order);
void correct(Lesson& lesson, OrderRecord& order);

// Negative where two executions turn out to be one; a bust does not come here (rule 12).
void count_to_parent(Books::State& state, const OrderRecord& order, Wide quantity);

}  // namespace interlock::risk
