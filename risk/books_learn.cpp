// Books::learn: facts are never refused, and lower an exposure only on evidence.
#include <algorithm>

#include "risk/exposure.hpp"
#include "risk/lesson.hpp"

namespace interlock::risk {
namespace {

// The venue speaks of an order that ended as of a live one. It counts as open again, unless 151
// says that nothing is left, or the report is older than the one that ended it.
void live_on(Lesson& lesson, OrderRecord& order) {
  OrderState& state = order.shown.state;
  if (state == OrderState::sent) state = OrderState::live;
  if (state != OrderState::ended) return;
  if (lesson.report.leaves && lesson.report.leaves->is_zero()) return;
  if (order.closed_by_venue && is_older(lesson.report, order.ended_at)) return;
  state = OrderState::live;
  settle(lesson.state, order);
  if (!order.shown.open.is_positive()) {
    state = OrderState::ended;
    settle(lesson.state, order);
    return;
  }
  order.closed_by_venue = false;
  lesson.learned.anomaly = Anomaly::life_after_end;
}

// Of two reports that say it, the later one holds.
void take_quantity(const Lesson& lesson, OrderRecord& order, Quantity quantity) {
  if (is_older(lesson.report, order.quantity_at)) return;
  if (lesson.report.venue_time) order.quantity_at = lesson.report.venue_time;
  order.accepted.quantity = quantity;
}
void take_limit(const Lesson& lesson, OrderRecord& order, std::optional<Price> limit) {
  if (is_older(lesson.report, order.limit_at)) return;
  if (lesson.report.venue_time) order.limit_at = lesson.report.venue_time;
  order.accepted.limit = limit;
}

// Terms of the report hold for what was accepted; a quantity that is none keeps the old one.
void take_terms(Lesson& lesson, OrderRecord& order) {
  if (lesson.report.quantity) {
    if (lesson.report.quantity->is_positive()) {
      take_quantity(lesson, order, *lesson.report.quantity);
    } else {
      lesson.learned.anomaly = Anomaly::bad_value;
    }
  }
  if (lesson.report.limit) take_limit(lesson, order, lesson.report.limit);
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
    take_quantity(lesson, order, terms->quantity);
    take_limit(lesson, order, terms->limit);
    order.accepted.type = terms->type;
    order.accepted.side = terms->side;
    unanswered.erase(terms);
  }
  if (is_known) {
    order.accepted.serial = answered.serial;
    order.shown.side = order.accepted.side;
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
  if (order.closed_by_venue && is_older(lesson.report, order.ended_at)) return;
  order.shown.state = OrderState::ended;
  order.shown.cancel_in_flight = false;
  order.closed_by_venue = true;
  order.ended_at = lesson.report.venue_time;
}

// A split or the like: 14 counts in the new shares, and so do we. A parent is not given capacity.
void restate_executed(Lesson& lesson, OrderRecord& order) {
  if (!lesson.report.corporate_action || !lesson.report.cum) return;
  const Wide change = lesson.report.cum->raw() - order.cum;
  order.cum += change;
  if (change > 0) count_to_parent(lesson.state, order, change);
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
      restate_executed(lesson, order);
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
  note_orphan(state, lesson.report.venue, narrow<Quantity>(quantity),
              value.value_or(Money::highest()));
  ++state.quarantine.fills;
  state.quarantine.shares = narrow<Quantity>(state.quarantine_shares);
  state.quarantine.notional = narrow<Money>(state.quarantine_notional);
}

// What 14 says beyond the fills that we have seen was executed: it stays open until they come. Of
// reports without a time, or of the same (52 may count whole seconds), nobody knows which is later:
// the end holds, and before it the most that was said.
void note_claim(const Lesson& lesson, OrderRecord& order) {
  const Report& report = lesson.report;
  const bool moves_nothing = report.fact == Fact::pending || report.fact == Fact::status;
  if (!report.cum || moves_nothing || is_older(report, order.claimed_at)) return;
  const Wide said = report.cum->raw();
  const bool is_later = report.venue_time && report.venue_time != order.claimed_at;
  const bool holds = is_later || report.fact == Fact::ended || report.corporate_action;
  if (!order.claimed || holds) {
    order.claimed = said;
    if (is_later) order.claimed_at = report.venue_time;
  } else if (!order.closed_by_venue) {
    *order.claimed += std::max<Wide>(0, said - order.executed_as_said());
  }
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
  if (note_complete(*parent, lesson.now)) lesson.learned.exhausted_parent = true;
}

// Rule 11. An older report than the latest says less than we know, and rightly so.
void compare_cum(Lesson& lesson, OrderRecord& order) {
  const Report& report = lesson.report;
  const bool is_late = is_older(report, order.heard_at);
  if (report.venue_time && !is_late) order.heard_at = report.venue_time;
  if (!report.cum || *report.cum == order.shown.cum) return;
  const bool says_more = *report.cum > order.shown.cum;
  if (is_late && (!says_more || !order.retractions.empty())) return;
  lesson.learned.missing_fills = says_more;
  if (lesson.learned.anomaly == Anomaly::none) lesson.learned.anomaly = Anomaly::cum_differs;
}

NamedOrder order_of(const Books::State& state, const Report& report) {
  const NamedOrder by_cl_ord_id = state.named(report.router, report.cl_ord_id);
  if (by_cl_ord_id.order.known()) return by_cl_ord_id;
  return state.named(report.router, report.orig_cl_ord_id);
}

}  // namespace

Learned Books::learn(const Report& report, Time now) {
  Lesson lesson{
      .state = *state_, .report = report, .now = now, .learned = {}, .named = {}, .by_name = {}};
  lesson.named = order_of(*state_, report);
  lesson.by_name = lesson.named.order;
  const bool takes_back = report.fact == Fact::busted || report.fact == Fact::corrected;
  if (takes_back) lesson.named.order = order_of_execution(lesson);
  lesson.learned.order = lesson.named.order;
  state_->activity.news = {};
  if (!is_news(lesson)) return lesson.learned;
  note_rejected(*state_, report.router, report, now);
  if (!lesson.named.order.known()) {
    book_unmapped(lesson);
    return lesson.learned;
  }
  OrderRecord& order = state_->orders[lesson.named.order.value];
  const ParentRecord* parent = state_->declared(order.shown.parent);
  const Wide parent_cum = parent ? parent->cum : 0;
  const Wide parent_open = parent ? parent->open : 0;
  const bool was_ended = order.shown.state == OrderState::ended;
  order.last_day = state_->day;

  lesson.learned.duplicate = report.fact == Fact::status;
  apply(lesson, order);
  note_claim(lesson, order);
  settle_end(lesson, order);
  lesson.learned.ended = !was_ended && order.shown.state == OrderState::ended;
  compare_cum(lesson, order);
  watch_parent(lesson, order, parent_cum, parent_open);
  return lesson.learned;
}

}  // namespace interlock::risk
