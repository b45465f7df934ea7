// One end of a FIX 4.2 session for the flow in the guest. It takes numbers as they come: where a
// kill takes orders back, a gap fill stands in for them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace interlock::hil {

// CLOCK_MONOTONIC, as the gateway's journal and the kernel's edges have it.
[[nodiscard]] std::int64_t now_ns();
// UTC now as FIX writes it, to the millisecond.
[[nodiscard]] std::string utc_timestamp();

// A received frame; valid while it is being heard.
struct Message {
  std::string_view frame;
  [[nodiscard]] std::string_view value(int tag) const;  // empty: not there
  [[nodiscard]] std::string_view type() const { return value(35); }
  [[nodiscard]] std::uint32_t sequence() const;
};

class Session {
 public:
  // Takes the socket over. The venue's end answers to whatever names the Logon bears.
  enum class Role : std::uint8_t { router, venue };
  Session(int socket, Role role);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  void send(std::string_view type, std::string_view body);
  // Reads what has come without waiting, answers session messages, and gives the others away. Says
  // how many bytes that were.
  std::size_t read(const std::function<void(const Message&)>& hear);

  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] bool logged_on() const { return logged_on_; }
  // The other end is gone; `error` is the errno that told, 0 for an orderly close.
  [[nodiscard]] bool gone() const { return gone_; }
  [[nodiscard]] int error() const { return error_; }

 private:
  [[nodiscard]] Message next();  // an empty frame: none is whole
  [[nodiscard]] bool handle_admin(const Message& message);
  void lost(int error);

  int socket_;
  Role role_;
  std::string sender_ = "ROUTER";
  std::string target_ = "GATEWAY";
  std::uint32_t next_out_ = 1;
  bool logged_on_ = false;
  bool gone_ = false;
  int error_ = 0;
  std::string in_;
};

}  // namespace interlock::hil
