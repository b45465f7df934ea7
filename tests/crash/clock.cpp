// The host's clock is set while orders flow: nothing of ours may follow it.
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "audit/fields.hpp"
#include "audit/reader.hpp"
#include "crash/gateway.hpp"
#include "crash/router.hpp"
#include "crash/venue.hpp"

namespace interlock::crash {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::int64_t ms = 1'000'000, second = 1'000 * ms, patience_ns = 60 * second;
constexpr std::int64_t settles_ns = 3 * second;  // longer than any timer that a step would fire

struct Options {
  std::string program, source, directory, library;
};

class Stage {
 public:
  explicit Stage(const Options& options)
      : options_(options),
        venue_(faults_, 1),
        first_("R1", "ACC-R1", faults_, 2),
        second_("R2", "ACC-R2", faults_, 3) {
    setting_.directory = fs::path(options.directory) / "clock";
    setting_.venue_port = venue_.port();
    setting_.durability = "process";
    fs::remove_all(setting_.directory);
    write_setting(setting_, options.source);
    set_clock("+0");
    // The program alone: our own clock stays right.
    ::setenv("LD_PRELOAD", options.library.c_str(), 1);
    ::setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1", 1);
    ::setenv("FAKETIME_NO_CACHE", "1", 1);
    ::setenv("NO_FAKE_STAT", "1", 1);
    ::setenv("FAKETIME_TIMESTAMP_FILE", (setting_.directory / "faketime").c_str(), 1);
    gateway_ = std::make_unique<Program>(
        std::vector<std::string>{options.program, "run", setting_.directory / "gateway.toml"},
        setting_.directory / "log");
    for (const char* name : {"LD_PRELOAD", "FAKETIME_DONT_FAKE_MONOTONIC", "FAKETIME_NO_CACHE",
                             "FAKETIME_TIMESTAMP_FILE", "NO_FAKE_STAT"})
      ::unsetenv(name);
  }

  std::string play() {
    try {
      until("the gateway", [this] { return get("/healthz").status == 200; });
      until("the sessions", [this] { return all_on(); });
      arm();
      flows_ = true;
      for (const char* step : {"+3600", "-3600", "+86400", "+0"}) step_to(step);
      flows_ = false;
      wait(second);
      gateway_->signal(SIGTERM);
      until("an orderly stop", [this] { return gateway_->ended(); });
      if (gateway_->exit_code() != 0) throw Failed("it does not end in order");
      look_at_records();
    } catch (const std::exception& problem) {
      std::string text = problem.what();
      for (const std::string& fault : faults_) text += "\n    " + fault;
      return text;
    }
    return {};
  }

 private:
  void set_clock(std::string_view offset) {
    // In place of the old one, at once: the library reads it at every look at the clock.
    const fs::path fresh = setting_.directory / "faketime.new";
    std::ofstream(fresh) << offset << "\n";
    fs::rename(fresh, setting_.directory / "faketime");
  }

