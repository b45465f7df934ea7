// The program interlock-guard: cuts a gateway off that does not react to the red button.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <map>

#include "killswitch/device_words.hpp"
#include "killswitch/guard_turn.hpp"
#include "killswitch/notify.hpp"

namespace interlock::cli {
extern const char* const source_revision;  // written by the build
}

namespace interlock::killswitch {
namespace {

constexpr int exit_done = 0, exit_internal = 70, exit_usage = 2, exit_cannot_start = 78;
constexpr std::int64_t tick_ns = 5'000'000;
constexpr int priority = 50;  // below the gateway's button thread, above all that is not real-time

volatile std::sig_atomic_t stop = 0;

std::int64_t read(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}
std::int64_t mono() { return read(CLOCK_MONOTONIC); }
std::int64_t utc() { return read(CLOCK_REALTIME); }

struct Arguments {
  std::string page, on_loss, record, nft = "/usr/sbin/nft";
  std::map<std::string, std::string> devices;  // by kind; one
};

struct CannotStart {
  std::string why;
};

// Lines go to stderr, and those of a cut to the file of evidence, too.
class Log final : public GuardLog {
 public:
  explicit Log(const std::string& record) : in_journal_(std::getenv("JOURNAL_STREAM") != nullptr) {
    if (record.empty()) return;
    record_ = ::open(record.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (record_ < 0)
      throw CannotStart{
          fmt::format("cannot open {} for evidence: {}; its directory has to be writable", record,
                      std::strerror(errno))};
  }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log() override {
    if (record_ >= 0) ::close(record_);
  }

  // What stderr does not take at once is dropped and counted.
  void say(Weight weight, std::string_view line) noexcept override {
    std::array<char, 700> whole;
    const auto end =
        fmt::format_to_n(whole.data(), whole.size() - 1, "{}{}{}{}",
                         in_journal_ ? fmt::string_view(prefix(weight)) : "interlock-guard: ", line,
                         dropped_ == 0 ? "" : " (lines before this one were lost)", "\n");
    const std::size_t size = std::min(end.size, whole.size() - 1);
    whole[size - 1] = '\n';
    dropped_ = write(whole.data(), size) ? 0 : dropped_ + 1;
  }

  void record(std::string_view evidence) noexcept override {
    if (record_ < 0) return;
    const std::string line = fmt::format("{}\n", evidence);
    const bool whole = ::write(record_, line.data(), line.size()) == std::ssize(line);
    if (!whole || ::fsync(record_) != 0)
      say(Weight::error, "the evidence could not be written; it is in this log only");
  }

 private:
  static const char* prefix(Weight weight) {
    return weight == Weight::alert ? "<1>" : weight == Weight::error ? "<3>" : "<5>";
  }
  static bool write(const char* bytes, std::size_t size) noexcept {
    const ssize_t sent = ::send(STDERR_FILENO, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0 || errno != ENOTSOCK) return sent == static_cast<ssize_t>(size);
    pollfd free{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&free, 1, 0) != 1) return false;
    return ::write(STDERR_FILENO, bytes, size) == static_cast<ssize_t>(size);
  }

