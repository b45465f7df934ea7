#include "simulation/world.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "risk/world.hpp"
#include "simulation/told.hpp"

namespace interlock::simulation {
namespace {

using risk::Fact;
using risk::Quantity;

constexpr std::uint32_t routers = 3, venues = 2, accounts = 2, symbols = 2, parents = 6;

}  // namespace

World::World(std::uint64_t seed, std::ostream* out)
    : seed_(seed), out_(out), chance_(seed), overtakes_(seed % 2 == 0) {
  const bool tells_time = overtakes_ || chance_.one_in(2);
  for (std::uint32_t i = 0; i < routers; ++i) {
    (void)directory_.routers.intern("R" + std::to_string(i));
  }
  for (std::uint32_t i = 0; i < accounts; ++i) {
    (void)directory_.accounts.intern("A" + std::to_string(i));
  }
  for (std::uint32_t i = 0; i < symbols; ++i) {
    (void)directory_.symbols.intern("S" + std::to_string(i));
  }
  for (std::uint32_t i = 0; i < venues; ++i) {
    const bool tells_cum = !chance_.one_in(3);
    const std::int64_t tick = !overtakes_ && chance_.one_in(2) ? 4 : 1;
    venues_.emplace_back(directory_.venues.intern("V" + std::to_string(i)), chance_,
                         tells_time ? tick : 0, tells_cum);
  }
  const risk::ScopeLimits wide = risk::test::wide_limits();
  limits_.firm = limits_.parent = wide;
  limits_.routers.assign(routers, wide);
  limits_.venues.assign(venues, wide);
  limits_.accounts.assign(accounts, wide);
  limits_.symbols.assign(symbols, wide);
  limits_.parents.exhausted_grace = risk::milliseconds(500);
  constexpr risk::Duration ever = risk::seconds(1'000'000);
  limits_.reference_ages = {.closed = ever, .pre_open = ever, .open = ever};
  limits_.acknowledge_within = risk::Limit<risk::Duration>::none();
  limits_.staleness.journal = risk::Limit<risk::Duration>::none();
  limits_.rate_age_max = ever;
  limits_.symbol_traits.resize(symbols);
  now_ = risk::test::at_ms(0);
  references_.by_symbol.resize(symbols);
  books_ = new_books();
  happen({now_, Priced{{risk::Price::of(100), risk::Price::of(50)}}});
  for (std::uint32_t i = 0; i < parents; ++i) {
    risk::ParentDeclaration parent;
    parent.parent = directory_.parents.intern("P" + std::to_string(i));
    parent.account = {chance_.below(accounts)};
    parent.symbol = {chance_.below(symbols)};
    parent.side = i % 2 == 0 ? risk::Side::buy : risk::Side::sell;
    parent.size = Quantity::of(chance_.between(50, 400));
    parents_.push_back(parent);
    happen({now_, Sized{parent.parent, parent.size, true}});
  }
  begin_day();
}

// Something to sell, and to sell short; of some, nothing.
void World::begin_day() {
  for (std::uint32_t account = 0; account < accounts; ++account) {
    for (std::uint32_t symbol = 0; symbol < symbols; ++symbol) {
      const auto shares = [&] {
        return Quantity::of(std::max<std::int64_t>(0, chance_.between(-100, 500)));
      };
      happen({now_, Loaded{{account}, {symbol}, shares()}});
      happen({now_, Located{{account}, {symbol}, shares()}});
    }
  }
}

risk::Books World::new_books() const {
  risk::Books books;
  books.size_for(directory_, limits_);
  return books;
}

Tally World::run() {
  const std::uint32_t steps = 60 + chance_.below(60);
  for (std::uint32_t i = 0; i < steps; ++i) step();
  finish();
  return tally_;
}

void World::step() {
  now_ = now_ + risk::milliseconds(chance_.below(200));
  Venue& venue = venues_[chance_.below(venues)];
  const std::uint32_t what = chance_.below(40);
  if (what < 7) {
    ask(some_order());
  } else if (what < 10) {
    if (const TrueOrder* order = some_sent()) {
      risk::Replace replace;
      replace.router = order->first.router;
      replace.cl_ord_id = fresh();
      replace.orig_cl_ord_id = chance_.one_in(3) ? order->first.cl_ord_id : order->cl_ord_id;
      replace.symbol = order->first.symbol;
      replace.side = order->first.side;
      replace.quantity = Quantity::of(chance_.between(1, 90));
      replace.limit =
          risk::Price::of((order->first.symbol.value == 0 ? 100 : 50) + chance_.between(-3, 3));
      ask(replace);
    }
  } else if (what < 12) {
    if (const TrueOrder* order = some_sent()) {
      // Our own cancel never names what two rolls have forgotten; a router's is refused then.
      const risk::Order& known = books_.order({static_cast<std::uint32_t>(order->number)});
      const bool is_ours = chance_.one_in(4) && !known.cl_ord_id.empty();
      ask(risk::Cancel{order->first.router, fresh(), order->cl_ord_id, is_ours});
    }
  } else if (what < 19) {
    if (venue.has_mail()) venue.answer(orders_);
  } else if (what < 27) {
    venue.act(orders_);
  } else if (what < 36) {
    if (!in_flight_.empty()) {
      deliver(overtakes_ ? chance_.below(static_cast<std::uint32_t>(in_flight_.size())) : 0);
    }
  } else if (what == 36) {
    deliver_again();
  } else if (what == 37) {
    use_desk();
  } else if (what == 38) {
    if (chance_.one_in(4)) roll_day();
  } else {
    restart();
  }
  for (Venue& each : venues_) collect(each);
  covers_truth();
}

void World::collect(Venue& venue) {
  for (Flight& each : venue.outbox) {
    tell("    (on its way:" + told(each.report) + ")");
    in_flight_.push_back(std::move(each));
  }
  venue.outbox.clear();
}

risk::NewOrder World::some_order() {
  const risk::ParentDeclaration& parent = parents_[chance_.below(parents)];
  risk::NewOrder order;
  order.router = {chance_.below(routers)};
  order.venue = {chance_.below(venues)};
  order.account = parent.account;
  order.symbol = parent.symbol;
  order.parent = parent.parent;
  order.side = parent.side;
  if (!is_buy(order.side)) {
    // Marked as it has to be, mostly.
    const bool is_held = books_.position(order.account, order.symbol).is_positive();
    if (is_held == chance_.one_in(8)) order.side = risk::Side::sell_short;
  }
  const std::string last = "o" + std::to_string(named_);
  const bool is_again = chance_.one_in(20) && books_.is_taken(order.router, last);
  order.cl_ord_id = is_again ? last : fresh();
  order.quantity = Quantity::of(chance_.between(1, 60));
  if (chance_.one_in(4)) {
    order.type = risk::OrderType::market;
  } else {
    order.limit = risk::Price::of((order.symbol.value == 0 ? 100 : 50) + chance_.between(-3, 3));
  }
  return order;
}

const TrueOrder* World::some_sent() {
  if (orders_.empty()) return nullptr;
  const auto count = static_cast<std::uint32_t>(orders_.size());
  return &orders_[count - 1 - chance_.below(std::min(count, 8u))];
}

risk::Verdict World::decide(const risk::Books& books, const risk::Request& request,
                            risk::Time at) const {
  return risk::decide({.books = books,
                       .limits = limits_,
                       .references = references_,
                       .directory = directory_,
                       .request = request,
                       .now = at});
}

void World::ask(const risk::Request& request) {
  const risk::Verdict verdict = decide(books_, request, now_);
  judge(request, verdict);
  if (verdict.may_go()) {
    count(request);
    happen({now_, request});
    return send(request);
  }
  ++tally_.refused;
  tell(fmt::format("refused {}: {}", told(request), verdict.breach->fact));
  books_.refuse(request, *verdict.breach, now_);
  journal_.push_back({now_, Refused{request, *verdict.breach}});
  compare();
}

void World::count(const risk::Request& request) {
  ++tally_.entered;
  tally_.replaces += std::holds_alternative<risk::Replace>(request);
  const auto* order = std::get_if<risk::NewOrder>(&request);
  tally_.sells += order && !is_buy(order->side);
}

// What was sent of a parent is at most its size, at each moment at which more is sent.
void World::judge(const risk::Request& request, const risk::Verdict& verdict) {
  const bool was_judged = verdict.may_go() || verdict.breach->reason == risk::Reason::parent_fill;
  if (!was_judged || std::holds_alternative<risk::Cancel>(request)) return;
  const Model model = this->model();
  const std::int64_t increment = model.increment(request);
  risk::ParentId id;
  if (const auto* order = std::get_if<risk::NewOrder>(&request)) id = order->parent;
  if (const auto* replace = std::get_if<risk::Replace>(&request)) {
    id = model.orders()[*model.find(replace->router, replace->orig_cl_ord_id)].first.parent;
  }
  const Parent parent = model.parent(id);
  const bool is_too_much =
      increment > 0 && (parent.is_cancelled || parent.used() + increment > parent.size);
  tally_.full_parents += is_too_much;
  demand(is_too_much != verdict.may_go(),
         fmt::format("{} on parent P{} that uses {} of {}: {}", told(request), id.value,
                     parent.used(), parent.size, verdict.may_go() ? "sent" : "refused"));
}

void World::send(const risk::Request& request) {
  if (const auto* d = std::get_if<risk::NewOrder>(&request)) {
    TrueOrder order;
    order.first = *d;
    order.number = orders_.size();
    order.cl_ord_id = d->cl_ord_id;
    order.quantity = d->quantity.raw();
    orders_.push_back(std::move(order));
    if (chance_.one_in(12)) return never_left(orders_.back());
    if (chance_.one_in(15)) {
      ++tally_.lost;
      return lost_.push_back(orders_.size() - 1);
    }
    return venues_[d->venue.value].receive(request);
  }
  const auto router = std::visit([](const auto& each) { return each.router; }, request);
  const Model model(events_, events_.size(), 0);
  const auto name = std::visit([](const auto& each) { return each.cl_ord_id; }, request);
  TrueOrder& order = orders_[*model.find(router, name)];
  if (const auto* g = std::get_if<risk::Replace>(&request)) {
    order.replaces_in_flight.emplace_back(g->cl_ord_id, g->quantity.raw());
  }
  venues_[order.first.venue.value].receive(request);
}

// Rule 2: our own proof that the venue never had it.
void World::never_left(TrueOrder& order) {
  order.never_left = order.has_arrived = true;
  Flight proof;
  proof.order = order.number;
  proof.report.venue = order.first.venue;
  proof.report.fact = Fact::new_rejected;
  proof.report.router = order.first.router;
  proof.report.cl_ord_id = order.first.cl_ord_id;
  learn(proof, false);
}

risk::Learned World::happen(Event event) {
  tell(told(event));
  if (const auto* priced = std::get_if<Priced>(&event.what)) {
    for (std::size_t i = 0; i < symbols; ++i) {
      references_.by_symbol[i] = risk::ReferencePrice{priced->by_symbol[i], now_};
    }
  }
  const risk::Learned learned = apply(books_, event);
  events_.push_back(event);
  journal_.push_back({now_, std::move(event)});
  compare();
  return learned;
}

void World::deliver(std::size_t at) {
  const Flight flight = in_flight_[at];
  in_flight_.erase(in_flight_.begin() + static_cast<std::ptrdiff_t>(at));
  tally_.overtaken += at > 0;
  tally_.late += flight.rolls > 0;
  // What is executed beyond an order shows once all of its fills are in.
  const bool is_last = std::none_of(in_flight_.begin(), in_flight_.end(),
                                    [&](const Flight& each) { return each.order == flight.order; });
  if (is_last && flight.order != SIZE_MAX) orders_[flight.order].unforeseeable = 0;
  learn(flight, false);
  delivered_.push_back(flight);
}

void World::deliver_again() {
  auto& from = chance_.one_in(3) ? delivered_before_roll_ : delivered_;
  if (from.empty()) return;
  learn(from[chance_.below(static_cast<std::uint32_t>(from.size()))], true);
}

void World::learn(const Flight& flight, bool is_again) {
  ++tally_.reports;
  const risk::Report& report = flight.report;
  tally_.busts += report.fact == Fact::busted;
  const bool is_unmapped = flight.order == SIZE_MAX;
  if (is_unmapped && !is_again) quarantined_ += report.last_quantity.raw();
  const risk::Learned learned = happen({now_, report});
  tally_.anomalies += learned.anomaly != risk::Anomaly::none;
  tally_.duplicates += learned.duplicate;
  if (is_again && !report.exec_id.empty() && report.fact != Fact::pending) {
    demand(learned.duplicate, "a report counts twice");
  }
  // Out of order, much looks odd that is explained by what comes later.
  if (is_again || overtakes_ || flight.is_odd) return;
  demand(learned.anomaly == risk::Anomaly::none,
         fmt::format("a false alarm: {}", name(learned.anomaly)));
}

void World::use_desk() {
  const risk::ParentDeclaration& parent = parents_[chance_.below(parents)];
  switch (chance_.below(6)) {
    case 0:
    case 1:
      happen({now_, Priced{{risk::Price::of(chance_.between(97, 103)),
                            risk::Price::of(chance_.between(47, 53))}}});
      return;
    case 2:
      happen({now_, Sized{parent.parent, Quantity::of(chance_.between(20, 500))}});
      return;
    case 3:
      happen({now_, Executed{parent.parent, Quantity::of(chance_.between(1, 100))}});
      return;
    case 4: {
      const Quantity position = Quantity::of(chance_.between(-200, 600));
      happen({now_, Loaded{parent.account, parent.symbol, position}});
      return;
    }
    default:
      if (chance_.one_in(4)) happen({now_, Cancelled{parent.parent}});
  }
}

// A report may be late by a day, and not by two: until then the order is known.
void World::roll_day() {
  for (Venue& venue : venues_) {
    while (venue.has_mail()) venue.answer(orders_);
    collect(venue);
  }
  for (std::size_t i = 0; i < in_flight_.size();) {
    if (in_flight_[i].rolls == 0) {
      ++in_flight_[i++].rolls;
    } else {
      deliver(i);
    }
  }
  for (TrueOrder& each : orders_) each.is_of_earlier_day = true;
  ++tally_.rolls;
  delivered_before_roll_ = std::move(delivered_);
  delivered_.clear();
  happen({now_, Rolled{}});
  begin_day();
}

}  // namespace interlock::simulation
