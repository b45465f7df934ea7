#include "simulation/venue.hpp"

#include <algorithm>

namespace interlock::simulation {

using risk::Fact;
using risk::Quantity;

std::int64_t TrueOrder::executed() const {
  std::int64_t sum = 0;
  for (const TrueTrade& each : trades) sum += each.stands ? each.quantity : 0;
  return sum;
}

std::int64_t TrueOrder::leaves() const {
  return is_alive ? std::max<std::int64_t>(0, quantity - executed()) : 0;
}

std::int64_t TrueOrder::worst() const {
  std::int64_t most = executed() - unforeseeable;
  if (never_left) return most;
  if (!has_arrived || is_alive) {
    most = std::max(most, quantity);
    for (const auto& [name, replaced] : replaces_in_flight) most = std::max(most, replaced);
  }
  return most;
}

std::string Venue::fresh_exec_id() { return "E" + std::to_string(++executions_); }

Flight& Venue::say(Fact fact, TrueOrder& order, const std::string& cl_ord_id) {
  order.is_of_earlier_day = false;
  Flight& flight = outbox.emplace_back();
  flight.order = order.number;
  risk::Report& report = flight.report;
  report.venue = id_;
  report.fact = fact;
  report.router = order.first.router;
  report.cl_ord_id = cl_ord_id;
  report.symbol = order.first.symbol;
  report.side = order.first.side;
  ++clock_;
  if (tick_ > 0) report.venue_time = risk::Time{clock_ / tick_};
  if (fact == Fact::replace_rejected || fact == Fact::cancel_rejected) return flight;
  report.exec_id = fresh_exec_id();
  const bool takes_back = fact == Fact::busted || fact == Fact::corrected;
  if (tells_cum_ || !takes_back) report.cum = Quantity::of_raw(order.executed());
  report.leaves = Quantity::of_raw(order.leaves());
  return flight;
}

void Venue::settle(TrueOrder& order) const {
  if (order.is_alive && order.leaves() == 0) order.is_alive = false;
}

void Venue::close(TrueOrder& order, const std::string& cl_ord_id) {
  order.is_alive = false;
  order.is_closed = true;
  Flight& flight = say(Fact::ended, order, cl_ord_id);
  if (cl_ord_id != order.cl_ord_id) flight.report.orig_cl_ord_id = order.cl_ord_id;
}

void Venue::answer(std::deque<TrueOrder>& orders) {
  const risk::Request request = inbox_.front();
  inbox_.pop_front();
  const bool refuses = chance_.one_in(5);
  const auto find = [&](risk::RouterId router, const std::string& cl_ord_id) -> TrueOrder* {
    for (TrueOrder& each : orders) {
      if (each.first.router != router) continue;
      if (each.first.cl_ord_id == cl_ord_id || each.cl_ord_id == cl_ord_id) return &each;
      for (const auto& [name, quantity] : each.replaces_in_flight) {
        if (name == cl_ord_id) return &each;
      }
    }
    return nullptr;
  };
  if (const auto* d = std::get_if<risk::NewOrder>(&request)) {
    TrueOrder& order = *find(d->router, d->cl_ord_id);
    order.has_arrived = true;
    if (chance_.one_in(4)) say(Fact::pending, order, d->cl_ord_id);
    if (refuses) return close(order, d->cl_ord_id);
    order.is_alive = true;
    say(Fact::acknowledged, order, d->cl_ord_id);
  } else if (const auto* g = std::get_if<risk::Replace>(&request)) {
    TrueOrder& order = *find(g->router, g->cl_ord_id);
    std::erase_if(order.replaces_in_flight,
                  [&](const auto& each) { return each.first == g->cl_ord_id; });
    if (refuses || !order.is_alive) {
      say(Fact::replace_rejected, order, g->cl_ord_id);
      return;
    }
    order.quantity = g->quantity.raw();
    settle(order);
    Flight& flight = say(Fact::replaced, order, g->cl_ord_id);
    flight.report.orig_cl_ord_id = order.cl_ord_id;
    flight.report.quantity = g->quantity;
    order.cl_ord_id = g->cl_ord_id;
  } else if (const auto* f = std::get_if<risk::Cancel>(&request)) {
    TrueOrder* order = find(f->router, f->orig_cl_ord_id);
    if (order == nullptr) return;
    if (refuses || !order->is_alive) {
      say(Fact::cancel_rejected, *order, f->cl_ord_id);
      return;
    }
    if (chance_.one_in(3)) say(Fact::pending, *order, f->cl_ord_id);
    close(*order, f->cl_ord_id);
  }
}

TrueOrder* Venue::pick(std::deque<TrueOrder>& orders, bool alive) {
  std::vector<TrueOrder*> found;
  for (TrueOrder& each : orders) {
    const bool is_past = !each.is_alive && each.is_of_earlier_day;
    const bool is_here = each.first.venue == id_ && each.has_arrived && !each.never_left;
    if (!is_here || is_past) continue;
    if (each.is_alive == alive) found.push_back(&each);
  }
  return found.empty() ? nullptr : found[chance_.below(static_cast<std::uint32_t>(found.size()))];
}

void Venue::execute(TrueOrder& order) {
  const std::int64_t most = order.leaves() / Quantity::one;
  if (most <= 0) return;
  const std::int64_t quantity =
      (chance_.one_in(3) ? most : chance_.between(1, most)) * Quantity::one;
  order.trades.push_back({"", quantity, quantity, true});
  settle(order);
  Flight& flight = say(Fact::filled, order, order.cl_ord_id);
  // A fill during a pending replace, and of many a venue always, carries the original name.
  if (chance_.one_in(4)) flight.report.cl_ord_id = order.first.cl_ord_id;
  flight.report.last_quantity = Quantity::of_raw(quantity);
  flight.report.last_price = risk::Price::of(100);
  order.trades.back().exec_id = flight.report.exec_id;
}

// More than was left, or after the end: nobody could count on it.
void Venue::execute_wrongly(TrueOrder& order) {
  const std::int64_t quantity = order.leaves() + chance_.between(1, 20) * Quantity::one;
  const std::int64_t excess = quantity - order.leaves();
  order.trades.push_back({"", quantity, quantity, true});
  settle(order);
  Flight& flight = say(Fact::filled, order, order.cl_ord_id);
  flight.report.last_quantity = Quantity::of_raw(quantity);
  flight.report.last_price = risk::Price::of(100);
  flight.is_odd = true;
  order.unforeseeable += excess;
  order.trades.back().exec_id = flight.report.exec_id;
}

void Venue::bust(TrueOrder& order) {
  if (order.trades.empty()) return;
  TrueTrade& trade = order.trades[chance_.below(static_cast<std::uint32_t>(order.trades.size()))];
  const bool is_second = !trade.stands;
  trade.stands = false;
  // A filled order lives again; one that was cancelled or expired does not.
  if (!order.is_closed) order.is_alive = order.quantity > order.executed();
  Flight& flight = say(Fact::busted, order, order.cl_ord_id);
  flight.report.exec_ref_id = trade.exec_id;
  flight.is_odd = is_second;
  if (!order.is_closed && chance_.one_in(3)) close(order, order.cl_ord_id);
}

void Venue::correct(TrueOrder& order) {
  if (order.trades.empty()) return;
  TrueTrade& trade = order.trades[chance_.below(static_cast<std::uint32_t>(order.trades.size()))];
  if (!trade.stands) return;
  const std::int64_t more = order.is_alive ? order.leaves() / Quantity::one : 0;
  const std::int64_t quantity =
      chance_.between(1, trade.quantity / Quantity::one + more) * Quantity::one;
  trade.quantity = quantity;
  trade.most = std::max(trade.most, quantity);
  if (!order.is_closed) order.is_alive = order.quantity > order.executed();
  Flight& flight = say(Fact::corrected, order, order.cl_ord_id);
  flight.report.exec_ref_id = trade.exec_id;
  flight.report.last_quantity = Quantity::of_raw(quantity);
  flight.report.last_price = risk::Price::of(101);
  trade.exec_id = flight.report.exec_id;
}

void Venue::restate(TrueOrder& order) {
  const std::int64_t executed = order.executed() / Quantity::one;
  const std::int64_t quantity = order.quantity / Quantity::one;
  if (quantity - 1 <= executed) return;
  order.quantity = chance_.between(executed + 1, quantity) * Quantity::one;
  Flight& flight = say(Fact::restated, order, order.cl_ord_id);
  flight.report.quantity = Quantity::of_raw(order.quantity);
  if (chance_.one_in(2)) flight.report.limit = risk::Price::of(chance_.between(95, 105));
}

// Statuses with 17=0, busts of what nobody knows, and an ExecID that is used again.
void Venue::say_nonsense(TrueOrder& order) {
  switch (chance_.below(4)) {
    case 0: {
      Flight& flight = say(Fact::status, order, order.cl_ord_id);
      flight.report.exec_id = "0";
      return;
    }
    case 1: {
      Flight& flight = say(Fact::busted, order, order.cl_ord_id);
      flight.report.exec_ref_id = "X" + std::to_string(chance_.below(1000));
      flight.is_odd = true;
      return;
    }
    case 2: {
      Flight& flight = say(Fact::filled, order, "nobody's");
      flight.report.last_quantity = Quantity::of(chance_.between(1, 50));
      flight.report.last_price = risk::Price::of(100);
      flight.order = SIZE_MAX;
      flight.is_odd = true;
      return;
    }
    default:
      if (order.is_alive) say(Fact::suspended, order, order.cl_ord_id);
  }
}

void Venue::act(std::deque<TrueOrder>& orders) {
  TrueOrder* alive = pick(orders, true);
  TrueOrder* over = pick(orders, false);
  TrueOrder* any = alive && (!over || chance_.one_in(2)) ? alive : over;
  if (any == nullptr) return;
  const std::uint32_t what = chance_.below(20);
  if (what == 0) return say_nonsense(*any);
  if (what <= 2) return bust(*any);
  if (what == 3) return correct(*any);
  if (what == 4 && chance_.one_in(4)) return execute_wrongly(*any);
  if (alive == nullptr) return;
  if (what == 5) return close(*alive, alive->cl_ord_id);
  if (what == 6) return restate(*alive);
  execute(*alive);
  if (chance_.one_in(30)) reuse_exec_id(*alive, orders);
}

// Some venues count their ExecIDs from 1 at each start.
void Venue::reuse_exec_id(TrueOrder& order, const std::deque<TrueOrder>& orders) {
  if (order.trades.empty() || outbox.empty()) return;
  Flight& flight = outbox.back();
  if (flight.report.fact != Fact::filled || flight.order != order.number) return;
  for (const TrueOrder& other : orders) {
    if (other.number == order.number || other.first.venue != id_ || other.trades.empty()) continue;
    const std::string& again = other.trades.front().exec_id;
    const bool has = std::any_of(order.trades.begin(), order.trades.end(),
                                 [&](const TrueTrade& each) { return each.exec_id == again; });
    if (has) return;
    flight.report.exec_id = order.trades.back().exec_id = again;
    flight.is_odd = true;
    return;
  }
}

}  // namespace interlock::simulation
