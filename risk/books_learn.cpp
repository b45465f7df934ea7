// Books::learn: facts are never refused, and lower an exposure only on evidence.
#include <algorithm>

#include "risk/books_state.hpp"
#include "risk/digest.hpp"
#include "risk/exposure.hpp"

namespace interlock::risk {
namespace {

// One report on its way into the books.
struct Lesson {
  Books::State& state;
  const Report& report;
  Time now;
  Learned learned;
  NamedOrder named;                 // by 11, else by 41
  std::uint32_t* latest = nullptr;  // execution under this report's ExecID, if it has one
};

bool moves_something(Fact fact) { return fact != Fact::pending && fact != Fact::status; }

std::uint64_t content_of(const Report& report) {
  Digest digest;
  digest.add(report.venue).add(report.exec_id).add(static_cast<std::uint64_t>(report.fact));
  digest.add(report.router).add(report.cl_ord_id).add(report.orig_cl_ord_id);
  digest.add(report.exec_ref_id).add(report.symbol).add(report.last_quantity);
  digest.add(report.last_price).add(report.quantity).add(report.limit);
  digest.add(report.cum).add(report.leaves);
  return digest.value();
}

ByText<std::uint32_t>& exec_ids_of(Books::State& state, VenueId venue) {
  const std::size_t i = venue.known() ? std::size_t{venue.value} + 1 : 0;
  if (i >= state.exec_ids.size()) state.exec_ids.resize(i + 1);
  return state.exec_ids[i];
}

// Rule 10. False: seen before with the same content, so nothing may move.
bool is_news(Lesson& lesson) {
  if (!moves_something(lesson.report.fact) || lesson.report.exec_id.empty()) return true;
  auto& exec_ids = exec_ids_of(lesson.state, lesson.report.venue);
  const auto [latest, is_first] = exec_ids.try_emplace(lesson.report.exec_id, nowhere);
  const auto [content, is_other] =
      lesson.state.contents.try_emplace(content_of(lesson.report), lesson.named.order);
  if (!is_first && !is_other) {
    lesson.learned.order = content->second;
    lesson.learned.duplicate = true;
    return false;
  }
  if (!is_first) lesson.learned.anomaly = Anomaly::exec_id_reused;
  lesson.latest = &latest->second;
  return true;
}

// Its number among the executions; nowhere when it has no ExecID that anyone could name.
std::uint32_t remember_fill(Lesson& lesson, Quantity quantity) {
  if (!lesson.latest) return nowhere;
  const auto number = static_cast<std::uint32_t>(lesson.state.executions.size());
  lesson.state.executions.push_back(
      {.order = lesson.named.order, .quantity = quantity, .earlier = *lesson.latest});
  return *lesson.latest = number;
}

// The fill that ExecRefID names, or the correction that stands in its place; nullptr: none that can
// be taken back, of this order if the order is known.
Execution* referenced_fill(Lesson& lesson) {
  auto& executions = lesson.state.executions;
  const auto& exec_ids = exec_ids_of(lesson.state, lesson.report.venue);
  const auto found = exec_ids.find(lesson.report.exec_ref_id);
  if (found == exec_ids.end()) return nullptr;
  for (std::uint32_t i = found->second; i != nowhere; i = executions[i].earlier) {
    std::uint32_t last = i;
    while (executions[last].corrected_by != nowhere) last = executions[last].corrected_by;
    Execution& fill = executions[last];
    const bool is_of_this_order = !lesson.named.order.known() || fill.order == lesson.named.order;
    if (!fill.taken_back && is_of_this_order) return &fill;
  }
  return nullptr;
}

void execute(Lesson& lesson, OrderRecord& order, Wide quantity) {
  order.cum += quantity;
  move_position(lesson.state, order.shown, quantity);
  ParentRecord* parent = lesson.state.declared(order.shown.parent);
  if (!parent || quantity < 0) return;  // a bust gives no capacity back (rule 12)
  parent->cum += quantity;
  parent->shown->cum = narrow<Quantity>(parent->cum);
}

// The venue speaks of an order that ended as of a live one. It counts as open again, unless 151
// says that nothing is left.
void live_on(Lesson& lesson, OrderRecord& order) {
  OrderState& state = order.shown.state;
  if (state == OrderState::sent) state = OrderState::live;
  if (state != OrderState::ended) return;
  if (lesson.report.leaves && lesson.report.leaves->is_zero()) return;
  state = OrderState::live;
  settle(lesson.state, order);
  if (!order.shown.open.is_positive()) {
    state = OrderState::ended;
    settle(lesson.state, order);
    return;
  }
  order.closed_by_venue = false;
  order.unseen = 0;
  lesson.learned.anomaly = Anomaly::life_after_end;
}

void fill(Lesson& lesson, OrderRecord& order) {
  const Quantity quantity = lesson.report.last_quantity;
  if (!quantity.is_positive()) {
    // Whatever executed was open, and stays counted as open.
    lesson.learned.anomaly = Anomaly::bad_value;
    return;
  }
  if (order.closed_by_venue) {
    lesson.learned.anomaly = Anomaly::fill_after_end;
    order.unseen = std::max<Wide>(0, order.unseen - quantity.raw());
  } else if (quantity > order.shown.open) {
    lesson.learned.anomaly = Anomaly::over_fill;
  }
  if (order.shown.state == OrderState::sent) order.shown.state = OrderState::live;
  remember_fill(lesson, quantity);
  execute(lesson, order, quantity.raw());
}

void reopen_after_bust(Lesson& lesson, OrderRecord& order) {
  const bool nothing_left = lesson.report.leaves && lesson.report.leaves->is_zero();
  const bool was_filled = order.shown.state == OrderState::ended && !order.closed_by_venue;
  if (was_filled && !nothing_left && order.cum < order.accepted.quantity.raw()) {
    order.shown.state = OrderState::live;
  }
}

void bust(Lesson& lesson, OrderRecord& order) {
  Execution* taken_back = referenced_fill(lesson);
  if (!taken_back) {
    lesson.learned.anomaly = Anomaly::unknown_exec_ref;
    return;
  }
  taken_back->taken_back = true;
  execute(lesson, order, -Wide{taken_back->quantity.raw()});
  reopen_after_bust(lesson, order);
}

void correct(Lesson& lesson, OrderRecord& order) {
  const Quantity quantity = lesson.report.last_quantity;
  if (!quantity.is_positive()) {
    lesson.learned.anomaly = Anomaly::bad_value;
    return;
  }
  Execution* corrected = referenced_fill(lesson);
  if (!corrected) {  // we missed the fill: this is what we know of it
    fill(lesson, order);
    lesson.learned.anomaly = Anomaly::unknown_exec_ref;
    return;
  }
  const Wide change = Wide{quantity.raw()} - corrected->quantity.raw();
  if (change > order.shown.open.raw() && !order.closed_by_venue) {
    lesson.learned.anomaly = Anomaly::over_fill;
  }
  const auto old = static_cast<std::size_t>(corrected - lesson.state.executions.data());
  if (const auto number = remember_fill(lesson, quantity); number != nowhere) {
    lesson.state.executions[old].taken_back = true;
    lesson.state.executions[old].corrected_by = number;
  } else {  // no ExecID of its own: it stands under the old one
    corrected->quantity = quantity;
  }
  execute(lesson, order, change);
  if (change < 0) reopen_after_bust(lesson, order);
}

// Terms of the report hold for what was accepted; a quantity that is none keeps the old one.
void take_terms(Lesson& lesson, OrderRecord& order) {
  if (lesson.report.quantity) {
    if (lesson.report.quantity->is_positive()) {
      order.accepted.quantity = *lesson.report.quantity;
    } else {
      lesson.learned.anomaly = Anomaly::bad_value;
    }
  }
  if (lesson.report.limit) order.accepted.limit = lesson.report.limit;
}

void replaced(Lesson& lesson, OrderRecord& order) {
  const NamedOrder answered = lesson.state.named(lesson.report.router, lesson.report.cl_ord_id);
  const bool is_known = answered.order == order.id && answered.serial != nowhere;
  auto& unanswered = order.unanswered;
  const auto terms = std::find_if(unanswered.begin(), unanswered.end(), [&](const Terms& each) {
    return each.serial == answered.serial;
  });
  if (is_known && answered.serial <= order.accepted.serial) {
    if (terms != unanswered.end()) unanswered.erase(terms);
    return;  // a later replace is accepted already: the reports came out of order
  }
  if (is_known && terms != unanswered.end()) {
    order.accepted = *terms;
    unanswered.erase(terms);
  }
  if (is_known) {
    order.accepted.serial = answered.serial;
    order.shown.cl_ord_id = lesson.report.cl_ord_id;
  }
  take_terms(lesson, order);
  live_on(lesson, order);
}

void reject_replace(Lesson& lesson, OrderRecord& order) {
  const NamedOrder answered = lesson.state.named(lesson.report.router, lesson.report.cl_ord_id);
  if (answered.order != order.id) return;
  std::erase_if(order.unanswered,
                [&](const Terms& each) { return each.serial == answered.serial; });
}

void end(Lesson& lesson, OrderRecord& order) {
  order.shown.state = OrderState::ended;
  order.shown.cancel_in_flight = false;
  order.closed_by_venue = true;
  // What 14 says beyond the fills that we have seen was executed: it stays open until they come.
  const Wide claimed = lesson.report.cum ? Wide{lesson.report.cum->raw()} : Wide{0};
  order.unseen = std::max<Wide>(0, claimed - order.cum);
}

// Proof that the D never lived; what the venue has spoken of as live is not taken back by it.
void reject_new(Lesson& lesson, OrderRecord& order) {
  if (order.shown.state != OrderState::sent) {
    lesson.learned.anomaly = Anomaly::life_after_end;
    return;
  }
  order.unanswered.clear();
  end(lesson, order);
}

void apply(Lesson& lesson, OrderRecord& order) {
  switch (lesson.report.fact) {
    case Fact::pending:
    case Fact::status:
      break;
    case Fact::acknowledged:
      live_on(lesson, order);
      break;
    case Fact::replaced:
      replaced(lesson, order);
      break;
    case Fact::filled:
      fill(lesson, order);
      break;
    case Fact::ended:
      end(lesson, order);
      break;
    case Fact::restated:
      take_terms(lesson, order);
      live_on(lesson, order);
      break;
    case Fact::suspended:
      live_on(lesson, order);
      break;
    case Fact::busted:
      bust(lesson, order);
      break;
    case Fact::corrected:
      correct(lesson, order);
      break;
    case Fact::replace_rejected:
      reject_replace(lesson, order);
      break;
    case Fact::cancel_rejected:
      order.shown.cancel_in_flight = false;
      break;
    case Fact::new_rejected:
      reject_new(lesson, order);
      break;
  }
}

// Rule 9: it was executed somewhere in our name, and no order of ours explains it.
void book_unmapped(Lesson& lesson) {
  Books::State& state = lesson.state;
  lesson.learned.anomaly = Anomaly::unknown_order;
  if (lesson.report.fact != Fact::filled && lesson.report.fact != Fact::corrected) return;
  const Wide quantity = std::max<Wide>(0, lesson.report.last_quantity.raw());
  const Wide price = absolute(lesson.report.last_price.raw());
  const auto value = notional(narrow<Quantity>(quantity), narrow<Price>(price));
  state.quarantine_shares += quantity;
  state.quarantine_notional += value.value_or(Money::highest()).raw();
  ++state.quarantine.fills;
  state.quarantine.shares = narrow<Quantity>(state.quarantine_shares);
  state.quarantine.notional = narrow<Money>(state.quarantine_notional);
}

void settle_end(Lesson& lesson, OrderRecord& order) {
  settle(lesson.state, order);
  const bool is_filled = order.shown.state == OrderState::live && order.shown.open.is_zero() &&
                         order.unanswered.empty();
  if (!is_filled) return;
  order.shown.state = OrderState::ended;
  order.shown.cancel_in_flight = false;
  settle(lesson.state, order);
}

void watch_parent(Lesson& lesson, const OrderRecord& order, Wide cum_before, Wide open_before) {
  ParentRecord* parent = lesson.state.declared(order.shown.parent);
  if (!parent || (parent->cum == cum_before && parent->open == open_before)) return;
  if (parent->open == 0) parent->idle_at = lesson.now;
  if (!parent->complete_at && parent->cum >= parent->shown->size.raw()) {
    parent->complete_at = lesson.now;
    lesson.learned.exhausted_parent = true;
  }
}

NamedOrder order_of(const Books::State& state, const Report& report) {
  const NamedOrder by_cl_ord_id = state.named(report.router, report.cl_ord_id);
  if (by_cl_ord_id.order.known()) return by_cl_ord_id;
  return state.named(report.router, report.orig_cl_ord_id);
}

}  // namespace

Learned Books::learn(const Report& report, Time now) {
  Lesson lesson{.state = *state_, .report = report, .now = now, .learned = {}, .named = {}};
  lesson.named = order_of(*state_, report);
  const bool takes_back = report.fact == Fact::busted || report.fact == Fact::corrected;
  if (!lesson.named.order.known() && takes_back) {
    if (const Execution* fill = referenced_fill(lesson)) lesson.named.order = fill->order;
  }
  lesson.learned.order = lesson.named.order;
  if (!is_news(lesson)) return lesson.learned;
  if (!lesson.named.order.known()) {
    book_unmapped(lesson);
    return lesson.learned;
  }
  OrderRecord& order = state_->orders[lesson.named.order.value];
  const ParentRecord* parent = state_->declared(order.shown.parent);
  const Wide parent_cum = parent ? parent->cum : 0;
  const Wide parent_open = parent ? parent->open : 0;
  const bool was_ended = order.shown.state == OrderState::ended;

  lesson.learned.duplicate = report.fact == Fact::status;
  apply(lesson, order);
  settle_end(lesson, order);
  lesson.learned.ended = !was_ended && order.shown.state == OrderState::ended;
  if (lesson.learned.anomaly == Anomaly::none && report.cum && *report.cum != order.shown.cum) {
    lesson.learned.anomaly = Anomaly::cum_differs;
  }
  watch_parent(lesson, order, parent_cum, parent_open);
  return lesson.learned;
}

}  // namespace interlock::risk
