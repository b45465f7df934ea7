// The list of what may not be traded, against a look at every line of it.
#include "risk/restrictions.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace interlock::risk;

namespace {

using What = Restriction::What;

std::size_t place_of(const Restrictions& list, const Restriction* found) {
  return found ? static_cast<std::size_t>(found - &list[0]) : list.size();
}

}  // namespace

TEST_CASE("restrictions: the first line that fits and forbids is found, however long the list") {
  std::mt19937 random(11);
  const auto id = [&] {
    return static_cast<std::uint32_t>(random() % 8 == 0 ? UINT32_MAX : random() % 20);
  };
  Restrictions list;
  for (std::uint32_t i = 0; i < 200; ++i)
    list.push_back({AccountId{id()}, SymbolId{id()}, static_cast<What>(random() % 3), i});
  REQUIRE(list.size() == 200);
  std::size_t found_some = 0;
  for (int i = 0; i < 2'000; ++i) {
    const AccountId account{id()};
    const SymbolId symbol{id()};
    const auto forbidden = static_cast<What>(random() % 3);
    const auto forbids = [&](const Restriction& each) { return each.what == forbidden; };
    std::size_t expected = 0;
    for (; expected < list.size(); ++expected) {
      const Restriction& each = list[expected];
      if (each.account.known() && each.account != account) continue;
      if (each.symbol.known() && each.symbol != symbol) continue;
      if (forbids(each)) break;
    }
    REQUIRE(place_of(list, list.first(account, symbol, forbids)) == expected);
    found_some += expected < list.size() ? 1 : 0;
  }
  CHECK(found_some > 100);
}

TEST_CASE("restrictions: a line of no account and no symbol is about everything") {
  const Restrictions list{{.account = {}, .symbol = {}, .what = What::all, .line = 1}};
  const auto any = [](const Restriction&) { return true; };
  CHECK(list.first(AccountId{7}, SymbolId{9}, any) == &list[0]);
  CHECK(list.first({}, {}, any) == &list[0]);
  CHECK(Restrictions{}.first(AccountId{7}, SymbolId{9}, any) == nullptr);
}
