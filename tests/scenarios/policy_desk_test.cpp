// The policy while the gateway runs: who may change what, and what a restart makes of it.
#include "gateway/policy_desk.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>

#include "gateway/core.hpp"
#include "scenarios/setting.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

using gateway::ActionOutcome;
using Said = gateway::ActionOutcome::Answer;

constexpr std::int64_t minute_ns = 60'000'000'000;

// A core without sockets, on a clock that the test sets.
class Office {
 public:
  Office() : setting_(tests::source_dir() / "tests/scenarios/configs", "pair") { open(); }

  ActionOutcome act(const std::string& person, const gateway::Action& action) {
    core->wake();
    return core->act(person, action);
  }
  ActionOutcome reload(const std::string& person, const std::string& before,
                       const std::string& after) {
    setting_.edit(before, after);
    return reload(person);
  }
  ActionOutcome reload(const std::string& person) {
    return act(person, gateway::Reload{{}, "test", std::make_shared<const config::Config>(load())});
  }
  ActionOutcome raise(const std::string& key, const std::string& value, std::int64_t seconds = 60) {
    return act(
        "ann",
        gateway::RaiseLimit{
            {killswitch::ScopeKind::account, "ACC"}, key, value, risk::seconds(seconds), "test"});
  }
  ActionOutcome approve(const std::string& person, std::uint64_t proposal) {
    return act(person, gateway::Approve{proposal});
  }
  ActionOutcome quote(const std::string& symbol, const std::string& price, std::int64_t as_of_ns) {
    return act("ann",
               gateway::SetPrices{{{symbol, risk::Price::parse(price).value(), {as_of_ns}}}, {}});
  }
  [[nodiscard]] std::string price_of(const std::string& symbol) const {
    const auto id = core->floor().directory.symbols.find(symbol);
    const auto& reference = core->floor().references.by_symbol.at(id.value);
    return reference ? reference->price.text() : "none";
  }
  [[nodiscard]] risk::Quantity symbol_qty(const std::string& symbol) const {
    const auto id = core->floor().directory.symbols.find(symbol);
    return core->floor().config.limits.symbols.at(id.value).order_qty.value;
  }
  [[nodiscard]] std::string account_notional() const {
    const auto id = core->floor().directory.accounts.find("ACC");
    return core->floor().config.limits.accounts.at(id.value).order_notional.value.text();
  }
  void tick(std::int64_t later_ns) {
    now_ns += later_ns;
    core->wake();
    core->tick();
  }
  void restart() {
    core.reset();
    latch_.reset();
    journal_.reset();
    open();
  }
  [[nodiscard]] std::uint32_t records(audit::Kind kind) const {
    std::uint32_t count = 0;
    const auto read = journal_->replay(
        [&](const audit::Record& record) { count += record.kind == kind ? 1 : 0; });
    REQUIRE(read);
    return count;
  }

  void edit(const std::string& before, const std::string& after) { setting_.edit(before, after); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(setting_.directory() / name) << text;
  }

  std::int64_t now_ns = 1'767'623'400'000'000'000;

 private:
  config::Config load() {
    auto loaded = config::load(setting_.file());
    REQUIRE_MESSAGE(loaded.config, config::render(loaded.problems));
    return *std::move(loaded.config);
  }
  void open() {
    config_ = std::make_unique<const config::Config>(load());
    const config::Config& config = *config_;
    auto journal = audit::Journal::open({config.audit_dir, config.audit_segment_bytes});
    REQUIRE(journal);
    journal_ = std::move(*journal);
    std::filesystem::create_directories(config.state_dir);
    latch_ = std::make_unique<killswitch::Latch>(config.state_dir / "latch", now_ns);
    auto created = gateway::Core::create(
        config, *journal_, *latch_,
        [this] {
          return gateway::Clock{{now_ns}, now_ns};
        },
        "test");
    REQUIRE_MESSAGE(created, created.error());
    core = std::move(*created);
    core->open_or_stay_shut();
  }

  Setting setting_;
  std::unique_ptr<const config::Config> config_;
  std::unique_ptr<audit::Journal> journal_;
  std::unique_ptr<killswitch::Latch> latch_;

 public:
  std::unique_ptr<gateway::Core> core;  // last: it points into the others
};

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
  const auto late = change(What::resize, 1100);
  REQUIRE(late.answer == Said::proposed);
  office.now_ns += 10 * minute_ns;
  CHECK(office.approve("bob", late.id).answer == Said::unknown);
  const auto larger = change(What::resize, 1200);
  REQUIRE(larger.answer == Said::proposed);
  CHECK(office.approve("ann", larger.id).answer == Said::conflict);
  CHECK(size() == risk::Quantity::of(900));
  CHECK(office.approve("bob", larger.id).answer == Said::done);
  CHECK(size() == risk::Quantity::of(1200));
  CHECK(change(What::executed, 300).answer == Said::done);
  CHECK(change(What::cancel, 0).answer == Said::done);
  CHECK(change(What::cancel, 0).answer == Said::conflict);
  const auto digest = office.core->floor().books.digest();
  office.restart();
  CHECK(office.core->floor().books.digest() == digest);
  CHECK(size() == risk::Quantity::of(1200));
}

TEST_CASE(
    "day: it rolls once at its time, begins with its files, and is the same after a restart") {
  Office office;  // 09:30 in New York; the day rolls at 17:00
  CHECK(office.records(audit::Kind::day) == 1);
  office.edit("[day]",
              "[positions]\nfile = \"positions.csv\"\n[locates]\nfile = \"locates.csv\"\n[day]");
  office.write("positions.csv", "account,symbol,quantity,cost\nACC,ACME,300,9.50\n");
  office.write("locates.csv", "account,symbol,quantity,id\nACC,ZORG,100,a\nACC,ZORG,50,b\n");
  office.restart();
  CHECK(office.records(audit::Kind::day) == 1);
  const auto position = [&] {
    const gateway::Floor& floor = office.core->floor();
    return floor.books.position(floor.directory.accounts.find("ACC"),
                                floor.directory.symbols.find("ACME"));
  };
  office.tick(7 * 60 * minute_ns);
  CHECK(office.records(audit::Kind::day) == 1);
  CHECK(position() == risk::Quantity{});
  office.tick(60 * minute_ns);
  CHECK(office.records(audit::Kind::day) == 2);
  CHECK(position() == risk::Quantity::of(300));
  office.tick(-60 * minute_ns);
  office.tick(60 * minute_ns);
  CHECK(office.records(audit::Kind::day) == 2);
  const auto digest = office.core->floor().books.digest();
  office.restart();
  CHECK(office.records(audit::Kind::day) == 2);
  CHECK(office.core->floor().books.digest() == digest);
  office.now_ns += 24 * 60 * minute_ns;  // nothing runs at the roll
  office.restart();
  CHECK(office.records(audit::Kind::day) == 3);
}

TEST_CASE("day: a file that cannot be read is a critical alert, and the roll goes on without it") {
  Office office;
  office.edit("[day]", "[positions]\nfile = \"positions.csv\"\n[day]");
  office.write("positions.csv", "account,symbol,quantity,cost\n");
  office.restart();
  office.write("positions.csv", "nonsense\n");
  office.tick(24 * 60 * minute_ns);
  CHECK(office.records(audit::Kind::day) == 2);
  const auto* alert = office.core->floor().alerts.find_open("positions-file", {});
  REQUIRE(alert);
  CHECK(alert->what.severity == gateway::Severity::critical);
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
