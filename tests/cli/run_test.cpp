#include <doctest/doctest.h>
#include <fcntl.h>

#include <boost/json.hpp>
#include <csignal>

#include "tests/cli/program.hpp"

using interlock::tests::bytes_of;
using interlock::tests::put_bytes;
using interlock::tests::Scratch;

namespace {

// `interlock run` on a configuration of its own, with free ports.
class Gateway {
 public:
  Gateway() {
    const auto init = interlock::tests::run({"init", folder_.path().string()});
    REQUIRE(init.exit == 0);
    tokens_ = init.out;
    auto text = bytes_of(file());
    for (const auto* port : {":8443", ":9464", ":9012"}) text.replace(text.find(port), 5, ":0");
    put_bytes(file(), text);
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      const auto program = interlock::tests::program().string();
      const auto configuration = file().string();
      ::execl(program.c_str(), "interlock", "run", configuration.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    char part[512];
    for (ssize_t count = 0; said_.find("socket") == std::string::npos;) {
      count = ::read(ends[0], part, sizeof part);
      if (count <= 0) break;
      said_.append(part, static_cast<std::size_t>(count));
    }
    ::close(ends[0]);
  }
  ~Gateway() {
    if (child_ > 0) ::kill(child_, SIGKILL);
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
  }
  void signal(int number) const { ::kill(child_, number); }
  int end() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  [[nodiscard]] interlock::tests::Ran ask(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", file().string()});
    return interlock::tests::run(arguments);
  }
  [[nodiscard]] interlock::tests::Ran rearm(std::vector<std::string> arguments,
                                            const std::string& person) const {
    const auto at =
        tokens_.find_first_not_of(' ', tokens_.find("person " + person) + 7 + person.size());
    arguments.insert(arguments.begin(), "rearm");
    arguments.insert(arguments.end(), {"--config", file().string()});
    return interlock::tests::run(arguments, {{"INTERLOCK_TOKEN", tokens_.substr(at, 64)}});
  }
  [[nodiscard]] std::filesystem::path file() const { return folder_ / "gateway.toml"; }
  [[nodiscard]] const std::string& said() const { return said_; }

 private:
  Scratch folder_;
  pid_t child_ = -1;
  std::string said_, tokens_;
};

}  // namespace

TEST_CASE("run: starts killed without a latch, answers its socket, and ends in order at SIGTERM") {
  Gateway gateway;
  CHECK(gateway.said().find("console http://127.0.0.1:") != std::string::npos);
  const auto state = boost::json::parse(gateway.ask({"status", "--json"}).out);
  CHECK(state.at("state").as_string() == "killed");
  CHECK(state.at("kills").at(0).at("source").as_string() == "start");

  const auto killed = gateway.ask({"kill", "router", "R1", "--json"});
  CHECK(killed.exit == 0);
  CHECK(boost::json::parse(killed.out).at("persisted").as_bool());
  CHECK_FALSE(boost::json::parse(killed.out).at("already").as_bool());
  CHECK(interlock::tests::run({"run", gateway.file().string()}).exit == 75);

  gateway.signal(SIGTERM);
  CHECK(gateway.end() == 0);
  CHECK(gateway.ask({"status"}).exit == 3);
  CHECK(interlock::tests::run({"audit", "verify", "--config", gateway.file().string()}).exit == 0);
}

TEST_CASE("run: two people open the gate, and SIGUSR1 shuts it") {
  Gateway gateway;
  const auto kill_id = [&] {
    const auto state = boost::json::parse(gateway.ask({"status", "--json"}).out);
    return boost::json::serialize(state.at("kills").at(0).at("kill_id"));
  };
  const auto id = kill_id();
  CHECK(gateway.rearm({"begin", id, "--reason", "first start"}, "first").exit == 0);
  CHECK(gateway.rearm({"approve", id}, "second").exit == 0);
  CHECK(gateway.ask({"rearm", "status"}).says("nothing is killed"));
  gateway.signal(SIGUSR1);
  gateway.signal(SIGTERM);
  CHECK(gateway.end() == 0);
  const auto journal =
      interlock::tests::run({"audit", "print", "--config", gateway.file().string()});
  CHECK(journal.says("source=signal"));
}
