// Books::digest: equal for equal books, whatever the order in which a hash map is walked.
#include "risk/books_state.hpp"
#include "risk/digest.hpp"

namespace interlock::risk {
namespace {

// One value for a map: a sum does not depend on the order of its entries.
template <class Map, class AddEntry>
std::uint64_t digest_of_map(const Map& map, AddEntry add_entry) {
  std::uint64_t sum = 0;
  for (const auto& [key, value] : map) {
    Digest each;
    add_entry(each, key, value);
    sum += each.value();
  }
  return sum;
}

template <class Map, class AddEntry>
std::uint64_t digest_of_parts(const InParts<Map>& parts, AddEntry add_entry) {
  std::uint64_t sum = 0;
  for (const Map& part : parts) sum += digest_of_map(part, add_entry);
  return sum;
}

void add(Digest& digest, const Window& window) {
  digest.add(std::uint64_t{window.size()});
  for (std::size_t i = 0; i < window.size(); ++i) digest.add(window.at(i));
}

void add(Digest& digest, const Terms& terms) {
  digest.add(std::uint64_t{terms.serial}).add(terms.quantity).add(terms.limit);
  digest.add(std::uint64_t{static_cast<std::uint8_t>(terms.type)});
  digest.add(std::uint64_t{static_cast<std::uint8_t>(terms.side)});
}

void add(Digest& digest, const OrderRecord& record) {
  const Order& order = record.shown;
  digest.add(order.router).add(order.venue).add(order.account).add(order.symbol);
  digest.add(order.parent).add(order.by.algo).add(order.by.trader).add(order.by.desk);
  digest.add(std::uint64_t{static_cast<std::uint8_t>(order.side)});
  digest.add(std::uint64_t{static_cast<std::uint8_t>(order.type)});
  digest.add(std::uint64_t{static_cast<std::uint8_t>(order.state)});
  digest.add(order.open).add(order.limit).add(std::uint64_t{order.cancel_in_flight});
  digest.add(order.cl_ord_id).add(order.entered_at);
  add(digest, record.accepted);
  for (const Terms& terms : record.unanswered) add(digest, terms);
  digest.add(record.cum).add(record.claimed.value_or(0)).add(std::uint64_t{record.closed_by_venue});
  digest.add(std::uint64_t{record.claimed.has_value()}).add(record.claimed_at);
  digest.add(record.ended_at).add(record.quantity_at).add(record.limit_at).add(record.heard_at);
  for (const Retraction& each : record.retractions) digest.add(each.at).add(each.change);
  digest.add(std::uint64_t{record.last_day});
  digest.add(record.held).add(record.short_open).add(std::uint64_t{record.resting.has_value()});
  if (record.resting) digest.add(record.resting->limit);
}

void add(Digest& digest, const ParentRecord& record) {
  digest.add(std::uint64_t{record.shown.has_value()});
  if (!record.shown) return;
  const Parent& parent = *record.shown;
  digest.add(parent.account).add(parent.symbol).add(parent.size);
  digest.add(std::uint64_t{static_cast<std::uint8_t>(parent.side)});
  digest.add(std::uint64_t{static_cast<std::uint8_t>(parent.source)});
  digest.add(std::uint64_t{parent.cancelled}).add(record.cum).add(record.open);
  digest.add(parent.reported);
  digest.add(std::uint64_t{parent.children}).add(std::uint64_t{parent.refused});
  digest.add(record.complete_at).add(record.idle_at).add(record.cancelled_at);
  for (const ParentRouter& router : record.routers) {
    digest.add(router.router).add(std::uint64_t{router.has_order}).add(router.refused_at);
  }
  add(digest, record.attempts);
}

void add(Digest& digest, const ScopeRecord& scope) {
  digest.add(scope.sums.longs).add(scope.sums.turnover);
  digest.add(scope.sums.profit).add(scope.sums.profit_before);
  digest.add(std::uint64_t{scope.sums.unvalued});
  digest.add(scope.sums.positions).add(scope.sums.open_buys).add(scope.sums.open_sells);
  digest.add(std::uint64_t{scope.sums.open_orders});
  add(digest, scope.attempts);
}

void add(Digest& digest, const SymbolPrice& price) {
  digest.add(price.mark).add(price.mark_before).add(price.marked_at);
}

void add(Digest& digest, const CurrencyRate& rate) {
  digest.add(rate.rate).add(rate.before).add(rate.as_of);
}

void add(Digest& digest, const SymbolTotal& total) {
  digest.add(total.position).add(total.open_buys).add(total.open_sells);
}

// Entries that only exist because a table was made larger say nothing, so they add nothing.
template <class Table>
void add_table(Digest& digest, const Table& table) {
  const std::uint64_t nothing = [] {
    Digest empty;
    add(empty, typename Table::value_type{});
    return empty.value();
  }();
  for (std::size_t i = 0; i < table.size(); ++i) {
    Digest each;
    add(each, table[i]);
    if (each.value() != nothing) digest.add(std::uint64_t{i}).add(each.value());
  }
}

void add_holdings(Digest& digest, const Holdings& holdings) {
  digest.add(digest_of_map(holdings, [](Digest& each, const HoldingKey& key, const Holding& value) {
    each.add(std::uint64_t{key.holder}).add(key.account).add(key.symbol).add(value.position);
    each.add(value.open_buys).add(value.open_sells).add(value.value);
    each.add(value.since_roll).add(value.cost);
    each.add(value.locate).add(value.located).add(value.begun_for).add(value.paid);
  }));
}

void add_names(Digest& digest, const std::vector<ManyByText<NamedOrder>>& by_router) {
  for (std::size_t router = 0; router < by_router.size(); ++router) {
    if (by_router[router].empty()) continue;
    digest.add(std::uint64_t{router});
    digest.add(digest_of_parts(by_router[router],
                               [](Digest& each, const std::string& name, const NamedOrder& order) {
                                 each.add(name).add(order.order).add(std::uint64_t{order.serial});
                               }));
  }
}

void add(Digest& digest, const SeenExecId& seen) {
  digest.add(std::uint64_t{seen.latest}).add(seen.order).add(std::uint64_t{seen.day});
  digest.add(std::uint64_t{seen.is_reused}).add(seen.content);
}

void add(Digest& digest, const SeenContent& seen) {
  digest.add(seen.order).add(std::uint64_t{seen.day});
}

void add_executions(Digest& digest, const Books::State& state) {
  for (std::size_t i = 0; i < state.executions.size(); ++i) {
    const Execution& execution = state.executions[i];
    digest.add(execution.order).add(execution.quantity).add(execution.price).add(execution.counted);
    digest.add(std::uint64_t{execution.taken_back}).add(std::uint64_t{execution.earlier});
    digest.add(std::uint64_t{execution.corrected_by});
  }
  const auto add_seen = [](Digest& each, const auto& key, const auto& seen) {
    each.add(key);
    add(each, seen);
  };
  for (const auto& exec_ids : state.exec_ids) digest.add(digest_of_parts(exec_ids, add_seen));
  for (const auto& awaited : state.awaited) {
    digest.add(digest_of_map(awaited, [](Digest& each, const std::string& name, const auto& all) {
      each.add(name);
      for (const Awaited& one : all) each.add(one.order).add(std::uint64_t{one.by}).add(one.at);
    }));
  }
  digest.add(digest_of_map(state.contents, add_seen));
  digest.add(std::uint64_t{state.quarantine.fills});
  digest.add(state.quarantine_shares).add(state.quarantine_notional);
}

}  // namespace

std::uint64_t Books::digest() const {
  const State& state = *state_;
  Digest digest;
  digest.add(std::uint64_t{state.orders.size()});
  digest.add(std::uint64_t{state.day});
  for (std::uint32_t i = 0; i < state.orders.size(); ++i) {
    digest.add(std::uint64_t{i});
    if (const OrderRecord* order = state.orders.find(OrderId{i})) add(digest, *order);
  }
  add_table(digest, state.parents);
  add(digest, state.firm);
  add_table(digest, state.routers);
  add_table(digest, state.venues);
  add_table(digest, state.accounts);
  add_table(digest, state.symbols);
  add_table(digest, state.algos);
  add_table(digest, state.traders);
  add_table(digest, state.desks);
  add_table(digest, state.exhausted_refusals);
  add_table(digest, state.prices);
  add_table(digest, state.rates);
  add_table(digest, state.totals);
  add_holdings(digest, state.holdings);
  add_holdings(digest, state.router_holdings);
  add_holdings(digest, state.venue_holdings);
  add_holdings(digest, state.algo_holdings);
  add_holdings(digest, state.trader_holdings);
  add_holdings(digest, state.desk_holdings);
  add_names(digest, state.cl_ord_ids);
  add_names(digest, state.earlier_cl_ord_ids);
  add_executions(digest, state);
  digest.add(digest_of(state.activity));
  return digest.value();
}

}  // namespace interlock::risk
