#include "gateway/loop.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <thread>

#include "config/pin.hpp"
#include "gateway/file_watch.hpp"
#include "gateway/hardware.hpp"
#include "gateway/latch_keeper.hpp"
#include "gateway/snapshot_taking.hpp"
#include "gateway/sockets.hpp"

namespace interlock::gateway {
namespace {

constexpr std::int64_t tick_every_ns = 20'000'000;
constexpr std::int64_t follow_every_ns = 1'000'000;
constexpr std::int64_t publish_every_ns = 100'000'000;
constexpr std::int64_t prices_every_ns = 1'000'000'000;
constexpr std::int64_t logout_wait_ns = 2'000'000'000;
constexpr int turn_ms = 10;
constexpr std::chrono::milliseconds disk_wait{1000};  // for a kill's answer; it is in force before

std::int64_t read(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// Tells one writing of a file from the next; empty: there is no such file.
std::string stamp_of(const std::filesystem::path& file) {
  struct stat status {};
  if (file.empty() || ::stat(file.c_str(), &status) != 0) return {};
  return fmt::format("{}.{} {} {} ", status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size,
                     status.st_ino);
}

// Two clocks at one moment; nullopt: the machine took us off its processor in between.
std::optional<Clock> read_both() {
  constexpr std::int64_t between_max_ns = 100'000;
  const std::int64_t before = read(CLOCK_MONOTONIC);
  const std::int64_t wall = read(CLOCK_REALTIME);
  const std::int64_t after = read(CLOCK_MONOTONIC);
  if (after - before > between_max_ns) return std::nullopt;
  return Clock{{wall}, after};
}

HostClock as_of_now() {
  std::optional<Clock> both;
  while (!both) both = read_both();
  return {both->utc.ns, both->mono_ns};
}

}  // namespace

Loop::Loop(const config::Config& config, std::unique_ptr<killswitch::Latch> latch,
           std::unique_ptr<audit::Journal> journal)
    : config_(config),
      host_clock_(as_of_now()),
      latch_(std::move(latch)),
      journal_(std::move(journal)),
      rearm_(*latch_) {}

Loop::~Loop() {
  hardware_.reset();  // first: its thread trips and wakes
  latch_->on_change({});
  if (journal_) journal_->on_sync({});
  sockets_.reset();
  core_.reset();
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

std::expected<std::unique_ptr<Loop>, std::string> Loop::create(const config::Config& config,
                                                               Options options) {
  if (const auto pin = config::pin_problem(config)) return std::unexpected(config::render({*pin}));
  std::error_code error;
  std::filesystem::create_directories(config.state_dir, error);
  if (error)
    return std::unexpected(fmt::format("{}: {}", config.state_dir.string(), error.message()));
  const audit::JournalOptions files{.directory = config.audit_dir,
                                    .segment_bytes = config.audit_segment_bytes,
                                    .signer_socket = config.signer,
                                    .signing_keys = config.state_dir / "signing",
                                    .key_life_ns = config.key_life.ns,
                                    .copies = config.audit_copy_dir};
  auto snapshot = options.shadow ? FoundSnapshot{} : find_snapshot(config, options.build_id);
  auto journal = open_journal(files, snapshot);
  if (!journal) return std::unexpected(journal.error());
  auto fence = options.shadow ? std::expected<Fence, std::string>(Fence()) : Fence::take(config);
  if (!fence) return std::unexpected(fence.error());
  auto latch =
      std::make_unique<killswitch::Latch>(config.state_dir / "latch", read(CLOCK_REALTIME));
  std::unique_ptr<Loop> loop(new Loop(config, std::move(latch), std::move(*journal)));
  loop->fence_ = *std::move(fence);
  auto core = start_core(
      config, files, loop->journal_, *loop->latch_,
      [raw = loop.get()] { return raw->read_clock(); }, options.build_id, snapshot,
      std::move(options.shadow));
  if (!core) return std::unexpected(core.error());
  loop->core_ = std::move(*core);
  loop->core_->stands_at(place_of(config.state_dir));
  loop->wake_fd_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  loop->latch_->on_change([raw = loop.get()] { raw->wake_up(); });
  if (config.durability == config::Durability::power)
    loop->journal_->on_sync([raw = loop.get()] { raw->wake_up(); });
  loop->keeper_ = std::make_unique<LatchKeeper>(*loop->latch_);
  loop->files_ = std::make_unique<FileWatch>(config.audit_dir);
  loop->core_->floor().persist_latch = [raw = loop.get()] { raw->keeper_->ask(); };
  loop->core_->killer().on_closed([raw = loop.get()](std::uint64_t kill_id, const Closed& closed) {
    raw->rearm_.abort_all();  // a kill always wins
    const std::lock_guard lock(raw->mutex_);
    raw->closed_[kill_id] = closed;
    raw->answered_.notify_all();
  });
  loop->core_->floor().beat = [raw = loop.get()] { raw->beat(read(CLOCK_MONOTONIC)); };
  auto sockets = Sockets::open(config, *loop->core_, loop->wake_fd_);
  if (!sockets) return std::unexpected(sockets.error());
  loop->sockets_ = std::move(*sockets);
  if (!loop->core_->floor().shadow) {
    auto hardware =
        Hardware::create(config, *loop->latch_, [raw = loop.get()] { raw->keeper_->ask(); });
    if (!hardware) return std::unexpected(hardware.error());
    loop->hardware_ = *std::move(hardware);
    loop->hardware_->connect(loop->core_->buttons());
  }
  loop->core_->open_or_stay_shut();
  record_snapshot(loop->core_->floor(), snapshot);
  loop->core_->clock_watch().watches(read_kernel_clock);
  loop->core_->clock_watch().look();
  loop->core_->declare_file();
  loop->read_prices();
  loop->publish();
  return loop;
}

void Loop::run() {
  bool logging_out = false;
  std::int64_t give_up_ns = 0;
  bind();
  notify_.ready();
  while (true) {
    take_turn();
    if (stop_.load() && !core_->floor().stopping) {
      notify_.stopping();
      sockets_->stop_listening();
      core_->start_stop();
    }
    if (!logging_out && core_->drained()) {
      logging_out = true;
      give_up_ns = core_->floor().clock.mono_ns + logout_wait_ns;
      core_->log_out();
    }
    if (logging_out && (!core_->connected() || core_->floor().clock.mono_ns >= give_up_ns)) break;
  }
  if (hardware_ != nullptr) hardware_->stands();
  core_->finish_stop();
  if (hardware_ != nullptr) hardware_->ended();
  publish();
}

// Here and not before: threads take over where the one that begins them is bound to.
void Loop::bind() {
  const auto pin = config_.loop.pin;
  if (!pin || config::bind_this_thread(*pin)) return;
  core_->floor().alert("interlock",
                       {Severity::warning,
                        "pin",
                        {},
                        fmt::format("the event loop is not bound to processor {}: the kernel "
                                    "does not give it any more",
                                    *pin)});
}

void Loop::stop() {
  stop_.store(true);
  wake_up();
}

void Loop::take_turn() {
  sockets_->turn(core_->has_more() ? 0 : turn_ms);
  core_->latch_changed();
  if (has_posted_.load(std::memory_order_acquire)) do_posted();
  const std::int64_t now_ns = core_->floor().clock.mono_ns;
  beat(now_ns);
  if (now_ns - ticked_ns_ >= tick_every_ns) {
    ticked_ns_ = now_ns;
    core_->clock_steps().seen(host_clock_.offset_ns());
    core_->tick();
    if (const std::string why = keeper_->failure(); !why.empty()) core_->latch_not_stored(why);
  }
  if (now_ns - prices_read_ns_ >= prices_every_ns) {
    prices_read_ns_ = now_ns;
    read_prices();
    if (std::string found = files_->take(); !found.empty())
      core_->floor().alert("interlock",
                           {Severity::critical, "journal-files", {}, std::move(found)});
  }
  core_->flush();
  sockets_->keep_up();
  // A kill, a re-arm or a button's change is not waited for.
  const bool changed = snapshot_word_ != core_->floor().acknowledged_word ||
                       snapshot_buttons_ != core_->buttons().version();
  if (changed || now_ns - published_ns_ >= publish_every_ns) {
    published_ns_ = now_ns;
    publish();
  }
}

void Loop::do_posted() {
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(posted_);
    has_posted_.store(false, std::memory_order_relaxed);
  }
  for (const auto& item : work) item();
}

// The host's clock is looked at a thousand times a second: ours slews by a thousandth at most.
Clock Loop::read_clock() {
  const std::int64_t mono_ns = read(CLOCK_MONOTONIC);
  if (mono_ns - followed_ns_ >= follow_every_ns) {
    if (const auto both = read_both()) host_clock_.follow(both->utc.ns, both->mono_ns);
    followed_ns_ = mono_ns;
  }
  return {{host_clock_.utc_ns(mono_ns)}, mono_ns};
}

std::int64_t Loop::utc_ns() const { return host_clock_.utc_ns(read(CLOCK_MONOTONIC)); }

void Loop::beat(std::int64_t now_ns) {
  if (hardware_ != nullptr) hardware_->turn(now_ns, core_->floor().acknowledged_word);
  notify_.turned(now_ns);
}

// The file is read again when it has changed; what is wrong in it is an alert, and the old prices
// go on ageing.
void Loop::read_prices() {
  std::string stamp = stamp_of(config_.prices_file);
  if (stamp.empty()) return;
  if (!config_.currencies_file.empty()) stamp += stamp_of(config_.currencies_file);
  if (stamp == prices_stamp_) return;
  prices_stamp_ = std::move(stamp);
  const auto wrong = [&](const std::vector<config::Problem>& problems) {
    core_->floor().alert("interlock",
                         {Severity::warning, "prices-file", {}, config::render(problems)});
  };
  const risk::Directory& directory = core_->floor().directory;
  auto references = config::load_prices(config_.prices_file, directory);
  if (!references) return wrong(references.error());
  if (!config_.currencies_file.empty()) {
    auto rates = config::load_rates(config_.currencies_file, directory);
    if (!rates) return wrong(rates.error());
    references->by_currency = *std::move(rates);
  }
  core_->clock_steps().by_our_time(*references);
  core_->take_prices(std::move(*references), config_.prices_file.string());
}

void Loop::publish() {
  auto view = core_->snapshot();
  core_->limit_uses().look(view->limits);
  for (const killswitch::RearmRequest& begun : rearm_.pending(view->time_ns)) {
    for (KillView& kill : view->kills) {
      if (kill.id != begun.kill_id) continue;
      kill.rearm_begun_by = begun.begun_by;
      kill.rearm_reason = begun.reason;
      kill.rearm_begun_at_ns = begun.begun_at_ns;
    }
  }
  snapshot_word_ = view->gate_acknowledged_word;
  snapshot_buttons_ = core_->buttons().version();
  if (hardware_ != nullptr) hardware_->show(*view, core_->floor().clock.mono_ns);
  const std::lock_guard lock(mutex_);
  snapshot_ = std::move(view);
}

void Loop::wake_up() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_fd_, &one, sizeof one);
}

