#include "cli/demo.hpp"

#include <fmt/color.h>
#include <fmt/format.h>
#include <pthread.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "cli/command.hpp"
#include "cli/counterparty.hpp"
#include "cli/folder.hpp"
#include "console/http.hpp"
#include "gateway/loop.hpp"
#include "killswitch/secret.hpp"

namespace interlock::cli {
namespace embedded {
extern const std::string_view demo_toml;
}

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using gateway::BodyWriter;

constexpr std::chrono::milliseconds patience{5000};

std::string now_text() {
  return gateway::fix_timestamp(
      std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count());
}

std::int64_t now_ns() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

// The simulated venue: acknowledges, fills what is priced at the market (10.00 or better), keeps
// the rest working.
void venue_hears(Counterparty& venue, const gateway::Parsed& message) {
  static std::atomic<int> executions{0};
  const auto report = [&](std::string_view kind, std::string_view status, std::string_view cum,
                          std::string_view last) {
    BodyWriter body;
    const std::string_view order = message.get(41).value_or(message.get(11).value_or(""));
    body.put(37, "V-" + std::string(order)).put(17, fmt::format("E{}", ++executions));
    body.put(150, kind).put(39, status).put(11, message.get(11).value_or(""));
    if (const auto orig = message.get(41)) body.put(41, *orig);
    body.put(55, message.get(55).value_or(""))
        .put(54, message.get(54).value_or(""))
        .put(38, message.get(38).value_or("0"));
    if (!last.empty()) body.put(32, last).put(31, "10.00");
    body.put(151, kind == "0" ? message.get(38).value_or("0") : std::string_view{"0"}).put(14, cum);
    body.put(6, cum == "0" ? "0" : "10.00");
    venue.send("8", body.bytes());
  };
  if (message.type == "F") return report("4", "4", "0", "");
  if (message.type != "D") return;
  report("0", "0", "0", "");
  const auto price = risk::Price::parse(message.get(44).value_or("0"));
  if (price && *price >= risk::Price::of(10)) {
    report("F", "2", message.get(38).value_or("0"), message.get(38).value_or("0"));
  }
}

struct Seen {             // what the router has heard of one order
  std::string last_kind;  // 150
  std::string text;       // 58
  std::set<std::string> kinds;
};

class Show {
 public:
  explicit Show(const DemoOptions& options) : options_(options) {}
  int run();

 private:
  void open();
  void play();
  void blind();
  void knight();
  int your_turn();

