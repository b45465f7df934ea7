#include "cli/knight_sockets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>

#include "cli/command.hpp"
#include "cli/counterparty.hpp"
#include "cli/folder.hpp"
#include "cli/knight_core.hpp"
#include "cli/knight_exchange.hpp"
#include "cli/knight_policy.hpp"
#include "console/identity.hpp"
#include "gateway/loop.hpp"

namespace interlock::cli::knight {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{30};
constexpr std::chrono::nanoseconds settling{second_ns};  // after the last order

std::int64_t utc_now_ns() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

class Show {
 public:
  Show(const Morning& morning, const SocketOptions& options);
  ~Show();
  Show(const Show&) = delete;
  Show& operator=(const Show&) = delete;
  void open();  // throws Failure
  Figures play();

 private:
  void add_venue(std::uint32_t router);
  void add_router(std::uint32_t router);
  void wait_for_logons();
  void arm();
  void begin_act(std::int64_t from_ns);  // its moment in the morning is now
  void play_act(std::int64_t from_ns, std::int64_t to_ns);
  void pull();
  void declare(std::uint32_t parent);
  void send(const Event& event);
  void hear(const gateway::Parsed& message);
  void wait_for_kills(std::uint32_t first);
  void read_kills();
  // Of the morning, from the machine's clock.
  [[nodiscard]] std::int64_t morning_ns(std::int64_t utc_ns) const {
    return utc_ns - act_utc_ns_ + act_from_ns_;
  }
  [[nodiscard]] const Event& sent(std::string_view cl_ord_id) const {
    return sent_.at(std::stoul(std::string(cl_ord_id)));
  }