bool Loop::on_loop(std::function<void()> work, std::chrono::milliseconds wait) {
  struct Turn {
    bool done = false;
    bool given_up = false;
  };
  auto turn = std::make_shared<Turn>();
  std::unique_lock lock(mutex_);
  has_posted_.store(true, std::memory_order_release);
  posted_.push_back([this, turn, work = std::move(work)] {
    {
      const std::lock_guard inner(mutex_);
      if (turn->given_up) return;  // who asked has been told no: it is not done after all
    }
    work();
    const std::lock_guard inner(mutex_);
    turn->done = true;
    answered_.notify_all();
  });
  wake_up();
  answered_.wait_for(lock, wait, [&] { return turn->done; });
  turn->given_up = !turn->done;
  return turn->done;
}

// --- Desk ---

std::uint16_t Loop::bound_port(std::string_view router) const {
  return sockets_->bound_port(router);
}

std::shared_ptr<const Snapshot> Loop::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

Desk::KillOutcome Loop::kill(killswitch::Scope scope, killswitch::Level level,
                             killswitch::Source source, std::string actor, std::string cause,
                             std::chrono::milliseconds wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  KillOutcome outcome;
  // Another thread writes it: a disk that hangs delays the answer, and does not take it away.
  killswitch::Tripped& tripped = outcome.tripped;
  tripped = latch_->trip_in_memory(std::move(scope), source, std::move(actor), std::move(cause),
                                   utc_ns(), level);
  const std::uint64_t writing = keeper_->ask();
  {
    std::unique_lock lock(mutex_);
    const std::uint64_t id = tripped.kill.id;
    const bool shut = answered_.wait_until(lock, until, [&] { return closed_.contains(id); });
    if (shut) outcome.closed = closed_[id];
  }
  if (!tripped.problem.empty()) return outcome;
  const auto written = keeper_->written(writing, disk_wait);
  tripped.persisted = written.has_value();
  if (!written) tripped.problem = written.error();
  return outcome;
}