  template <class Condition>
  void wait(const char* for_what, Condition condition) {
    const auto until = Clock::now() + patience;
    while (!condition()) {
      if (Clock::now() > until)
        throw Failure(exit_no, fmt::format("the demo waited in vain for: {}", for_what));
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  void pace(double seconds) const {  // no earlier than that on the demo's clock
    std::this_thread::sleep_until(began_ +
                                  std::chrono::milliseconds(static_cast<int>(seconds * 1000)));
  }
  void order(const std::string& id, const std::string& parent, int quantity,
             const std::string& price) {
    BodyWriter body;
    body.put(11, id)
        .put(526, parent)
        .put(1, "DESK")
        .put(55, "ACME")
        .put(54, "1")
        .put(60, now_text());
    body.put(38, std::int64_t{quantity}).put(40, "2").put(44, price).put(59, "0");
    router_->send("D", body.bytes());
  }
  Seen seen(const std::string& id) {
    const std::lock_guard lock(mutex_);
    return seen_[id];
  }
  void declare(const std::string& parent, const std::string& size) {
    const auto outcome =
        loop_->declare_parent({parent, "DESK", "ACME", "1", size, "ann"}, patience);
    if (!outcome || outcome->answer != gateway::ParentAnswer::added)
      throw Failure(exit_no, "the parent was not declared");
  }
  void say(std::string_view word, std::string_view what, std::string_view result) const {
    const double at = std::chrono::duration<double>(Clock::now() - began_).count();
    const auto colour =
        word == "PASS" ? fmt::fg(fmt::terminal_color::green) : fmt::fg(fmt::terminal_color::red);
    const std::string shown = options_.colour && !word.empty() ? fmt::format(colour, "{:5}", word)
                                                               : fmt::format("{:5}", word);
    fmt::print("{:4.1f}  {}  {:38}  {}\n", at, shown, what, result);
    std::fflush(stdout);
  }
  // "PARENT_FILL: child 100 makes ... . demo B12" without its last sentence.
  static std::string fact(const std::string& text) {
    return text.substr(0, text.rfind(". demo B"));
  }

  DemoOptions options_;
  Folder folder_;
  Clock::time_point began_ = Clock::now();
  std::optional<config::Config> config_;
  std::unique_ptr<Counterparty> venue_;
  std::unique_ptr<gateway::Loop> loop_;
  std::unique_ptr<console::Server> server_;
  std::thread loop_thread_;
  std::unique_ptr<Counterparty> router_;
  std::string ann_, bob_;
  std::mutex mutex_;
  std::map<std::string, Seen> seen_;
};

void Show::open() {
  venue_ = std::make_unique<Counterparty>(
      Counterparty::Options{"SIM", false, 0, folder_.path / "venue"}, venue_hears);
  ann_ = killswitch::random_token();
  bob_ = killswitch::random_token();
  const fs::path secrets = folder_.path / "secrets.toml";
  std::ofstream(secrets) << fmt::format(
      "[person.ann]\ntoken = \"{}\"\n[person.bob]\ntoken = \"{}\"\n", killswitch::hash_secret(ann_),
      killswitch::hash_secret(bob_));
  fs::permissions(secrets, fs::perms::owner_read | fs::perms::owner_write);
  std::ofstream(folder_.path / "prices.txt")
      << (options_.market_data ? "ACME 10.00\n" : "# none\n");
  std::string text(embedded::demo_toml);
  const std::string_view port = "VENUE_PORT";
  text.replace(text.find(port), port.size(), std::to_string(venue_->port()));
  config::Loaded loaded = config::parse(text, "demo.toml", folder_.path);
  if (!loaded.config) throw Failure(exit_cannot_start, config::render(loaded.problems));
  config_ = std::move(*loaded.config);

  auto loop = gateway::Loop::create(*config_, {console::running_build_id()});
  if (!loop) throw Failure(exit_cannot_start, loop.error());
  loop_ = std::move(*loop);
  console::Identity identity;
  identity.version = "demo";
  identity.build_id = console::running_build_id();
  identity.config_hash = config_->hash;
  identity.node = config_->node;
  identity.environment = config_->environment;
  server_ = std::make_unique<console::Server>(*config_, *loop_, identity, console::Options{now_ns});
  if (auto started = server_->start(); !started) throw Failure(exit_cannot_start, started.error());
  loop_thread_ = std::thread([this] { loop_->run(); });

  killswitch::Person ann{"ann", {}, true, true, true};
  killswitch::Person bob{"bob", {}, true, true, false};
  const auto snapshot = loop_->snapshot();    // held: the loop publishes the next one meanwhile
  for (const auto& kill : snapshot->kills) {  // a first start is killed: two people open the gate
    const std::string runs = killswitch::short_identity(snapshot->identity);
    const killswitch::RearmWords words{.reason = "the demo begins", .identity = runs};
    if (auto begun = loop_->rearm_begin(kill.id, ann, words, true); !begun)
      throw Failure(exit_no, begun.error());
    if (auto done = loop_->rearm_approve(kill.id, bob, {.identity = runs}, true); !done)
      throw Failure(exit_no, done.error());
  }
  router_ = std::make_unique<Counterparty>(
      Counterparty::Options{"R1", true, loop_->bound_port("R1"), folder_.path / "router"},
      [this](Counterparty&, const gateway::Parsed& message) {
        const std::lock_guard lock(mutex_);
        Seen& seen = seen_[std::string(message.get(11).value_or(""))];
        seen.last_kind = message.get(150).value_or("");
        seen.text = message.get(58).value_or("");
        seen.kinds.insert(seen.last_kind);
      });
}

void Show::play() {
  fmt::print(
      "interlock demo, nothing leaves this machine, nothing is kept. Console: http://127.0.0.1:{}\n"
      "Metrics: http://127.0.0.1:{}/metrics\n",
      server_->console_port(), server_->metrics_port());
  wait("both sessions logged on", [&] { return venue_->logged_on() && router_->logged_on(); });
  say("", "venue SIM and router R1 logged on", "");
  declare("P-0", "1000000");
  if (!options_.market_data) return blind();
  pace(0.5);
  order("R1-1", "P-0", 100, "10.00");
  wait("the first fill", [&] { return seen("R1-1").kinds.contains("F"); });
  say("PASS", "R1-1  buy 100 ACME @ 10.00", "filled 100");
  pace(1.0);
  order("R1-2", "P-0", 900'000, "10.00");
  wait("the first block", [&] { return seen("R1-2").last_kind == "8"; });
  if (!seen("R1-2").text.starts_with("ORDER_QTY"))
    throw Failure(exit_no, "R1-2: " + seen("R1-2").text);
  say("BLOCK", "R1-2  buy 900 000 ACME",
      fmt::format("{}  (limit: demo.toml:{})", fact(seen("R1-2").text),
                  config_->limits.symbols[0].order_qty.line));
  knight();
}

// Without a reference price there is no collar and no notional: nothing passes.
void Show::blind() {
  order("R1-1", "P-0", 100, "10.00");
  wait("the refusal", [&] { return seen("R1-1").last_kind == "8"; });
  if (!seen("R1-1").text.starts_with("NO_REFERENCE_PRICE"))
    throw Failure(exit_no, "R1-1: " + seen("R1-1").text);
  say("BLOCK", "R1-1  buy 100 ACME @ 10.00", fact(seen("R1-1").text));
}

void Show::knight() {
  pace(1.5);
  say("", "now the Knight case: parent P-1 wants 1 200, the router forgets to count", "");
  declare("P-1", "1200");
  for (int i = 3; i <= 5; ++i)
    order(fmt::format("R1-{}", i), "P-0", 100, "9.90");  // these keep working
  wait("three working orders", [&] { return seen("R1-5").last_kind == "0"; });
  int id = 6;
  for (int child = 1; child <= 12; ++child) order(fmt::format("R1-{}", id++), "P-1", 100, "10.00");
  wait("twelve fills", [&] {
    for (int i = 6; i < 18; ++i) {
      if (!seen(fmt::format("R1-{}", i)).kinds.contains("F")) return false;
    }
    return true;
  });
  say("PASS", "12 children of 100", "filled 1 200 of 1 200");
  const std::string thirteenth = fmt::format("R1-{}", id++);
  order(thirteenth, "P-1", 100, "10.00");
  wait("the thirteenth child's refusal", [&] { return seen(thirteenth).last_kind == "8"; });
  if (!seen(thirteenth).text.starts_with("PARENT_FILL"))
    throw Failure(exit_no, thirteenth + ": " + seen(thirteenth).text);
  say("BLOCK", thirteenth + "  child 13 of P-1", fact(seen(thirteenth).text));
  // It does not look at its fills, nor at its rejects.
  wait("the automatic kill of R1", [&] {
    order(fmt::format("R1-{}", id++), "P-1", 100, "10.00");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return !loop_->snapshot()->kills.empty();
  });
  wait("the three cancels", [&] {
    return seen("R1-3").last_kind == "4" && seen("R1-4").last_kind == "4" &&
           seen("R1-5").last_kind == "4";
  });
  wait("an empty residual", [&] { return loop_->snapshot()->kills.at(0).residual_count == 0; });
  const gateway::KillView kill = loop_->snapshot()->kills.at(0);
  if (kill.scope_kind != "router" || kill.scope != "R1")
    throw Failure(exit_no, "the kill is not of router R1");
  say("KILL", "router R1, automatic",
      fmt::format("gate shut in {:.1f} ms, {} working orders cancelled",
                  static_cast<double>(kill.closed_at_ns - kill.tripped_at_ns) / 1e6,
                  kill.cancels_sent));
}

int Show::your_turn() {
  const fs::path socket = folder_.path / "state" / "interlock.sock";
  fmt::print(
      "\nyour turn, in a browser at http://127.0.0.1:{} with one of the two tokens below, or in "
      "another shell\n(Ctrl-C here ends the demo):\n"
      "  export INTERLOCK_SOCKET={}\n"
      "  interlock status\n  interlock button press desk\n  interlock button release desk\n"
      "  interlock kill everything\n"
      "  INTERLOCK_TOKEN={} interlock rearm begin KILL-ID --reason \"looked\"\n"
      "  INTERLOCK_TOKEN={} interlock rearm approve KILL-ID\n",
      server_->console_port(), socket.native(), ann_, bob_);
  std::fflush(stdout);
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  std::set<std::uint64_t> known;
  const auto before = loop_->snapshot();
  for (const auto& kill : before->kills) known.insert(kill.id);
  const timespec beat{0, 100'000'000};
  while (sigtimedwait(&ends, nullptr, &beat) < 0) {
    std::set<std::uint64_t> active;
    const auto now = loop_->snapshot();
    for (const auto& kill : now->kills) {
      active.insert(kill.id);
      if (!known.contains(kill.id))
        say("KILL", fmt::format("{} {}", kill.scope_kind, kill.scope),
            fmt::format("by {}, kill {}", kill.actor, kill.id));
    }
    for (const std::uint64_t id : known) {
      if (!active.contains(id)) say("PASS", fmt::format("kill {} re-armed by two people", id), "");
    }
    known = std::move(active);
  }
  return exit_done;
}

int Show::run() {
  sigset_t ends;  // before any thread starts, so that all leave them to `your_turn`
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  int exit = exit_done;
  try {
    open();
    play();
    if (!options_.script) exit = your_turn();
  } catch (const Failure& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    exit = failure.exit();
  }
  router_.reset();
  if (loop_) loop_->stop();
  if (loop_thread_.joinable()) loop_thread_.join();
  server_.reset();
  loop_.reset();
  venue_.reset();
  return exit;
}

}  // namespace

int demo(const DemoOptions& options) { return Show(options).run(); }

}  // namespace interlock::cli
