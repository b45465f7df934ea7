#include "cli/knight_core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/command.hpp"
#include "cli/folder.hpp"
#include "cli/knight_end.hpp"
#include "cli/knight_exchange.hpp"
#include "cli/knight_policy.hpp"
#include "killswitch/rearm.hpp"

namespace interlock::cli::knight {
namespace {

constexpr std::int64_t tick_ns = 100'000'000;
constexpr std::int64_t slow_tick_ns = second_ns;         // before the open
constexpr std::int64_t goes_on_ns = 3 * second_ns;       // what a stopped router still sends
constexpr std::int64_t curtain_up_ns = -91 * minute_ns;  // 07:59

killswitch::Person person(std::string name) { return {std::move(name), {}, true, true, true}; }

class Stage {
 public:
  Stage(const Morning& morning, const CoreOptions& options);
  Figures play();

 private:
  void open();
  void arm();
  void connect(std::uint32_t router, std::int64_t fill_after_ns);
  void advance(std::int64_t to_ns);
  void wait_for_disk();
  void settle();  // hands bytes over, both ways, until nobody has any left
  void give(const Event& event);
  void hear(std::uint32_t router, const gateway::Parsed& message);
  void look_at_latch();
  [[nodiscard]] const Event& sent(std::string_view cl_ord_id) const {
    return sent_.at(std::stoul(std::string(cl_ord_id)));
  }
  [[nodiscard]] std::int64_t utc_ns() const { return open_utc_ns + now_ns_; }

