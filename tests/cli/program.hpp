// Runs the program `interlock` that was built beside this test, and collects what it says.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/scratch.hpp"

namespace interlock::tests {

struct Ran {
  int exit = -1;
  std::string out, err;
  [[nodiscard]] bool says(std::string_view text) const {
    return out.find(text) != std::string::npos;
  }
  [[nodiscard]] bool complains(std::string_view text) const {
    return err.find(text) != std::string::npos;
  }
};

inline std::filesystem::path program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "interlock";
}

inline Ran run(const std::vector<std::string>& arguments,
               const std::map<std::string, std::string>& environment = {},
               std::string_view input = "") {
  const Scratch scratch;
  put_bytes(scratch / "in", input);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  const auto out = (scratch / "out").string();
  const auto err = (scratch / "err").string();
  posix_spawn_file_actions_addopen(&files, 0, (scratch / "in").c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, out.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&files, 2, err.c_str(), O_WRONLY | O_CREAT, 0600);

  std::vector<std::string> words{program().string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables{"PATH=/usr/bin:/bin"};
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
  };
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, words[0].c_str(), &files, nullptr,
                                   pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) throw std::runtime_error("cannot run " + words[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), bytes_of(out),
          bytes_of(err)};
}

}  // namespace interlock::tests
