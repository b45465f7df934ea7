#include "crash/run.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <random>

#include "audit/reader.hpp"
#include "crash/compare.hpp"
#include "crash/gateway.hpp"
#include "crash/journal.hpp"
#include "crash/router.hpp"
#include "crash/snapshots.hpp"
#include "crash/venue.hpp"
#include "scratch.hpp"

namespace interlock::crash {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::int64_t ms = 1'000'000, second = 1'000 * ms;
constexpr std::int64_t patience_ns = 60 * second;  // a bound for a machine under load, no promise
constexpr std::int64_t quiet_ns = 300 * ms;
constexpr std::int64_t connect_every_ns = 20 * ms;
constexpr std::uint64_t unanswered_most = 5'000;
constexpr std::size_t waiting_most = 1 << 20;

class Story {
 public:
  explicit Story(const Plan& plan)
      : plan_(plan),
        random_(plan.seed),
        which_(plan.seed * 3),
        snapshots_(plan),
        venue_(faults_, plan.seed * 3 + 1),
        first_("R1", "ACC-R1", faults_, plan.seed * 3 + 2),
        second_("R2", "ACC-R2", faults_, plan.seed * 3 + 3) {
    setting_.directory = plan.directory;
    setting_.venue_port = venue_.port();
    setting_.durability = plan.durability;
    write_setting(setting_, plan.source);
  }

  Told tell() {
    try {
      play();
    } catch (const std::exception& problem) {
      told_.problem = problem.what();
      for (const std::string& fault : faults_) told_.problem += "\n    " + fault;
    }
    told_.requests = first_.requests() + second_.requests();
    told_.rate = flowed_ns_ == 0
                     ? 0
                     : static_cast<double>(told_.requests) * 1e9 / static_cast<double>(flowed_ns_);
    return told_;
  }

 private:
  void play();
  void trade_and_crash();
  void come_back();
  void start();
  void start_until(std::int64_t moment_ns);
  void spawn();
  void crash(std::string_view moment);
  void check_journal();
  void check_exposure(bool equal);
  void settle();
  bool arm(bool may_crash);
  void trade_again();
  void stop();
  int command(const std::vector<std::string>& words);

  void turn();
  void pour();
  void wait(std::int64_t time_ns);
  template <class Condition>
  void until(std::string_view what, Condition condition);
  Answer get(std::string_view target) {
    return ask(setting_.directory, "GET", target, "", {}, [this] { turn(); });
  }
  json::value page(std::string_view target);
  [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low));
  }
  [[nodiscard]] bool chance(std::uint32_t percent) { return random_() % 100 < percent; }
  void no_faults() const {
    if (!faults_.empty()) throw Failed("somebody broke the rules");
  }

  const Plan& plan_;
  std::mt19937_64 random_;  // of the plan alone, so that a seed kills at the same moments again
  std::mt19937_64 which_;
  Snapshots snapshots_;
  std::vector<std::string> faults_;
  Venue venue_;
  Router first_, second_;
  Setting setting_;
  std::unique_ptr<Program> gateway_;
  Told told_;
  bool flows_ = false;
  double due_ = 0;
  std::int64_t poured_ns_ = 0, flowed_ns_ = 0, connected_ns_ = 0, moved_ns_ = 0;
};

void Story::turn() {
  const std::int64_t now = now_ns();
  const bool up = gateway_ != nullptr && !gateway_->ended();
  if (up && now - connected_ns_ >= connect_every_ns) {
    connected_ns_ = now;
    if (!first_.connected()) first_.connect(setting_.router_ports[0]);
    if (!second_.connected()) second_.connect(setting_.router_ports[1]);
  }
  pour();
  snapshots_.turn(flows_);
  bool moved = first_.pump();
  moved = second_.pump() || moved;
  moved = venue_.turn() || moved;
  if (moved) moved_ns_ = now_ns();
  if (!moved) ::poll(nullptr, 0, 1);
}

