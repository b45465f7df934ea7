// The real program under test: started, asked over its Unix socket, ended by a signal.
#pragma once

#include <sys/types.h>

#include <boost/json.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace interlock::crash {

// Why a run fails.
struct Failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A program that this object started, and ends by its pid.
class Program {
 public:
  Program(const std::vector<std::string>& words, const std::filesystem::path& output);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  void signal(int number) const;
  [[nodiscard]] bool ended();
  [[nodiscard]] int exit_code() const;  // 128 and the signal, when one ended it

 private:
  pid_t pid_ = -1;
  bool ended_ = false;
  int status_ = 0;
};

// Configuration, prices, parents and secrets in `directory`; the ports are free ones.
struct Setting {
  std::filesystem::path directory;
  std::uint16_t venue_port = 0;
  std::vector<std::uint16_t> router_ports;  // of R1, R2
  std::string durability;
};
// Takes ports for the routers, and writes everything.
void write_setting(Setting& setting, const std::filesystem::path& source);

// One request to the Unix socket in `directory`; `meanwhile` is called while it waits. An empty
// answer: nobody is there.
struct Answer {
  int status = 0;
  boost::json::value body;
};
[[nodiscard]] Answer ask(const std::filesystem::path& directory, std::string_view method,
                         std::string_view target, std::string_view person,
                         const boost::json::object& body, const std::function<void()>& meanwhile);
// What the first person says to re-arm a kill of that state, each order named, and the second then.
[[nodiscard]] boost::json::object begin_rearm(const boost::json::value& state,
                                              const boost::json::value& kill);
void approve_rearm(boost::json::object& words);
// Sends it, and waits for nothing.
void shout(const std::filesystem::path& directory, std::string_view method,
           std::string_view target);

}  // namespace interlock::crash