  void step_to(const std::string& offset) {
    const auto connections = counts();
    const std::uint64_t alerts = clock_alerts();
    const std::uint64_t orders = venue_.new_orders(),
                        refused = first_.refused() + second_.refused();
    set_clock(offset);
    wait(settles_ns);
    if (!all_on() || counts() != connections) throw Failed(offset + ": a session was lost");
    if (venue_.new_orders() <= orders) throw Failed(offset + ": no order passes any more");
    if (first_.refused() + second_.refused() != refused)
      throw Failed(offset + ": orders are refused");
    if (get("/readyz").status != 200) throw Failed(offset + ": it is not ready");
    const std::int64_t age = page("/api/v1/state").at("age_ms").to_number<std::int64_t>();
    if (age < 0 || age > 60'000) throw Failed(fmt::format("{}: a page is {} ms old", offset, age));
    until("the alert of a step", [&] { return clock_alerts() > alerts || offset == "+0"; });
    fmt::print("{}: sessions on, {} orders more, none refused\n", offset,
               venue_.new_orders() - orders);
    std::fflush(stdout);
  }

  // How often each end was connected.
  std::map<std::string, std::uint64_t> counts() const {
    return {
        {"X", venue_.connections()}, {"R1", first_.connections()}, {"R2", second_.connections()}};
  }
  bool all_on() const { return venue_.on() && first_.on() && second_.on(); }

  std::uint64_t clock_alerts() {
    const json::value alerts = page("/api/v1/alerts");
    for (const json::value& alert : alerts.at("alerts").as_array()) {
      if (alert.at("kind").as_string() == "clock-step")
        return alert.at("count").to_number<std::uint64_t>();
    }
    return 0;
  }

  // One day, no reset of numbers, and our own time never went back or ahead.
  void look_at_records() {
    std::uint64_t days = 0, resets = 0, steps = 0;
    std::int64_t last_ns = 0, ahead_ns = 0;
    std::string wrong;
    const auto read = audit::read(setting_.directory / "audit", [&](const audit::Record& record) {
      const audit::FieldReader fields(record.payload);
      days += record.kind == audit::Kind::day ? 1 : 0;
      resets += record.kind == audit::Kind::sequence ? 1 : 0;
      steps += record.kind == audit::Kind::clock &&
                       fields.text(audit::Field::event).value_or("").starts_with("host clock")
                   ? 1
                   : 0;
      const std::int64_t ahead = record.time_ns - record.mono_ns;
      if (last_ns != 0 && (record.time_ns < last_ns || std::abs(ahead - ahead_ns) > second))
        wrong = fmt::format("time goes from {} to {}", last_ns, record.time_ns);
      if (last_ns == 0) ahead_ns = ahead;
      last_ns = record.time_ns;
      return true;
    });
    if (!read) throw Failed(read.error());
    if (days != 1) throw Failed(fmt::format("{} days have begun", days));
    if (resets != 0) throw Failed("numbers were set");
    if (steps != 4) throw Failed(fmt::format("{} records of steps instead of 4", steps));
    if (!wrong.empty()) throw Failed(wrong);
  }

  void arm() {
    const json::value state = page("/api/v1/state");
    for (const json::value& kill : state.at("kills").as_array()) {
      json::object words = begin_rearm(state, kill);
      for (const char* person : {"ann", "bob"}) {
        const Answer answer =
            ask(setting_.directory, "POST", "/api/v1/rearm", person, words, [this] { turn(); });
        if (answer.status / 100 != 2) throw Failed("re-arm: " + json::serialize(answer.body));
        approve_rearm(words);
      }
    }
  }

  void turn() {
    const std::int64_t now = now_ns();
    if (now - connected_ns_ > 20 * ms) {
      connected_ns_ = now;
      if (!first_.connected()) first_.connect(setting_.router_ports[0]);
      if (!second_.connected()) second_.connect(setting_.router_ports[1]);
    }
    if (flows_ && now - requested_ns_ > 5 * ms) {
      requested_ns_ = now;
      (now / 5 % 2 == 0 ? first_ : second_).request();
    }
    bool moved = first_.pump();
    moved = second_.pump() || moved;
    moved = venue_.turn() || moved;
    if (!moved) ::poll(nullptr, 0, 1);
  }
  void wait(std::int64_t time_ns) {
    for (const std::int64_t end = now_ns() + time_ns; now_ns() < end;) turn();
  }
  template <class Condition>
  void until(std::string_view what, Condition condition) {
    const std::int64_t end = now_ns() + patience_ns;
    while (!condition()) {
      if (!faults_.empty()) throw Failed("somebody broke the rules");
      if (now_ns() > end) throw Failed(fmt::format("waited a minute for {}", what));
      turn();
    }
  }
  Answer get(std::string_view target) {
    return ask(setting_.directory, "GET", target, "", {}, [this] { turn(); });
  }
  json::value page(std::string_view target) {
    const Answer answer = get(target);
    if (answer.status != 200) throw Failed(fmt::format("{}: {}", target, answer.status));
    return answer.body;
  }

  const Options& options_;
  std::vector<std::string> faults_;
  Venue venue_;
  Router first_, second_;
  Setting setting_;
  std::unique_ptr<Program> gateway_;
  bool flows_ = false;
  std::int64_t connected_ns_ = 0, requested_ns_ = 0;
};

int drive(int count, char** arguments) {
  CLI::App app{"a clock that is set"};
  Options options;
  app.add_option("--program", options.program, "interlock")->required();
  app.add_option("--source", options.source, "tests/crash")->required();
  app.add_option("--directory", options.directory, "for its files")->required();
  app.add_option("--library", options.library, "libfaketime")->required();
  CLI11_PARSE(app, count, arguments);
  const std::string problem = Stage(options).play();
  if (!problem.empty()) fmt::print("FAILED: {}\n", problem);
  fmt::print("{}\n", problem.empty() ? "1 passed, 0 failed" : "0 passed, 1 failed");
  return problem.empty() ? 0 : 1;
}

}  // namespace
}  // namespace interlock::crash

int main(int count, char** arguments) {
  try {
    return interlock::crash::drive(count, arguments);
  } catch (const std::exception& problem) {
    std::cerr << "clock: " << problem.what() << "\n";
    return 1;
  }
}