void Story::pour() {
  const std::int64_t now = now_ns();
  const std::int64_t since = now - std::exchange(poured_ns_, now);
  if (!flows_) return;
  flowed_ns_ += since;
  due_ += static_cast<double>(since) * plan_.orders_a_second / 1e9;
  due_ = std::min(due_, 2'000.0);  // what was not kept up with is not made up for
  for (; due_ >= 1; due_ -= 1) {
    Router& router = which_() % 2 == 0 ? first_ : second_;
    if (!router.on() || router.waiting() > waiting_most || router.unanswered() > unanswered_most)
      continue;
    router.request();
  }
}

void Story::wait(std::int64_t time_ns) {
  for (const std::int64_t end = now_ns() + time_ns; now_ns() < end;) turn();
}

template <class Condition>
void Story::until(std::string_view what, Condition condition) {
  const std::int64_t end = now_ns() + patience_ns;
  while (!condition()) {
    no_faults();
    if (now_ns() > end) throw Failed(fmt::format("waited a minute for {}", what));
    turn();
  }
}

json::value Story::page(std::string_view target) {
  const Answer answer = get(target);
  if (answer.status != 200)
    throw Failed(fmt::format("{}: {} {}", target, answer.status, json::serialize(answer.body)));
  return answer.body;
}

// --- the gateway comes, and goes ---

void Story::spawn() {
  gateway_ = std::make_unique<Program>(
      std::vector<std::string>{plan_.program, "run", setting_.directory / "gateway.toml"},
      setting_.directory / "log");
}

void Story::start() {
  const std::int64_t begun = now_ns();
  spawn();
  until("the gateway to answer", [this] {
    if (gateway_->ended())
      throw Failed(fmt::format("the gateway ended with {} at its start", gateway_->exit_code()));
    return get("/healthz").status == 200;
  });
  if (told_.crashes > 0)
    told_.slowest_start_s =
        std::max(told_.slowest_start_s, static_cast<double>(now_ns() - begun) / 1e9);
}

// A start that is itself killed after `moment_ns`.
void Story::start_until(std::int64_t moment_ns) {
  spawn();
  wait(moment_ns);
  crash(fmt::format("start+{}ms", moment_ns / ms));
}

void Story::crash(std::string_view moment) {
  gateway_->signal(SIGKILL);
  snapshots_.crashed();
  until("the end of a killed gateway", [this] { return gateway_->ended(); });
  if (gateway_->exit_code() != 128 + SIGKILL)
    throw Failed(fmt::format("the gateway ended by itself, with {}", gateway_->exit_code()));
  flows_ = false;
  // What it has written is still in the sockets.
  until("the ends to hear the end",
        [this] { return !venue_.connected() && !first_.connected() && !second_.connected(); });
  ++told_.crashes;
  told_.moments += fmt::format("{}{}", told_.moments.empty() ? "" : " ", moment);
  check_journal();
  no_faults();
}

void Story::check_journal() {
  const fs::path audit = setting_.directory / "audit";
  if (!fs::exists(audit / "journal-00000001.seg")) return;
  // A record that was being written is no record: the next start cuts it off, and says so.
  using audit::Finding;
  const auto found = audit::verify(audit);
  const Finding is = found.finding;
  const bool torn = is == Finding::bad_length || is == Finding::bad_crc;
  if (!torn && is != Finding::whole && is != Finding::unsealed_tail && is != Finding::unsigned_tail)
    throw Failed(fmt::format("after a crash: {} {}", audit::name(found.finding), found.where));
  told_.torn += torn ? 1 : 0;
  const Sent sent = read_journal(audit, torn);
  told_.records = sent.records;
  told_.snapshots = sent.snapshots;
  for (const auto& [session, end] :
       {std::pair<std::string_view, const End*>{"X", &venue_}, {"R1", &first_}, {"R2", &second_}}) {
    const auto missing = not_recorded(sent, session, *end);
    if (!missing.empty())
      throw Failed(fmt::format("{} and {} more", missing[0], missing.size() - 1));
  }
  told_.in_doubt += in_doubt(sent, "X", venue_);
}

// --- what it knows, and what is true ---

// The venue stands still for as long as the two are compared, and so does what it has said.
void Story::check_exposure(bool equal) {
  venue_.trades(false);
  const json::value parents = page("/api/v1/parents"), limits = page("/api/v1/limits");
  const std::string wrong = books_differ(venue_, parents, limits, equal);
  venue_.trades(true);
  if (!wrong.empty()) throw Failed((equal ? "not equal:" : "less than true:") + wrong);
}

// Until all are on, nothing moves any more, and both sides have the same numbers.
void Story::settle() {
  const auto same_numbers = [this] {
    const json::value sessions = page("/api/v1/sessions");
    for (const json::value& row : sessions.at("sessions").as_array()) {
      const std::string id = text_of(row.at("id"));
      const End& end = id == "X" ? static_cast<const End&>(venue_) : id == "R1" ? first_ : second_;
      if (row.at("state").as_string() != "on" ||
          row.at("next_in").to_number<std::uint32_t>() != end.next_out() ||
          row.at("next_out").to_number<std::uint32_t>() != end.next_in())
        return false;
    }
    return true;
  };
  until("everything to come to rest", [&] {
    const bool on = venue_.on() && first_.on() && second_.on();
    return on && now_ns() - moved_ns_ > quiet_ns && same_numbers();
  });
}

// --- two people open it again ---

bool Story::arm(bool may_crash) {
  // Nobody opens what has not been compared with the venue; and it has to agree.
  until("the venue's answers to agree with the books", [&] {
    return page("/api/v1/state").at("venue_checks").at(0).at("state").as_string() == "matched";
  });
  const json::value state = page("/api/v1/state");
  for (const json::value& kill : state.at("kills").as_array()) {
    json::object words = begin_rearm(state, kill);
    const auto say = [&](std::string_view person) {
      const Answer answer =
          ask(setting_.directory, "POST", "/api/v1/rearm", person, words, [this] { turn(); });
      if (answer.status / 100 != 2)
        throw Failed(fmt::format("re-arm: {} {}", answer.status, json::serialize(answer.body)));
    };
    say("ann");
    if (may_crash && chance(50)) {
      crash("rearm begun");
      return false;
    }
    approve_rearm(words);
    say("bob");
    if (may_crash) {
      crash("rearmed");
      return false;
    }
  }
  until("the gate to open",
        [&] { return page("/api/v1/state").at("state").as_string() == "armed"; });
  return true;
}

void Story::trade_again() {
  const std::uint64_t before = venue_.new_orders();
  flows_ = true;
  until("an order to pass again", [&] { return venue_.new_orders() > before + 10; });
}

// --- the whole ---

void Story::trade_and_crash() {
  const std::uint64_t dice = random_() % 100;
  const std::int64_t moment = between(200 * ms, 2'000 * ms);
  if (dice < 15) {
    // At a segment's end: as soon as the next one is there.
    wait(100 * ms);
    const std::uint32_t segments = segments_in(setting_.directory / "audit");
    const std::int64_t end = now_ns() + 2 * second;
    while (segments_in(setting_.directory / "audit") == segments && now_ns() < end) turn();
    return crash("segment");
  }
  wait(moment);
  if (dice < 30) {
    shout(setting_.directory, "POST", "/api/v1/kill");
    wait(between(0, 20 * ms));
    return crash(fmt::format("kill+{}ms", moment / ms));
  }
  crash(fmt::format("{}ms", moment / ms));
}

// After a crash: again and again, until it stands.
void Story::come_back() {
  const std::uint64_t dice = random_() % 100;
  if (dice < 20) start_until(between(0, 300 * ms));
  start();
  // The latch and the books are those of the crash; whatever it does not know yet counts as open.
  const json::value state = page("/api/v1/state");
  if (state.at("state").as_string() != "killed") throw Failed("it does not start killed");
  told_.alive += state.at("open_orders").to_number<std::uint64_t>();
  check_exposure(false);
  if (dice >= 20 && dice < 40) {
    wait(between(0, 500 * ms));
    crash("recovery");
    return come_back();
  }
  for (int i = 0; i < 5; ++i) {
    wait(30 * ms);
    check_exposure(false);
  }
  settle();
  check_exposure(true);
  for (const Router* router : {&first_, &second_}) {
    const std::string wrong = orders_differ(venue_, *router);
    if (!wrong.empty()) throw Failed(wrong);
  }
  if (!arm(dice >= 40 && dice < 55)) return come_back();
}

void Story::play() {
  start();
  until("the sessions", [this] { return venue_.on() && first_.on() && second_.on(); });
  settle();
  arm(false);
  const int lives = 1 + static_cast<int>(random_() % 2);
  for (int life = 0; life < lives; ++life) {
    trade_again();
    trade_and_crash();
    come_back();
  }
  trade_again();
  wait(100 * ms);
  stop();
  told_.missed = venue_.heard_again() + first_.heard_again() + second_.heard_again();
}

int Story::command(const std::vector<std::string>& words) {
  Program program(words, setting_.directory / "commands.log");
  until(words[1], [&] { return program.ended(); });
  return program.exit_code();
}

void Story::stop() {
  flows_ = false;
  settle();
  check_exposure(true);
  gateway_->signal(SIGTERM);
  until("an orderly stop", [this] { return gateway_->ended(); });
  if (gateway_->exit_code() != 0)
    throw Failed(fmt::format("it ends with {}", gateway_->exit_code()));
  check_journal();
  const fs::path audit = setting_.directory / "audit";
  if (command({plan_.program, "audit", "verify", audit}) != 0 ||
      audit::verify(audit).finding != audit::Finding::whole)
    throw Failed("after an orderly stop the journal is not whole");
  if (command({plan_.program, "replay", audit, "--config", setting_.directory / "gateway.toml"}) !=
      0)
    throw Failed("its replay differs: see commands.log");
  no_faults();
}

}  // namespace

Told run(const Plan& plan) { return Story(plan).tell(); }

}  // namespace interlock::crash