  const Morning& morning_;
  SocketOptions options_;
  Folder folder_;
  Flow flow_;
  std::mutex mutex_;  // of tally, sent, and the act's times
  Tally tally_;
  std::vector<Event> sent_;  // by ClOrdID
  std::set<std::uint32_t> declared_;
  std::set<std::uint64_t> kills_read_;
  std::int64_t act_from_ns_ = 0;
  std::int64_t act_utc_ns_ = 0;
  std::optional<Event> next_;
  std::optional<config::Config> config_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::vector<std::unique_ptr<Counterparty>> venues_, routers_;
  std::unique_ptr<gateway::Loop> loop_;
  std::thread loop_thread_;
};

Show::Show(const Morning& morning, const SocketOptions& options)
    : morning_(morning), options_(options), flow_(morning), tally_(morning, flow_) {}

Show::~Show() {
  routers_.clear();
  if (loop_) loop_->stop();
  if (loop_thread_.joinable()) loop_thread_.join();
  loop_.reset();
  venues_.clear();
}

void Show::open() {
  Topology who = topology();
  for (std::uint32_t router = 0; router < router_count; ++router) {
    add_venue(router);
    who.venue_ports.push_back(venues_.back()->port());
  }
  config_ = policy(who, folder_.path);
  std::ofstream prices(config_->prices_file);
  for (const Symbol& symbol : morning_.symbols) {
    prices << symbol.name << ' ' << symbol.price.text() << '\n';
  }
  prices.close();
  auto loop = gateway::Loop::create(*config_, {console::running_build_id()});
  if (!loop) throw Failure(exit_cannot_start, loop.error());
  loop_ = std::move(*loop);
  loop_thread_ = std::thread([this] { loop_->run(); });
  arm();
  for (std::uint32_t router = 0; router < router_count; ++router) add_router(router);
  wait_for_logons();
}

void Show::add_venue(std::uint32_t router) {
  const std::string name = venue_name(router);
  exchanges_.push_back(std::make_unique<Exchange>(
      Exchange::Manners{},
      [this, router](std::string type, std::string body) {
        venues_[router]->send(std::move(type), std::move(body));
      },
      [this](std::string_view cl_ord_id) {
        const std::lock_guard lock(mutex_);
        tally_.left(sent(cl_ord_id));
      },
      [this](std::string_view cl_ord_id, std::int64_t shares) {
        const std::lock_guard lock(mutex_);
        tally_.executed(sent(cl_ord_id).parent, shares);
      }));
  venues_.push_back(std::make_unique<Counterparty>(
      Counterparty::Options{name, false, 0, folder_.path / ("sim-" + name)},
      [this, router](Counterparty&, const gateway::Parsed& message) {
        exchanges_[router]->hear(message, 0);
      }));
}

void Show::add_router(std::uint32_t router) {
  const std::string name = router_name(router);
  routers_.push_back(std::make_unique<Counterparty>(
      Counterparty::Options{name, true, loop_->bound_port(name), folder_.path / ("sim-" + name)},
      [this](Counterparty&, const gateway::Parsed& message) { hear(message); }));
}

void Show::wait_for_logons() {
  const auto until = Clock::now() + patience;
  const auto all_on = [](const auto& ends) {
    return std::ranges::all_of(ends, [](const auto& end) { return end->logged_on(); });
  };
  while (!all_on(venues_) || !all_on(routers_)) {
    if (Clock::now() > until) throw Failure(exit_no, "not every session logged on");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

// A first start is killed: two people open the gate.
void Show::arm() {
  const killswitch::Person first{"first", {}, true, true, true};
  const killswitch::Person second{"second", {}, true, true, true};
  const auto snapshot = loop_->snapshot();
  for (const auto& kill : snapshot->kills) {
    const std::string runs = killswitch::short_identity(snapshot->identity);
    const auto begun =
        loop_->rearm_begin(kill.id, first, {.reason = "the replay begins", .identity = runs}, true);
    if (!begun) throw Failure(exit_no, begun.error());
    const auto done = loop_->rearm_approve(kill.id, second, {.identity = runs}, true);
    if (!done) throw Failure(exit_no, done.error());
    kills_read_.insert(kill.id);
  }
}

void Show::begin_act(std::int64_t from_ns) {
  const std::lock_guard lock(mutex_);
  act_from_ns_ = from_ns;
  act_utc_ns_ = utc_now_ns();
}

void Show::pull() {
  const std::lock_guard lock(mutex_);  // the flow's parents are read by others
  next_ = flow_.next();
}

Figures Show::play() {
  pull();
  play_act(-second_ns / 2, options_.shown_ns);
  if (morning_.roll_back_ns < morning_.end_ns) {
    play_act(morning_.roll_back_ns - second_ns / 2, morning_.roll_back_ns + options_.shown_ns);
  }
  const std::lock_guard lock(mutex_);
  return tally_.figures("all", fmt::format("over sockets, real sessions at real pace; shown are {} "
                                           "s from 09:30 and from the roll-back, the "
                                           "minutes between and after are skipped",
                                           options_.shown_ns / second_ns));
}

void Show::play_act(std::int64_t from_ns, std::int64_t to_ns) {
  for (; next_ && next_->at_ns < from_ns; pull()) {
    if (next_->kind == Event::Kind::declare) declare(next_->parent);
  }
  begin_act(from_ns);
  const auto began = Clock::now();
  for (; next_ && next_->at_ns < to_ns; pull()) {
    std::this_thread::sleep_until(began + std::chrono::nanoseconds(next_->at_ns - from_ns));
    if (next_->kind == Event::Kind::declare) {
      declare(next_->parent);
    } else {
      send(*next_);
    }
  }
  wait_for_kills(to_ns > morning_.roll_back_ns ? 0 : sick_router);
  std::this_thread::sleep_for(settling);
}

// Of the routers from this one on, as far as any comes: a busy machine is late, and that is shown.
void Show::wait_for_kills(std::uint32_t first) {
  const auto until = Clock::now() + patience;
  const auto are_stopped = [&] {
    read_kills();
    const std::lock_guard lock(mutex_);
    for (std::uint32_t router = first; router < router_count; ++router) {
      if (!tally_.is_killed(router)) return false;
    }
    return true;
  };
  while (!are_stopped() && Clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void Show::declare(std::uint32_t index) {
  if (!declared_.insert(index).second) return;
  const Parent& parent = flow_.parent(index);
  const auto outcome = loop_->declare_parent(
      {parent.id, account_name(parent.account), morning_.symbols[parent.symbol].name,
       parent.is_buy ? "1" : "2", std::to_string(parent.size), "first"},
      std::chrono::duration_cast<std::chrono::milliseconds>(patience));
  if (!outcome || outcome->answer != gateway::ParentAnswer::added) {
    throw Failure(exit_no, "parent " + parent.id + " was not declared");
  }
}

void Show::send(const Event& event) {
  std::string cl_ord_id;
  {
    const std::lock_guard lock(mutex_);
    cl_ord_id = std::to_string(sent_.size());
    sent_.push_back(event);
  }
  routers_[event.router]->send(
      "D", body_of(event, flow_.parent(event.parent), morning_, cl_ord_id, utc_now_ns()));
}

void Show::hear(const gateway::Parsed& message) {
  if (message.type != "8" || message.get(150) != "8") return;
  const std::string_view text = message.get(58).value_or("");
  const std::lock_guard lock(mutex_);
  tally_.refused(sent(message.get(11).value_or("")), morning_ns(utc_now_ns()),
                 text.substr(0, text.find(':')));
}

void Show::read_kills() {
  const auto snapshot = loop_->snapshot();
  for (const gateway::KillView& kill : snapshot->kills) {
    if (kill.level == "reduce-only" || !kills_read_.insert(kill.id).second) continue;
    const std::lock_guard lock(mutex_);
    for (std::uint32_t router = 0; router < router_count; ++router) {
      const bool is_own = kill.scope_kind == "firm" || kill.scope == router_name(router) ||
                          kill.scope == venue_name(router);
      if (!is_own) continue;
      tally_.stopped(router, morning_ns(kill.tripped_at_ns), kill.level,
                     std::string_view{kill.cause}.substr(0, kill.cause.find(':')));
    }
  }
}

}  // namespace

Figures over_sockets(const Morning& morning, const SocketOptions& options) {
  Show show(morning, options);
  show.open();
  return show.play();
}

}  // namespace interlock::cli::knight
