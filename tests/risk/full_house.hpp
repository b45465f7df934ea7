// A busy day at noon: 50,000 parents, 100,000 open orders, every limit set and none reached.
#pragma once

#include "tests/risk/world.hpp"

namespace interlock::risk::test {

// Each limit has a value; `none` would skip what is to be measured.
inline ScopeLimits armed_limits() {
  ScopeLimits limits = wide_limits();
  const Rate rate{.count = 1'000'000, .window = seconds(1)};
  const Money much = money(100'000'000'000);
  limits.duplicates = limits.order_rate = limits.message_rate = limits.execution_rate =
      limits.new_parents = limits.rejects = Limit<Rate>::of(rate);
  limits.notional_rate = Limit<MoneyRate>::of({.amount = much, .window = seconds(1)});
  limits.child_messages = limits.orphan_fills = Limit<Count>::of({1'000'000});
  limits.open_orders = Limit<Count>::of({100'000'000});
  limits.child_shares = limits.peer_divergence = Limit<Ratio>::of({1'000'000'000});
  limits.gross_notional = limits.turnover = limits.net_notional = limits.reduce_at_loss =
      limits.kill_at_loss = limits.orphan_notional = Limit<Money>::of(much);
  limits.position = limits.orphan_shares = limits.over_fill =
      Limit<Quantity>::of(shares(100'000'000));
  limits.self_match = Limit<Forbidden>::of({});
  return limits;
}

struct FullHouse : World {
  static constexpr int parents = 50'000;
  static constexpr int orders = 100'000;

  explicit FullHouse(int parents_open = parents, int orders_open = orders) {
    limits.firm = limits.parent = armed_limits();
    limits.routers = limits.venues = limits.accounts =
        limits.symbols = {armed_limits(), armed_limits()};
    limits.algos = limits.traders = limits.desks = {armed_limits()};
    limits.acknowledge_within = limits.staleness.journal = limits.staleness.tee =
        limits.staleness.drop_copy = Limit<Duration>::of(seconds(1));
    for (std::uint32_t i = 0; i < 100; ++i) {  // of other symbols: all are looked at
      limits.restrictions.push_back(
          {.account = {}, .symbol = SymbolId{1000 + i}, .what = Restriction::What::all, .line = i});
    }
    books.size_for(directory, limits);
    for (int i = 0; i < parents_open; ++i) declare("P-" + std::to_string(i), shares(1000));
    for (int i = 0; i < orders_open; ++i) {
      now = now + Duration{10'000};  // more in one second than the rates allow would be refused
      books.enter(child("C-" + std::to_string(i), i % parents_open), now);
    }
  }
  // A buy of 10 from a few cents below the reference, that says who decided it.
  [[nodiscard]] NewOrder child(std::string cl_ord_id, int parent) const {
    NewOrder request = order(std::move(cl_ord_id), 10);
    request.parent = directory.parents.find("P-" + std::to_string(parent));
    request.by = {.algo = {0}, .trader = {0}, .desk = {0}};
    request.limit = Price::of_raw(dollars(100).raw() - parent % 100 * 1'000'000);
    return request;
  }
};

}  // namespace interlock::risk::test
