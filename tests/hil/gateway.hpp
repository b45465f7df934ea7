// The real gateway as a process of the guest, and its API over the Unix socket.
#pragma once

#include <sys/types.h>

#include <boost/json.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace interlock::hil {

// Whom the gateway runs as: its user, a member of the group of deploy/65-killswitch.rules, with the
// limits of its unit.
constexpr unsigned gateway_user = 1000, killswitch_group = 990;

// A child process whose output goes to a file; killed at the end, if it is still there.
class Process {
 public:
  enum class User : std::uint8_t { root, gateway };
  Process(const std::vector<std::string>& words, const std::filesystem::path& output,
          User user = User::root);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool alive();
  void signal(int number) const;
  // Of waitpid(2); waits at most a minute, and throws then.
  [[nodiscard]] int wait();

 private:
  pid_t pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

// Asks again and again; throws with `what` after a minute, which is long for anything here.
void wait_for(std::string_view what, const std::function<bool()>& condition);

// Empty where there is no such file.
[[nodiscard]] std::string read_file(const std::filesystem::path& file);

class Gateway {
 public:
  // `settings` is added to the configuration: [[kill.button]] and so on. Files are made anew.
  explicit Gateway(std::string_view settings);

  // One request with its answer; throws std::runtime_error unless the status is 2xx.
  [[nodiscard]] boost::json::object get(std::string_view target) const;
  boost::json::object post(std::string_view target, const boost::json::object& body,
                           std::string_view person = "") const;
  // What stands in the way of re-arming; empty when all is armed now.
  [[nodiscard]] std::string rearm() const;
  void end();  // in order; throws unless it exits with 0

  [[nodiscard]] Process& process() { return process_; }
  [[nodiscard]] static std::filesystem::path directory() { return "/run/gateway"; }

 private:
  Process process_;
};

// RFC 3339 in UTC with nanoseconds, as a time of CLOCK_MONOTONIC.
[[nodiscard]] std::int64_t monotonic_of(std::string_view time);

}  // namespace interlock::hil
