// Executions in the books: what counts twice, what is taken back, and what stands in for what.
#include <algorithm>

#include "risk/digest.hpp"
#include "risk/exposure.hpp"
#include "risk/lesson.hpp"
#include "risk/profit.hpp"

namespace interlock::risk {
namespace {

bool moves_something(Fact fact) { return fact != Fact::pending && fact != Fact::status; }

std::uint64_t content_of(const Report& report, OrderId order) {
  constexpr TextHash of{};
  Digest digest;
  digest.add(report.venue).add(of(report.exec_id)).add(static_cast<std::uint64_t>(report.fact));
  digest.add(order).add(report.router).add(of(report.cl_ord_id)).add(of(report.orig_cl_ord_id));
  digest.add(of(report.exec_ref_id)).add(report.symbol).add(report.last_quantity);
  digest.add(report.last_price).add(report.quantity).add(report.limit);
  digest.add(report.cum).add(report.leaves);
  return digest.value();
}

// In the tables by venue, whose first entry is of those that are unknown.
std::size_t place_of(VenueId venue) { return venue.known() ? std::size_t{venue.value} + 1 : 0; }

template <class Table>
auto& of_venue(Table& table, VenueId venue) {
  const std::size_t i = place_of(venue);
  if (i >= table.size()) table.resize(i + 1);
  return table[i];
}

// Number among the executions.
std::uint32_t remember(Lesson& lesson, Quantity quantity) {
  const auto number = static_cast<std::uint32_t>(lesson.state.executions.size());
  Execution& execution = lesson.state.executions.emplace_back();
  execution.order = lesson.named.order;
  execution.quantity = quantity;
  const Order& order = lesson.state.orders[lesson.named.order.value].shown;
  execution.price = fill_price(lesson.state, order, lesson.report.last_price);
  if (!lesson.seen) return number;
  execution.earlier = lesson.seen->latest;
  lesson.seen->latest = number;
  return number;
}

// What stands in the place of that execution now.
std::uint32_t last_of(const Books::State& state, std::uint32_t number) {
  while (state.executions[number].corrected_by != nowhere) {
    number = state.executions[number].corrected_by;
  }
  return number;
}

std::uint32_t latest_by(const Lesson& lesson, const std::string& exec_id) {
  const auto& exec_ids = of_venue(lesson.state.exec_ids, lesson.report.venue).of(exec_id);
  const auto found = exec_ids.find(exec_id);
  return found == exec_ids.end() ? nowhere : found->second.latest;
}

// The execution that ExecRefID names, or the correction that stands in its place; nowhere: none
// that can be taken back, of this order if the order is known.
std::uint32_t referenced(const Lesson& lesson) {
  const auto& executions = lesson.state.executions;
  const OrderId order = lesson.named.order;
  const std::string& name = lesson.report.exec_ref_id;
  for (std::uint32_t i = latest_by(lesson, name); i != nowhere; i = executions[i].earlier) {
    const std::uint32_t last = last_of(lesson.state, i);
    const bool is_of_this_order = !order.known() || executions[last].order == order;
    if (!executions[last].taken_back && is_of_this_order) return last;
  }
  const auto& awaited = of_venue(lesson.state.awaited, lesson.report.venue);
  if (const auto found = awaited.find(name); found != awaited.end()) {
    for (const Awaited& each : found->second) {
      if (each.order != order || each.by == nowhere) continue;
      const std::uint32_t last = last_of(lesson.state, each.by);
      if (!executions[last].taken_back) return last;
    }
  }
  return nowhere;
}

// Whether the order had an execution of that name, taken back or not.
bool was_seen(const Lesson& lesson, OrderId order, const std::string& exec_id) {
  const auto& executions = lesson.state.executions;
  for (std::uint32_t i = latest_by(lesson, exec_id); i != nowhere; i = executions[i].earlier) {
    if (executions[i].order == order) return true;
  }
  return false;
}

// Rule 12: what it names may still come. It will count for nothing then.
void await_referenced(Lesson& lesson, std::uint32_t by) {
  const std::string& name = lesson.report.exec_ref_id;
  if (name.empty() || was_seen(lesson, lesson.named.order, name)) return;
  auto& all = of_venue(lesson.state.awaited, lesson.report.venue)[name];
  const auto is_same = [&](const Awaited& each) { return each.order == lesson.named.order; };
  if (std::any_of(all.begin(), all.end(), is_same)) return;
  all.push_back({lesson.named.order, by, lesson.report.venue_time});
}

// The bust or correction that came before this report's execution.
std::optional<Awaited> take_awaited(Lesson& lesson) {
  auto& awaited = of_venue(lesson.state.awaited, lesson.report.venue);
  const auto found = awaited.find(lesson.report.exec_id);
  if (found == awaited.end()) return std::nullopt;
  auto& all = found->second;
  const auto its = std::find_if(all.begin(), all.end(), [&](const Awaited& each) {
    return each.order == lesson.named.order;
  });
  if (its == all.end()) return std::nullopt;
  const Awaited taken = *its;
  all.erase(its);
  if (all.empty()) awaited.erase(found);
  return taken;
}

void execute(Lesson& lesson, OrderRecord& order, Wide quantity, Wide value) {
  order.cum += quantity;
  move_position(lesson.state, order.shown, quantity, value);
  if (quantity > 0) note_execution(lesson.state, order.shown, lesson.now);
}

// What the execution of that number was traded for.
Wide value_of(const Lesson& lesson, const OrderRecord& order, std::uint32_t number) {
  const Execution& execution = lesson.state.executions[number];
  return traded_value(order.shown.side, execution.quantity, execution.price);
}

void note_retraction(OrderRecord& order, std::optional<Time> at, Wide change) {
  if (at && change != 0) order.retractions.push_back({*at, change});
}

// Of this report: without a time, or of the same, it is later than the claim that was heard before.
void note_retraction(const Lesson& lesson, OrderRecord& order, Wide change) {
  const std::optional<Time> at = lesson.report.venue_time;
  note_retraction(order, at, change);
  const bool is_next = !at || !order.claimed_at || at == order.claimed_at;
  if (order.claimed && is_next) *order.claimed += change;
}

// The parent counts a trade once, with the most that it ever was.
void count_as_one(Lesson& lesson, const OrderRecord& order, std::uint32_t number,
                  std::initializer_list<std::uint32_t> others) {
  auto& executions = lesson.state.executions;
  Wide most = executions[number].quantity.raw();
  Wide counted = 0;
  const auto join = [&](std::uint32_t each) {
    most = std::max(most, executions[each].counted);
    counted += executions[each].counted;
    executions[each].counted = 0;
  };
  join(number);
  for (const std::uint32_t other : others) {
    if (other != nowhere && other != number) join(other);
  }
  executions[last_of(lesson.state, number)].counted = most;
  count_to_parent(lesson.state, order, most - counted);
}

Wide corrected_to(const Books::State& state, const Awaited& awaited) {
  return awaited.by == nowhere ? 0 : state.executions[awaited.by].quantity.raw();
}

void note_excess(Lesson& lesson, const OrderRecord& order, Wide quantity) {
  if (order.closed_by_venue) {
    if (quantity > order.unseen()) lesson.learned.anomaly = Anomaly::fill_after_end;
  } else if (quantity > order.shown.open.raw()) {
    lesson.learned.anomaly = Anomaly::over_fill;
  }
}

// To which order the ExecID was said with that content before; nullopt: it was not.
std::optional<OrderId> repeated_of(const Books::State& state, const SeenExecId& seen,
                                   std::uint64_t content) {
  if (!seen.is_reused) return seen.content == content ? std::optional(seen.order) : std::nullopt;
  const auto found = state.contents.find(content);
  return found == state.contents.end() ? std::nullopt : std::optional(found->second.order);
}

// Books the execution as new, unless a bust or a correction of it came first.
void book(Lesson& lesson, OrderRecord& order, std::uint32_t number) {
  Execution& execution = lesson.state.executions[number];
  const Wide quantity = execution.quantity.raw();
  const std::optional<Awaited> awaited = take_awaited(lesson);
  if (!awaited) {
    note_excess(lesson, order, quantity);
    count_as_one(lesson, order, number, {});
    return execute(lesson, order, quantity, value_of(lesson, order, number));
  }
  execution.taken_back = true;
  execution.corrected_by = awaited->by;
  note_retraction(order, awaited->at, corrected_to(lesson.state, *awaited) - quantity);
  count_as_one(lesson, order, number, {last_of(lesson.state, number)});
}

// That nothing is left (151) is believed only with 14: the order may be filled again already, by
// what is still on its way, and then 14 says how much of that there is.
void reopen_after_bust(Lesson& lesson, OrderRecord& order) {
  const Report& report = lesson.report;
  const bool nothing_left =
      report.leaves && report.leaves->is_zero() && report.cum && !is_older(report, order.heard_at);
  const bool was_filled = order.shown.state == OrderState::ended && !order.closed_by_venue;
  if (was_filled && !nothing_left && order.cum < order.accepted.quantity.raw()) {
    order.shown.state = OrderState::live;
  }
}

// The correction `number` takes the place of the execution `old`.
void stand_in(Lesson& lesson, OrderRecord& order, std::uint32_t old, std::uint32_t number) {
  auto& executions = lesson.state.executions;
  executions[old].taken_back = true;
  executions[old].corrected_by = number;
  const Wide quantity = executions[number].quantity.raw();
  Wide change = quantity - executions[old].quantity.raw();
  Wide value = value_of(lesson, order, number) - value_of(lesson, order, old);
  note_retraction(lesson, order, change);
  std::uint32_t later = nowhere;
  if (const auto awaited = take_awaited(lesson)) {
    executions[number].taken_back = true;
    executions[number].corrected_by = awaited->by;
    later = last_of(lesson.state, number);
    change = -Wide{executions[old].quantity.raw()};
    value = -value_of(lesson, order, old);
    note_retraction(order, awaited->at, corrected_to(lesson.state, *awaited) - quantity);
  }
  if (change > order.shown.open.raw() && !order.closed_by_venue) {
    lesson.learned.anomaly = Anomaly::over_fill;
  }
  count_as_one(lesson, order, number, {old, later});
  execute(lesson, order, change, value);
  if (change < 0) reopen_after_bust(lesson, order);
}

}  // namespace

void count_to_parent(Books::State& state, const OrderRecord& order, Wide quantity) {
  ParentRecord* parent = state.declared(order.shown.parent);
  if (!parent) return;
  parent->cum += quantity;
  parent->shown->cum = narrow<Quantity>(parent->cum);
}

bool is_told(const Books::State& state, VenueId venue, const std::string& exec_id) {
  const std::size_t place = place_of(venue);
  return place < state.exec_ids.size() && state.exec_ids[place].of(exec_id).contains(exec_id);
}

bool is_news(Lesson& lesson) {
  const Report& report = lesson.report;
  if (!moves_something(report.fact) || report.exec_id.empty()) return true;
  const OrderId order = lesson.named.order;
  const std::uint32_t day = lesson.state.day;
  const std::uint64_t content = content_of(report, lesson.by_name);
  auto& exec_ids = of_venue(lesson.state.exec_ids, report.venue).of(report.exec_id);
  const auto [found, is_first] = exec_ids.try_emplace(
      report.exec_id,
      SeenExecId{.order = order, .day = day, .is_reused = false, .content = content});
  SeenExecId& seen = found->second;
  lesson.seen = &seen;
  if (is_first) return true;
  if (const auto repeated = repeated_of(lesson.state, seen, content)) {
    lesson.learned.order = *repeated;
    lesson.learned.duplicate = true;
    return false;
  }
  lesson.learned.anomaly = Anomaly::exec_id_reused;
  auto& contents = lesson.state.contents;
  if (!seen.is_reused) contents.try_emplace(seen.content, SeenContent{seen.order, seen.day});
  contents.try_emplace(content, SeenContent{order, day});
  seen.is_reused = true;
  seen.order = order;
  seen.day = day;
  return true;
}

OrderId order_of_execution(const Lesson& lesson) {
  const OrderId order = lesson.named.order;
  if (order.known() && was_seen(lesson, order, lesson.report.exec_ref_id)) return order;
  // The ClOrdID may be today's again, and the execution yesterday's.
  if (const auto* names = entry(lesson.state.earlier_cl_ord_ids, lesson.report.router)) {
    const auto& part = names->of(lesson.report.cl_ord_id);
    const auto found = part.find(lesson.report.cl_ord_id);
    const OrderId earlier = found == part.end() ? OrderId{} : found->second.order;
    if (earlier.known() && was_seen(lesson, earlier, lesson.report.exec_ref_id)) return earlier;
  }
  if (order.known()) return order;
  const std::uint32_t execution = referenced(lesson);
  return execution == nowhere ? OrderId{} : lesson.state.executions[execution].order;
}

void fill(Lesson& lesson, OrderRecord& order) {
  const Quantity quantity = lesson.report.last_quantity;
  if (!quantity.is_positive()) {
    // Whatever executed was open, and stays counted as open.
    lesson.learned.anomaly = Anomaly::bad_value;
    return;
  }
  if (order.shown.state == OrderState::sent) order.shown.state = OrderState::live;
  book(lesson, order, remember(lesson, quantity));
}

void bust(Lesson& lesson, OrderRecord& order) {
  const std::uint32_t number = referenced(lesson);
  if (number == nowhere) {
    lesson.learned.anomaly = Anomaly::unknown_exec_ref;
    return await_referenced(lesson, nowhere);
  }
  Execution& execution = lesson.state.executions[number];
  execution.taken_back = true;
  const Wide change = -Wide{execution.quantity.raw()};
  note_retraction(lesson, order, change);
  execute(lesson, order, change, -value_of(lesson, order, number));
  reopen_after_bust(lesson, order);
}

void correct(Lesson& lesson, OrderRecord& order) {
  const Quantity quantity = lesson.report.last_quantity;
  if (!quantity.is_positive()) {
    lesson.learned.anomaly = Anomaly::bad_value;
    return;
  }
  const std::uint32_t old = referenced(lesson);
  const std::uint32_t number = remember(lesson, quantity);
  if (old != nowhere) return stand_in(lesson, order, old, number);
  if (order.shown.state == OrderState::sent) order.shown.state = OrderState::live;
  book(lesson, order, number);  // we missed what it corrects: this is what we know of it
  await_referenced(lesson, number);
  lesson.learned.anomaly = Anomaly::unknown_exec_ref;
}

}  // namespace interlock::risk
