#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "config/config.hpp"
#include "gateway/core.hpp"
#include "gateway/host_clock.hpp"
#include "gateway/replay.hpp"
#include "gateway/snapshot_taking.hpp"
#include "scenarios/desk_text.hpp"
#include "scenarios/full_disk.hpp"
#include "scenarios/setting.hpp"
#include "scenarios/shadowing.hpp"
#include "scenarios/stage.hpp"
#include "scenarios/wires.hpp"

namespace interlock::scenarios {
namespace {

constexpr std::int64_t curtain_up_ns = 1'767'623'400'000'000'000;  // 2026-01-05T14:30:00Z, a Monday
constexpr std::int64_t steps_most = 4'000;                         // of one `advance`
constexpr std::int64_t reconnect_ms = 1'000, asked_after_ms = 600;  // as configured; of a venue
constexpr std::int64_t step_ns = 50'000'000;
class InProcess : public Stage {
 public:
  InProcess(const std::filesystem::path& configs, const std::string& config,
            std::vector<std::string>* said = nullptr)
      : said_(said), setting_(configs, config) {
    config::Loaded loaded = config::load(setting_.file());
    if (!loaded.config) throw std::runtime_error(config::render(loaded.problems));
    config_ = std::move(*loaded.config);
    const auto acceptors = config_.acceptors();
    for (std::uint32_t i = 0; i < acceptors.size(); ++i) add(*acceptors[i], true, i);
    const auto connectors = config_.connectors();
    for (std::uint32_t i = 0; i < connectors.size(); ++i) add(*connectors[i], false, i);
    open();
    load_prices();
    rearm();
    exchange();
  }
  ~InProcess() override {
    stopping_ = true;
    for (End& each : ends_) drop(each);
    close();
  }

  Player& player(const std::string& name) override { return *end(name).player; }
  void said(Player&) override { exchange(); }
  bool heard(Player& player) override {
    exchange();
    return !player.inbox.empty();
  }
  void quiet() override { exchange(); }

