// A small world for the tests of risk/: two routers, venues, accounts and symbols, wide limits, and
// short ways to say what happens in it.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "risk/books.hpp"
#include "risk/decide.hpp"

namespace interlock::risk::test {

inline Quantity shares(std::int64_t n) { return Quantity::of(n); }
inline Price dollars(std::int64_t n) { return Price::of(n); }
inline Money money(std::int64_t n) { return Money::of(n); }
inline Time at_ms(std::int64_t ms) { return Time{} + seconds(1'000'000) + milliseconds(ms); }

// Nothing is unset: what no test of a control narrows is `none`.
inline ScopeLimits wide_limits() {
  ScopeLimits limits;
  const auto none = [](auto&... each) {
    ((each = std::remove_reference_t<decltype(each)>::none()), ...);
  };
  none(limits.duplicates, limits.message_rate, limits.notional_rate, limits.execution_rate,
       limits.child_messages, limits.child_shares, limits.new_parents, limits.peer_divergence,
       limits.turnover, limits.net_notional, limits.position, limits.open_orders,
       limits.reduce_at_loss, limits.kill_at_loss, limits.self_match, limits.orphan_fills,
       limits.orphan_shares, limits.orphan_notional, limits.over_fill, limits.rejects);
  limits.order_qty = Limit<Quantity>::of(shares(1'000'000));
  limits.order_notional = Limit<Money>::of(money(1'000'000'000));
  limits.price_collar = Limit<Collar>::of(
      {.kind = Collar::Kind::parts_per_million, .parts_per_million = 100'000, .amount = {}});
  limits.order_rate = Limit<Rate>::of({.count = 100'000, .window = seconds(1)});
  limits.gross_notional = Limit<Money>::of(money(1'000'000'000));
  return limits;
}

// R1 R2, V1 V2, A1 A2, AAA (reference 100) and BBB (reference 50), parent P1: buy 1000 AAA for A1.
// A million shares of each are located for each account.
struct World {
  Directory directory;
  Limits limits;
  References references;
  Books books;
  Time now = at_ms(0);
  RouterId r1 = directory.routers.intern("R1"), r2 = directory.routers.intern("R2");
  VenueId v1 = directory.venues.intern("V1"), v2 = directory.venues.intern("V2");
  AccountId a1 = directory.accounts.intern("A1"), a2 = directory.accounts.intern("A2");
  SymbolId aaa = directory.symbols.intern("AAA"), bbb = directory.symbols.intern("BBB");
  ParentId p1 = declare("P1", shares(1000));

  World() {
    limits.firm = limits.parent = wide_limits();
    limits.routers = limits.venues = limits.accounts =
        limits.symbols = {wide_limits(), wide_limits()};
    limits.parents.exhausted_grace = milliseconds(500);
    limits.reference_ages = {.closed = seconds(60), .pre_open = seconds(60), .open = seconds(60)};
    limits.rate_age_max = seconds(60);
    limits.acknowledge_within = Limit<Duration>::none();
    limits.staleness = {Limit<Duration>::none(), Limit<Duration>::none(), Limit<Duration>::none()};
    limits.symbol_traits.resize(2);
    references.by_symbol = {ReferencePrice{dollars(100), now}, ReferencePrice{dollars(50), now}};
    books.size_for(directory, limits);
    books.mark(references);
    for (const AccountId account : {a1, a2}) {
      for (const SymbolId symbol : {aaa, bbb}) {
        books.load_locate(account, symbol, shares(1'000'000));
      }
    }
  }

  ParentId declare(std::string_view name, Quantity size, Side side = Side::buy) {
    const ParentId parent = directory.parents.intern(name);
    (void)books.declare({parent, a1, aaa, side, size, ParentSource::declared}, now);
    return parent;
  }

  [[nodiscard]] NewOrder order(std::string cl_ord_id, std::int64_t quantity) const {
    NewOrder request;
    request.router = r1;
    request.venue = v1;
    request.account = a1;
    request.symbol = aaa;
    request.parent = p1;
    request.cl_ord_id = std::move(cl_ord_id);
    request.parent_name = "P1";
    request.quantity = shares(quantity);
    request.limit = dollars(100);
    return request;
  }
  [[nodiscard]] Replace replace(std::string cl_ord_id, std::string orig, std::int64_t total) const {
    Replace request;
    request.router = r1;
    request.cl_ord_id = std::move(cl_ord_id);
    request.orig_cl_ord_id = std::move(orig);
    request.symbol = aaa;
    request.quantity = shares(total);
    request.limit = dollars(100);
    return request;
  }
  [[nodiscard]] Cancel cancel(std::string cl_ord_id, std::string orig) const {
    return {.router = r1,
            .cl_ord_id = std::move(cl_ord_id),
            .orig_cl_ord_id = std::move(orig),
            .by_gateway = false};
  }
  [[nodiscard]] Report report(Fact fact, std::string cl_ord_id, std::string exec_id = "") const {
    Report report;
    report.venue = v1;
    report.fact = fact;
    report.router = r1;
    report.cl_ord_id = std::move(cl_ord_id);
    report.exec_id = std::move(exec_id);
    return report;
  }
  [[nodiscard]] Report fill(std::string cl_ord_id, std::int64_t quantity,
                            std::string exec_id = "") const {
    Report fill = report(Fact::filled, std::move(cl_ord_id), std::move(exec_id));
    fill.last_quantity = shares(quantity);
    fill.last_price = dollars(100);
    return fill;
  }

  [[nodiscard]] Verdict ask(const Request& request) const {
    return decide({books, limits, references, directory, request, now});
  }
  // Decides, and applies the verdict as the gate does.
  Verdict send(const Request& request) {
    Verdict verdict = ask(request);
    if (verdict.breach) {
      books.refuse(request, *verdict.breach, now);
    } else {
      books.enter(request, now);
    }
    return verdict;
  }
  Learned learn(const Report& report) { return books.learn(report, now); }
  Learned learn(Fact fact, std::string cl_ord_id) { return learn(report(fact, cl_ord_id)); }

  [[nodiscard]] const Order& find(std::string_view cl_ord_id) const {
    return books.order(books.find(r1, cl_ord_id));
  }
  [[nodiscard]] const Parent& parent() const { return *books.parent(p1); }
};

// The reason's word, or "may go".
inline std::string word(const Verdict& verdict) {
  return verdict.breach ? std::string{code(verdict.breach->reason)} : "may go";
}

}  // namespace interlock::risk::test