std::expected<ParentOutcome, std::string> Loop::declare_parent(ParentRequest request,
                                                               std::chrono::milliseconds wait) {
  auto outcome = std::make_shared<ParentOutcome>();
  const bool done = on_loop(
      [this, outcome, request = std::move(request)] { *outcome = core_->declare_parent(request); },
      wait);
  if (!done)
    return std::unexpected(
        std::string("the event loop did not answer in time; nothing was declared"));
  return *outcome;
}

std::optional<ActionOutcome> Loop::load(Reload& action) const {
  namespace fs = std::filesystem;
  using Said = ActionOutcome::Answer;
  fs::path file = config_.file;
  if (!action.file.empty()) {
    std::error_code error;
    const auto home = fs::weakly_canonical(fs::absolute(config_.file, error).parent_path(), error);
    file = fs::weakly_canonical(home / action.file, error);
    if (error || file.parent_path() != home)
      return ActionOutcome{Said::refused, "a reload reads files of " + home.string()};
  }
  auto loaded = config::load(file);
  if (!loaded.config) return ActionOutcome{Said::refused, config::render(loaded.problems)};
  action.next = std::make_shared<const config::Config>(*std::move(loaded.config));
  return std::nullopt;
}

ActionOutcome Loop::act(std::string person, Action action, std::chrono::milliseconds wait) {
  if (auto* reload = std::get_if<Reload>(&action)) {
    if (auto wrong = load(*reload)) return *std::move(wrong);
  }
  auto outcome = std::make_shared<ActionOutcome>();
  const bool done = on_loop([this, outcome, person = std::move(person),
                             action = std::move(action)] { *outcome = core_->act(person, action); },
                            wait);
  if (done) return *outcome;
  return {ActionOutcome::Answer::no_answer,
          "the event loop did not answer in time; nothing was done"};
}

}  // namespace interlock::gateway
