// One end of a FIX 4.4 session that trusts nobody: it keeps its numbers and what it said over lost
// connections, asks for what it missed, and writes down whatever the other side does against the
// rules.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace interlock::crash {

[[nodiscard]] std::int64_t now_ns();  // monotonic
[[nodiscard]] std::string utc_now();  // as FIX writes it

// A frame that was taken apart; valid as long as its bytes.
struct Message {
  explicit Message(std::string_view frame);
  [[nodiscard]] std::string_view value(int tag) const;  // empty: not there
  [[nodiscard]] std::int64_t number(int tag) const;     // 0: not there
  std::string_view frame, type;
  std::uint32_t sequence = 0;
  bool poss_dup = false;

 private:
  std::vector<std::pair<int, std::string_view>> fields_;
};

// What an application message is known by in the journal too; 0: none came under this number.
[[nodiscard]] std::uint64_t mark_of(std::string_view frame);

class End {
 public:
  End(std::string ours, std::string theirs, std::vector<std::string>& faults);
  virtual ~End();
  End(const End&) = delete;
  End& operator=(const End&) = delete;

  bool pump();  // false: nothing moved
  [[nodiscard]] bool on() const { return on_; }
  [[nodiscard]] bool connected() const { return socket_ >= 0; }
  [[nodiscard]] std::size_t waiting() const { return out_.size() - written_; }
  [[nodiscard]] std::uint32_t next_in() const { return next_in_; }
  [[nodiscard]] std::uint32_t next_out() const {
    return static_cast<std::uint32_t>(said_.size()) + 1;
  }
  [[nodiscard]] const std::string& name() const { return ours_; }
  // Marks of all that came, by MsgSeqNum - 1.
  [[nodiscard]] const std::vector<std::uint64_t>& marks() const { return marks_; }
  [[nodiscard]] std::uint64_t connections() const { return connections_; }
  [[nodiscard]] std::uint64_t heard_again() const { return heard_again_; }  // with 43=Y

 protected:
  virtual void heard(const Message& message) = 0;     // an application message, in its turn
  void say(std::string_view type, std::string body);  // kept, also while nobody is connected
  void adopt(int socket);                             // a new connection
  void log_on();
  void fault(std::string text);

 private:
  struct Said {
    std::string type, body, time;  // no body kept of a session message
  };
  bool read();
  bool write();
  void drop();
  void put(std::string_view type, std::uint32_t sequence, std::string_view body,
           std::string_view first_sent);
  void take(std::string_view frame);
  void in_turn(const Message& message);
  void jump(const Message& message);
  void resend(std::uint32_t from, std::uint32_t to);
  [[nodiscard]] bool is_answerer() const { return answers_logon_; }

  std::string ours_, theirs_;
  std::vector<std::string>& faults_;
  int socket_ = -1;
  bool on_ = false, asked_ = false, answers_logon_ = true;
  std::string in_, out_;
  std::size_t written_ = 0;
  std::uint32_t next_in_ = 1;
  std::vector<Said> said_;
  std::map<std::uint32_t, std::string> early_;  // behind a gap
  std::vector<std::uint64_t> marks_;
  std::uint64_t heard_again_ = 0, connections_ = 0;
  std::int64_t last_said_ns_ = 0;
};

}  // namespace interlock::crash
