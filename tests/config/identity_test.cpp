#include "config/identity.hpp"

#include "config/policy_rows.hpp"
#include "tests/config/folder.hpp"

using namespace interlock::config;

namespace {

constexpr const char* trader =
    "[trader.jo]\nwhy = \"w\"\nowner = \"o\"\nreview = 2027-06-30\nmax_orders = \"1 / 1 s\"\n"
    "max_gross_notional = \"1 USD\"\n";

// The sample with some lines below [symbol.ACME].
Loaded with_symbol(const std::string& lines) {
  return Folder().with("[symbol.ACME] ", "[symbol.ACME]\n" + lines + "\n#");
}

// ... with lines of R1 and a trader.
std::string router_problem(const std::string& lines) {
  const Folder folder;
  const std::string edited = Folder::edited(sample(), "orders_without_parent = \"reject\"", lines);
  return only_problem(
      folder.parse(Folder::edited(edited, "[prices]\n", trader + std::string("[prices]\n"))));
}

}  // namespace

TEST_CASE("identity: an instrument is 55 and 65 together, and its ids by source") {
  const auto loaded = with_symbol(
      "instrument = { symbol = \"AC\", suffix = \"A\", ids = { 4 = \"US01\", 1 = \"01\" } }");
  REQUIRE_MESSAGE(loaded.config, render(loaded.problems));
  const Identities& read = loaded.config->identities;
  CHECK(read.symbol("AC", "A") == "ACME");
  CHECK(read.symbol("AC", "") == "AC");  // a symbol that is not in the policy
  CHECK(read.symbol("AC", "B").empty());
  CHECK(read.symbol("ACME", "").empty());  // it is called otherwise
  CHECK(read.symbol("NVDA", "") == "NVDA");
  CHECK(read.symbol("NVDA", "A").empty());
  CHECK(read.id("ACME", "4") == "US01");
  CHECK(read.id("ACME", "1") == "01");
  CHECK_FALSE(read.id("ACME", "2").has_value());
  CHECK_FALSE(read.id("NVDA", "4").has_value());
}

TEST_CASE("identity: an account has further names") {
  const auto loaded =
      Folder().with("[account.7731] ", "[account.7731]\nnames = [\"ACME-7731\", \"x\"]\n#");
  REQUIRE_MESSAGE(loaded.config, render(loaded.problems));
  CHECK(loaded.config->identities.account("ACME-7731") == "7731");
  CHECK(loaded.config->identities.account("x") == "7731");
  CHECK(loaded.config->identities.account("7731") == "7731");
  CHECK(loaded.config->identities.account("y") == "y");
}

TEST_CASE("identity: each rule") {
  check_each({
      {"[account.7731] ", "[account.7731]\nnames = [\"7732\"]\n#",
       "'7732' is an account, and a name of account 7731"},
      {"[account.7731] ", "[account.7731]\nnames = [\"x\", \"x\"]\n#",
       "'x' is a name of account 7731 too"},
      {"[symbol.ACME] ", "[symbol.ACME]\ninstrument = { symbol = \"NVDA\" }\n#",
       "symbols NVDA and ACME are called alike"},
      {"[symbol.ACME] ",
       "[symbol.B]\ninstrument = { symbol = \"A\" }\n[symbol.ACME]\ninstrument = "
       "{ symbol = \"A\" }\n#",
       "symbols ACME and B are called alike"},
      {"[symbol.ACME] ", "[symbol.ACME]\ninstrument = { ids = { 44 = \"x\" } }\n#",
       "'44' is no SecurityIDSource (22)"},
      {"[symbol.ACME] ", "[symbol.ACME]\ninstrument = { name = \"x\" }\n#",
       "unknown key 'name' in instrument of symbol ACME"},
  });
}

TEST_CASE("identity: who decided stands in a tag, or is the party of a role") {
  CHECK(router_problem("trader_party = 12").starts_with("0 problems"));
  CHECK(router_problem("trader_tag = 583").starts_with("0 problems"));
  CHECK(router_problem("trader_tag = 583\ntrader_party = 12") ==
        "trader_tag and trader_party say the same");
  CHECK(router_problem("trader_party = 0") ==
        "trader_party = 0 is not a whole number from 1 to 9999");
  CHECK(router_problem("algo_party = 12") == "algo_party is read, and no algo is declared");
  CHECK(router_problem("desk_tag = 583") == "desk_tag is read, and no desk is declared");
}

TEST_CASE("identity: FIX 4.2 has no parties") {
  const std::string old = Folder::edited(
      Folder::edited(sample(), "id = \"R1\"\nbegin_string = \"FIX.4.4\"",
                     "id = \"R1\"\nbegin_string = \"FIX.4.2\"\ntrader_party = 12"),
      "id = \"SIM\"\nbegin_string = \"FIX.4.4\"", "id = \"SIM\"\nbegin_string = \"FIX.4.2\"");
  const std::string keyed = Folder::edited(old, "parent_id_tag = 526 ", "parent_id_tag = 109 ");
  const auto loaded =
      Folder().parse(Folder::edited(keyed, "[prices]\n", trader + std::string("[prices]\n")));
  CHECK(lines_of(loaded).starts_with("trader_party: FIX.4.2 has no parties (453)\n"));
}

TEST_CASE("identity: names on the wire hold until a restart") {
  const Folder folder;
  const auto before = folder.load(), after = with_symbol("instrument = { suffix = \"A\" }");
  const auto changes = compare(*before.config, *after.config);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].scope == "symbol ACME");
  CHECK(changes[0].direction == Direction::fixed);
}
