#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <stdexcept>

#include "scenarios/ports.hpp"
#include "scenarios/setting.hpp"
#include "scenarios/stage.hpp"

extern char** environ;

namespace interlock::scenarios {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::int64_t patience_ms = 10'000;  // a bound for a machine under load, not a promise
constexpr std::int64_t quiet_ms = 150;

std::int64_t read(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}
std::int64_t ticks_ms() { return read(CLOCK_MONOTONIC) / 1'000'000; }

// A program that ends with this object, by its pid and no other way.
class Child {
 public:
  Child(const std::vector<std::string>& words, const fs::path& output,
        const std::vector<std::string>& extra = {}) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    std::vector<char*> argv, envp;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    for (char** entry = environ; *entry != nullptr; ++entry) envp.push_back(*entry);
    for (const std::string& entry : extra) envp.push_back(const_cast<char*>(entry.c_str()));
    envp.push_back(nullptr);
    const int failed =
        ::posix_spawn(&pid_, words[0].c_str(), &actions, nullptr, argv.data(), envp.data());
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("cannot start " + words[0]);
  }
  ~Child() { end(SIGKILL); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  void signal(int number) const { ::kill(pid_, number); }
  [[nodiscard]] bool ended() {
    if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = -1;
    return pid_ < 0;
  }
  int end(int number) {
    if (pid_ > 0) {
      if (number != 0) ::kill(pid_, number);
      ::waitpid(pid_, &status_, 0);
      pid_ = -1;
    }
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128;
  }

 private:
  pid_t pid_ = -1;
  int status_ = 0;
};

struct End {
  std::unique_ptr<Player> player;
  std::uint16_t port = 0;
  int listens = -1;  // of one that the gateway connects to
  int socket = -1;
  bool wanted = true;
};

class OverSockets : public Stage {
 public:
  OverSockets(const fs::path& configs, const std::string& config, fs::path program)
      : program_(std::move(program)), setting_(configs, config, [this](std::string text) {
          return with_free_ports(std::move(text));
        }) {
    const config::Loaded loaded = config::load(setting_.file());
    if (!loaded.config) throw std::runtime_error(config::render(loaded.problems));
    state_dir_ = loaded.config->state_dir;
    prices_ = loaded.config->prices_file;
    for (const config::Acceptor* session : loaded.config->acceptors())
      add(*session, true, session->listen.port);
    for (const config::Connector* session : loaded.config->connectors())
      add(*session, false, session->connect.back().port);
    run();
    rearm();
    everybody_on();
  }
  ~OverSockets() override {
    gateway_.reset();
    for (End& each : ends_) {
      if (each.socket >= 0) ::close(each.socket);
      if (each.listens >= 0) ::close(each.listens);
    }
  }

