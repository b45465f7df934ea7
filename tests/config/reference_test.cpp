#include "tests/config/folder.hpp"

using namespace interlock::config;
using interlock::risk::SessionState;
using interlock::risk::Time;

namespace {

// 2026-11-25 is a Wednesday; New York is five hours behind UTC.
Time at(int day, int hour, int minute) {
  const std::int64_t midnight = 1'764'028'800 + 365 * 86'400LL;  // 2026-11-25T00:00:00Z
  return {(midnight + (day - 25) * 86'400LL + hour * 3'600 + minute * 60) * 1'000'000'000};
}

}  // namespace

TEST_CASE("reference: each rule for what the controls go by") {
  check_each({
      {"max_age_pre_open = \"96 h\"", "#",
       "[prices] has no 'max_age_pre_open': an older price refuses"},
      {"max_age_closed = \"96 h\"", "max_age_closed = 96", "max_age_closed = 96 has no unit"},
      {"roll = \"17:00\"\n", "", "[day] has no 'roll': what is counted a day begins anew then"},
      {"roll = \"17:00\"\n", "roll = \"5 pm\"\n", "roll = \"5 pm\" is not a time of day"},
      {"pre_open = \"04:00\"", "pre_open = \"10:00\"", "the pre-open begins after the open"},
      {"acknowledge_within = \"5 min\"", "#",
       "[alerts] has no 'acknowledge_within': after it a critical alert shuts its scope"},
      {"journal = \"5 s\"", "#", "[stale] has no 'journal': records that are not on disk grow old"},
      {"journal = \"5 s\"", "journal = 5", "journal = 5 has no unit"},
      {"min_sample = 20 ", "min_sample = 0 ",
       "min_sample = 0 is not a whole number from 1 to 4294967295"},
      {"[symbol.ACME] ", "[symbol.ACME]\ncurrency = \"EUR\" #",
       "a symbol is in EUR, and there is no [currencies]"},
      {"[symbol.ACME] ", "[symbol.ACME]\ncurrency = \"eur\" #",
       "currency = \"eur\" is not a currency"},
      {"[symbol.ACME] ", "[symbol.ACME]\nclass = \"oil\" #", "no class 'oil' is declared"},
  });
}

TEST_CASE("reference: a symbol takes its own limit, then that of its class, then the default") {
  const Folder folder;
  const auto loaded = folder.with(
      "[symbol.ACME] ",
      "[class.oil]\nnegative_prices = true\nwhy = \"w\"\nowner = \"o\"\nreview = 2027-01-01\n"
      "max_order_qty = 50\nmax_open_orders = 7\n"
      "[symbol.ACME]\nclass = \"oil\"\nwhy = \"w\"\nowner = \"o\"\nreview = 2027-01-01\n"
      "max_order_qty = 40\n#");
  CHECK(render(loaded.problems) == "");
  REQUIRE(loaded.config.has_value());
  const auto& limits = loaded.config->limits;
  CHECK(limits.symbols.at(0).order_qty.value == interlock::risk::Quantity::of(40));
  CHECK(limits.symbols.at(0).open_orders.value.value == 7);
  CHECK(limits.symbols.at(0).price_collar.value.parts_per_million == 30'000);
  CHECK(limits.symbol_traits.at(0).negative_prices);
  CHECK_FALSE(limits.symbol_traits.at(1).negative_prices);
  CHECK(limits.symbols.at(1).open_orders.value.value == 1'000);
}

TEST_CASE("reference: the session's state by the calendar") {
  const Folder folder;
  const auto loaded = folder.load();
  REQUIRE(loaded.config.has_value());
  const auto& trading = loaded.config->trading;
  TradingClock clock;
  struct Row {
    Time now;
    SessionState state;
  };
  for (const auto& row :
       {Row{at(25, 8, 59), SessionState::closed}, Row{at(25, 9, 0), SessionState::pre_open},
        Row{at(25, 14, 29), SessionState::pre_open}, Row{at(25, 14, 30), SessionState::open},
        Row{at(25, 20, 59), SessionState::open}, Row{at(25, 21, 0), SessionState::closed},
        Row{at(28, 15, 0), SessionState::closed},  // a Saturday
        Row{at(25, 15, 0), SessionState::open}}) {
    CAPTURE(row.now.ns);
    CHECK(trading.state_at(row.now) == row.state);
    CHECK(clock.state(trading, row.now) == row.state);
  }
  CHECK(loaded.config->day.next_change(at(25, 12, 0)) == at(25, 22, 0));  // 17:00 in New York
  CHECK(loaded.config->day.next_change(at(25, 22, 0)) == at(26, 22, 0));
}
