// The HTTP server of the console: two TCP ports and a Unix socket, one request a connection.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "config/config.hpp"
#include "console/identity.hpp"
#include "gateway/desk.hpp"

namespace interlock::console {

struct Options {
  std::function<std::int64_t()> now_ns;      // UTC
  std::chrono::milliseconds deadline{5000};  // to send a request, and again to take the answer
  std::size_t connections_max = 128;         // of each listener; the oldest gives way
};

class Server {
 public:
  // The Unix socket is `<state_dir>/interlock.sock`. `desk` outlives the server.
  Server(const config::Config& config, gateway::Desk& desk, Identity identity, Options options);
  ~Server();

  // Binds all three and serves on threads of its own. The error says which could not be bound.
  [[nodiscard]] std::expected<void, std::string> start();
  // Closes everything; an answer under way is finished first. Also done by the destructor.
  void stop();

  [[nodiscard]] std::uint16_t console_port() const;  // as bound: differs from the configured 0
  [[nodiscard]] std::uint16_t metrics_port() const;
  [[nodiscard]] const std::filesystem::path& socket() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace interlock::console
