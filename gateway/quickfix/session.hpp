// QuickFIX's session engine behind a door that names no QuickFIX type: logon, heartbeats, gaps,
// resends. This header is read as C++14 by the adapter and as C++23 by everyone else.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace interlock {
namespace gateway {
namespace quickfix {

struct Identity {
  std::string begin_string;  // 8
  std::string appl_ver_id;   // 1137 of our Logon, under FIXT.1.1; else empty
  std::string sender;        // 49 of what we send
  std::string target;        // 56
  std::string qualifier;     // keeps two sessions with the same CompIDs apart inside QuickFIX
  bool initiator = false;
  int heartbeat_s = 30;  // 108 of our Logon; an acceptor takes the counterparty's
  int logon_timeout_s = 10;
};

// What the engine asks of its leg. Every call comes on the loop's thread, from inside a call to
// Session.
class Host {
 public:
  virtual ~Host() {}

  // Sequence numbers: the one store, which application messages advance too.
  virtual int next_sender() const = 0;
  virtual int next_target() const = 0;
  virtual void set_next_sender(int sequence) = 0;
  virtual void set_next_target(int sequence) = 0;
  virtual void advance_sender() = 0;
  virtual void advance_target() = 0;
  virtual void reset_sequences() = 0;
  // An admin message of ours is about to go out under `sequence`.
  virtual void keep_admin(int sequence, const std::string& frame) = 0;
  // MsgType of what we sent under `sequence`; empty: nothing known, to be gap-filled.
  virtual std::string sent_type(int sequence) const = 0;

  // An admin frame as QuickFIX wrote it.
  virtual bool write_admin(const std::string& frame) = 0;
  // Up to which number a ResendRequest that begins with `from` asks; 0: without an end.
  virtual int resend_to(int from) = 0;
  // The stored application message of that number is due again; false: it is to be gap-filled
  // instead.
  virtual bool may_resend(int sequence) = 0;
  virtual void write_resend(int sequence) = 0;
  virtual void close() = 0;

  virtual void on_logon() = 0;
  virtual void on_logout() = 0;
  // The application message with that number is due, in order.
  virtual void on_application(int sequence) = 0;
  virtual void on_admin(const std::string& type, int sequence) = 0;
  // Fields for our own Logon (credentials).
  virtual std::vector<std::pair<int, std::string>> logon_fields() const = 0;
  virtual bool reset_on_logon() const = 0;
  virtual void on_event(const std::string& text) = 0;
  // An exception came out of a callback; nothing passes into QuickFIX, which would abort.
  virtual void on_fault(const std::string& what) = 0;
};

// Runs `work`; whatever it throws is told to the host and goes no further.
template <class Work>
void contained(Host& host, const char* where, Work work) {
  try {
    work();
  } catch (const std::exception& problem) {
    host.on_fault(std::string(where) + ": " + problem.what());
  } catch (...) {
    host.on_fault(std::string(where) + ": unknown exception");
  }
}

class Session {
 public:
  Session(const Identity& identity, Host& host);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void connected();
  void disconnected();
  // A frame that the gatekeeper accepted: an admin message whole; of an application message the
  // header only, since the engine never needs, and never parses, a body.
  void receive(const std::string& frame);
  // Timers: heartbeats, test requests, logon and logout deadlines.
  void tick();
  void start_logout(const std::string& reason);
  // An application message went past the engine: one came in its turn, one was sent. For its
  // timers.
  void heard_at(std::int64_t utc_ns);
  void said_at(std::int64_t utc_ns);
  void allow_logon();
  bool logged_on() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// The only clock that QuickFIX sees, in ns UTC. Set by the loop before each call into a Session.
void set_clock(std::int64_t utc_ns);

}  // namespace quickfix
}  // namespace gateway
}  // namespace interlock
