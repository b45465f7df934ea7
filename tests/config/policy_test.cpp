#include "tests/config/folder.hpp"

using namespace interlock::config;

TEST_CASE("policy: a limit that is set nowhere is an error that says where to set it") {
  check_each({
      {"max_order_notional = \"5 M USD\"\nmax_orders = \"200 / 1 s\"", "max_orders = \"200 / 1 s\"",
       "max_order_notional is set nowhere for account 7731: a limit is never unlimited unsaid"},
      {"max_orders = \"100 / 1 s\"\n", "",
       "max_orders is set nowhere for symbol ACME, NVDA: a limit is never unlimited unsaid"},
      {"max_orders = \"1000 / 1 s\"\n", "",
       "max_orders is set nowhere for firm: a limit is never unlimited unsaid"},
      {"max_orders = \"50 / 1 s\"", "",
       "max_orders is set nowhere for parent: a limit is never unlimited unsaid"},
      {"price_collar = \"3 %\"", "#",
       "price_collar is set nowhere for symbol ACME: a limit is never unlimited unsaid"},
      {"max_over_fill = 0 ", "#",
       "max_over_fill is set nowhere for venue SIM: a limit is never unlimited unsaid"},
  });
  const Folder folder;
  const auto loaded = folder.with("max_orders = \"100 / 1 s\"\n", "");
  REQUIRE(loaded.problems.size() == 1);
  CHECK(loaded.problems[0].hint ==
        "write it in [defaults.symbol], or in [symbol.ACME]; \"none\" means no limit");
}

TEST_CASE("policy: none is a person's word, and it is printed loudly") {
  const Folder folder;
  const auto loaded = folder.with("price_collar = \"2 %\"", "price_collar = \"none\"");
  REQUIRE(loaded.config.has_value());
  using Collar = interlock::risk::Limit<interlock::risk::Collar>;
  CHECK(loaded.config->limits.symbols.at(1).price_collar.state == Collar::State::none);
  const auto shown = effective_limits(*loaded.config);
  const auto line_of = [](std::string_view passage) {
    const std::string_view text = sample();
    return 1 + std::ranges::count(text.substr(0, text.find(passage)), '\n');
  };
  CHECK(shown.contains(
      fmt::format("symbol NVDA              price_collar             NONE: no limit           "
                  "gateway.toml:{}  chief risk officer, review 2027-06-30: its shares cost more\n",
                  line_of("price_collar = \"2 %\""))));
  CHECK(shown.contains(
      fmt::format("account 7732             max_order_notional       1 M USD                  "
                  "gateway.toml:{}  chief risk officer, review 2027-03-31: a new client: small "
                  "until its first review\n",
                  line_of("max_order_notional = \"1 M USD\""))));
}

TEST_CASE("policy: each rule for a value") {
  check_each({
      {"unmarked_short_sales = \"refuse\"", "unmarked_short_sales = \"pass\"",
       "unmarked_short_sales = \"pass\" is not a known word"},
      {"max_order_qty = 10_000", "max_order_qty = 0",
       "max_order_qty = 0 is not a whole number of shares"},
      {"max_order_qty = 10_000", "max_order_qty = -5",
       "max_order_qty = -5 is not a whole number of shares"},
      {"max_order_qty = 10_000", "max_order_qty = 1.5",
       "max_order_qty = 1.5 is not a whole number of shares"},
      {"max_order_qty = 10_000", "max_order_qty = 9_000_000_000_001",
       "max_order_qty = 9_000_000_000_001 is not a whole number of shares"},
      {"max_order_notional = \"1 M USD\"", "max_order_notional = \"1 M EUR\"",
       "max_order_notional = \"1 M EUR\" is not an amount in USD"},
      {"max_order_notional = \"1 M USD\"", "max_order_notional = 1_000_000",
       "max_order_notional = 1_000_000 has no unit"},
      {"max_order_notional = \"1 M USD\"", "max_order_notional = \"unlimited\"",
       "max_order_notional = \"unlimited\" is not an amount in USD"},
      {"max_orders = \"1000 / 1 s\"", "max_orders = 1000", "max_orders = 1000 has no unit"},
      {"max_age = \"24 h\"", "max_age = \"24\"", "max_age = \"24\" is not a duration"},
      {"exhausted_refusals = 20 ", "exhausted_refusals = 0 ",
       "exhausted_refusals = 0 is not a whole number from 1 to 1000000"},
      {"[account.7732]\n", "[account.7732]\nprice_collar = \"3 %\"\n",
       "unknown key 'price_collar' in [account.7732]"},
      {"max_order_qty = 10_000", "max_order_qty = 10_000\nmax_order_qty = 20_000",
       "Error while parsing key-value pair: cannot redefine existing integer 'max_order_qty'"},
  });
}