  const Morning& morning_;
  Folder folder_;
  config::Config config_;
  Flow flow_;
  Tally tally_;
  std::int64_t now_ns_ = curtain_up_ns;
  std::unique_ptr<audit::Journal> journal_;
  std::unique_ptr<killswitch::Latch> latch_;
  std::unique_ptr<gateway::Core> core_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::vector<std::unique_ptr<End>> ends_;  // routers, then venues
  std::vector<Event> sent_;                 // by ClOrdID
  std::vector<std::int64_t> stopped_ns_ =
      std::vector<std::int64_t>(router_count, std::numeric_limits<std::int64_t>::max());
  std::uint64_t word_ = 0;  // of the latch, that has been looked at
};

Stage::Stage(const Morning& morning, const CoreOptions& options)
    : morning_(morning),
      config_(policy(topology(), folder_.path)),
      flow_(morning),
      tally_(morning, flow_) {
  open();
  ends_.resize(2 * std::size_t{router_count});
  for (std::uint32_t router = 0; router < router_count; ++router) {
    connect(router, options.fill_after_ns);
  }
  settle();
  arm();
}

void Stage::open() {
  auto journal = audit::Journal::open({config_.audit_dir, config_.audit_segment_bytes});
  if (!journal) throw Failure(exit_cannot_start, journal.error());
  journal_ = std::move(*journal);
  std::filesystem::create_directories(config_.state_dir);
  latch_ = std::make_unique<killswitch::Latch>(config_.state_dir / "latch", utc_ns());
  const auto clock = [this] { return gateway::Clock{{utc_ns()}, utc_ns()}; };
  auto core = gateway::Core::create(config_, *journal_, *latch_, clock, "replay");
  if (!core) throw Failure(exit_cannot_start, core.error());
  core_ = std::move(*core);
  core_->open_or_stay_shut();
  risk::References references;
  for (const Symbol& symbol : morning_.symbols) {
    references.by_symbol.emplace_back(risk::ReferencePrice{symbol.price, {utc_ns()}});
  }
  core_->take_prices(std::move(references), "the replay");
}

void Stage::connect(std::uint32_t router, std::int64_t fill_after_ns) {
  const config::Router& from = config_.routers[router];
  const config::Venue& to = config_.venues[router];
  ends_[router] = std::make_unique<End>(
      *core_, *from.dialect, from.comp_id,
      [this, router](const gateway::Parsed& message) { hear(router, message); });
  const std::size_t venue = router_count + router;
  exchanges_.push_back(std::make_unique<Exchange>(
      Exchange::Manners{fill_after_ns, false},
      [this, venue](const std::string& type, const std::string& body) {
        ends_[venue]->send(type, body, utc_ns());
      },
      [this](std::string_view cl_ord_id) { tally_.left(sent(cl_ord_id)); },
      [this](std::string_view cl_ord_id, std::int64_t shares) {
        tally_.executed(sent(cl_ord_id).parent, shares);
      }));
  ends_[venue] = std::make_unique<End>(*core_, *to.dialect, to.comp_id,
                                       [this, router](const gateway::Parsed& message) {
                                         exchanges_[router]->hear(message, now_ns_);
                                       });
  ends_[router]->log_on_as_router(router);
  ends_[venue]->connect_as_venue(router, utc_ns());
}

// A first start is killed: two people open the gate.
void Stage::arm() {
  for (const killswitch::Kill& kill : latch_->active()) {
    killswitch::Rearm both(*latch_);
    const killswitch::RearmFacts facts;
    const auto begun =
        both.begin(kill.id, person("first"), {.reason = "the replay begins"}, facts, utc_ns());
    if (!begun) throw Failure(exit_internal, begun.error());
    const auto cleared = both.approve(kill.id, person("second"), {}, facts, utc_ns());
    if (!cleared) throw Failure(exit_internal, cleared.error());
    core_->rearmed(*cleared, *begun, "second");
  }
  settle();
  word_ = core_->floor().acknowledged_word;
}

void Stage::settle() {
  for (bool moved = true; moved;) {
    moved = false;
    core_->wake();
    core_->flush();
    for (const auto& end : ends_) moved = end->read(utc_ns()) || moved;
  }
}

// The replay's clock runs ahead of the disk's.
void Stage::wait_for_disk() {
  if (journal_->unsynced_age_ns(utc_ns()) < second_ns) return;
  if (const auto done = journal_->sync(); !done) throw Failure(exit_cannot_start, done.error());
}

void Stage::advance(std::int64_t to_ns) {
  while (now_ns_ < to_ns) {
    const std::int64_t each_ns = now_ns_ < -second_ns ? slow_tick_ns : tick_ns;
    std::int64_t next_ns = std::min(to_ns, (now_ns_ / each_ns + (now_ns_ < 0 ? 0 : 1)) * each_ns);
    if (next_ns <= now_ns_) next_ns = std::min(to_ns, now_ns_ + each_ns);
    for (const auto& exchange : exchanges_) next_ns = std::min(next_ns, exchange->due_ns());
    now_ns_ = std::max(now_ns_, next_ns);
    core_->wake();
    for (const auto& exchange : exchanges_) exchange->poll(now_ns_);
    if (now_ns_ % each_ns == 0) {
      wait_for_disk();
      core_->tick();
      for (const auto& end : ends_) end->keep_alive(utc_ns());
    }
    settle();
    look_at_latch();
  }
}

Figures Stage::play() {
  while (const auto event = flow_.next()) {
    // A stopped router's orders are all refused from then on; some seconds show it.
    if (event->is_power_peg && event->at_ns > stopped_ns_[event->router] &&
        event->at_ns - stopped_ns_[event->router] > goes_on_ns) {
      continue;
    }
    advance(event->at_ns);
    give(*event);
    settle();
    look_at_latch();
  }
  advance(morning_.end_ns + second_ns);
  return tally_.figures("all", "the core in process, on a clock of its own");
}

void Stage::give(const Event& event) {
  const Parent& parent = flow_.parent(event.parent);
  if (event.kind == Event::Kind::declare) {
    const auto outcome = core_->declare_parent(
        {parent.id, account_name(parent.account), morning_.symbols[parent.symbol].name,
         parent.is_buy ? "1" : "2", std::to_string(parent.size), "first"});
    if (outcome.answer != gateway::ParentAnswer::added) throw Failure(exit_internal, outcome.text);
    return;
  }
  const std::string cl_ord_id = std::to_string(sent_.size());
  sent_.push_back(event);
  exchanges_[event.router]->manners.rejects = event.is_rejected;
  ends_[event.router]->send("D", body_of(event, parent, morning_, cl_ord_id, utc_ns()), utc_ns());
}

void Stage::hear(std::uint32_t, const gateway::Parsed& message) {
  if (message.type != "8" || message.get(150) != "8") return;
  const Event& child = sent(message.get(11).value_or(""));
  if (child.is_rejected) return;
  const std::string_view text = message.get(58).value_or("");
  tally_.refused(child, now_ns_, text.substr(0, text.find(':')));
}

void Stage::look_at_latch() {
  if (core_->floor().acknowledged_word == word_) return;
  word_ = core_->floor().acknowledged_word;
  for (const killswitch::Kill& kill : latch_->active()) {
    if (kill.level == killswitch::Level::reduce_only) continue;
    for (std::uint32_t router = 0; router < router_count; ++router) {
      const bool is_own =
          kill.scope.kind == killswitch::ScopeKind::firm ||
          (kill.scope.kind == killswitch::ScopeKind::router &&
           kill.scope.id == router_name(router)) ||
          (kill.scope.kind == killswitch::ScopeKind::venue && kill.scope.id == venue_name(router));
      if (!is_own) continue;
      tally_.stopped(router, kill.tripped_at_ns - open_utc_ns, killswitch::name(kill.level),
                     std::string_view{kill.cause}.substr(0, kill.cause.find(':')));
      stopped_ns_[router] = std::min(stopped_ns_[router], now_ns_);
    }
  }
}

}  // namespace

std::string body_of(const Event& child, const Parent& parent, const Morning& morning,
                    std::string_view cl_ord_id, std::int64_t now_ns) {
  const Symbol& symbol = morning.symbols[parent.symbol];
  const Variant variant = child.is_power_peg ? morning.script.variant : Variant::none;
  const bool buys = parent.is_buy != (variant == Variant::wrong_side);
  const bool is_own = variant == Variant::new_parents;
  gateway::BodyWriter body;
  body.put(11, cl_ord_id).put(526, is_own ? fmt::format("N-{}", cl_ord_id) : parent.id);
  body.put(1, account_name(parent.account)).put(55, symbol.name).put(54, buys ? "1" : "2");
  body.put(60, gateway::fix_timestamp(now_ns));
  body.put(38, child.quantity).put(40, "2").put(44, symbol.price.text()).put(59, "0");
  return body.bytes();
}

Figures against_core(const Morning& morning, const CoreOptions& options) {
  return Stage(morning, options).play();
}

}  // namespace interlock::cli::knight
