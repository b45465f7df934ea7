#include "crash/gateway.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <stdexcept>

#include "crash/end.hpp"
#include "killswitch/secret.hpp"
#include "scenarios/ports.hpp"
#include "scratch.hpp"

namespace interlock::crash {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::int64_t patience_ns = 60'000'000'000;

int connected_to(const fs::path& directory) {
  const std::string path = (directory / "state/interlock.sock").string();
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

std::string request_of(std::string_view method, std::string_view target, std::string_view person,
                       const json::object& body) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", method, target);
  if (!person.empty()) text += fmt::format("Authorization: Bearer token-of-{}\r\n", person);
  if (method == "GET") return text + "\r\n";
  const std::string words = body.empty() ? "" : json::serialize(body);
  if (!words.empty()) text += "Content-Type: application/json\r\n";
  return text + fmt::format("Content-Length: {}\r\n\r\n{}", words.size(), words);
}

}  // namespace

Program::Program(const std::vector<std::string>& words, const fs::path& output) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::execv(pointers.front(), pointers.data());
    ::_exit(127);
  }
  ::close(file);
  if (pid_ < 0) throw std::runtime_error("cannot fork");
}

Program::~Program() {
  if (ended()) return;
  signal(SIGKILL);
  ::waitpid(pid_, &status_, 0);
}

void Program::signal(int number) const {
  if (!ended_) ::kill(pid_, number);
}

bool Program::ended() {
  if (!ended_ && ::waitpid(pid_, &status_, WNOHANG) == pid_) ended_ = true;
  return ended_;
}

int Program::exit_code() const {
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

void write_setting(Setting& setting, const fs::path& source) {
  fs::create_directories(setting.directory);
  std::string text = tests::bytes_of(source / "gateway.toml");
  for (const char* name : {"R1", "R2"}) {
    setting.router_ports.push_back(scenarios::free_port());
    replace_all(text, fmt::format("@{}@", name), std::to_string(setting.router_ports.back()));
  }
  replace_all(text, "@X@", std::to_string(setting.venue_port));
  replace_all(text, "@durability@", setting.durability);
  std::ofstream(setting.directory / "gateway.toml") << text;
  std::ofstream(setting.directory / "prices.txt") << "ACME 10.00\n";
  std::ofstream parents(setting.directory / "parents.csv");
  parents << "parent,account,symbol,side,size\n";
  for (const char* router : {"R1", "R2"}) {
    parents << fmt::format("P-{0}-buy,ACC-{0},ACME,1,1000000000\n", router);
    parents << fmt::format("P-{0}-sell,ACC-{0},ACME,2,1000000000\n", router);
  }
  static const std::string ann = killswitch::hash_secret("token-of-ann");
  static const std::string bob = killswitch::hash_secret("token-of-bob");
  std::ofstream(setting.directory / "secrets.toml")
      << fmt::format("[person.ann]\ntoken = \"{}\"\n[person.bob]\ntoken = \"{}\"\n", ann, bob);
  fs::permissions(setting.directory / "secrets.toml",
                  fs::perms::owner_read | fs::perms::owner_write);
}

Answer ask(const fs::path& directory, std::string_view method, std::string_view target,
           std::string_view person, const json::object& body,
           const std::function<void()>& meanwhile) {
  const int fd = connected_to(directory);
  if (fd < 0) return {};
  const std::string request = request_of(method, target, person, body);
  std::string answer;
  std::size_t sent = 0;
  const std::int64_t until = now_ns() + patience_ns;
  while (now_ns() < until) {
    if (sent < request.size()) {
      const ssize_t count =
          ::send(fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count > 0) sent += static_cast<std::size_t>(count);
    }
    std::array<char, 65536> part;
    const ssize_t count = ::recv(fd, part.data(), part.size(), MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN)) break;
    if (count > 0)
      answer.append(part.data(), static_cast<std::size_t>(count));
    else
      meanwhile();
  }
  ::close(fd);
  const auto head = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 ") || head == std::string::npos) return {};
  Answer read;
  read.status = std::stoi(answer.substr(9, 3));
  read.body = json::parse(answer.substr(head + 4));
  return read;
}

json::object begin_rearm(const json::value& state, const json::value& kill) {
  json::object words{{"kill_id", kill.at("kill_id")},
                     {"action", "begin"},
                     {"identity", state.at("rearm").at("running")},
                     {"reason", "tests/crash"}};
  json::array orders;
  for (const json::value& order : kill.at("residual_orders").as_array())
    orders.emplace_back(fmt::format("{}/{}", order.at("router").as_string().c_str(),
                                    order.at("cl_ord_id").as_string().c_str()));
  if (orders.empty()) return words;
  words["orders_signed_off"] = std::move(orders);
  words["residual_signed_off"] = "they rest at the venue";
  return words;
}

void approve_rearm(json::object& words) {
  words["action"] = "approve";
  for (const char* said : {"reason", "orders_signed_off", "residual_signed_off"}) words.erase(said);
}

void shout(const fs::path& directory, std::string_view method, std::string_view target) {
  const int fd = connected_to(directory);
  if (fd < 0) return;
  const std::string request = request_of(method, target, "", {});
  static_cast<void>(::send(fd, request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  ::close(fd);
}

}  // namespace interlock::crash
