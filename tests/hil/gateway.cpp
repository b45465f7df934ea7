#include "tests/hil/gateway.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/hil/session.hpp"

namespace interlock::hil {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t patience_ns = 60 * second_ns;

void give(const fs::path& path) {
  if (::chown(path.c_str(), gateway_user, gateway_user) < 0) {
    throw std::runtime_error(fmt::format("{}: {}", path.native(), std::strerror(errno)));
  }
}

// That of tests/bench, with what a case adds, a page for the guard, and with segments that fit into
// the guest.
std::vector<std::string> prepared(std::string_view settings) {
  const fs::path place = Gateway::directory();
  fs::remove_all(place);
  fs::create_directories(place);
  std::string text = read_file("/etc/interlock/gateway.toml");
  const std::string_view large = "\"64 MiB\"";
  text.replace(text.find(large), large.size(), "\"4 MiB\"");
  // So that orders wait with us for a venue that does not read, instead of being refused.
  const std::string_view venue = "[[venue]]\n";
  text.insert(text.find(venue) + venue.size(), "stalled_after = \"1 h\"\n");
  const std::string_view kill = "[kill]\n";
  text.insert(text.find(kill) + kill.size(),
              fmt::format("page = \"{}\"\n", (place / "state/guard.page").native()));
  std::ofstream(place / "gateway.toml") << text << "\n" << settings;
  for (const char* name :
       {"prices.txt", "parents.csv", "positions.csv", "restricted.csv", "secrets.toml"}) {
    fs::copy_file(fs::path("/etc/interlock") / name, place / name);
    fs::permissions(place / name, fs::perms::owner_read | fs::perms::owner_write);
  }
  for (const auto& entry : fs::directory_iterator(place)) give(entry.path());
  give(place);
  return {"/bin/interlock", "run", (place / "gateway.toml").string()};
}

void become_gateway_user() {
  const rlimit real_time{60, 60}, memory{RLIM_INFINITY, RLIM_INFINITY};
  const gid_t group = killswitch_group;
  if (::setrlimit(RLIMIT_RTPRIO, &real_time) < 0 || ::setrlimit(RLIMIT_MEMLOCK, &memory) < 0 ||
      ::setgroups(1, &group) < 0 || ::setgid(gateway_user) < 0 || ::setuid(gateway_user) < 0) {
    ::_exit(126);
  }
}

// Between fork and exec only what is safe there.
[[noreturn]] void become(std::vector<char*>& words, int output, Process::User user) {
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (user == Process::User::gateway) become_gateway_user();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::execv(words.front(), words.data());
  ::_exit(127);
}

std::string exchange(const fs::path& path, std::string_view request) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.native().copy(address.sun_path, sizeof address.sun_path - 1);
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string answer;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size())) {
    std::array<char, 16384> part;
    for (ssize_t count = 0; (count = ::recv(fd, part.data(), part.size(), 0)) > 0;) {
      answer.append(part.data(), static_cast<std::size_t>(count));
    }
  }
  ::close(fd);
  return answer;
}

json::object body_of(const std::string& answer, std::string_view target) {
  const auto body = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 2") || body == std::string::npos) {
    throw std::runtime_error(fmt::format("{}: {}", target, answer.empty() ? "nothing" : answer));
  }
  return json::parse(answer.substr(body + 4)).as_object();
}

}  // namespace

Process::Process(const std::vector<std::string>& words, const fs::path& output, User user) {
  std::vector<std::string> copies = words;
  std::vector<char*> pointers;
  for (auto& word : copies) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  pid_ = ::fork();
  if (pid_ == 0) become(pointers, file, user);
  ::close(file);
  if (pid_ < 0) throw std::runtime_error(fmt::format("fork: {}", std::strerror(errno)));
}

Process::~Process() {
  if (!alive()) return;
  signal(SIGKILL);
  ::waitpid(pid_, &status_, 0);
}

bool Process::alive() {
  if (!ended_ && ::waitpid(pid_, &status_, WNOHANG) == pid_) ended_ = true;
  return !ended_;
}

void Process::signal(int number) const { ::kill(pid_, number); }

int Process::wait() {
  wait_for("a process to end", [this] { return !alive(); });
  return status_;
}

std::string read_file(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

void wait_for(std::string_view what, const std::function<bool()>& condition) {
  const auto deadline = now_ns() + patience_ns;
  while (!condition()) {
    if (now_ns() > deadline) throw std::runtime_error(fmt::format("waited a minute for {}", what));
    ::usleep(20'000);
  }
}

Gateway::Gateway(std::string_view settings)
    : process_(prepared(settings), directory() / "gateway.log", Process::User::gateway) {
  wait_for("the gateway to answer", [this] {
    if (!process_.alive()) throw std::runtime_error("the gateway did not start");
    return !exchange(directory() / "state/interlock.sock",
                     "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .empty();
  });
}

json::object Gateway::get(std::string_view target) const {
  const auto request = fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", target);
  return body_of(exchange(directory() / "state/interlock.sock", request), target);
}

json::object Gateway::post(std::string_view target, const json::object& body,
                           std::string_view person) const {
  const std::string text = json::serialize(body);
  const auto request = fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\n{}Content-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      target, person.empty() ? "" : fmt::format("Authorization: Bearer token-of-{}\r\n", person),
      text.size(), text);
  return body_of(exchange(directory() / "state/interlock.sock", request), target);
}

std::string Gateway::rearm() const {
  try {
    const auto state = get("/api/v1/state");
    json::object words;
    if (state.contains("rearm")) words["identity"] = state.at("rearm").at("running");
    for (const auto& kill : state.at("kills").as_array()) {
      words["kill_id"] = kill.at("kill_id");
      words["action"] = "begin";
      words["reason"] = "this test";
      post("/api/v1/rearm", words, "first");
      words["action"] = "approve";
      words.erase("reason");
      post("/api/v1/rearm", words, "second");
    }
  } catch (const std::runtime_error& refused) {
    return refused.what();
  }
  return "";
}

void Gateway::end() {
  process_.signal(SIGTERM);
  const int status = process_.wait();
  if (status != 0) throw std::runtime_error(fmt::format("the gateway ended with {}", status));
}

std::int64_t monotonic_of(std::string_view time) {
  std::tm utc{};
  const char* fraction = ::strptime(std::string(time).c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
  if (fraction == nullptr || time.size() != std::strlen("2026-01-01T00:00:00.000000000Z")) {
    throw std::runtime_error(fmt::format("not a time: {}", time));
  }
  const std::int64_t ns = ::timegm(&utc) * second_ns + std::stoll(std::string(time.substr(20, 9)));
  timespec real{};
  ::clock_gettime(CLOCK_REALTIME, &real);
  return ns - (real.tv_sec * second_ns + real.tv_nsec) + now_ns();
}

}  // namespace interlock::hil
