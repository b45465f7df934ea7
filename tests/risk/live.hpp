// A world with one live order, for the tests of the accounting rules.
#pragma once

#include <doctest/doctest.h>

#include <ostream>

#include "tests/risk/world.hpp"

namespace interlock::risk::test {

struct Counts {
  std::int64_t quantity, cum, open;
  friend bool operator==(const Counts&, const Counts&) = default;
};
inline std::ostream& operator<<(std::ostream& out, const Counts& counts) {
  return out << counts.quantity << "/" << counts.cum << "/" << counts.open;
}
inline Counts counts(const Order& order) {
  const auto whole = [](Quantity quantity) { return quantity.raw() / Quantity::one; };
  return {whole(order.quantity), whole(order.cum), whole(order.open)};
}

// A world with order "1" of 100 entered, and acknowledged.
struct Live : World {
  Live() {
    REQUIRE(send(order("1", 100)).may_go());
    learn(Fact::acknowledged, "1");
  }
  [[nodiscard]] Counts one() const { return counts(find("1")); }
  [[nodiscard]] OrderState state() const { return find("1").state; }
};

}  // namespace interlock::risk::test
