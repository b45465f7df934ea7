#include <doctest/doctest.h>

#include <algorithm>

#include "tests/risk/world.hpp"

using namespace interlock::risk;
using namespace interlock::risk::test;

namespace {

std::vector<LimitUse> uses(const World& world) {
  return limits_in_use(world.books, world.limits, world.references, world.directory, world.now);
}
const LimitUse* find(const std::vector<LimitUse>& uses, std::string_view control, Scope scope) {
  const auto found = std::find_if(uses.begin(), uses.end(), [&](const LimitUse& use) {
    return use.control == control && use.scope == scope;
  });
  return found == uses.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("limits in use: each shows what is used of it, the fullest first") {
  World world;
  world.limits.accounts[0].gross_notional = Limit<Money>::of(money(110'000), 17);
  world.limits.routers[0].order_rate = Limit<Rate>::of({10, seconds(1)}, 18);
  REQUIRE(world.send(world.order("1", 900)).may_go());
  const auto all = uses(world);
  const LimitUse& parent = *find(all, "parent-fill", {ScopeKind::parent, 0});
  CHECK(parent.used == "900");
  CHECK(parent.limit == "1000");
  const LimitUse& gross = *find(all, "gross-notional", {ScopeKind::account, 0});
  CHECK(gross.used == "99000");
  CHECK(gross.limit == "110000");
  CHECK(gross.line == 17);
  const LimitUse& rate = *find(all, "order-rate", {ScopeKind::router, 0});
  CHECK(rate.used == "1");
  CHECK(rate.limit == "10 in 1 s");
  CHECK(rate.fraction == doctest::Approx(0.1));
  CHECK(std::is_sorted(all.begin(), all.end(), [](const LimitUse& a, const LimitUse& b) {
    return a.fraction > b.fraction;
  }));
  CHECK(all.front().fraction == doctest::Approx(0.9));
}

TEST_CASE("limits in use: an unset limit is not there, and `none` is said") {
  World world;
  world.limits.venues[0].gross_notional = {};
  world.limits.venues[1].gross_notional = Limit<Money>::none(5);
  const auto all = uses(world);
  CHECK(find(all, "gross-notional", {ScopeKind::venue, 0}) == nullptr);
  CHECK(find(all, "gross-notional", {ScopeKind::venue, 1})->limit == "none");
  CHECK(find(all, "price-collar", {ScopeKind::symbol, 0})->limit == "100000 ppm");
  CHECK(find(all, "order-qty", {ScopeKind::account, 1})->limit == "1000000");
}

TEST_CASE("limits in use: of many parents, the fullest twenty") {
  World world;
  for (int i = 1; i <= 50; ++i) {
    const std::string name = "Q" + std::to_string(i);
    NewOrder order = world.order(name, i);
    order.parent = world.declare(name, shares(100));
    REQUIRE(world.send(order).may_go());
  }
  std::vector<std::string> used;
  for (const LimitUse& use : uses(world)) {
    if (use.control == "parent-fill") used.push_back(use.used);
  }
  REQUIRE(used.size() == 20);
  CHECK(used.front() == "50");
  CHECK(used.back() == "31");
}
