#include "simulation/model.hpp"

#include <algorithm>
#include <tuple>

namespace interlock::simulation {
namespace {

using risk::Fact;
using risk::Report;

auto content(const Report& r) {
  return std::tie(r.venue, r.fact, r.router, r.cl_ord_id, r.orig_cl_ord_id, r.exec_id,
                  r.exec_ref_id, r.symbol, r.last_quantity, r.last_price, r.quantity, r.limit,
                  r.cum, r.leaves);
}

bool is_execution(const Report& report) {
  return (report.fact == Fact::filled || report.fact == Fact::corrected) &&
         report.last_quantity.is_positive();
}
bool takes_back(const Report& report) {
  return report.fact == Fact::busted || report.fact == Fact::corrected;
}
bool ends(const Report& report) {
  return report.fact == Fact::ended || report.fact == Fact::new_rejected;
}

// A trade, through all its corrections.
struct Trade {
  std::vector<std::string> ids;
  std::int64_t quantity = 0;  // as it stands
  std::int64_t most = 0;      // that it ever was
  bool stands = true;
};

// The reports of one order, in the order in which the venue said them.
struct Told {
  std::vector<Trade> trades;
  bool is_over = false;
  std::int64_t claimed = 0;  // by the last 14, less what was taken back after it

  Trade* trade(const std::string& id) {
    for (auto each = trades.rbegin(); each != trades.rend(); ++each) {
      const bool has = std::find(each->ids.begin(), each->ids.end(), id) != each->ids.end();
      if (has && each->stands) return &*each;
    }
    return nullptr;
  }
  void correct(const Report& report) {
    const std::int64_t quantity = report.last_quantity.raw();
    Trade* old = trade(report.exec_ref_id);
    if (!old) {
      trades.push_back({{report.exec_id, report.exec_ref_id}, quantity, quantity, true});
      return;
    }
    claimed += quantity - old->quantity;
    old->ids.push_back(report.exec_id);
    old->quantity = quantity;
    old->most = std::max(old->most, quantity);
  }
  void bust(const Report& report) {
    Trade* old = trade(report.exec_ref_id);
    if (!old) return;
    claimed -= old->quantity;
    old->stands = false;
  }
  [[nodiscard]] std::int64_t cum() const {
    std::int64_t sum = 0;
    for (const Trade& each : trades) sum += each.stands ? each.quantity : 0;
    return sum;
  }
  [[nodiscard]] std::int64_t counted() const {
    std::int64_t sum = 0;
    for (const Trade& each : trades) sum += each.most;
    return sum;
  }
};

}  // namespace

Model::Model(const Events& events, std::size_t size, std::int64_t collar_ppm)
    : Model(events, size, collar_ppm, Loads::taken) {}

Model::Model(const Events& events, std::size_t size, std::int64_t collar_ppm, Loads loads)
    : collar_ppm_(collar_ppm) {
  collect(events, size, loads);
  for (std::size_t i = 0; i < orders_.size(); ++i) compute(i);
}

void Model::collect(const Events& events, std::size_t size, Loads loads) {
  std::size_t last_roll = 0;
  std::optional<Model> at_roll;
  for (std::size_t i = 0; i < size; ++i) {
    const auto& what = events[i].what;
    if (const auto* request = std::get_if<risk::Request>(&what)) {
      if (const auto* order = std::get_if<risk::NewOrder>(request)) {
        names_[{order->router.value, order->cl_ord_id}] = orders_.size();
        orders_.push_back({.first = *order, .limit = {}});
        asked_.emplace_back();
      } else if (const auto* replace = std::get_if<risk::Replace>(request)) {
        const std::size_t index = *find(replace->router, replace->orig_cl_ord_id);
        asked_[index].replaces.push_back(replace);
        names_[{replace->router.value, replace->cl_ord_id}] = index;
      } else if (const auto* cancel = std::get_if<risk::Cancel>(request)) {
        names_[{cancel->router.value, cancel->cl_ord_id}] =
            *find(cancel->router, cancel->orig_cl_ord_id);
      }
    } else if (const auto* report = std::get_if<Report>(&what)) {
      take(*report);
    } else if (const auto* priced = std::get_if<Priced>(&what)) {
      prices_ = priced->by_symbol;
    } else if (std::holds_alternative<Rolled>(what)) {
      last_roll = i;
      at_roll.reset();
    } else if (const auto* loaded = std::get_if<Loaded>(&what)) {
      if (loads == Loads::skipped) continue;
      if (!at_roll) at_roll = Model(events, last_roll, collar_ppm_, Loads::skipped);
      loaded_[{loaded->account.value, loaded->symbol.value}] = {
          loaded->position.raw(), at_roll->executed(loaded->account, loaded->symbol)};
    } else if (const auto* sized = std::get_if<Sized>(&what)) {
      parents_[sized->parent.value].size = sized->size.raw();
    } else if (const auto* cancelled = std::get_if<Cancelled>(&what)) {
      parents_[cancelled->parent.value].is_cancelled = true;
    } else if (const auto* executed = std::get_if<Executed>(&what)) {
      std::int64_t& reported = parents_[executed->parent.value].reported;
      reported = std::max(reported, executed->quantity.raw());
    }
  }
}

void Model::take(const Report& report) {
  if (report.fact == Fact::pending || report.fact == Fact::status) return;
  std::optional<std::size_t> index = find(report.router, report.cl_ord_id);
  if (!index) index = find(report.router, report.orig_cl_ord_id);
  if (!index && takes_back(report)) index = of_execution(report);
  if (!index) return;
  auto& reports = asked_[*index].reports;
  const bool is_known = std::any_of(reports.begin(), reports.end(), [&](const Report* each) {
    return !each->exec_id.empty() && content(*each) == content(report);
  });
  if (!is_known) reports.push_back(&report);
}

std::optional<std::size_t> Model::of_execution(const Report& report) const {
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    for (const Report* each : asked_[i].reports) {
      const bool is_it =
          is_execution(*each) && each->venue == report.venue && each->exec_id == report.exec_ref_id;
      if (is_it) return i;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> Model::find(risk::RouterId router, const std::string& cl_ord_id) const {
  const auto found = names_.find({router.value, cl_ord_id});
  return found == names_.end() ? std::nullopt : std::optional(found->second);
}

void Model::compute(std::size_t index) {
  Order& order = orders_[index];
  const Asked& asked = asked_[index];
  std::vector<const Report*> reports = asked.reports;
  std::stable_sort(reports.begin(), reports.end(), [](const Report* a, const Report* b) {
    return a->venue_time && b->venue_time && *a->venue_time < *b->venue_time;
  });
  const auto asked_by = [&](const Report& report) -> const risk::Replace* {
    for (const risk::Replace* each : asked.replaces) {
      if (each->cl_ord_id == report.cl_ord_id) return each;
    }
    return nullptr;
  };
  Told told;
  order.quantity = order.first.quantity.raw();
  order.limit = order.first.limit;
  for (const Report* each : reports) {
    told.is_over = told.is_over || ends(*each);
    if (each->fact == Fact::corrected && is_execution(*each)) {
      told.correct(*each);
    } else if (is_execution(*each)) {
      const std::int64_t quantity = each->last_quantity.raw();
      told.trades.push_back({{each->exec_id}, quantity, quantity, true});
    } else if (each->fact == Fact::busted) {
      told.bust(*each);
    } else if (each->fact == Fact::replaced || each->fact == Fact::restated) {
      const risk::Replace* replace = each->fact == Fact::replaced ? asked_by(*each) : nullptr;
      if (replace) order.limit = replace->limit;
      if (replace) order.quantity = replace->quantity.raw();
      if (each->limit) order.limit = each->limit;
      if (each->quantity) order.quantity = each->quantity->raw();
    }
    if (each->cum) told.claimed = each->cum->raw();
    if (each->leaves && each->leaves->is_positive()) order.may_be_over = false;
    const bool says_all = each->cum && each->leaves;
    if (takes_back(*each) && says_all && each->leaves->is_zero()) order.may_be_over = true;
  }
  order.cum = told.cum();
  order.counted = told.counted();
  std::int64_t worst = order.quantity;
  for (const risk::Replace* each : asked.replaces) {
    const bool is_answered = std::any_of(reports.begin(), reports.end(), [&](const Report* report) {
      return (report->fact == Fact::replaced || report->fact == Fact::replace_rejected) &&
             report->cl_ord_id == each->cl_ord_id;
    });
    if (is_answered) continue;
    worst = std::max(worst, each->quantity.raw());
    if (each->limit && (!order.limit || *order.limit < *each->limit)) order.limit = each->limit;
  }
  const auto still = [&](std::int64_t most) { return std::max<std::int64_t>(0, most - order.cum); };
  order.open_if_over = still(told.claimed);
  order.open = told.is_over ? order.open_if_over : still(std::max(worst, told.claimed));
}

Parent Model::parent(risk::ParentId id) const {
  const auto found = parents_.find(id.value);
  Parent parent = found == parents_.end() ? Parent{} : found->second;
  for (const Order& each : orders_) {
    if (each.first.parent != id) continue;
    parent.cum += each.counted;
    parent.open += each.open;
  }
  return parent;
}

std::int64_t Model::executed(risk::AccountId account, risk::SymbolId symbol) const {
  std::int64_t sum = 0;
  for (const Order& each : orders_) {
    if (each.first.account != account || each.first.symbol != symbol) continue;
    sum += is_buy(each.first.side) ? each.cum : -each.cum;
  }
  return sum;
}

std::int64_t Model::position(risk::AccountId account, risk::SymbolId symbol) const {
  const auto found = loaded_.find({account.value, symbol.value});
  const std::int64_t all = executed(account, symbol);
  return found == loaded_.end() ? all
                                : found->second.position + all - found->second.executed_before;
}

std::int64_t Model::value(std::int64_t position, risk::SymbolId symbol) const {
  return risk::notional(risk::Quantity::of_raw(std::abs(position)), prices_[symbol.value])->raw();
}

Gross Model::gross(Of of, std::uint32_t id) const {
  Gross sum;
  // Of routers and venues, as far as they made them; of the others with what the day began with.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> positions;
  const bool is_holder = of == Of::router || of == Of::venue;
  const auto is_in = [&](risk::AccountId account, risk::SymbolId symbol) {
    return of == Of::firm || (of == Of::account && account.value == id) ||
           (of == Of::symbol && symbol.value == id);
  };
  for (const Order& each : orders_) {
    const risk::NewOrder& first = each.first;
    const bool is_its = is_holder
                            ? (of == Of::router ? first.router.value : first.venue.value) == id
                            : is_in(first.account, first.symbol);
    if (!is_its) continue;
    const risk::Price reference = prices_[first.symbol.value];
    const auto with_collar =
        risk::Price::of_raw(reference.raw() + reference.raw() / 1'000'000 * collar_ppm_);
    const risk::Price price = each.limit && *each.limit > with_collar ? *each.limit : with_collar;
    const std::int64_t held = risk::notional(risk::Quantity::of_raw(each.open), price)->raw();
    (is_buy(first.side) ? sum.open_buys : sum.open_sells) += held;
    positions[{first.account.value, first.symbol.value}] +=
        is_buy(first.side) ? each.cum : -each.cum;
  }
  if (!is_holder) {
    for (const auto& [key, base] : loaded_) {
      if (is_in({key.first}, {key.second})) positions[key] += base.position - base.executed_before;
    }
  }
  for (const auto& [key, position] : positions) sum.positions += value(position, {key.second});
  return sum;
}

std::int64_t Model::increment(const risk::Request& request) const {
  if (const auto* order = std::get_if<risk::NewOrder>(&request)) return order->quantity.raw();
  const auto* replace = std::get_if<risk::Replace>(&request);
  if (!replace) return 0;
  const Order& order = orders_[*find(replace->router, replace->orig_cl_ord_id)];
  return std::max<std::int64_t>(0, replace->quantity.raw() - order.cum - order.open);
}

}  // namespace interlock::simulation
