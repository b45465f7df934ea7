#include <doctest/doctest.h>

#include <set>

#include "cli/knight_alone.hpp"

using namespace interlock::cli::knight;

TEST_CASE(
    "morning: 212 parents of 100 to 1,000 shares in whole children, 80 symbols bought and 74 "
    "sold") {
  const Morning morning({});
  REQUIRE(morning.affected.size() == 212);
  std::set<std::uint32_t> bought, sold;
  for (const Parent& parent : morning.affected) {
    CHECK(parent.size >= 100);
    CHECK(parent.size <= 1'000);
    CHECK(parent.size % child_shares == 0);
    (parent.is_buy ? bought : sold).insert(parent.symbol);
  }
  CHECK(bought.size() == 80);
  CHECK(sold.size() == 74);
}

TEST_CASE(
    "morning: events come in order of time, each parent is declared before its first child, "
    "and honest routers send what a parent wants, once") {
  Script script;
  script.has_rejects = true;
  script.length_minutes = 22;
  const Morning morning(script);
  Flow flow(morning);
  std::set<std::uint32_t> declared;
  std::vector<std::int64_t> sent;
  std::int64_t before_ns = -100 * minute_ns, rejects = 0;
  while (const auto event = flow.next()) {
    REQUIRE(event->at_ns >= before_ns);
    before_ns = event->at_ns;
    if (event->kind == Event::Kind::declare) {
      CHECK(declared.insert(event->parent).second);
      continue;
    }
    REQUIRE(declared.contains(event->parent));
    sent.resize(std::max<std::size_t>(sent.size(), event->parent + 1));
    if (!event->is_power_peg) sent[event->parent] += event->quantity;
    if (event->is_power_peg && event->router != sick_router) CHECK(event->at_ns >= 20 * minute_ns);
    if (event->is_rejected) {
      ++rejects;
      CHECK(event->at_ns >= -89 * minute_ns);
      CHECK(event->at_ns < 0);
    }
  }
  CHECK(rejects == 97);
  for (std::uint32_t i = 0; i < sent.size(); ++i) CHECK(sent[i] <= flow.parent(i).size);
}

TEST_CASE("none: with no control the morning comes out at the order's figures") {
  const Figures none = without_control(Morning({}));
  CHECK(none.executions > 4'000'000);
  CHECK(none.executions < 4'050'000);
  CHECK(none.shares > 396'500'000);
  CHECK(none.shares < 398'500'000);
  CHECK(none.estimated_loss > 460e6);
  CHECK(none.estimated_loss < 462e6);
  CHECK(none.bought_dollars == doctest::Approx(3.5e9).epsilon(0.01));
  CHECK(none.sold_dollars == doctest::Approx(3.15e9).epsilon(0.01));
  const double mean = (none.bought_dollars + none.sold_dollars) / static_cast<double>(none.shares);
  CHECK(mean == doctest::Approx(16.75).epsilon(0.01));
  CHECK(!none.first_refusal_ms);
  CHECK(!none.kill_ms);
}

TEST_CASE("none: the stress run is R8 alone at the mean pace of the day") {
  Script script;
  script.is_stress = true;
  script.length_minutes = 1;
  const Figures none = without_control(Morning(script));
  CHECK(none.executions == doctest::Approx(60 * 1'481).epsilon(0.001));
}
