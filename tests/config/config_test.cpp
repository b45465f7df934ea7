#include "config/config.hpp"

#include "tests/config/folder.hpp"

using namespace interlock::config;

TEST_CASE("config: ten mistakes are ten errors, each with its line, in one run") {
  const Folder folder;
  std::string text(sample());
  const auto edit = [&](std::string_view passage, std::string_view instead) {
    text = Folder::edited(text, passage, instead);
  };
  edit("currency = \"USD\" ", "currency = \"usd\" ");
  edit("warn_at = \"75 %\"", "warn_at = 75");
  edit("max_order_qty = 10_000", "max_order_qtty = 10_000");
  edit("price_collar = \"2 %\"", "price_collar = 2");
  edit("on_disconnect = \"cancel\"", "#");
  edit("parent_id_tag = 526 ", "parent_id_tag = 5267 ");
  edit("connect = [\"127.0.0.1:9101\"]", "connect = [\"venue.example:9101\"]");
  edit("venue = \"SIM\"", "venue = \"SIMM\"");
  edit("on_start = \"resume_if_unchanged\"", "on_start = \"armed\"");
  edit("segment = \"64 MiB\"", "segment = \"64 MB\"");
  const auto loaded = folder.parse(text);
  CHECK_FALSE(loaded.config.has_value());
  CHECK(lines_of(loaded) ==
        "currency: currency = \"usd\" is not a currency\n"
        "warn_at: warn_at = 75 has no unit\n"
        "max_order_qtty: unknown key 'max_order_qtty' in [symbol.NVDA]\n"
        "price_collar: price_collar = 2 has no unit\n"
        "[[router]]: router R1 has no 'on_disconnect': what becomes of open orders is never a "
        "default\n"
        "parent_id_tag: parent_id_tag = 5267 is not a tag of NewOrderSingle in this dialect\n"
        "connect: connect = \"venue.example:9101\" is not an address and a port, in figures (no "
        "name is "
        "looked up)\n"
        "venue: no venue 'SIMM'\n"
        "on_start: on_start = \"armed\" is not a known word\n"
        "segment: segment = \"64 MB\" is not a size\n");
}

TEST_CASE("config: the sections that a gateway cannot do without") {
  check_each({
      {"schema = 1\n", "",
       "the file has no 'schema': another schema may mean other things by the "
       "same keys"},
      {"schema = 1\n", "schema = 2\n", "schema = 2 is not a whole number from 1 to 1"},
      {"name = \"interlock-01\"", "#", "[node] has no 'name': refusals and records carry it"},
      {"name = \"interlock-01\"", "name = \"a b\"",
       "name = \"a b\" is not a name of letters, digits and . _ -"},
      {"environment = \"test\"", "#", "[node] has no 'environment': each page shows it"},
      {"currency = \"USD\"", "#", "[node] has no 'currency': each amount of the policy is in it"},
      {"state_dir = \"state\"", "#", "[node] has no 'state_dir': the kill latch lives there"},
      {"on_start = \"resume_if_unchanged\"", "#",
       "[kill] has no 'on_start': whether a clean restart of the same build and policy may trade"},
      {"cancel_timeout = \"30 s\"", "cancel_timeout = 30", "cancel_timeout = 30 has no unit"},
      {"cancel_open = true", "#",
       "[stop] has no 'cancel_open': what a stop does with open orders is never a default"},
      {"cancel_open = true", "cancel_open = 1", "cancel_open = 1 is not true or false"},
      {"dir = \"audit\"", "#", "[audit] has no 'dir': the journal lives there"},
      {"segment = \"64 MiB\"", "segment = \"64 KiB\"", "a segment is smaller than 1 MiB"},
      {"console = \"127.0.0.1:8443\"", "#",
       "[http] has no 'console': people and commands reach us there"},
      {"127.0.0.1:9464", "127.0.0.1:8443", "metrics and console have the same address"},
      {"127.0.0.1:9464", "127.0.0.1:9012", "R1 listens on an address of [http]"},
      {"console = \"127.0.0.1:8443\"", "console = \"10.0.0.1:8443\"",
       "the console is on a network, and speaks no TLS"},
  });
}

