#include "tests/knight/ordinary_day.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace interlock::tests {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t day_ns = 23'400 * second;  // 09:30 to 16:00
constexpr std::int64_t to_venue_ns = 700'000;     // and back
constexpr std::uint32_t parents_at_work = 190;
constexpr double slice_every_s = 18;
constexpr std::uint32_t basket = 60;  // names that a program launches at once

risk::Price price_of(double dollars) {
  const auto cents = static_cast<std::int64_t>(std::llround(dollars * 100));
  return risk::Price::of_raw(cents * (risk::Price::of(1).raw() / 100));
}

}  // namespace

OrdinaryDay::OrdinaryDay(std::uint64_t seed, DayGate gate)
    : gate_(std::move(gate)),
      random_(seed),
      side_(std::size_t{desk_accounts} * desk_symbols),
      busy_(side_.size()) {
  for (std::uint32_t i = 0; i < desk_symbols; ++i) prices_.push_back(8 + 80 * draw() * draw());
  for (char& side : side_) side = static_cast<char>(draw(2));
}

DayCounts OrdinaryDay::play(std::int64_t until_ns) {
  move_prices();
  for (std::uint32_t i = 0; i < parents_at_work; ++i) start_parent(wait(20));
  for (std::int64_t s = 0; s < 23'400; ++s) at(s * second, Kind::second);
  for (std::int64_t s = 0; s < 23'400; s += 30) at(s * second, Kind::minute);
  for (std::uint32_t i = 0; i < 25; ++i) at(static_cast<std::int64_t>(draw() * day_ns), Kind::news);
  while (!events_.empty()) {
    const Event event = events_.top();
    events_.pop();
    if (event.at_ns > until_ns) break;
    now_ns_ = event.at_ns;
    handle(event);
  }
  return counts_;
}

void OrdinaryDay::at(std::int64_t ns, Kind kind, std::uint32_t index) {
  events_.push({ns, turns_++, kind, index});
}

void OrdinaryDay::handle(const Event& event) {
  switch (event.kind) {
    case Kind::slice:
      return slice(event.index);
    case Kind::fill:
      return fill(event.index);
    case Kind::amend:
      return amend(event.index);
    case Kind::withdraw:
      return withdraw(event.index);
    case Kind::answer:
      return answer(event.index);
    case Kind::bust:
      return bust(event.index);
    case Kind::minute:
      return move_prices();
    case Kind::second:
      return gate_.tick(now());
    case Kind::news:
      return news();
  }
}

// Four times as busy in the first and the last minutes as at noon.
double OrdinaryDay::activity() const {
  const double hours = static_cast<double>(std::min(now_ns_, day_ns - now_ns_)) / 3.6e12;
  return 0.8 + 3.5 * std::exp(-hours * 4);
}

std::int64_t OrdinaryDay::wait(double mean_s) {
  return static_cast<std::int64_t>(-std::log(1 - draw()) * mean_s * second);
}

risk::Price OrdinaryDay::near(std::uint32_t symbol, double share) const {
  return price_of(prices_[symbol] * (1 + share));
}

void OrdinaryDay::move_prices() {
  for (std::uint32_t i = 0; i < desk_symbols; ++i) {
    prices_[i] = std::max(3.0, prices_[i] * (1 + (draw() - 0.5) * 0.002));
    gate_.price(i, price_of(prices_[i]), now());
  }
}

// One parent at a time for an account in a symbol; it then turns round, and goes home almost flat.
void OrdinaryDay::start_parent(std::int64_t delay_ns) {
  if (now_ns_ + delay_ns >= day_ns - 60 * second || at_work_ > side_.size() / 2) return;
  ++at_work_;
  Parent parent;
  std::size_t pair = 0;
  do {
    parent.account = draw(desk_accounts);
    parent.symbol = draw(desk_symbols);
    pair = std::size_t{parent.account} * desk_symbols + parent.symbol;
  } while (busy_[pair] != 0);
  busy_[pair] = 1;
  side_[pair] = static_cast<char>(1 - side_[pair]);
  parent.is_buy = side_[pair] == 1;
  parent.router = draw(desk_routers);
  parent.size = 100 * static_cast<std::int64_t>(4 + draw(20) * draw(4));
  const auto index = static_cast<std::uint32_t>(parents_.size());
  parents_.push_back(parent);
  ++counts_.parents;
  gate_.declare({.parent = {index},
                 .account = {parent.account},
                 .symbol = {parent.symbol},
                 .side = parent.is_buy ? risk::Side::buy : risk::Side::sell,
                 .size = risk::Quantity::of(parent.size)},
                now());
  at(now_ns_ + delay_ns, Kind::slice, index);
}

// What the router does for a parent every so often.
void OrdinaryDay::slice(std::uint32_t index) {
  Parent& parent = parents_[index];
  if (now_ns_ >= day_ns) return;
  if (parent.filled >= parent.size) {
    busy_[std::size_t{parent.account} * desk_symbols + parent.symbol] = 0;
    if (--at_work_ < parents_at_work) start_parent(wait(5 / activity()));
    return;
  }
  const std::int64_t rest = parent.size - parent.filled - parent.open;
  if (rest > 0 && parent.open < 500) {
    const auto quantity = std::min<std::int64_t>(rest, 100 * (1 + draw(3)));
    const bool is_aggressive = draw() < 0.3;
    const double share = is_aggressive ? 0.001 : -0.006 * draw();
    const auto before = orders_.size();
    send(index, quantity, near(parent.symbol, parent.is_buy ? share : -share), false);
    if (orders_.size() > before) plan(static_cast<std::uint32_t>(before), is_aggressive);
  }
  at(now_ns_ + wait(slice_every_s / activity()), Kind::slice, index);
}

void OrdinaryDay::send(std::uint32_t index, std::int64_t quantity, risk::Price limit,
                       bool is_refresh) {
  Parent& parent = parents_[index];
  risk::NewOrder request;
  request.router = {parent.router};
  request.venue = {parent.router};
  request.account = {parent.account};
  request.symbol = {parent.symbol};
  request.parent = {index};
  request.cl_ord_id = fmt::format("D{}", ++ids_);
  request.side = parent.is_buy ? risk::Side::buy : risk::Side::sell;
  const bool is_market = !is_refresh && draw() < 0.05;
  request.type = is_market ? risk::OrderType::market : risk::OrderType::limit;
  request.quantity = risk::Quantity::of(quantity);
  if (!is_market) request.limit = limit;
  ++counts_.orders;
  if (!gate_.ask(request, now())) return;
  parent.open += quantity;
  Order& order = orders_.emplace_back();
  order.parent = index;
  order.quantity = quantity;
  order.limit = limit;
  order.is_refresh = is_refresh;
  order.cl_ord_id = request.cl_ord_id;
}

// What will become of it: the venue's and the market's doing.
void OrdinaryDay::plan(std::uint32_t index, bool is_immediate) {
  Order& order = orders_[index];
  if (draw() < 0.0004) {  // the venue refuses it
    ++counts_.venue_rejects;
    auto reject = report(order, risk::Fact::ended);
    reject.reject_code = "0";
    gate_.learn(reject, now());
    return end(order);
  }
  gate_.learn(report(order, risk::Fact::acknowledged), now());
  if (is_immediate) {  // IOC: whole, in part, or not at all, and over
    ++counts_.immediate;
    if (draw() < 0.9) fill(index);
    Order& after = orders_[index];
    if (!after.is_done) {
      gate_.learn(report(after, risk::Fact::ended), now());
      end(after);
    }
    return;
  }
  at(now_ns_ + to_venue_ns + wait(15), Kind::fill, index);
  const double mood = draw();
  if (mood < 0.45) at(now_ns_ + second / 10 + wait(12), Kind::amend, index);
  if (mood > 0.7) at(now_ns_ + second / 10 + wait(14), Kind::withdraw, index);
}

risk::Report OrdinaryDay::report(const Order& order, risk::Fact fact) {
  const Parent& parent = parents_[order.parent];
  risk::Report report;
  report.venue = {parent.router};
  report.router = {parent.router};
  report.symbol = {parent.symbol};
  report.fact = fact;
  report.cl_ord_id = order.cl_ord_id;
  report.exec_id = fmt::format("E{}", ++executions_);
  report.cum = risk::Quantity::of(order.cum);
  return report;
}

void OrdinaryDay::end(Order& order) {
  order.is_done = true;
  parents_[order.parent].open -= order.quantity - order.cum;
}

void OrdinaryDay::fill(std::uint32_t index) {
  Order& order = orders_[index];
  if (order.is_done) return;
  const std::int64_t rest = order.quantity - order.cum;
  const bool is_partial = rest > 1 && draw() < 0.35;
  const std::int64_t shares = is_partial ? 1 + draw(static_cast<std::uint32_t>(rest - 1)) : rest;
  order.cum += shares;
  Parent& parent = parents_[order.parent];
  parent.filled += shares;
  parent.open -= shares;
  auto fact = report(order, risk::Fact::filled);
  fact.last_quantity = risk::Quantity::of(shares);
  fact.last_price = order.limit;
  order.last_exec_id = fact.exec_id;
  order.last_fill = shares;
  gate_.learn(fact, now());
  ++counts_.fills;
  if (is_partial) ++counts_.partial;
  if (draw() < 0.00005) at(now_ns_ + 20 * second + wait(60), Kind::bust, index);
  if (order.cum < order.quantity) return at(now_ns_ + second / 100 + wait(5), Kind::fill, index);
  order.is_done = true;
  // An iceberg shows its next part at once, at the same price.
  const std::int64_t left = parent.size - parent.filled - parent.open;
  if (left < order.quantity || draw() > 0.2) return;
  const auto before = orders_.size();
  send(order.parent, order.quantity, order.limit, true);
  if (orders_.size() > before) plan(static_cast<std::uint32_t>(before), false);
}

void OrdinaryDay::amend(std::uint32_t index) {
  Order& order = orders_[index];
  if (order.is_done || order.asked) return;
  Parent& parent = parents_[order.parent];
  risk::Replace request;
  request.router = {parent.router};
  request.cl_ord_id = fmt::format("G{}", ++ids_);
  request.orig_cl_ord_id = order.cl_ord_id;
  request.account = {parent.account};
  request.symbol = {parent.symbol};
  request.names_account = true;
  request.side = parent.is_buy ? risk::Side::buy : risk::Side::sell;
  const bool has_room = parent.size - parent.filled - parent.open >= 100;
  const std::int64_t more = has_room && draw() < 0.2 ? 100 : 0;
  request.quantity = risk::Quantity::of(order.quantity + more);
  const double share = -0.002 * draw();
  request.limit = near(parent.symbol, parent.is_buy ? share : -share);
  ++counts_.orders;
  ++counts_.replaces;
  if (!gate_.ask(request, now())) return;
  parent.open += more;
  order.asked = request;
  at(now_ns_ + 2 * to_venue_ns, Kind::answer, index);
}

void OrdinaryDay::withdraw(std::uint32_t index) {
  Order& order = orders_[index];
  if (order.is_done || order.asked) return;
  risk::Cancel request{.router = {parents_[order.parent].router},
                       .cl_ord_id = fmt::format("F{}", ++ids_),
                       .orig_cl_ord_id = order.cl_ord_id};
  ++counts_.cancels;
  if (!gate_.ask(request, now())) return;
  order.asked = request;
  at(now_ns_ + 2 * to_venue_ns, Kind::answer, index);
  if (draw() < 0.1) at(now_ns_ + to_venue_ns, Kind::fill, index);  // the race
}

// The venue's answer to a G or F; one that a fill has overtaken is too late.
void OrdinaryDay::answer(std::uint32_t index) {
  Order& order = orders_[index];
  const risk::Request asked = *std::exchange(order.asked, std::nullopt);
  const auto* replace = std::get_if<risk::Replace>(&asked);
  auto said = report(order, replace != nullptr ? risk::Fact::replaced : risk::Fact::ended);
  said.cl_ord_id =
      replace != nullptr ? replace->cl_ord_id : std::get<risk::Cancel>(asked).cl_ord_id;
  said.orig_cl_ord_id = order.cl_ord_id;
  if (order.is_done) {
    ++counts_.too_late;
    said.fact = replace != nullptr ? risk::Fact::replace_rejected : risk::Fact::cancel_rejected;
    said.cum.reset();
    said.reject_code = "0";
    gate_.learn(said, now());
    if (replace != nullptr) {
      parents_[order.parent].open -=
          replace->quantity.raw() / risk::Quantity::of(1).raw() - order.quantity;
    }
    return;
  }
  if (replace != nullptr) {
    order.quantity = replace->quantity.raw() / risk::Quantity::of(1).raw();
    order.limit = *replace->limit;
    order.cl_ord_id = replace->cl_ord_id;
    said.quantity = replace->quantity;
    said.limit = replace->limit;
  }
  gate_.learn(said, now());
  if (replace == nullptr) end(order);
}

// The venue takes an execution back. Its parent gets no room back, and the router knows it.
void OrdinaryDay::bust(std::uint32_t index) {
  Order& order = orders_[index];
  if (!order.is_done || order.asked) return;
  ++counts_.busts;
  order.cum -= order.last_fill;
  auto said = report(order, risk::Fact::busted);
  said.exec_ref_id = order.last_exec_id;
  said.leaves = risk::Quantity{};
  gate_.learn(said, now());
}

// Something is said of a symbol, or a program starts: many orders in a moment.
void OrdinaryDay::news() {
  if (draw(2) == 0) {
    for (std::uint32_t i = 0; i < basket; ++i)
      start_parent(static_cast<std::int64_t>(draw() * second));
    return;
  }
  const std::uint32_t symbol = draw(desk_symbols);
  for (std::uint32_t i = 0; i < parents_.size(); ++i) {
    const Parent& parent = parents_[i];
    if (parent.symbol != symbol || parent.filled >= parent.size) continue;
    for (std::uint32_t child = 0; child < 5; ++child) {
      const auto before = orders_.size();
      if (parent.size - parent.filled - parent.open < 100) break;
      const double share = 0.001 * draw();
      send(i, 100, near(symbol, parent.is_buy ? share : -share), false);
      if (orders_.size() > before) plan(static_cast<std::uint32_t>(before), draw() < 0.5);
    }
  }
}

}  // namespace interlock::tests