  Player& player(const std::string& name) override { return *end(name).player; }
  void said(Player&) override { pump(0); }
  bool heard(Player& player) override {
    return until([&] { return !player.inbox.empty(); });
  }
  void quiet() override {
    const std::int64_t stop = ticks_ms() + quiet_ms;
    while (ticks_ms() < stop) pump(10);
  }
  void parent(const std::string& id, const std::string& account, const std::string& symbol,
              const std::string& side, const std::string& size) override {
    command({"parent", "declare", id, "--account", account, "--symbol", symbol, "--side", side,
             "--size", size},
            ann_token);
  }
  void price(const std::string& symbol, const std::string& price) override {
    std::string text;
    std::istringstream old(tests::bytes_of(prices_));
    for (std::string line; std::getline(old, line);) {
      if (!line.starts_with(symbol + " ")) text += line + "\n";
    }
    std::ofstream(prices_) << text << symbol << " " << price << "\n";
    // Read again within a second; seen when the journal has taken it over.
    const std::string shown =
        "symbol=" + symbol + " price=" + risk::Price::parse(price).value().text() + " ";
    const auto taken = [&] { return printed().find(shown) != std::string::npos; };
    if (!until(taken)) throw std::runtime_error("the price was not taken over");
  }
  void advance(std::int64_t milliseconds) override {
    const std::int64_t stop = ticks_ms() + milliseconds;
    while (ticks_ms() < stop) pump(5);
  }
  void kill(const std::string& scope, const std::string& id, const std::string& level) override {
    std::vector<std::string> words{level, scope == "firm" ? "everything" : scope};
    if (!id.empty()) words.push_back(id);
    command(words, {});
  }
  void rearm() override {
    const json::value state = json::parse(command({"status", "--json"}, {}));
    const std::string runs(state.at("rearm").at("running").as_string());
    for (const json::value& kill : state.at("kills").as_array()) {
      const auto id = std::to_string(kill.at("kill_id").to_number<std::uint64_t>());
      std::vector<std::string> begin{"rearm", "begin", id, "--reason", "play", "--identity", runs};
      begin.insert(begin.end(), {"--residual-signed-off", "seen"});
      for (const json::value& order : kill.at("residual_orders").as_array())
        begin.insert(begin.end(),
                     {"--order", fmt::format("{}/{}", order.at("router").as_string().c_str(),
                                             order.at("cl_ord_id").as_string().c_str())});
      command(begin, ann_token);
      command({"rearm", "approve", id, "--identity", runs}, bob_token);
    }
  }
  void reload(const std::string& before, const std::string& after) override {
    setting_.edit(before, after);
    propose({"reload", "--json", "--reason", "play"});
  }
  void raise(const std::string& scope, const std::string& id, const std::string& key,
             const std::string& value, std::int64_t milliseconds) override {
    propose({"raise", scope, id, key, value, "--until", fmt::format("{}s", milliseconds / 1000),
             "--reason", "play", "--json"});
  }
  void approve() override { command({"approve", proposal_}, bob_token); }
  void release(const std::string& router, const std::string& cl_ord_id) override {
    command({"release", router + "/" + cl_ord_id, "--reason", "play"}, ann_token);
  }
  void quote(const std::string& symbol, const std::string& price) override {
    command({"price", symbol, price}, ann_token);
  }
  void acknowledge() override {
    const json::value alerts = json::parse(command({"alerts", "--json"}, {}));
    for (const json::value& alert : alerts.at("alerts").as_array()) {
      if (!alert.at("acknowledged_by").as_string().empty()) continue;
      command({"alert", "acknowledge", std::to_string(alert.at("id").to_number<std::uint64_t>()),
               "--reason", "play"},
              ann_token);
    }
  }
  void disk_full() override { throw std::runtime_error("only in process"); }
  void clock(std::int64_t) override { throw std::runtime_error("only in process"); }
  void link(const std::string& name, bool up) override {
    End& of = end(name);
    if (!up) quiet();  // what was sent before this line has reached the gateway
    of.wanted = up;
    if (!up) drop(of);
    everybody_on();
  }
  void restart(bool clean) override {
    gateway_->signal(clean ? SIGTERM : SIGKILL);
    if (!until([&] { return gateway_->ended(); }))
      throw std::runtime_error("the gateway did not end");
    for (End& each : ends_) drop(each);
    run();
    everybody_on();
  }
  void compared(const std::string& venue, const std::string& outcome) override {
    std::string last;
    const bool came = until([&] {
      const json::value state = json::parse(command({"status", "--json"}, {}));
      for (const json::value& check : state.at("venue_checks").as_array()) {
        if (check.at("venue").as_string() == venue) last = json::serialize(check);
        if (check.at("venue").as_string() == venue && check.at("state").as_string() == outcome)
          return true;
      }
      return false;
    });
    if (!came) throw std::runtime_error(last);
  }
  std::vector<Player*> players() override {
    std::vector<Player*> all;
    for (End& each : ends_) all.push_back(each.player.get());
    return all;
  }

 private:
  // Each port that the configuration names becomes a free one, the same everywhere.
  static std::string with_free_ports(std::string text) {
    constexpr std::string_view host = "127.0.0.1:";
    std::map<std::string, std::uint16_t> ports;
    std::size_t at = 0;
    while ((at = text.find(host, at)) != std::string::npos) {
      at += host.size();
      const std::size_t end = text.find_first_not_of("0123456789", at);
      const std::string old = text.substr(at, end - at);
      if (!ports.contains(old)) ports[old] = free_port();
      text.replace(at, end - at, std::to_string(ports[old]));
    }
    return text;
  }
  void add(const config::Session& session, bool initiator, std::uint16_t port) {
    End end;
    end.player = std::make_unique<Player>(session.id, initiator, session.dialect->version,
                                          session.comp_id, [] { return read(CLOCK_REALTIME); });
    end.port = port;
    if (!initiator) end.listens = listener(end.port);
    ends_.push_back(std::move(end));
  }
  End& end(const std::string& name) {
    for (End& each : ends_) {
      if (each.player->id() == name) return each;
    }
    throw std::runtime_error("nobody is called " + name);
  }