TEST_CASE("config: an absent section is one error, not one for each of its keys") {
  const Folder folder;
  const auto loaded = folder.parse("schema = 1\n");
  CHECK(lines_of(loaded) ==
        "schema: the file has no [node]: this gateway has no name\n"
        "schema: no account is declared: every order would be refused\n"
        "schema: no symbol is declared: every order would be refused\n"
        "schema: the file has no [prices]: without a reference price orders are refused\n"
        "schema: kill_at_loss is set nowhere for firm: a limit is never unlimited unsaid\n"
        "schema: max_gross_notional is set nowhere for firm: a limit is never unlimited unsaid\n"
        "schema: max_net_notional is set nowhere for firm: a limit is never unlimited unsaid\n"
        "schema: max_notional_rate is set nowhere for firm: a limit is never unlimited unsaid\n"
        "schema: max_orders is set nowhere for firm: a limit is never unlimited unsaid\n"
        "schema: max_orphan_fills is set nowhere for firm: a limit is never unlimited unsaid\n"
        "schema: max_orphan_notional is set nowhere for firm: a limit is never unlimited unsaid\n"
        "schema: max_orphan_shares is set nowhere for firm: a limit is never unlimited unsaid\n"
        "schema: max_turnover is set nowhere for firm: a limit is never unlimited unsaid\n"
        "schema: reduce_only_at_loss is set nowhere for firm: a limit is never unlimited unsaid\n"
        "schema: self_match is set nowhere for firm: a limit is never unlimited unsaid\n"
        "schema: max_child_messages is set nowhere for parent: a limit is never unlimited unsaid\n"
        "schema: max_child_shares is set nowhere for parent: a limit is never unlimited unsaid\n"
        "schema: max_executions is set nowhere for parent: a limit is never unlimited unsaid\n"
        "schema: max_orders is set nowhere for parent: a limit is never unlimited unsaid\n"
        "schema: the file has no [day]: limits of a day need to know when it ends\n"
        "schema: the file has no [alerts]: a critical alert nobody reads must act\n"
        "schema: the file has no [stale]: what is not fresh is not to be gone by\n"
        "schema: the file has no [kill]: a start needs to know when to stay killed\n"
        "schema: the file has no [stop]: what a stop does with open orders\n"
        "schema: the file has no [audit]: nothing may be sent that is not recorded\n"
        "schema: the file has no [http]: the console and the metrics need an address\n"
        "schema: fewer than two people may rearm: nothing could ever be armed again\n"
        "schema: there is no [[router]]: nobody could trade\n"
        "schema: there is no [[venue]]: nobody could trade\n");
}

TEST_CASE("config: its hash names the file, and no secret changes it") {
  const Folder folder;
  const auto loaded = folder.load();
  REQUIRE(loaded.config.has_value());
  CHECK(loaded.config->hash.size() == 64);
  CHECK(Folder().load().config->hash == loaded.config->hash);  // other salts, another folder
  CHECK(folder.with("warn_at = \"75 %\"", "warn_at = \"76 %\"").config->hash !=
        loaded.config->hash);
  CHECK(folder.with("\"SIM\"\nbegin", "\"SIM\" \nbegin").config->hash != loaded.config->hash);
  CHECK(folder.with("warn_at = \"75 %\"", "warn_at = \"76 %\"").config->limits.version !=
        loaded.config->limits.version);
}

TEST_CASE("config: its directory numbers names in the order of the tables") {
  const Folder folder;
  const auto loaded = folder.load();
  REQUIRE(loaded.config.has_value());
  const auto directory = loaded.config->directory();
  for (std::uint32_t i = 0; i < directory.symbols.size(); ++i)
    CHECK(directory.symbols.name(interlock::risk::SymbolId{i}) == loaded.config->symbols.at(i));
  CHECK(directory.symbols.find("NVDA").value == 1);
  CHECK(directory.accounts.find("7732").value == 1);
  CHECK(directory.routers.find("R1").value == 0);
  CHECK(directory.venues.find("SIM").value == 0);
  CHECK_FALSE(directory.symbols.find("IBM").known());
}

TEST_CASE("config: a file that is not there, or is none, is an error") {
  const Folder folder;
  for (const auto* name : {"nowhere.toml", "."}) {
    const auto loaded = load(folder.at(name));
    CHECK_FALSE(loaded.config.has_value());
    CHECK(only_problem(loaded) == "cannot read the configuration");
  }
}
