// How fast a start is: a journal of a whole day's flow is written by a core in process, then
// checked and rebuilt as a start does it. See README.md.
#include <fmt/format.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <exception>
#include <functional>
#include <iostream>

#include "audit/reader.hpp"
#include "cli/knight_end.hpp"
#include "gateway/core.hpp"
#include "gateway/snapshot_taking.hpp"
#include "scenarios/setting.hpp"
#include "tests/source.hpp"

namespace interlock::tests {

const std::filesystem::path& source_dir() {
  static const std::filesystem::path directory = SOURCE_DIR;
  return directory;
}

}  // namespace interlock::tests

namespace interlock::bench {
namespace {

constexpr std::int64_t open_ns = 1'795'705'200'000'000'000;  // 2026-11-26 15:00:00 UTC
constexpr std::uint32_t parents = 5'000;

template <class T>
T value_of(std::expected<T, std::string> made) {
  if (!made) throw std::runtime_error(made.error());
  return *std::move(made);
}

// By the clock, as somebody waits for it, with whatever else the machine does; and of the
// processors that the whole process used, which is more where two work at once.
struct Seconds {
  double waited = 0;
  double used = 0;
};
Seconds seconds_of(const std::function<void()>& work) {
  const auto now = [](clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  const Seconds begun{now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID)};
  work();
  return {now(CLOCK_MONOTONIC) - begun.waited, now(CLOCK_PROCESS_CPUTIME_ID) - begun.used};
}

// A core on a clock of its own, with the two ends of its sessions.
class Day {
 public:
  explicit Day(const config::Config& config)
      : config_(config),
        journal_(value_of(audit::Journal::open({config.audit_dir, config.audit_segment_bytes}))) {
    std::filesystem::create_directories(config.state_dir);
    latch_ = std::make_unique<killswitch::Latch>(config.state_dir / "latch", now_ns_);
  }

  void rebuild() {
    core_ = value_of(gateway::Core::create(
        config_, *journal_, *latch_,
        [this] {
          return gateway::Clock{{now_ns_}, now_ns_};
        },
        "bench"));
  }

