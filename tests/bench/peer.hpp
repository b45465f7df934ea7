// One end of a FIX 4.2 session with as much of it as a benchmark needs: logon, numbers, checksums.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace interlock::bench {

// A received frame; valid until the peer that gave it is asked for the next.
struct Message {
  std::string_view frame;
  [[nodiscard]] std::string_view value(int tag) const;  // empty: not there
  [[nodiscard]] std::string_view type() const { return value(35); }
};

// Every function throws std::runtime_error when the other end does anything but what it should:
// a benchmark of a broken session measures nothing.
class Peer {
 public:
  // The router's end says its names; the venue's end answers to whatever names the Logon bears.
  enum class Role { router, venue };
  Peer(int socket, Role role);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  void log_on();
  void send(std::string_view type, std::string_view body);
  // The next application message; waits for it, ten seconds at most.
  [[nodiscard]] Message receive();
  // Of many messages, one write: they leave with `flush`.
  void queue(std::string_view type, std::string_view body);
  void flush();
  [[nodiscard]] std::size_t queued() const { return out_.size(); }
  void read_some();
  // Of what was read, the next application message; valid until more is read.
  [[nodiscard]] std::optional<Message> taken();
  // Reads what has come and answers it; only session messages are expected.
  void answer();

  [[nodiscard]] bool logged_on() const { return logged_on_; }
  [[nodiscard]] int socket() const { return socket_; }

 private:
  [[nodiscard]] std::optional<Message> next();
  [[nodiscard]] bool handle_admin(const Message& message);

  int socket_;
  Role role_;
  std::string sender_ = "ROUTER";
  std::string target_ = "GATEWAY";
  std::uint32_t next_in_ = 1;
  std::uint32_t next_out_ = 1;
  bool logged_on_ = false;
  std::string in_;
  std::size_t consumed_ = 0;
  std::string out_, header_;
};

// UTC now as FIX writes it, to the millisecond.
[[nodiscard]] std::string_view utc_timestamp();

}  // namespace interlock::bench