  void run() {
    gateway_ = std::make_unique<Child>(std::vector<std::string>{program_, "run", setting_.file()},
                                       setting_.directory() / "output");
    const fs::path socket = state_dir_ / "interlock.sock";
    const bool ready = until([&] {
      if (gateway_->ended())
        throw std::runtime_error(tests::bytes_of(setting_.directory() / "output"));
      return tests::bytes_of(setting_.directory() / "output").find("console http") !=
             std::string::npos;
    });
    if (!ready) throw std::runtime_error("the gateway does not start");
  }
  std::string command(std::vector<std::string> words, std::string_view token) {
    words.insert(words.begin(), program_);
    const fs::path output = setting_.directory() / "answer";
    Child child(words, output,
                {"INTERLOCK_SOCKET=" + (state_dir_ / "interlock.sock").string(),
                 "INTERLOCK_TOKEN=" + std::string(token), "NO_COLOR=1"});
    while (!child.ended()) pump(2);
    const int exit = child.end(0);
    std::string answer = tests::bytes_of(output);
    if (exit != 0)
      throw std::runtime_error(fmt::format("{} {}: exit {}: {}", words[1], words[2], exit, answer));
    return answer;
  }
  void propose(const std::vector<std::string>& words) {
    const json::value answer = json::parse(command(words, ann_token));
    if (answer.at("answer").as_string() == "proposed")
      proposal_ = std::to_string(answer.at("id").to_number<std::uint64_t>());
  }
  std::string printed() { return command({"audit", "query", setting_.directory() / "audit"}, {}); }

  // As the gateway sees it: an end that has just logged on may be on before the gateway has read
  // it.
  void everybody_on() {
    const bool all = until([&] {
      const json::value state = json::parse(command({"status", "--json"}, {}));
      for (const json::value& session : state.at("sessions").as_array()) {
        const bool on = session.at("state").as_string() == "on";
        if (on != end(std::string(session.at("id").as_string())).wanted) return false;
      }
      return true;
    });
    if (!all) throw std::runtime_error("the sessions are not as they should be");
  }
  template <class Condition>
  bool until(Condition condition) {
    const std::int64_t stop = ticks_ms() + patience_ms;
    while (!condition()) {
      if (ticks_ms() > stop) return false;
      pump(2);
    }
    return true;
  }
  void drop(End& of) {
    if (of.socket >= 0) ::close(of.socket);
    of.socket = -1;
    of.player->dropped();
  }
  void connect(End& of) {
    if (of.player->initiator()) {
      const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_in to = loopback(of.port);
      if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        ::close(fd);
        return;
      }
      of.socket = fd;
    } else {
      pollfd waits{of.listens, POLLIN, 0};
      if (::poll(&waits, 1, 0) <= 0) return;
      of.socket = ::accept4(of.listens, nullptr, nullptr, SOCK_CLOEXEC);
    }
    if (of.socket >= 0) of.player->connected();
  }
  void pump(int wait_ms) {
    std::vector<pollfd> waits;
    for (End& each : ends_) {
      if (each.socket < 0 && each.wanted) connect(each);
      if (each.socket < 0) continue;
      each.player->keep_alive();
      std::string& out = each.player->out;
      if (!out.empty()) {
        const ssize_t sent = ::send(each.socket, out.data(), out.size(), MSG_NOSIGNAL);
        if (sent > 0) out.erase(0, static_cast<std::size_t>(sent));
      }
      waits.push_back({each.socket, POLLIN, 0});
    }
    ::poll(waits.data(), waits.size(), wait_ms);
    for (End& each : ends_) {
      if (each.socket < 0) continue;
      std::array<char, 65536> bytes;
      const ssize_t got = ::recv(each.socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (got > 0) each.player->receive({bytes.data(), static_cast<std::size_t>(got)});
      if (got == 0) drop(each);
    }
  }

  fs::path program_;
  Setting setting_;
  fs::path state_dir_, prices_;
  std::vector<End> ends_;
  std::unique_ptr<Child> gateway_;
  std::string proposal_;
};

}  // namespace

std::unique_ptr<Stage> over_sockets(const fs::path& configs, const std::string& config,
                                    const fs::path& program) {
  return std::make_unique<OverSockets>(configs, config, program);
}

}  // namespace interlock::scenarios