  // Orders of 100 in slices: acknowledged, filled in two pieces; a fifth is replaced and cancelled.
  void play(std::uint64_t records) {
    rebuild();
    core_->open_or_stay_shut();
    core_->take_prices(value_of(prices()), "bench");
    for (const killswitch::Kill& kill : latch_->active()) {
      if (!latch_->clear(kill.id, now_ns_)) throw std::runtime_error("the latch does not open");
    }
    core_->latch_changed();
    for (std::uint32_t i = 0; i < parents; ++i)
      core_->declare_parent({fmt::format("P-{}", i), "ACC", "ACME", "1", "1000000000", "bench"});
    cli::knight::End venue(
        *core_, *config_.venues[0].dialect, config_.venues[0].comp_id,
        [this](const gateway::Parsed& message) { heard_.emplace_back(message); });
    cli::knight::End router(*core_, *config_.routers[0].dialect, config_.routers[0].comp_id,
                            [](const gateway::Parsed&) {});
    venue.connect_as_venue(0, now_ns_);
    router.log_on_as_router(0);
    turn(venue, router);
    turn(venue, router);
    for (std::uint64_t i = 1; journal_->next_sequence() <= records; ++i) {
      now_ns_ += 100'000;
      const std::string name = fmt::format("ROUTER-1-{:08}", i);
      router.send("D", order(name, i), now_ns_);
      turn(venue, router);
      const bool fills = i % 5 != 0;
      report(venue, name, i, "0", 0, 0);
      if (fills) {
        report(venue, name, i, "F", 40, 40);
        report(venue, name, i, "F", 60, 100);
      } else {
        const std::string cancel = name + "C";
        router.send("F",
                    fmt::format("11={}\00141={}\00155=ACME\00154=1\00138=100\001"
                                "60=20261126-15:00:00\001",
                                cancel, name),
                    now_ns_);
        turn(venue, router);
        report(venue, cancel, i, "4", 0, 0, name);
      }
      if (i % 1'000 == 0) core_->tick();
      turn(venue, router);
    }
  }

  [[nodiscard]] std::uint64_t records() const { return journal_->next_sequence() - 1; }
  [[nodiscard]] std::uint64_t bytes() const { return journal_->bytes(); }
  [[nodiscard]] std::uint64_t digest() const { return core_->floor().books.digest(); }
  [[nodiscard]] std::size_t open_orders() const {
    return core_->floor().books.open_orders().size();
  }

 private:
  [[nodiscard]] std::expected<risk::References, std::string> prices() const {
    auto loaded = config::load_prices(config_.prices_file, core_->floor().directory);
    if (!loaded) return std::unexpected(config::render(loaded.error()));
    for (auto& price : loaded->by_symbol)
      if (price) price->as_of = {now_ns_};
    return *std::move(loaded);
  }
  static std::string order(const std::string& name, std::uint64_t i) {
    return fmt::format(
        "11={}\0011=ACC\001526=P-{}\00121=1\00155=ACME\00154=1\00138=100\00140=2\001"
        "44=10.00\00159=0\00160=20261126-15:00:00.000\001",
        name, i * 7'919 % parents);
  }
  void report(cli::knight::End& venue, const std::string& name, std::uint64_t i,
              std::string_view exec_type, int last, int cum, std::string_view original = {}) {
    const std::string status = exec_type == "F" ? (cum == 100 ? "2" : "1") : std::string(exec_type);
    std::string body = fmt::format("37=V{}\00111={}\001", i, name);
    if (!original.empty()) body += fmt::format("41={}\001", original);
    body += fmt::format("17=E{}\001150={}\00139={}\00155=ACME\00154=1\00138=100\001", ++executions_,
                        exec_type, status);
    if (last != 0) body += fmt::format("32={}\00131=10.00\001", last);
    body += fmt::format("151={}\00114={}\0016=10.00\00160=20261126-15:00:00.000\001",
                        exec_type == "4" ? 0 : 100 - cum, cum);
    venue.send("8", body, now_ns_);
  }
  void turn(cli::knight::End& venue, cli::knight::End& router) {
    core_->wake();
    core_->flush();
    while (venue.read(now_ns_) || router.read(now_ns_)) core_->flush();
  }

  const config::Config& config_;
  std::int64_t now_ns_ = open_ns;
  std::uint64_t executions_ = 0;
  std::vector<gateway::Parsed> heard_;
  std::unique_ptr<audit::Journal> journal_;
  std::unique_ptr<killswitch::Latch> latch_;
  std::unique_ptr<gateway::Core> core_;
};

// Returns the digest of the books.
std::uint64_t start_from_snapshot(const config::Config& config) {
  const audit::JournalOptions files{config.audit_dir, config.audit_segment_bytes};
  auto snapshot = gateway::find_snapshot(config, "bench");
  auto journal = value_of(gateway::open_journal(files, snapshot));
  killswitch::Latch latch(config.state_dir / "latch", 0);
  const auto core = value_of(gateway::start_core(
      config, files, journal, latch,
      [] {
        return gateway::Clock{{open_ns}, open_ns};
      },
      "bench", snapshot));
  if (!snapshot.file) throw std::runtime_error("no snapshot: " + snapshot.why_not);
  return core->floor().books.digest();
}

int run(int count, char** arguments) {
  CLI::App app{"a start after a day, and the check of its journal"};
  std::uint64_t records = 1'000'000;
  bool json = false;
  app.add_option("--records", records)->check(CLI::PositiveNumber);
  app.add_flag("--json", json);
  CLI11_PARSE(app, count, arguments);

  const scenarios::Setting setting(tests::source_dir() / "tests/scenarios/configs", "flood",
                                   [](std::string text) { return text; });
  const config::Loaded loaded = config::load(setting.file());
  if (!loaded.config) throw std::runtime_error(config::render(loaded.problems));
  std::uint64_t written = 0, bytes = 0, digest = 0;
  Seconds writing;
  {
    Day day(*loaded.config);
    writing = seconds_of([&] { day.play(records); });
    written = day.records();
    bytes = day.bytes();
    digest = day.digest();
  }
  std::optional<Day> next;
  const Seconds opened = seconds_of([&] { next.emplace(*loaded.config); });
  const Seconds rebuild = seconds_of([&] { next->rebuild(); });
  bool same = next->digest() == digest;
  next.reset();
  const Seconds taken =
      seconds_of([&] { value_of(gateway::take_snapshot(*loaded.config, "bench", true)); });
  std::uint64_t from_snapshot = 0;
  const Seconds resumed = seconds_of([&] { from_snapshot = start_from_snapshot(*loaded.config); });
  same = same && from_snapshot == digest;
  audit::Verification verified;
  const Seconds verify = seconds_of([&] { verified = audit::verify(loaded.config->audit_dir); });
  const auto rate = [&](const Seconds& time) { return static_cast<double>(written) / time.waited; };
  const auto told = [&](const Seconds& time) {
    return boost::json::object{{"waited_s", time.waited}, {"cpu_s", time.used}};
  };
  if (json) {
    std::cout << boost::json::serialize(
                     boost::json::object{{"records", written},
                                         {"bytes", bytes},
                                         {"played_per_s", rate(writing)},
                                         {"opened_per_s", rate(opened)},
                                         {"opened", told(opened)},
                                         {"rebuilt_per_s", rate(rebuild)},
                                         {"rebuilt", told(rebuild)},
                                         {"snapshot_taken", told(taken)},
                                         {"started_from_snapshot", told(resumed)},
                                         {"verified_per_s", rate(verify)},
                                         {"verified", told(verify)},
                                         {"finding", audit::name(verified.finding)},
                                         {"same_books", same}})
              << "\n";
  } else {
    fmt::print("{} records, {:.0f} MB\n", written, static_cast<double>(bytes) / 1e6);
    fmt::print("{:<32}{:>10} {:>10}\n", "", "waited", "processors");
    const auto row = [&](std::string_view what, const Seconds& time) {
      fmt::print("{:<32}{:>8.2f} s {:>8.2f} s{:>12.0f} records/s\n", what, time.waited, time.used,
                 rate(time));
    };
    row("played live", writing);
    row("opened (CRC, chain, sequence)", opened);
    row("rebuilt", rebuild);
    row("a snapshot is taken", taken);
    row("start from it", resumed);
    row("audit verify", verify);
    fmt::print("books {}, journal {}\n", same ? "the same" : "DIFFER",
               audit::name(verified.finding));
  }
  return same ? 0 : 1;
}

}  // namespace
}  // namespace interlock::bench

int main(int count, char** arguments) {
  try {
    return interlock::bench::run(count, arguments);
  } catch (const std::exception& problem) {
    std::cerr << "bench_rebuild: " << problem.what() << "\n";
    return 1;
  }
}
