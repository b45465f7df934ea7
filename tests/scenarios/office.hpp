// A core without sockets, on a clock that the test sets, and what people ask of it.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>

#include "gateway/core.hpp"
#include "scenarios/setting.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {

using gateway::ActionOutcome;
using Said = gateway::ActionOutcome::Answer;

constexpr std::int64_t minute_ns = 60'000'000'000;

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
  void begin_anew() {  // with an empty journal
    core.reset();
    latch_.reset();
    journal_.reset();
    std::filesystem::remove_all(load().audit_dir);
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

}  // namespace interlock::scenarios
