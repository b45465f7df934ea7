// The program as it runs: `interlock run` on a configuration of its own, with free ports.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>

#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/cli/program.hpp"

namespace interlock::tests {

class Gateway {
 public:
  explicit Gateway(const std::string& more = {},
                   std::map<std::string, std::string> environment = {})
      : environment_(std::move(environment)) {
    const auto init = tests::run({"init", folder_.path().string()});
    REQUIRE(init.exit == 0);
    tokens_ = init.out;
    auto text = bytes_of(file());
    for (const auto* port : {":8443", ":9464", ":9012"}) text.replace(text.find(port), 5, ":0");
    // Nobody listens there, and no other gateway of this host holds the session.
    const std::string venue = "127.0.0.1:9101";
    text.replace(text.find(venue), venue.size(),
                 "127.1." + std::to_string(::getpid() / 256 % 256) + "." +
                     std::to_string(::getpid() % 256) + ":" + std::to_string(9101 + count_++));
    put_bytes(file(), text + more);
    start();
  }
  void start() { start(program()); }
  void start(const std::filesystem::path& build) {
    said_.clear();
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      for (const auto& [name, value] : environment_) ::setenv(name.c_str(), value.c_str(), 1);
      const auto configuration = file().string();
      ::execl(build.c_str(), "interlock", "run", configuration.c_str(), nullptr);
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
  [[nodiscard]] Ran ask(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", file().string()});
    return tests::run(arguments);
  }
  [[nodiscard]] Ran rearm(std::vector<std::string> arguments, const std::string& person) const {
    arguments.insert(arguments.begin(), "rearm");
    return as(person, std::move(arguments));
  }
  [[nodiscard]] Ran as(const std::string& person, std::vector<std::string> arguments) const {
    const auto at =
        tokens_.find_first_not_of(' ', tokens_.find("person " + person) + 7 + person.size());
    arguments.insert(arguments.end(), {"--config", file().string()});
    return tests::run(arguments, {{"INTERLOCK_TOKEN", tokens_.substr(at, 64)}});
  }
  void edit(const std::string& before, const std::string& after) const {
    auto text = bytes_of(file());
    const auto at = text.find(before);
    REQUIRE(at != std::string::npos);
    put_bytes(file(), text.replace(at, before.size(), after));
  }
  [[nodiscard]] Ran compare(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"check", file().string(), "--against-running"});
    return tests::run(more);
  }
  // Until the words are there; false after a time that no machine needs.
  [[nodiscard]] bool says(const std::vector<std::string>& arguments,
                          const std::string& words) const {
    for (int i = 0; i < 300; ++i) {
      if (ask(arguments).says(words)) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  }
  // Two people open what is killed, and name what runs.
  void arm() const {
    const auto state = boost::json::parse(ask({"status", "--json"}).out);
    const std::string runs(state.at("rearm").at("running").as_string());
    for (const auto& kill : state.at("kills").as_array()) {
      const auto id = boost::json::serialize(kill.at("kill_id"));
      REQUIRE(rearm({"begin", id, "--reason", "test", "--identity", runs}, "first").exit == 0);
      REQUIRE(rearm({"approve", id, "--identity", runs}, "second").exit == 0);
    }
  }
  [[nodiscard]] std::filesystem::path file() const { return folder_ / "gateway.toml"; }
  [[nodiscard]] std::filesystem::path latch() const { return folder_ / "state/latch"; }
  [[nodiscard]] const std::string& said() const { return said_; }

 private:
  static inline int count_ = 0;
  std::map<std::string, std::string> environment_;
  Scratch folder_;
  pid_t child_ = -1;
  std::string said_, tokens_;
};

}  // namespace interlock::tests