  void parent(const std::string& id, const std::string& account, const std::string& symbol,
              const std::string& side, const std::string& size) override {
    const gateway::ParentOutcome outcome =
        core_->declare_parent({id, account, symbol, side == "buy" ? "1" : "2", size, "ann"});
    if (outcome.answer != gateway::ParentAnswer::added) throw std::runtime_error(outcome.text);
  }
  void price(const std::string& symbol, const std::string& price) override {
    risk::References references = core_->floor().references;
    const risk::SymbolId id = core_->floor().directory.symbols.find(symbol);
    references.by_symbol.at(id.value) =
        risk::ReferencePrice{risk::Price::parse(price).value(), {now_ns_}};
    core_->take_prices(std::move(references), "play");
  }
  void advance(std::int64_t milliseconds) override {
    const std::int64_t until_ns = now_ns_ + milliseconds * 1'000'000;
    const std::int64_t each_ns = std::max(step_ns, milliseconds * 1'000'000 / steps_most);
    while (now_ns_ < until_ns) {
      now_ns_ = std::min(until_ns, now_ns_ + each_ns);
      for (End& each : ends_) each.player->keep_alive();
      exchange();
    }
  }
  void kill(const std::string& scope, const std::string& id, const std::string& level) override {
    latch_->trip({killswitch::scope_kind_of(scope).value(), id}, killswitch::Source::http, "ann",
                 "play", now_ns_, killswitch::level_of(level).value());
    exchange();
  }
  void rearm() override {
    for (const killswitch::Kill& kill : latch_->active()) {
      killswitch::Rearm both(*latch_);
      killswitch::RearmFacts facts;
      facts.residual = core_->still_alive(kill);
      facts.recovering = core_->recovering(kill);
      const auto begun =
          both.begin(kill.id, person("ann"),
                     {.reason = "play", .residual_signed_off = "seen", .orders = facts.residual},
                     facts, now_ns_);
      if (!begun) throw std::runtime_error(begun.error());
      const auto cleared = both.approve(kill.id, person("bob"), {}, facts, now_ns_);
      if (!cleared) throw std::runtime_error(cleared.error());
      core_->rearmed(*cleared, *begun, "bob");
    }
    exchange();
  }
  void reload(const std::string& before, const std::string& after) override {
    setting_.edit(before, after);
    auto loaded = config::load(setting_.file());
    if (!loaded.config) throw std::runtime_error(config::render(loaded.problems));
    next_ = std::make_shared<const config::Config>(*std::move(loaded.config));
    ask("ann", gateway::Reload{{}, "play", next_});
  }
  void raise(const std::string& scope, const std::string& id, const std::string& key,
             const std::string& value, std::int64_t milliseconds) override {
    ask("ann", gateway::RaiseLimit{{killswitch::scope_kind_of(scope).value(), id},
                                   key,
                                   value,
                                   risk::milliseconds(milliseconds),
                                   "play"});
  }
  void approve() override { ask("bob", gateway::Approve{proposal_}); }
  void release(const std::string& router, const std::string& cl_ord_id) override {
    ask("ann", gateway::ReleaseOrder{0, router, cl_ord_id, "play"});
  }
  void quote(const std::string& symbol, const std::string& price) override {
    ask("ann", gateway::SetPrices{{{symbol, risk::Price::parse(price).value(), {now_ns_}}}, {}});
  }
  void acknowledge() override {
    const auto all = core_->floor().alerts.all();
    for (const gateway::Alert& alert : all) {
      if (alert.is_open()) ask("ann", gateway::Acknowledge{alert.id, "play"});
    }
  }
  void disk_full() override {
    {
      const NoFileGrows full;
      fill(*journal_, now_ns_);
      core_->wake();
      core_->tick();
    }
    while (!journal_->space_problem().empty()) std::this_thread::sleep_for(soon);
  }
  void clock(std::int64_t milliseconds) override {
    host_ahead_ns_ += milliseconds * 1'000'000;
    exchange();
  }
  void link(const std::string& name, bool up) override {
    End& of = end(name);
    of.wanted = up;
    if (!up) drop(of);
    if (up) advance(reconnect_ms + asked_after_ms);
    exchange();
  }
  void restart(bool clean) override {
    if (clean) stop_in_order();
    stopping_ = true;  // nobody connects to a core that is about to go
    for (End& each : ends_) drop(each);
    close();
    now_ns_ += std::exchange(closed_for_ns, 0);
    open();
    stopping_ = false;
    core_->take_prices(references_, "play");
    advance(asked_after_ms);
  }
  void compared(const std::string& venue, const std::string& outcome) override {
    exchange();
    const std::string is = check_of(*core_, venue);
    if (!is.starts_with(outcome)) throw std::runtime_error(is);
  }
  std::int64_t closed_for_ns = 0;  // at the next restart
  Snapshots snapshots;
  [[nodiscard]] const config::Config& config() const { return config_; }
  [[nodiscard]] std::filesystem::path journal() const { return config_.audit_dir; }
  [[nodiscard]] gateway::Core& core() { return *core_; }
  Digests rebuild() {
    Digests digests;
    stopping_ = true;
    for (End& each : ends_) drop(each);  // may cancel, and is journalled
    digests.live = core_->floor().books.digest();
    digests.live_desk = desk_of(*core_);
    close();
    open();
    digests.rebuilt = core_->floor().books.digest();
    digests.rebuilt_desk = desk_of(*core_);  // and what this start has to say besides
    stopping_ = false;
    core_->take_prices(references_, "play");
    return digests;
  }
  Replay replay() {
    Replay result;
    stop_in_order();
    result.live_books = core_->floor().books.digest();
    const config::Config policy = core_->floor().config;
    close();
    const auto replayed =
        gateway::replay(policy, config_.audit_dir, [&](const gateway::Difference& difference) {
          result.differences +=
              fmt::format("{} {} {} -> {} {}\n", difference.router, difference.cl_ord_id,
                          difference.was, difference.would, difference.fact);
        });
    if (!replayed) throw std::runtime_error(replayed.error());
    result.books = replayed->books;
    result.other_books = replayed->other_books;
    open();
    return result;
  }
  std::vector<Player*> players() override {
    std::vector<Player*> all;
    for (End& each : ends_) all.push_back(each.player.get());
    return all;
  }

