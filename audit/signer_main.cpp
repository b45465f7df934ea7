// The program interlock-signer: signs the checkpoints of a gateway's journal as another user, so
// that whoever takes the gateway over has no key, and cannot have another past signed.
#include <fmt/format.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <optional>

#include "audit/signing_service.hpp"
#include "killswitch/notify.hpp"

namespace interlock::cli {
extern const char* const source_revision;  // written by the build
}

namespace interlock::audit {
namespace {

constexpr int exit_done = 0, exit_internal = 70, exit_usage = 2, exit_cannot_start = 78;
constexpr std::int64_t hour_ns = 3'600'000'000'000;

volatile std::sig_atomic_t stop = 0;

struct Arguments {
  std::string socket, directory, user;
  std::int64_t key_hours = 24;
};

struct CannotStart {
  std::string why;
};

std::int64_t read(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

void say(std::string_view line) { fmt::print(stderr, "interlock-signer: {}\n", line); }

class Server {
 public:
  explicit Server(const Arguments& arguments)
      : arguments_(arguments),
        user_(user_of(arguments.user)),
        socket_(listen_at(arguments.socket)) {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    ::close(socket_);
    ::unlink(arguments_.socket.c_str());
  }

  // One at a time: the gateway asks once a second, and nobody else may ask.
  void serve(const sigset_t& open_signals) {
    pollfd asked{socket_, POLLIN, 0};
    const timespec turn{1, 0};
    if (::ppoll(&asked, 1, &turn, &open_signals) <= 0) return;
    const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    serve_one(connection);
    ::close(connection);
  }

 private:
  static uid_t user_of(const std::string& name) {
    if (const auto* entry = ::getpwnam(name.c_str()); entry != nullptr) return entry->pw_uid;
    throw CannotStart{fmt::format("there is no user {}", name)};
  }

  static int listen_at(const std::string& path) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    if (path.size() >= sizeof at.sun_path) throw CannotStart{"the socket's path is too long"};
    std::ranges::copy(path, at.sun_path);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::unlink(path.c_str());  // of an earlier run
    // Anybody may knock; who is heard is asked of the kernel.
    if (socket < 0 || ::bind(socket, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
        ::chmod(path.c_str(), 0666) != 0 || ::listen(socket, 8) != 0) {
      throw CannotStart{fmt::format("cannot listen at {}: {}", path, std::strerror(errno))};
    }
    return socket;
  }

  void serve_one(int connection) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != user_) {
      say(fmt::format("refused: process {} of user {}", peer.pid, peer.uid));
      return;
    }
    limit_waits(connection);
    const auto bytes = receive_message(connection);
    if (!bytes) return;
    const auto reply = answer_to(*bytes);
    if (!reply.starts_with('S') && !reply.starts_with('K')) say(reply.substr(1));
    if (const auto sent = send_message(connection, reply); !sent) say(sent.error());
  }

  std::string answer_to(const std::string& bytes) {
    const auto request = parse_request(bytes);
    if (!request) return "R" + request.error();
    // An error of its files is looked at again: they are read anew.
    if (!signer_ || id_ != request->id) {
      auto opened = Signer::open(arguments_.directory, request->id, arguments_.key_hours * hour_ns);
      if (!opened) return "R" + opened.error();
      signer_ = *std::move(opened);
      id_ = request->id;
    }
    auto reply = answer(*signer_, *request, read(CLOCK_REALTIME));
    if (reply.starts_with('R')) signer_.reset();
    return reply;
  }

  const Arguments& arguments_;
  uid_t user_;
  int socket_;
  std::unique_ptr<Signer> signer_;
  JournalId id_{};
};

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

void describe(CLI::App& app, Arguments& arguments) {
  app.add_option("--socket", arguments.socket, "Where the gateway asks: its [audit] signer")
      ->required();
  app.add_option("--directory", arguments.directory, "Its keys, for no other user to read")
      ->required();
  app.add_option("--user", arguments.user, "Whom it signs for: the gateway's user")->required();
  app.add_option("--key-hours", arguments.key_hours, "How long it signs with one key")
      ->check(CLI::Range(1, 24 * 366))
      ->capture_default_str();
  app.set_version_flag("--version", fmt::format("{} revision {}", INTERLOCK_VERSION,
                                                interlock::cli::source_revision));
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"Signs the checkpoints of a gateway's journal.", "interlock-signer"};
  app.failure_message(CLI::FailureMessage::simple);
  describe(app, arguments);
  try {
    app.parse(argc, argv);
    ::umask(0077);
    ::prctl(PR_SET_DUMPABLE, 0);  // nobody of its user reads its memory, and no core is left
    const auto open_signals = catch_the_end();
    Server server(arguments);
    killswitch::Notify notify;
    say(fmt::format("ready: {}, for {}", arguments.socket, arguments.user));
    notify.ready();
    while (stop == 0) {
      server.serve(open_signals);
      notify.turned(read(CLOCK_MONOTONIC));
    }
    notify.stopping();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_done : exit_usage;
  } catch (const CannotStart& problem) {
    say(problem.why);
    return exit_cannot_start;
  }
  return exit_done;
}

}  // namespace
}  // namespace interlock::audit

int main(int argc, char** argv) {
  try {
    return interlock::audit::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "interlock-signer: {}\n", error.what());
    return interlock::audit::exit_internal;
  }
}