TEST_CASE("policy: a limit under a name that the firm does not have is lost nowhere") {
  const Folder folder;
  CHECK(
      lines_of(folder.with("[firm] ", "[firm.ACME] ")) ==
      "[firm.ACME]: kill_at_loss is set nowhere for firm: a limit is never unlimited unsaid\n"
      "[firm.ACME]: max_gross_notional is set nowhere for firm: a limit is never unlimited unsaid\n"
      "[firm.ACME]: max_net_notional is set nowhere for firm: a limit is never unlimited unsaid\n"
      "[firm.ACME]: max_notional_rate is set nowhere for firm: a limit is never unlimited unsaid\n"
      "[firm.ACME]: max_orders is set nowhere for firm: a limit is never unlimited unsaid\n"
      "[firm.ACME]: max_orphan_fills is set nowhere for firm: a limit is never unlimited unsaid\n"
      "[firm.ACME]: max_orphan_notional is set nowhere for firm: a limit is never unlimited "
      "unsaid\n"
      "[firm.ACME]: max_orphan_shares is set nowhere for firm: a limit is never unlimited unsaid\n"
      "[firm.ACME]: max_turnover is set nowhere for firm: a limit is never unlimited unsaid\n"
      "[firm.ACME]: reduce_only_at_loss is set nowhere for firm: a limit is never unlimited "
      "unsaid\n"
      "[firm.ACME]: self_match is set nowhere for firm: a limit is never unlimited unsaid\n"
      "[firm.ACME]: unknown key 'ACME' in [firm]\n");
}

TEST_CASE("policy: an account is what an order can carry") {
  const Folder folder;
  CHECK(lines_of(folder.with("[account.7732]", "[account.\"77\\u000132\"]")) ==
        "[account.\"77\\u000132\"]: no order can carry the account '77\x01"
        "32'\n");
}

TEST_CASE(
    "policy: a table that sets limits says why, who answers for them, and when to look again") {
  check_each({
      {"why = \"its shares cost more\"\n", "", "[symbol.NVDA] has no 'why': a limit has a reason"},
      {"why = \"its shares cost more\"\nowner = \"chief risk officer\"\n",
       "why = \"its shares cost more\"\n",
       "[symbol.NVDA] has no 'owner': somebody answers for a limit"},
      {"review = 2027-03-31\n", "", "[account.7732] has no 'review': a limit is looked at again"},
      {"review = 2027-03-31\n", "review = \"2027-03-31\"\n",
       "review = \"2027-03-31\" is not a date"},
      {"why = \"its shares cost more\"\n", "why = \"\"\n",
       "why = \"\" is not 1 to 200 printable characters"},
      {"[account.7731] ", "[account.7731]\nowner = \"desk\" ",
       "[account.7731] sets no limit that 'owner' could be of"},
  });
  const Folder folder;
  const std::string table = "why = \"w\", owner = \"o\", review = 2027-01-01, max_position = 1";
  CHECK(only_problem(folder.with("[symbol.ACME] ",
                                 fmt::format("[symbol]\nA = {{ {0} }}\n[symbol.ACME] ", table)))
            .starts_with("0 problems"));
  const auto both =
      folder.with("[account.7731] ", fmt::format("[account]\nA = {{ {0} }}\n[account.B]\n"
                                                 "[account.7731] ",
                                                 table));
  REQUIRE(both.config.has_value());
  const auto& limit = both.config->limits.accounts.at(2).position;  // 7731, 7732, A, B
  REQUIRE(both.config->rationale_of(limit.line) != nullptr);
  CHECK(both.config->rationale_of(limit.line)->owner == "o");
  CHECK(both.config->rationale_of(1) == nullptr);
}

TEST_CASE("policy: two tables of limits in one line could not be told apart by it") {
  const auto table = [](std::string_view owner) {
    return fmt::format(
        "why = \"w\", owner = \"{}\", review = 2027-01-01, max_orders = \"1 / 1 s\", "
        "max_executions = \"1 / 1 s\", max_gross_notional = \"1 USD\"",
        owner);
  };
  const Folder folder;
  const auto with = [&](const std::string& more) {
    return folder.parse(std::string(sample()) + "\n[algo]\n" + more);
  };
  CHECK(
      render(with(fmt::format("A = {{ {} }}\nB = {{ {} }}\n", table("a"), table("b"))).problems) ==
      "");
  const auto in_one_line =
      fmt::format("schema = 1\nalgo = {{ A = {{ {} }}, B = {{ {} }} }}\n", table("a"), table("b"));
  CHECK(only_problem(folder.with("schema = 1\n", in_one_line)) ==
        "another table sets limits in line 5 too");
}
