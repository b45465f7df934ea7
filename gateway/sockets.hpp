// The loop's sockets: listeners for those that connect to us, connections to venues, all
// non-blocking under one epoll.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/core.hpp"
#include "gateway/poll.hpp"

namespace interlock::gateway {

class Sockets {
 public:
  // Binds the address of every session that others open. `wake_fd` becomes readable when another
  // thread wants the loop's attention.
  static std::expected<std::unique_ptr<Sockets>, std::string> open(const config::Config& config,
                                                                   Core& core, int wake_fd);
  ~Sockets();

  // Waits for input, at most `wait_ms`, and feeds the core with what has come.
  void turn(int wait_ms);
  // Opens the connections that the core wishes for, ends those whose deadline is over, and asks for
  // writability where bytes wait.
  void keep_up();
  void stop_listening();
  [[nodiscard]] std::uint16_t bound_port(std::string_view session) const;

 private:
  struct Listener {
    int fd = -1;
    std::uint16_t port = 0;
    std::vector<std::uint32_t> sessions;  // of acceptors_
  };
  class Connection;

  Sockets(const config::Config& config, Core& core, int wake_fd);
  std::expected<void, std::string> listen(std::uint32_t index);
  void accept(const Listener& listener);
  void turn_away(const Listener& listener);
  void dial(std::uint32_t connector, const config::Address& address);
  void readable(Connection& connection);
  void writable(Connection& connection);
  void first_bytes(Connection& connection);

  std::vector<const config::Acceptor*> acceptors_;
  std::size_t connectors_;
  Core& core_;
  Poll poll_;
  int wake_fd_ = -1;
  int spare_ = -1;  // a descriptor that is given up when there are no others
  std::int64_t warned_ns_ = 0;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace interlock::gateway
