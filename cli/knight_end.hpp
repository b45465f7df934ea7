// The other end of one FIX session of a core in process: a router or a venue, without a socket.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "gateway/core.hpp"

namespace interlock::cli::knight {

class End : private gateway::Link {
 public:
  using Hear = std::function<void(const gateway::Parsed&)>;
  End(gateway::Core& core, const config::Dialect& dialect, config::CompIds names, Hear hear);
  ~End() override;
  End(const End&) = delete;
  End& operator=(const End&) = delete;

  void log_on_as_router(std::uint32_t index);  // throws Failure when it is refused
  void connect_as_venue(std::uint32_t index, std::int64_t now_ns);
  void send(std::string_view type, std::string_view body, std::int64_t now_ns);
  // What the gateway has written since: answers its session messages, and hears the others. False:
  // there was nothing.
  bool read(std::int64_t now_ns);
  void keep_alive(std::int64_t now_ns);

 private:
  std::size_t write(std::string_view bytes) override;
  void close() override { is_open_ = false; }
  void reset() override { close(); }
  std::uint64_t unsent() const override { return 0; }  // it hears all that is written
  std::string peer() const override { return "127.0.0.1"; }
  std::string frame(std::string_view type, std::string_view body, std::int64_t now_ns);
  void handle(std::string_view frame, std::int64_t now_ns);

  gateway::Core& core_;
  const config::Dialect& dialect_;
  config::CompIds names_;
  Hear hear_;
  gateway::Leg* leg_ = nullptr;
  bool is_open_ = true;
  bool is_venue_ = false;
  std::uint32_t next_out_ = 1;
  std::int64_t last_sent_ns_ = 0;
  std::string inbox_;
};

}  // namespace interlock::cli::knight
