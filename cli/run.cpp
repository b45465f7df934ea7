#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <new>
#include <string_view>
#include <thread>

#include "cli/command.hpp"
#include "cli/demo.hpp"
#include "cli/serve.hpp"
#include "config/config.hpp"
#include "console/http.hpp"
#include "console/identity.hpp"
#include "gateway/loop.hpp"

namespace interlock::cli {
namespace {

// Called before any thread starts: all of them then leave these to the SignalThread.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

// SIGHUP counts as nobody: what only tightens takes hold, all else waits for two people.
void reload(gateway::Loop& loop) {
  const auto outcome = loop.act({}, gateway::Reload{{}, "SIGHUP"}, std::chrono::seconds{2});
  fmt::print(stderr, "interlock: reload: {}\n", outcome.text);
}

// SIGTERM, SIGINT: stop in order. SIGHUP: reload. SIGUSR1: kill everything. SIGUSR2 wakes the
// thread so that it ends with the program; from outside it does nothing.
class SignalThread {
 public:
  SignalThread(const sigset_t& set, gateway::Loop& loop)
      : thread_([this, &set, &loop] {
          while (true) {
            int signal = 0;
            if (sigwait(&set, &signal) != 0 || end_.load()) return;
            if (signal == SIGUSR2) continue;
            if (signal == SIGUSR1) {
              loop.kill({}, killswitch::Level::kill, killswitch::Source::signal, "signal",
                        "SIGUSR1", {});
            } else if (signal == SIGHUP) {
              reload(loop);
            } else {
              loop.stop();
            }
          }
        }) {}
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;
  ~SignalThread() {
    end_ = true;
    pthread_kill(thread_.native_handle(), SIGUSR2);
    thread_.join();
  }

 private:
  std::atomic<bool> end_ = false;
  std::thread thread_;
};

// What the loop had in its hands cannot be finished any more, and what it would do next is not
// known.
[[noreturn]] void out_of_memory() {
  constexpr std::string_view words = "interlock: out of memory: it ends, and starts killed\n";
  [[maybe_unused]] const ssize_t said = ::write(STDERR_FILENO, words.data(), words.size());
  ::_exit(exit_internal);
}

Exit start_failure(const std::string& problem) {
  return problem.find("another instance") == std::string::npos ? exit_cannot_start
                                                               : exit_another_instance;
}

}  // namespace

int serve(const std::filesystem::path& file, const Build& build,
          std::optional<gateway::Shadowing> shadow, bool quiet) {
  const auto loaded = config::load(file);
  fmt::print(stderr, "{}", config::render(loaded.problems));
  if (!loaded.config) return exit_cannot_start;
  const config::Config& config = *loaded.config;
  const console::Identity identity{build.version, build.revision, console::running_build_id(),
                                   config.hash,   config.node,    config.environment};
  const sigset_t signals = block_signals();
  std::set_new_handler(out_of_memory);
  auto loop = gateway::Loop::create(config, {identity.build_id, std::move(shadow)});
  if (!loop) throw Failure{start_failure(loop.error()), loop.error()};
  console::Server server{config, **loop, identity, {.now_ns = [&] { return (*loop)->utc_ns(); }}};
  if (const auto started = server.start(); !started) {
    throw Failure{start_failure(started.error()), started.error()};
  }
  const SignalThread signal_thread{signals, **loop};
  fmt::print(quiet ? stderr : stdout,
             "interlock {} build {} config {} node {} ({})\nconsole http://{}:{}  metrics "
             "http://{}:{}/metrics  socket {}\n",
             identity.version, identity.build_id, identity.config_hash, identity.node,
             identity.environment, config.http.console.host, server.console_port(),
             config.http.metrics.host, server.metrics_port(), server.socket().native());
  std::fflush(stdout);
  (*loop)->run();
  return exit_done;
}

namespace {

void add_demo(CLI::App& app, int& exit) {
  const auto options = std::make_shared<DemoOptions>();
  const auto no_colour = std::make_shared<bool>(false);
  const auto market_data = std::make_shared<std::string>("on");
  auto* command = app.add_subcommand("demo", "The Knight case on this machine, and its end");
  command->add_flag("--script", options->script, "Play it through and check it, for a build");
  command->add_flag("--no-color", *no_colour, "Plain text");
  command->add_option("--market-data", *market_data, "off: without reference prices")
      ->check(CLI::IsMember({"on", "off"}));
  command->callback([=, &exit] {
    options->colour =
        !*no_colour && ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
    options->market_data = *market_data == "on";
    exit = demo(*options);
  });
}

}  // namespace

void add_run(CLI::App& app, int& exit, const Build& build) {
  const auto file = std::make_shared<std::string>();
  auto* command = app.add_subcommand("run", "The gateway, in the foreground");
  command->add_option("FILE", *file, "gateway.toml")->required();
  command->callback([=, &exit] { exit = serve(*file, build); });

  const auto as_json = std::make_shared<bool>(false);
  auto* version = app.add_subcommand("version", "What this program is");
  version->add_flag("--json", *as_json, "As JSON");
  version->callback([=, &exit] {
    const auto build_id = console::running_build_id();
    fmt::print(fmt::runtime(
                   *as_json ? "{{\"version\":\"{}\",\"git_revision\":\"{}\",\"build_id\":\"{}\"}}\n"
                            : "interlock {} revision {} build {}\n"),
               build.version, build.revision, build_id);
    exit = exit_done;
  });
  add_demo(app, exit);
}

}  // namespace interlock::cli