 private:
  void add(const config::Session& session, bool initiator, std::uint32_t index) {
    End end;
    end.player = std::make_unique<Player>(session.id, initiator, session.dialect->version,
                                          session.comp_id, [this] { return now_ns_; });
    end.index = index;
    ends_.push_back(std::move(end));
  }
  End& end(const std::string& name) {
    for (End& each : ends_) {
      if (each.player->id() == name) return each;
    }
    throw std::runtime_error("nobody is called " + name);
  }

  void open() {
    const audit::JournalOptions files{config_.audit_dir, config_.audit_segment_bytes};
    auto snapshot =
        said_ ? gateway::FoundSnapshot{} : gateway::find_snapshot(config_, Snapshots::build);
    auto journal = gateway::open_journal(files, snapshot);
    if (!journal) throw std::runtime_error(journal.error());
    journal_ = std::move(*journal);
    std::filesystem::create_directories(config_.state_dir);
    latch_ = std::make_unique<killswitch::Latch>(config_.state_dir / "latch", now_ns_);
    host_clock_ = std::make_unique<gateway::HostClock>(now_ns_ + host_ahead_ns_, now_ns_);
    const auto read_clock = [this] {
      host_clock_->follow(now_ns_ + host_ahead_ns_, now_ns_);
      return gateway::Clock{{host_clock_->utc_ns(now_ns_)}, now_ns_};
    };
    auto core = gateway::start_core(config_, files, journal_, *latch_, read_clock, Snapshots::build,
                                    snapshot, shadowing(said_));
    if (!core) throw std::runtime_error(core.error());
    core_ = std::move(*core);
    core_->open_or_stay_shut();
    gateway::record_snapshot(core_->floor(), snapshot);
    if (snapshot.file) ++snapshots.used;
    for (End& each : ends_) {
      const auto is_its_own = [&](const gateway::Leg* leg) {
        return leg->id() == each.player->id();
      };
      each.leg = *std::ranges::find_if(core_->floor().legs, is_its_own);
    }
  }
  void close() {
    if (core_) references_ = core_->floor().references;
    core_.reset();
    latch_.reset();
    journal_.reset();
  }
  void ask(const std::string& person, const gateway::Action& action) {
    core_->wake();
    const gateway::ActionOutcome outcome = core_->act(person, action);
    using Said = gateway::ActionOutcome::Answer;
    if (outcome.answer != Said::done && outcome.answer != Said::proposed)
      throw std::runtime_error(outcome.text);
    if (outcome.answer == Said::proposed) proposal_ = outcome.id;
    if (outcome.answer == Said::done && next_) config_ = *std::exchange(next_, nullptr);
    exchange();
  }
  void load_prices() {
    auto references = config::load_prices(config_.prices_file, core_->floor().directory);
    if (!references) throw std::runtime_error(config::render(references.error()));
    for (auto& reference : references->by_symbol) {
      if (reference) reference->as_of = {now_ns_};
    }
    core_->take_prices(std::move(*references), "play");
  }
  void stop_in_order() {
    core_->start_stop();
    while (!core_->drained()) advance(50);
    core_->log_out();
    stopping_ = true;
    exchange();
    stopping_ = false;
    core_->finish_stop();
  }
  void drop(End& of) {
    if (of.leg->link() != nullptr) of.leg->detach("the link dropped");
    of.player->dropped();
    of.wire.reset();
    exchange();
  }
  bool connect(End& of) {
    core_->wake();
    if (!of.player->initiator() && !core_->wants_connection(of.index)) return false;
    of.wire = std::make_unique<Wire>(*of.player);
    of.player->connected();
    if (!of.player->initiator()) of.leg->attach(*of.wire);
    return true;
  }
  // Hands bytes over, both ways, until nobody has any left.
  void exchange() {
    snapshots.turn(config_, *journal_);
    bool moved = true;
    while (moved) {
      moved = false;
      core_->wake();
      core_->clock_steps().seen(host_clock_->offset_ns());
      core_->tick();
      core_->flush();
      for (End& each : ends_) moved = hand_over(each) || moved;
    }
  }
  bool hand_over(End& of) {
    if (of.wire && !of.wire->open && of.wire->to_player.empty()) {
      of.player->dropped();
      of.wire.reset();
    }
    if (!of.wire) {
      if (!of.wanted || stopping_) return false;
      return connect(of);
    }
    if (of.wire->to_player.empty() && of.player->out.empty()) return false;
    const std::string heard = std::exchange(of.wire->to_player, {});
    if (of.player->mute) {
      of.player->out.clear();
      return false;
    }
    of.player->receive(heard);
    const std::string bytes = std::exchange(of.player->out, {});
    if (bytes.empty() || !of.wire->open) return true;
    if (of.player->initiator() && !of.wire->admitted) {
      of.wire->admitted = true;
      const auto frame = gateway::next_frame(bytes, 65536).frame;
      const auto leg = core_->admit({"127.0.0.1", {of.index}}, frame);
      if (!leg) throw std::runtime_error("the Logon of " + of.player->id() + " was refused");
      (*leg)->attach(*of.wire);
    }
    core_->received(*of.leg, bytes);
    core_->flush();
    return true;
  }