  bool in_journal_;
  int record_ = -1;
  unsigned dropped_ = 0;
};

void describe(CLI::App& app, Arguments& arguments) {
  app.set_config("--config", "", "A file of these options, one KEY=VALUE a line");
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.add_option("--page", arguments.page, "The gateway's [kill] page")->required();
  const auto device = [&](const std::string& kind, const std::string& about) {
    app.add_option("--" + kind, arguments.devices[kind], about);
  };
  device("gpio", "chip=/dev/gpiochip0,line=4[,line=5],pressed=open,active_low=true,bias=pull_up");
  device("evdev", "device=/dev/killswitch/x,key=183,pressed=down");
  device("hidraw",
         "device=/dev/killswitch/x,profile=bit,byte=0,mask=1,pressed=set; or dream_cheeky");
  device("serial", "device=/dev/killswitch/x,loop=dtr_dsr[,loop=rts_cts],test_every=60 s");
  device("sim", "socket=/run/x/button.sock; for drills");
  app.add_option("--on-loss", arguments.on_loss,
                 "kill | alarm_then_kill: 10 s | alarm: what an unreadable contact means")
      ->required();
  app.add_option("--record", arguments.record, "Evidence of each cut is appended here, as JSON");
  app.add_option("--nft", arguments.nft, "The program of nftables");
  app.set_version_flag("--version", fmt::format("{} revision {}", INTERLOCK_VERSION,
                                                interlock::cli::source_revision));
}

Device device_in(const Arguments& arguments) {
  std::optional<Device> device;
  for (const auto& [kind, words] : arguments.devices) {
    if (words.empty()) continue;
    if (device) throw CLI::ValidationError("two buttons are given; a guard has one");
    auto read = device_of(kind, words);
    if (!read) throw CLI::ValidationError(read.error());
    device = *std::move(read);
  }
  if (!device)
    throw CLI::ValidationError("no button; give one of --gpio, --evdev, --hidraw, --serial, --sim");
  return *device;
}

OnLoss on_loss_in(const Arguments& arguments) {
  const auto on_loss = on_loss_of(arguments.on_loss);
  if (!on_loss) throw CLI::ValidationError(on_loss.error());
  return *on_loss;
}

void ask_for_real_time(GuardLog& log) {
  const sched_param real_time{priority};
  if (::sched_setscheduler(0, SCHED_FIFO, &real_time) != 0)
    log.say(GuardLog::Weight::error,
            fmt::format("not real-time: {}; a busy machine delays it. LimitRTPRIO={} allows it",
                        std::strerror(errno), priority));
  if (::mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
    log.say(GuardLog::Weight::error,
            fmt::format("not locked in memory: {}; LimitMEMLOCK=infinity allows it",
                        std::strerror(errno)));
}

void check_rights() {
  const int error = Connections().probe();
  if (error == 0) return;
  const char* remedy =
      error == EPERM
          ? "it needs CAP_NET_ADMIN, as deploy/interlock-guard.service gives it"
          : "it tried with a connection to itself over the loopback, which has to be up; "
            "the kernel needs CONFIG_INET_DIAG_DESTROY and the module tcp_diag";
  throw CannotStart{fmt::format("cannot reset connections: {}; {}", std::strerror(error), remedy)};
}

sigset_t catch_the_end() {
  struct sigaction action {};
  action.sa_handler = [](int) { stop = 1; };
  sigset_t ends, before;
  ::sigemptyset(&ends);
  for (const int signal : {SIGTERM, SIGINT}) {
    ::sigaction(signal, &action, nullptr);
    ::sigaddset(&ends, signal);
  }
  std::signal(SIGPIPE, SIG_IGN);
  ::sigprocmask(SIG_BLOCK, &ends, &before);
  ::sigdelset(&before, SIGTERM);
  ::sigdelset(&before, SIGINT);
  return before;
}

// An edge shortens the wait; none is relied upon. A descriptor that is always ready, such as that
// of a device in trouble, must not make this a busy loop.
void wait(int fd, const sigset_t& open_signals) {
  const std::int64_t begun_ns = mono();
  pollfd edge{fd, POLLIN, 0};
  const timespec tick{0, tick_ns};
  if (::ppoll(&edge, 1, &tick, &open_signals) <= 0) return;
  if ((edge.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0) return;
  const timespec rest{0, std::max<std::int64_t>(0, tick_ns - (mono() - begun_ns))};
  ::ppoll(nullptr, 0, &rest, &open_signals);
}

void watch(const Arguments& arguments, const Device& device, OnLoss on_loss) {
  const sigset_t open_signals = catch_the_end();
  Log log(arguments.record);
  check_rights();
  Kernel kernel;
  const auto source = make_source(device, kernel);
  GuardTurn guard({arguments.page, on_loss, arguments.nft, mono, utc}, *source, log);
  if (::access(arguments.nft.c_str(), X_OK) != 0)
    log.say(GuardLog::Weight::error,
            fmt::format("no {}: after a cut the way to the venues stays open; install nftables",
                        arguments.nft));
  ask_for_real_time(log);
  Notify notify;
  guard.turn(mono());
  log.say(GuardLog::Weight::notice,
          fmt::format("ready: {}, page {}", source->about(), arguments.page));
  if (!guard.watches())
    log.say(GuardLog::Weight::error, fmt::format("there is no page at {} yet", arguments.page));
  notify.ready();
  while (stop == 0) {
    wait(guard.fd(), open_signals);
    const std::int64_t now_ns = mono();
    guard.turn(now_ns);
    notify.turned(now_ns);
  }
  notify.stopping();
  log.say(GuardLog::Weight::notice, "ended; nobody guards the gateway now");
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"Cuts a gateway off that does not react to the red button.", "interlock-guard"};
  app.failure_message(CLI::FailureMessage::simple);
  describe(app, arguments);
  try {
    app.parse(argc, argv);
    const Device device = device_in(arguments);
    watch(arguments, device, on_loss_in(arguments));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_done : exit_usage;
  } catch (const CannotStart& problem) {
    fmt::print(stderr, "interlock-guard: {}\n", problem.why);
    return exit_cannot_start;
  }
  return exit_done;
}

}  // namespace
}  // namespace interlock::killswitch

int main(int argc, char** argv) {
  try {
    return interlock::killswitch::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "interlock-guard: {}\n", error.what());
    return interlock::killswitch::exit_internal;
  }
}
