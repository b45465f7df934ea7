// The policy while the gateway runs: who may change what, and what a restart makes of it.
#include "gateway/policy_desk.hpp"

#include <doctest/doctest.h>

#include "scenarios/office.hpp"

namespace interlock::scenarios {
namespace {

TEST_CASE("reload: one person tightens at once, and the record holds the value before and after") {
  Office office;
  const auto outcome = office.reload("ann", "max_order_qty = 1_000", "max_order_qty = 900");
  CHECK(outcome.answer == Said::done);
  CHECK(outcome.text.find("1000 -> 900") != std::string::npos);
  CHECK(office.symbol_qty("ACME") == risk::Quantity::of(900));
  CHECK(office.records(audit::Kind::reload) == 1);
  CHECK(office.core->snapshot()->policy->hash == office.core->floor().config.hash);
}

TEST_CASE("reload: a loosening changes nothing until a second, different person approves it") {
  Office office;
  const auto proposed = office.reload("ann", "max_order_qty = 1_000", "max_order_qty = 1_100");
  REQUIRE(proposed.answer == Said::proposed);
  CHECK(office.symbol_qty("ACME") == risk::Quantity::of(1000));
  CHECK(office.core->snapshot()->proposals.size() == 1);
  CHECK(office.approve("ann", proposed.id).answer == Said::conflict);
  CHECK(office.approve("bob", proposed.id + 1).answer == Said::unknown);
  CHECK(office.symbol_qty("ACME") == risk::Quantity::of(1000));
  CHECK(office.approve("bob", proposed.id).answer == Said::done);
  CHECK(office.symbol_qty("ACME") == risk::Quantity::of(1100));
  CHECK(office.approve("bob", proposed.id).answer == Said::unknown);  // not twice
}

TEST_CASE("reload: a signal is nobody: it tightens, and what it loosens takes two people") {
  Office office;
  CHECK(office.reload("", "max_order_qty = 1_000", "max_order_qty = 900").answer == Said::done);
  const auto proposed = office.reload("", "max_order_qty = 900", "max_order_qty = 950");
  REQUIRE(proposed.answer == Said::proposed);
  CHECK(office.approve("bob", proposed.id).answer == Said::proposed);
  CHECK(office.approve("bob", proposed.id).answer == Said::conflict);
  CHECK(office.symbol_qty("ACME") == risk::Quantity::of(900));
  CHECK(office.approve("ann", proposed.id).answer == Said::done);
  CHECK(office.symbol_qty("ACME") == risk::Quantity::of(950));
}

TEST_CASE("reload: a proposal ends after ten minutes, and when the policy has changed meanwhile") {
  Office office;
  const auto late = office.reload("ann", "max_order_qty = 1_000", "max_order_qty = 1_100");
  office.now_ns += 10 * minute_ns;
  CHECK(office.approve("bob", late.id).answer == Said::unknown);
  const auto overtaken = office.reload("ann");
  REQUIRE(overtaken.answer == Said::proposed);
  CHECK(office.reload("bob", "max_order_qty = 1_100", "max_order_qty = 800").answer == Said::done);
  CHECK(office.approve("bob", overtaken.id).answer == Said::conflict);
  CHECK(office.symbol_qty("ACME") == risk::Quantity::of(800));
}

TEST_CASE("reload: what only a start reads is refused by name, with all the rest") {
  Office office;
  const auto outcome = office.reload("ann", "drain = \"1 s\"", "drain = \"2 s\"");
  CHECK(outcome.answer == Said::refused);
  CHECK(outcome.text.find("drain") != std::string::npos);
  CHECK(office.reload("ann", "max_order_qty = 1_000", "max_order_qty = 900").answer ==
        Said::refused);
  CHECK(office.symbol_qty("ACME") == risk::Quantity::of(1000));
  CHECK(office.records(audit::Kind::reload) == 0);
}

TEST_CASE("reload: names keep their ids, new ones go behind, and a removed one has no limit") {
  Office office;
  const auto acc = office.core->floor().directory.accounts.find("ACC");
  const auto proposed =
      office.reload("ann", "[account.ACC]\n[account.OTH]", "[account.AAA]\n[account.ACC]");
  REQUIRE(proposed.answer == Said::proposed);
  REQUIRE(office.approve("bob", proposed.id).answer == Said::done);
  const gateway::Floor& floor = office.core->floor();
  CHECK(floor.directory.accounts.find("ACC") == acc);
  using State = risk::Limit<risk::Quantity>::State;
  const auto state = [&](const char* name) {
    return floor.config.limits.accounts.at(floor.directory.accounts.find(name).value)
        .order_qty.state;
  };
  CHECK(state("AAA") == State::value);
  CHECK(state("ACC") == State::value);
  CHECK(state("OTH") == State::unset);
  // Back again is looser than refused: two people.
  const auto back = office.reload("ann", "[account.AAA]", "[account.OTH]");
  CHECK(back.answer == Said::proposed);
}

TEST_CASE("raise: two people, one limit, an end; then the old value again, and a record of it") {
  Office office;
  CHECK(office.raise("max_order_notional", "4 K USD").answer == Said::refused);  // tightens
  CHECK(office.raise("max_nothing", "4 K USD").answer == Said::refused);
  CHECK(office.raise("max_order_notional", "many").answer == Said::refused);
  const auto proposed = office.raise("max_order_notional", "7 K USD");
  REQUIRE(proposed.answer == Said::proposed);
  CHECK(office.approve("ann", proposed.id).answer == Said::conflict);
  const auto raised = office.approve("bob", proposed.id);
  REQUIRE(raised.answer == Said::done);
  CHECK(raised.valid_until_ns == office.now_ns + minute_ns);
  CHECK(office.account_notional() == "7000");
  CHECK(office.raise("max_order_notional", "8 K USD").answer == Said::conflict);  // no renewing
  REQUIRE(office.core->snapshot()->policy->raises.size() == 1);
  const auto snapshot = office.core->snapshot();
  const auto shown = std::ranges::count_if(
      snapshot->limits, [](const gateway::LimitView& limit) { return limit.raised_until_ns != 0; });
  CHECK(shown == 1);
  office.tick(minute_ns - 1);
  CHECK(office.account_notional() == "7000");
  office.tick(1);
  CHECK(office.account_notional() == "5000");
  CHECK(office.records(audit::Kind::raise_ended) == 1);
}

TEST_CASE("raise: it holds over a restart until its end, and one that ended meanwhile is over") {
  Office office;
  const auto proposed = office.raise("max_order_notional", "7 K USD");
  REQUIRE(office.approve("bob", proposed.id).answer == Said::done);
  office.restart();
  CHECK(office.account_notional() == "7000");
  office.now_ns += minute_ns;
  office.restart();
  CHECK(office.account_notional() == "5000");
  CHECK(office.records(audit::Kind::raise_ended) == 1);
}

TEST_CASE("raise: a reload of the limit ends it, so that a tightening takes hold at once") {
  Office office;
  const auto proposed = office.raise("max_order_notional", "7 K USD");
  REQUIRE(office.approve("bob", proposed.id).answer == Said::done);
  const auto outcome =
      office.reload("ann", "max_order_notional = \"5 K USD\"", "max_order_notional = \"4 K USD\"");
  REQUIRE(outcome.answer == Said::done);
  CHECK(office.account_notional() == "4000");
  CHECK(office.core->snapshot()->policy->raises.empty());
}

TEST_CASE("prices: of file and people the newer one holds, also after a restart") {
  Office office;
  risk::References file;
  file.by_symbol.resize(office.core->floor().directory.symbols.size());
  const auto acme = office.core->floor().directory.symbols.find("ACME").value;
  file.by_symbol[acme] = risk::ReferencePrice{risk::Price::parse("10").value(), {office.now_ns}};
  office.core->take_prices(file, "file");
  CHECK(office.quote("ACME", "9", office.now_ns - 1).answer == Said::done);
  CHECK(office.price_of("ACME") == "10");
  CHECK(office.quote("ACME", "11", office.now_ns + 1).answer == Said::done);
  CHECK(office.price_of("ACME") == "11");
  office.core->take_prices(file, "file");
  CHECK(office.price_of("ACME") == "11");
  office.restart();
  CHECK(office.price_of("ACME") == "11");
}

TEST_CASE("prices: all or nothing: an unknown symbol, the future, zero and twice are refused") {
  Office office;
  const auto one = risk::Price::parse("1").value();
  const auto at = [&](std::int64_t ahead_ns) { return risk::Time{office.now_ns + ahead_ns}; };
  const gateway::SetPrices wrong[] = {{{{"ACME", one, at(0)}, {"NONE", one, at(0)}}, {}},
                                      {{{"ACME", one, at(0)}, {"ZORG", one, at(minute_ns)}}, {}},
                                      {{{"ACME", one, at(0)}, {"ZORG", risk::Price{}, at(0)}}, {}},
                                      {{{"ACME", one, at(0)}, {"ACME", one, at(0)}}, {}},
                                      {{{"ACME", one, at(0)}}, {{"QQQ", one, at(0)}}}};
  for (const auto& prices : wrong) CHECK(office.act("ann", prices).answer == Said::refused);
  CHECK(office.price_of("ACME") == "none");
}

TEST_CASE("alerts: they and who acknowledged them are there again after a restart") {
  Office office;
  office.core->floor().alert(
      "R1", {gateway::Severity::critical, "storm", {killswitch::ScopeKind::router, "R1"}, "text"});
  const auto* storm =
      office.core->floor().alerts.find_open("storm", {killswitch::ScopeKind::router, "R1"});
  REQUIRE(storm);
  const auto id = storm->id;
  const auto open = office.core->floor().open_alerts();
  CHECK(std::ranges::count(open, risk::Scope{risk::ScopeKind::router, 0},
                           &risk::OpenAlert::scope) == 1);
  office.restart();
  REQUIRE(office.core->floor().alerts.find(id));
  CHECK(office.core->floor().alerts.find(id)->is_open());
  CHECK(office.act("ann", gateway::Acknowledge{id, "seen"}).answer == Said::done);
  CHECK(office.act("bob", gateway::Acknowledge{id, "seen"}).answer == Said::conflict);
  CHECK(office.act("bob", gateway::Acknowledge{1, "seen"}).answer == Said::unknown);
  office.restart();
  CHECK(office.core->floor().alerts.find(id)->acknowledged_by == "ann");
  CHECK(office.core->floor().alerts.find(id)->acknowledged_with == "seen");
}

TEST_CASE("parents: less by one person, more by two, and all of it again after a restart") {
  Office office;
  using What = gateway::ChangeParent::What;
  REQUIRE(office.core->declare_parent({"P-1", "ACC", "ACME", "1", "1000", "ann"}).answer ==
          gateway::ParentAnswer::added);
  const auto size = [&] {
    const auto& floor = office.core->floor();
    return floor.books.parent(floor.directory.parents.find("P-1"))->size;
  };
  const auto change = [&](What what, std::int64_t quantity) {
    return office.act("ann",
                      gateway::ChangeParent{what, "P-1", risk::Quantity::of(quantity), "why"});
  };
  CHECK(change(What::resize, 900).answer == Said::done);
  CHECK(change(What::resize, 900).answer == Said::conflict);
  CHECK(change(What::resize, 0).answer == Said::refused);
  CHECK(size() == risk::Quantity::of(900));
  const auto approve = [&](const char* person, std::uint64_t proposal) {
    return office.act(person, gateway::ApproveParent{proposal});
  };
  const auto late = change(What::resize, 1100);
  REQUIRE(late.answer == Said::proposed);
  office.now_ns += 10 * minute_ns;
  CHECK(approve("bob", late.id).answer == Said::unknown);
  const auto larger = change(What::resize, 1200);
  REQUIRE(larger.answer == Said::proposed);
  CHECK(approve("ann", larger.id).answer == Said::conflict);
  CHECK(size() == risk::Quantity::of(900));
  CHECK(approve("bob", larger.id).answer == Said::done);
  CHECK(size() == risk::Quantity::of(1200));
  CHECK(change(What::executed, 300).answer == Said::done);
  CHECK(change(What::cancel, 0).answer == Said::done);
  CHECK(change(What::cancel, 0).answer == Said::conflict);
  const auto digest = office.core->floor().books.digest();
  office.restart();
  CHECK(office.core->floor().books.digest() == digest);
  CHECK(size() == risk::Quantity::of(1200));
}

TEST_CASE("approve: who may do so for parents does not approve limits, and the other way round") {
  Office office;
  REQUIRE(office.core->declare_parent({"P-1", "ACC", "ACME", "1", "1000", "ann"}).answer ==
          gateway::ParentAnswer::added);
  const auto raise = office.raise("max_order_notional", "7 K USD");
  REQUIRE(raise.answer == Said::proposed);
  CHECK(office.act("bob", gateway::ApproveParent{raise.id}).answer == Said::unknown);
  CHECK(office.account_notional() == "5000");
  const auto larger =
      office.act("ann", gateway::ChangeParent{gateway::ChangeParent::What::resize, "P-1",
                                              risk::Quantity::of(1200), "why"});
  REQUIRE(larger.answer == Said::proposed);
  CHECK(office.approve("bob", larger.id).answer == Said::unknown);
  CHECK(office.act("bob", gateway::ApproveParent{larger.id}).answer == Said::done);
  CHECK(office.approve("bob", raise.id).answer == Said::done);
}

TEST_CASE("release: only what a person may release, and nothing that was never refused") {
  Office office;
  CHECK(office.act("ann", gateway::ReleaseOrder{0, "R1", "a", "why"}).answer == Said::unknown);
  CHECK(office.act("ann", gateway::ReleaseOrder{1, "", "", "why"}).answer == Said::unknown);
  CHECK(gateway::is_releasable(risk::Reason::order_notional));
  CHECK_FALSE(gateway::is_releasable(risk::Reason::parent_fill));
  CHECK_FALSE(gateway::is_releasable(risk::Reason::killed));
}

}  // namespace
}  // namespace interlock::scenarios
