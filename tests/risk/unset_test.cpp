// What nobody set refuses: of each control, in each kind of scope that its row names.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/pfr.hpp>
#include <set>
#include <string>

#include "tests/risk/world.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

constexpr std::size_t limits_of_a_scope = boost::pfr::tuple_size_v<ScopeLimits>;

// Ask no limit of a scope: what was declared, restricted or retired is theirs, or an age or a
// state of the gateway (health_controls_test.cpp).
const std::set<std::string> without_limits{"parent-match",   "parent-fill",          "restricted",
                                           "tag-dialect",    "alert-unacknowledged", "ledger-stale",
                                           "journal-failure"};

// With a scope of every kind that there is.
struct Everywhere : World {
  Everywhere() {
    limits.algos = limits.traders = limits.desks = {wide_limits()};
    books.size_for(directory, limits);
  }
  ScopeLimits& of(ScopeKind kind) {
    switch (kind) {
      case ScopeKind::firm:
        return limits.firm;
      case ScopeKind::router:
        return limits.routers[0];
      case ScopeKind::venue:
        return limits.venues[0];
      case ScopeKind::account:
        return limits.accounts[0];
      case ScopeKind::symbol:
        return limits.symbols[0];
      case ScopeKind::parent:
        return limits.parent;
      case ScopeKind::algo:
        return limits.algos[0];
      case ScopeKind::trader:
        return limits.traders[0];
      case ScopeKind::desk:
        return limits.desks[0];
    }
    return limits.firm;
  }
  [[nodiscard]] Verdict answer() const {
    NewOrder request = order("1", 10);
    request.by = {.algo = {0}, .trader = {0}, .desk = {0}};
    return ask(request);
  }
};

// "order-qty account" for each refusal for want of one limit.
std::set<std::string> refusals() {
  std::set<std::string> all;
  for (std::size_t which = 0; which < limits_of_a_scope; ++which) {
    for (const ScopeKind kind : scope_kinds) {
      Everywhere world;
      boost::pfr::for_each_field(world.of(kind), [&](auto& limit, std::size_t index) {
        if (index == which) limit = {};
      });
      const Verdict verdict = world.answer();
      if (verdict.may_go()) continue;  // no control asks it of that kind
      REQUIRE(word(verdict) == "NO_LIMIT");
      CHECK(verdict.breach->scope == Scope{kind, 0});
      const std::string& fact = verdict.breach->fact;  // "no order-qty limit is set for ..."
      all.insert(fact.substr(3, fact.find(" limit is set") - 3) + " " + std::string(name(kind)));
    }
  }
  return all;
}

// The same of what the rows of the table say of themselves.
std::set<std::string> rows() {
  std::set<std::string> all;
  for (const Control& control : controls()) {
    if (without_limits.contains(std::string(control.id))) continue;
    for (std::string_view rest = control.scopes; !rest.empty();) {
      const auto end = std::min(rest.find(", "), rest.size());
      REQUIRE_MESSAGE(scope_kind_of(rest.substr(0, end)), control.id);
      all.insert(std::string(control.id) + " " + std::string(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 2, rest.size()));
    }
  }
  return all;
}

}  // namespace

TEST_CASE("unset: a limit that nobody set refuses, of each control in each kind of scope of its") {
  REQUIRE(Everywhere().answer().may_go());
  const std::set<std::string> refused = refusals(), promised = rows();
  for (const std::string& each : promised) CHECK_MESSAGE(refused.contains(each), each);
  for (const std::string& each : refused) CHECK_MESSAGE(promised.contains(each), each);
}

TEST_CASE("unset: what an order lacks refuses it, each with a reason of its own") {
  const auto without = [](auto spoil) {
    World world;
    NewOrder order = world.order("1", 10);
    spoil(world, order);
    return word(world.ask(order));
  };
  CHECK(without([](World&, NewOrder&) {}) == "may go");
  CHECK(without([](World&, NewOrder& o) { o.account = {}; }) == "UNKNOWN_ACCOUNT");
  CHECK(without([](World&, NewOrder& o) { o.symbol = {}; }) == "UNKNOWN_SYMBOL");
  CHECK(without([](World&, NewOrder& o) { o.parent = {}; }) == "PARENT_UNKNOWN");
  CHECK(without([](World&, NewOrder& o) { o.venue = {}; }) == "NO_ROUTE");
  CHECK(without([](World&, NewOrder& o) { o.limit.reset(); }) == "MALFORMED");
  CHECK(without([](World& w, NewOrder&) { w.references.by_symbol[0].reset(); }) ==
        "NO_REFERENCE_PRICE");
  CHECK(without([](World& w, NewOrder&) { w.limits.firm.order_rate = {}; }) == "NO_LIMIT");
}