  std::vector<std::string>* said_;  // present: it is a shadow
  Setting setting_;
  config::Config config_;
  std::int64_t now_ns_ = curtain_up_ns;
  std::int64_t host_ahead_ns_ = 0;  // by which the host's clock was set
  std::unique_ptr<gateway::HostClock> host_clock_;
  std::vector<End> ends_;
  std::unique_ptr<audit::Journal> journal_;
  std::unique_ptr<killswitch::Latch> latch_;
  std::unique_ptr<gateway::Core> core_;
  risk::References references_;
  std::shared_ptr<const config::Config> next_;  // reloaded, or proposed to be
  std::uint64_t proposal_ = 0;
  bool stopping_ = false;
};

}  // namespace

std::filesystem::path journal_of(Stage& in_process_stage) {
  return dynamic_cast<InProcess&>(in_process_stage).journal();
}

void restart_after(Stage& in_process_stage, std::int64_t closed_for_ns, bool clean) {
  dynamic_cast<InProcess&>(in_process_stage).closed_for_ns = closed_for_ns;
  in_process_stage.restart(clean);
}

gateway::Core& core_of(Stage& in_process_stage) {
  return dynamic_cast<InProcess&>(in_process_stage).core();
}

const config::Config& config_of(Stage& in_process_stage) {
  return dynamic_cast<InProcess&>(in_process_stage).config();
}

Snapshots& snapshots_of(Stage& in_process_stage) {
  return dynamic_cast<InProcess&>(in_process_stage).snapshots;
}

Replay replay(Stage& in_process_stage) {
  return dynamic_cast<InProcess&>(in_process_stage).replay();
}

Digests rebuild(Stage& in_process_stage) {
  return dynamic_cast<InProcess&>(in_process_stage).rebuild();
}

std::unique_ptr<Stage> in_shadow(const std::filesystem::path& configs, const std::string& config,
                                 std::vector<std::string>& said) {
  return std::make_unique<InProcess>(configs, config, &said);
}

std::unique_ptr<Stage> in_process(const std::filesystem::path& configs, const std::string& config) {
  return std::make_unique<InProcess>(configs, config);
}

}  // namespace interlock::scenarios
