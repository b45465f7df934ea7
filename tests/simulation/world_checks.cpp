// What has to hold in each world, after each event and at its end.
#include <fmt/format.h>

#include "simulation/told.hpp"
#include "simulation/world.hpp"

namespace interlock::simulation {
namespace {

std::string shares(std::int64_t raw) { return risk::Quantity::of_raw(raw).text(); }
std::string money(const Gross& gross) {
  return fmt::format("{}+{}+{}", gross.positions, gross.open_buys, gross.open_sells);
}
bool is_forgotten(const risk::Order& order) { return order.cl_ord_id.empty(); }

}  // namespace

Model World::model() const {
  Model model(events_, events_.size(), 100'000);
  for (std::size_t i = 0; i < model.orders().size(); ++i) {
    const risk::Order& known = books_.order({static_cast<std::uint32_t>(i)});
    const bool has_ended = known.state == risk::OrderState::ended && !is_forgotten(known);
    if (model.orders()[i].may_be_over && has_ended) model.believe_over(i);
  }
  return model;
}

void World::compare() {
  const Model model = this->model();
  demand(books_.order_count() == model.orders().size(), "the number of orders differs");
  for (std::size_t i = 0; i < model.orders().size(); ++i) compare_order(model.orders()[i], i);
  for (const risk::ParentDeclaration& each : parents_) {
    const risk::Parent* known = books_.parent(each.parent);
    if (known == nullptr) continue;
    const Parent expected = model.parent(each.parent);
    demand(known->cum.raw() == expected.cum && known->open.raw() == expected.open &&
               known->reported.raw() == expected.reported,
           fmt::format("P{}: the books say {} and {}, the model {} and {}", each.parent.value,
                       known->cum.text(), known->open.text(), shares(expected.cum),
                       shares(expected.open)));
    const auto position = books_.position(each.account, each.symbol).raw();
    demand(position == model.position(each.account, each.symbol),
           fmt::format("position of A{} in S{}: the books say {}, the model {}", each.account.value,
                       each.symbol.value, shares(position),
                       shares(model.position(each.account, each.symbol))));
  }
  compare_gross(model);
  demand(books_.quarantine().shares.raw() == quarantined_, "the quarantine differs");
}

void World::compare_order(const Order& expected, std::size_t number) const {
  const risk::Order& known = books_.order({static_cast<std::uint32_t>(number)});
  if (is_forgotten(known)) {
    return demand(expected.open == 0, fmt::format("order {} is forgotten and open", number));
  }
  const bool agrees = known.quantity.raw() == expected.quantity &&
                      known.cum.raw() == expected.cum && known.open.raw() == expected.open;
  demand(agrees, fmt::format("order {} {}: the books say {}/{}/{}, the model {}/{}/{}", number,
                             expected.first.cl_ord_id, known.quantity.text(), known.cum.text(),
                             known.open.text(), shares(expected.quantity), shares(expected.cum),
                             shares(expected.open)));
  demand(known.open.is_zero() || known.limit == expected.limit,
         fmt::format("order {}: the limit that counts differs", number));
}

void World::compare_gross(const Model& model) const {
  const auto compare = [&](Of of, risk::ScopeKind kind, std::uint32_t id) {
    const risk::Exposure known = books_.exposure({kind, id});
    const Gross expected = model.gross(of, id);
    const Gross said{known.positions.raw(), known.open_buys.raw(), known.open_sells.raw()};
    demand(said == expected, fmt::format("gross of {} {}: the books say {}, the model {}",
                                         name(kind), id, money(said), money(expected)));
  };
  compare(Of::firm, risk::ScopeKind::firm, 0);
  for (std::uint32_t i = 0; i < directory_.routers.size(); ++i) {
    compare(Of::router, risk::ScopeKind::router, i);
  }
  for (std::uint32_t i = 0; i < 2; ++i) {
    compare(Of::venue, risk::ScopeKind::venue, i);
    compare(Of::account, risk::ScopeKind::account, i);
    compare(Of::symbol, risk::ScopeKind::symbol, i);
  }
}

// Of each order, and so of each sum over orders. What a venue took back and has not told yet still
// counts in the books; what it executed against the rules nobody can know before it tells.
void World::covers_truth() const {
  std::vector<std::int64_t> used(parents_.size());
  for (const TrueOrder& each : orders_) {
    const risk::Order& known = books_.order({static_cast<std::uint32_t>(each.number)});
    used[each.first.parent.value] += each.worst();
    if (is_forgotten(known)) continue;
    demand(known.cum.raw() + known.open.raw() >= each.worst(),
           fmt::format("order {} {}: the books say {} and {} more, {} is possible", each.number,
                       each.first.cl_ord_id, known.cum.text(), known.open.text(),
                       shares(each.worst())));
  }
  for (const risk::ParentDeclaration& each : parents_) {
    demand(books_.parent(each.parent)->used().raw() >= used[each.parent.value],
           fmt::format("P{} uses more than the books say", each.parent.value));
  }
}

// With all reports in, the books say what is true, to the share.
void World::is_exact() const {
  std::vector<std::int64_t> counted(parents_.size()), open(parents_.size());
  for (const TrueOrder& each : orders_) {
    const risk::Order& known = books_.order({static_cast<std::uint32_t>(each.number)});
    open[each.first.parent.value] += each.leaves();
    for (const TrueTrade& trade : each.trades) counted[each.first.parent.value] += trade.most;
    if (is_forgotten(known)) continue;
    demand(known.cum.raw() == each.executed() && known.open.raw() == each.leaves(),
           fmt::format("order {} {}: the books say {} and {} open, the truth is {} and {}",
                       each.number, each.first.cl_ord_id, known.cum.text(), known.open.text(),
                       shares(each.executed()), shares(each.leaves())));
  }
  for (const risk::ParentDeclaration& each : parents_) {
    const risk::Parent& known = *books_.parent(each.parent);
    demand(known.cum.raw() == counted[each.parent.value] &&
               known.open.raw() == open[each.parent.value],
           fmt::format("P{}: the books say {} and {} open, the truth is {} and {}",
                       each.parent.value, known.cum.text(), known.open.text(),
                       shares(counted[each.parent.value]), shares(open[each.parent.value])));
  }
}

void World::finish() {
  for (const std::size_t number : lost_) {
    if (!orders_[number].never_left) never_left(orders_[number]);
  }
  for (Venue& venue : venues_) {
    while (venue.has_mail()) venue.answer(orders_);
    collect(venue);
  }
  while (!in_flight_.empty()) {
    deliver(overtakes_ ? chance_.below(static_cast<std::uint32_t>(in_flight_.size())) : 0);
  }
  covers_truth();
  restart();
  is_exact();
}

void World::demand(bool holds, const std::string& what) const {
  if (!holds) throw Failure(fmt::format("{}\nOnce more, in full: tests/sim {}", what, seed_));
}

void World::tell(const std::string& what) const {
  if (out_) *out_ << what << '\n';
}

Tally& Tally::operator+=(const Tally& other) {
  entered += other.entered, refused += other.refused, full_parents += other.full_parents;
  reports += other.reports, duplicates += other.duplicates, overtaken += other.overtaken;
  busts += other.busts, rolls += other.rolls, restarts += other.restarts;
  anomalies += other.anomalies, sells += other.sells, replaces += other.replaces;
  lost += other.lost, late += other.late;
  return *this;
}

}  // namespace interlock::simulation
