#include "tests/config/folder.hpp"

using namespace interlock::config;
using interlock::risk::Price;
using interlock::risk::Quantity;
using What = interlock::risk::Restriction::What;

namespace {

// What a loader says of a file with this text: a line a problem.
template <class Load>
std::string problems(Load load, const std::string& text) {
  const Folder folder;
  folder.write("list", text);
  folder.write("rates", "");
  const auto again = folder.with("[symbol.ACME] ",
                                 "[currencies]\nfile = \"rates\"\nmax_age = \"1 h\"\n"
                                 "[symbol.ACME]\ncurrency = \"EUR\" #");
  REQUIRE(again.config.has_value());
  const auto read = load(folder.at("list"), again.config->directory());
  if (read) return {};
  std::string lines;
  for (const auto& problem : read.error())
    lines += fmt::format("{}:{}: {}\n", problem.line, problem.column, problem.text);
  return lines;
}

}  // namespace

TEST_CASE("lists: each of its files is read whole, or not at all") {
  const std::string positions = "account,symbol,quantity,cost\n";
  CHECK(problems(load_positions, positions + "7731,ACME,-100,9.5\n7731,NVDA,5,180\n") == "");
  CHECK(problems(load_positions, positions + "7739,ACME,1,1\n7731,ACNE,1,1\n7731,ACME,x,1\n"
                                             "7731,ACME,1,y\n7731,ACME\n") ==
        "2:1: account '7739' is not in the policy\n"
        "3:6: symbol 'ACNE' is not in the policy\n"
        "4:11: 'x' is not a quantity\n"
        "5:13: 'y' is not a price\n"
        "5:1: account 7731 has a second position in ACME\n"
        "6:1: 2 values instead of 4\n");
  CHECK(problems(load_positions, "7731,ACME,-100,9.5\n") ==
        "1:1: the first line has to name the columns\n");

  const std::string restricted = "account,symbol,what\n";
  CHECK(problems(load_restrictions, restricted + "*,ACME,all\n7731,*,short_sale\n") == "");
  CHECK(problems(load_restrictions, restricted + "7739,*,all\n*,ACNE,all\n*,ACME,buy\n") ==
        "2:1: account '7739' is not in the policy\n"
        "3:3: symbol 'ACNE' is not in the policy\n"
        "4:8: 'buy' is not a known word\n");

  const std::string locates = "account,symbol,quantity,id\n";
  CHECK(problems(load_locates, locates + "7731,ACME,1000,L-1\n") == "");
  CHECK(problems(load_locates, locates + "7731,ACME,0,L-1\n7731,ACME,5,\n7731,ACME,5,L-1\n") ==
        "2:11: '0' is not a quantity above zero\n"
        "3:13: the locate has no id\n"
        "4:13: locate L-1 is there twice\n");

  CHECK(problems(load_rates, "# a comment\nEUR 1.0831 2026-11-21T09:30:00Z\nJPY 0.0067\n") == "");
  CHECK(problems(load_rates, "EUR 0\nEUR\nEUR 1 noon\nUSD 1\nEUR 1.1\nEUR 1.2\n") ==
        "1:5: '0' is not a rate above zero\n"
        "2:1: this is not a rate\n"
        "3:7: 'noon' is not a time in UTC\n"
        "4:1: USD is the policy's own currency\n"
        "6:1: EUR has a second rate\n");
}

TEST_CASE("lists: what is written is what is read") {
  const Folder folder;
  folder.write("restricted.csv", "account,symbol,what\n*,ACME,opening\n7732,*,short_sale\n");
  folder.write("positions.csv", "account,symbol,quantity,cost\n7731,ACME,-100,9.5\n");
  const auto loaded = folder.with("# [positions] ",
                                  "[restricted]\nfile = \"restricted.csv\"\n[positions]\n"
                                  "file = \"positions.csv\" #");
  CHECK(render(loaded.problems) == "");  // the lines after it are comments
  REQUIRE(loaded.config.has_value());
  const auto& restrictions = loaded.config->limits.restrictions;
  REQUIRE(restrictions.size() == 2);
  CHECK_FALSE(restrictions[0].account.known());
  CHECK(restrictions[0].symbol.value == 0);
  CHECK(restrictions[0].what == What::opening);
  CHECK(restrictions[1].account.value == 1);
  CHECK_FALSE(restrictions[1].symbol.known());
  CHECK(restrictions[1].what == What::short_sale);
  const auto positions = load_positions(loaded.config->positions_file, loaded.config->directory());
  REQUIRE(positions.has_value());
  REQUIRE(positions->size() == 1);
  CHECK(positions->at(0).quantity == Quantity::of(-100));
  CHECK(positions->at(0).cost == Price::of_raw(950'000'000));
}

TEST_CASE("lists: a file that is named and not there is an error") {
  check_each({
      {"# [positions] ", "[positions]\nfile = \"nowhere\" #", "cannot read the positions"},
      {"# [positions] ", "[restricted]\nfile = \"nowhere\" #", "cannot read the restrictions"},
      {"# [positions] ", "[locates]\nfile = \"nowhere\" #", "cannot read the locates"},
      {"# [positions] ", "[currencies]\nmax_age = \"1 h\"\nfile = \"nowhere\" #",
       "cannot read the rates of the currencies"},
      {"# [positions] ", "[positions] #", "[positions] has no 'file': it holds them"},
  });
}
