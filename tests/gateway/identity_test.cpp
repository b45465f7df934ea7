#include "gateway/identity.hpp"

#include <doctest/doctest.h>

#include "gateway/translate.hpp"
#include "tests/gateway/frames.hpp"

using namespace interlock;
using namespace interlock::gateway;

namespace {

// A firm of one account, symbols ACME and IBM (in EUR), a trader, an algo and a desk.
struct Firm {
  Firm() {
    config.accounts = {"ACC"};
    config.symbols = {"ACME", "IBM"};
    config.traders = {"jo"};
    config.algos = {"vwap"};
    config.desks = {"d7"};
    config.currencies = {"USD", "EUR"};
    config.identities.accounts["ACC-1"] = "ACC";
    config.identities.instruments["ACME"] = {"ACME", "A", {{"4", "US01"}, {"1", "01"}}};
    config.identities.by_wire[{"ACME", "A"}] = "ACME";
    config.limits.symbol_traits.resize(2);
    config.limits.symbol_traits[1].currency = {1};
    config.routers.emplace_back().parent_keys.emplace_back().tag = 526;
    directory = config.directory();
  }
  // "UNKNOWN_SYMBOL ...", or an empty text.
  std::string contradicts(std::string_view fields) const {
    const std::string frame = order(fields);
    const auto wrong = contradiction(read(frame), config, directory);
    return wrong ? fmt::format("{}: {}", risk::code(wrong->reason), wrong->fact) : "";
  }
  static std::string order(std::string_view fields) {
    return order_44(
        fmt::format("11=A1|{}54=1|60=20261121-14:30:00.123|38=100|40=2|44=10.25|", fields));
  }
  static Parsed read(const std::string& frame) {
    auto parsed = parse_strict(frame, fix44());
    REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().text));
    return std::move(*parsed);
  }
  std::expected<Translated, Untranslatable> translated(const std::string& frame) {
    return translate_request(read(frame), config, {0}, {0}, directory);
  }
  config::Config config;
  risk::Directory directory;
};

}  // namespace

TEST_CASE("identity: what an order calls its account and its instrument") {
  Firm firm;
  const auto order = [&](std::string_view fields) {
    const auto translated = firm.translated(Firm::order(fields));
    REQUIRE(translated.has_value());
    return std::get<risk::NewOrder>(translated->request);
  };
  CHECK(order("1=ACC-1|55=ACME|65=A|").account == risk::AccountId{0});
  CHECK(order("1=ACC|55=ACME|65=A|").account == risk::AccountId{0});
  CHECK_FALSE(order("1=ACC-2|55=ACME|65=A|").account.known());
  CHECK(order("1=ACC|55=ACME|65=A|").symbol == risk::SymbolId{0});
  CHECK_FALSE(order("1=ACC|55=ACME|").symbol.known());
  CHECK_FALSE(order("1=ACC|55=IBM|65=A|").symbol.known());
  CHECK(order("1=ACC|55=IBM|").symbol == risk::SymbolId{1});
}

TEST_CASE("identity: an id of another instrument contradicts, and so does one that nobody knows") {
  const Firm firm;
  CHECK(firm.contradicts("55=ACME|65=A|").empty());
  CHECK(firm.contradicts("55=ACME|65=A|48=US01|22=4|").empty());
  CHECK(firm.contradicts("55=ACME|65=A|48=US02|22=4|") ==
        "UNKNOWN_SYMBOL: US02 in tag 48 is not ACME, whose id is US01");
  CHECK(firm.contradicts("55=ACME|65=A|48=US01|22=1|") ==
        "UNKNOWN_SYMBOL: US01 in tag 48 is not ACME, whose id is 01");
  CHECK(firm.contradicts("55=ACME|65=A|48=US01|22=2|") ==
        "UNKNOWN_SYMBOL: the policy has no id of source '2' of ACME, tag 48 gives one");
  CHECK(firm.contradicts("55=ACME|65=A|48=US01|") ==
        "UNKNOWN_SYMBOL: the policy has no id of source '' of ACME, tag 48 gives one");
  CHECK(firm.contradicts("55=IBM|48=US01|22=4|") ==
        "UNKNOWN_SYMBOL: the policy has no id of source '4' of IBM, tag 48 gives one");
  CHECK(firm.contradicts("55=ACME|65=A|454=2|455=US01|456=4|455=01|456=1|").empty());
  CHECK(firm.contradicts("55=ACME|65=A|454=2|455=US01|456=4|455=02|456=1|") ==
        "UNKNOWN_SYMBOL: 02 in tag 455 is not ACME, whose id is 01");
  CHECK(firm.contradicts("55=ACME|65=A|454=1|455=US01|") ==
        "UNKNOWN_SYMBOL: the policy has no id of source '' of ACME, tag 455 gives one");
}

