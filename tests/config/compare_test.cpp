#include <random>

#include "config/policy_rows.hpp"
#include "tests/config/folder.hpp"

using namespace interlock::config;

namespace {

// What differs between the sample and the sample with one passage replaced: a line a change.
std::string changes(std::string_view passage, std::string_view instead) {
  const Folder folder;
  const auto before = folder.load(), after = folder.with(passage, instead);
  REQUIRE(before.config.has_value());
  CAPTURE(render(after.problems));
  REQUIRE(after.config.has_value());
  std::string lines;
  for (const auto& change : compare(*before.config, *after.config))
    lines += fmt::format("{}{}\n", text_of(change), change.loosens ? "  TWO" : "");
  return lines;
}

// The direction of one limit from one value to another.
Direction direction(const std::string& before, const std::string& after) {
  const auto row = [](const std::string& value) {
    return std::vector{PolicyRow{"firm", {}, "key", value, 1, {}, {}, {}}};
  };
  const auto found = compare(row(before), row(after));
  REQUIRE(found.size() == 1);
  CHECK(found[0].loosens == (found[0].direction == Direction::loosened));
  return found[0].direction;
}

}  // namespace

TEST_CASE("compare: the same policy differs in nothing, wherever its lines stand") {
  CHECK(changes("schema = 1\n", "schema = 1\n\n\n") == "");
}

TEST_CASE("compare: a lower limit is tighter, a higher one looser, and none is the loosest") {
  CHECK(changes("max_order_qty = 10_000", "max_order_qty = 9_999") ==
        "TIGHTENED  symbol NVDA  max_order_qty  10000 -> 9999\n");
  CHECK(changes("max_order_qty = 10_000", "max_order_qty = 10_001") ==
        "LOOSENED   symbol NVDA  max_order_qty  10000 -> 10001  TWO\n");
  CHECK(changes("price_collar = \"2 %\"", "price_collar = \"none\"") ==
        "LOOSENED   symbol NVDA  price_collar  2 % -> none  TWO\n");
  CHECK(changes("short_sales = \"refuse\"", "short_sales = \"none\"") ==
        "LOOSENED   symbol ACME  unmarked_short_sales  refuse -> none  TWO\n");
  CHECK(changes("max_age = \"24 h\"", "max_age = \"5 min\"") ==
        "TIGHTENED  gateway  prices.max_age  24 h -> 5 min\n");
  using enum Direction;
  struct Row {
    const char* before;
    const char* after;
    Direction direction;
  };
  for (const auto& row :
       {Row{"5 M USD", "5001 K USD", loosened}, Row{"5 M USD", "4999.9999 K USD", tightened},
        Row{"1 B USD", "999 M USD", tightened}, Row{"0.01 USD", "0.02 USD", loosened},
        Row{"500 / 1 s", "499 / 1 s", tightened}, Row{"500 / 1 s", "500 / 2 s", tightened},
        Row{"500 / 1 s", "500 / 500 ms", loosened}, Row{"500 / 1 s", "501 / 2 s", loosened},
        Row{"5 M USD / 1 s", "5 M USD / 1 min", tightened},
        Row{"5 M USD / 1 s", "6 M USD / 1 s", loosened}, Row{"30 s", "1 min", loosened},
        Row{"1 min", "59 s", tightened}, Row{"3 %", "2.9999 %", tightened},
        Row{"none", "refuse", tightened}, Row{"refuse", "none", loosened},
        Row{"none", "1", tightened}, Row{"0", "1", loosened}, Row{"1", "0", tightened}}) {
    CAPTURE(row.before);
    CAPTURE(row.after);
    CHECK(direction(row.before, row.after) == row.direction);
  }
}

TEST_CASE("compare: what cannot be told is looser") {
  CHECK(direction("3 %", "0.03 USD") == Direction::loosened);
  CHECK(direction("0.03 USD", "3 %") == Direction::loosened);
  CHECK(direction("5 M USD", "1 M EUR") == Direction::loosened);
  CHECK(direction("500 / 1 s", "5") == Direction::loosened);
  CHECK(direction("one word", "another") == Direction::loosened);
}

TEST_CASE("compare: a new scope lets pass what was refused, and one that goes does not") {
  CHECK(changes("[account.7732]\nwhy = \"a new client: small until its first review\"\n"
                "owner = \"chief risk officer\"\nreview = 2027-03-31\n"
                "max_order_notional = \"1 M USD\"\n",
                "")
            .starts_with("REMOVED    account 7732  max_orders  200 / 1 s -> (absent)\n"));
  const auto added = changes("[symbol.NVDA]\n", "[symbol.IBM]\n[symbol.NVDA]\n");
  CHECK(added.starts_with("ADDED      symbol IBM  max_orders  (absent) -> 100 / 1 s  TWO\n"));
  CHECK(added.find("NVDA") == std::string::npos);
  const PolicyRow restriction{"restriction", "*", "ACME", "all", 1, {}, {}, {}};
  CHECK_FALSE(compare({}, {restriction}).at(0).loosens);
  CHECK(compare({restriction}, {}).at(0).loosens);
}

TEST_CASE("compare: what is read at a start only is named so, and secrets are not shown") {
  CHECK(changes("listen = \"127.0.0.1:9012\"", "listen = \"127.0.0.1:9013\"") ==
        "RESTART    start router R1  listen  127.0.0.1 port 9012 -> 127.0.0.1 port 9013  TWO\n");
  CHECK(changes(
            "schedule = \"always\" ",
            "schedule = { open = \"09:30\", close = \"16:00\", zone = \"America/New_York\" } #") ==
        "RESTART    start venue SIM  schedule  always -> 09:30:00 to 16:00:00 America/New_York, "
        "weekdays 1111111  TWO\n");
  CHECK(changes("name = \"second\"\nmay = [\"view\", \"kill\", ", "name = \"second\"\nmay = [") ==
        "RESTART    start person second  may  view kill rearm declare limits acknowledge release "
        "-> rearm declare limits acknowledge release  TWO\n");
  for (const auto& [passage, instead] :
       {std::pair{"on_disconnect = \"keep\"", "on_disconnect = \"cancel\""},
        std::pair{"drain = \"5 s\"", "drain = \"6 s\""},
        std::pair{"schema = 1\n", "schema = 1\n[[dialect]]\nid = \"d\"\nbase = \"FIX.4.4\"\n"},
        std::pair{"dir = \"audit\"", "dir = \"other\""},
        std::pair{"connect = [\"127.0.0.1:9101\"]", "connect = [\"127.0.0.1:9102\"]"}}) {
    CAPTURE(instead);
    const auto found = changes(passage, instead);
    CHECK(found.starts_with("RESTART"));
    CHECK(std::ranges::count(found, '\n') == 1);
  }
  const Folder one, other;
  other.write("secrets.toml", sample_files("token three", "token two", "another").secrets,
              std::filesystem::perms{0600});
  const auto found = compare(*one.load().config, *other.load().config);
  REQUIRE(found.size() == 3);  // a hash has a salt: each one is another
  for (const auto& change : found) {
    CHECK(change.direction == Direction::fixed);
    CHECK(change.before.size() == 16);
  }
}

TEST_CASE("compare: of two limits one is tighter, whatever they are") {
  std::mt19937 random(20261125);
  for (int i = 0; i < 2000; ++i) {
    const auto one = random() % 1'000'000, other = random() % 1'000'000;
    if (one == other) continue;
    const auto text = [](auto value) { return fmt::format("{} USD", value); };
    CHECK(direction(text(one), text(other)) ==
          (other < one ? Direction::tightened : Direction::loosened));
  }
}
