// The demo as it runs, with the journal that it writes: a real one, of a known story.
#pragma once

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <string>

#include "tests/cli/program.hpp"

namespace interlock::tests {

class Demo {
 public:
  Demo() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execl(program().c_str(), "interlock", "demo", "--no-color", nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    std::array<char, 512> part{};
    // Its last lines come when the whole story is told.
    while (said_.find("rearm approve") == std::string::npos) {
      const auto count = ::read(ends[0], part.data(), part.size());
      if (count <= 0) break;
      said_.append(part.data(), static_cast<std::size_t>(count));
    }
    reads_ = ends[0];
  }
  Demo(const Demo&) = delete;
  Demo& operator=(const Demo&) = delete;
  ~Demo() {
    if (child_ > 0) {
      ::kill(child_, SIGTERM);
      ::waitpid(child_, nullptr, 0);
    }
    ::close(reads_);
  }
  [[nodiscard]] const std::string& said() const { return said_; }
  [[nodiscard]] std::filesystem::path journal() const {
    constexpr std::string_view before = "INTERLOCK_SOCKET=";
    const auto at = said_.find(before);
    REQUIRE(at != std::string::npos);
    const auto begin = at + before.size();
    const std::filesystem::path socket = said_.substr(begin, said_.find('\n', begin) - begin);
    return socket.parent_path().parent_path() / "audit";
  }

 private:
  pid_t child_ = -1;
  int reads_ = -1;
  std::string said_;
};

}  // namespace interlock::tests