TEST_CASE("rule 21: a currency that is not the symbol's is refused, with its own text") {
  const Firm firm;
  CHECK(firm.contradicts("55=ACME|65=A|15=USD|").empty());
  CHECK(firm.contradicts("55=ACME|65=A|15=EUR|") ==
        "UNSUPPORTED: Currency 15 is EUR, ACME is in USD");
  CHECK(firm.contradicts("55=IBM|15=EUR|").empty());
  CHECK(firm.contradicts("55=IBM|15=USD|") == "UNSUPPORTED: Currency 15 is USD, IBM is in EUR");
}

TEST_CASE("identity: who decided, by a tag or by a party's role") {
  Firm firm;
  config::Router& router = firm.config.routers[0];
  router.trader.role = "12";
  router.algo.tag = 583;
  const auto by = [&](std::string_view fields, bool is_required = true) {
    const std::string frame = Firm::order(fields);
    const auto read = attributions_of(Firm::read(frame), router, firm.directory, is_required);
    if (!read) return fmt::format("{}: {}", risk::code(read.error().reason), read.error().fact);
    return fmt::format("{} {} {}", firm.directory.traders.name(read->trader),
                       firm.directory.algos.name(read->algo),
                       firm.directory.desks.name(read->desk));
  };
  CHECK(by("583=vwap|453=2|448=x|452=11|448=jo|447=D|452=12|55=IBM|") == "jo vwap ?");
  CHECK(by("583=vwap|453=1|448=jo|452=11|55=IBM|") ==
        "UNKNOWN_ATTRIBUTION: the order names no trader in party role 12");
  CHECK(by("583=vwap|453=2|448=jo|452=12|448=jo|452=12|55=IBM|") ==
        "UNKNOWN_ATTRIBUTION: the order does not name one trader of role 12");
  CHECK(by("583=vwap|453=1|448=eve|452=12|55=IBM|") ==
        "UNKNOWN_ATTRIBUTION: the trader in party role 12 is not in the policy");
  CHECK(by("453=1|448=jo|452=12|55=IBM|") ==
        "UNKNOWN_ATTRIBUTION: the order names no algo in tag 583");
  CHECK(by("55=IBM|", false) == "? ? ?");
  router.trader = {};
  CHECK(by("583=twap|55=IBM|", false) ==
        "UNKNOWN_ATTRIBUTION: the algo in tag 583 is not in the policy");
}

TEST_CASE("identity: a parent that nobody declared has the router's cap, once it has a name") {
  Firm firm;
  config::Router& router = firm.config.routers[0];
  router.orders_without_parent = config::ChildWithoutParent::cap;
  router.default_parent_cap = risk::Quantity::of(1'000);
  const auto capped = firm.translated(Firm::order("526=P-1|1=ACC|55=IBM|"));
  REQUIRE(capped->claim.has_value());
  CHECK(capped->claim->size == risk::Quantity::of(1'000));
  CHECK(capped->claim->source == risk::ParentSource::child_tag);
  CHECK(capped->claim->symbol == risk::SymbolId{1});
  CHECK_FALSE(firm.translated(Firm::order("1=ACC|55=IBM|"))->claim.has_value());
}
