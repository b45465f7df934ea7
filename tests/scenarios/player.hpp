// A correct FIX end that a play speaks through: a router or a venue. It answers admin messages by
// itself, asks for what it missed, and knows nothing of how its bytes travel.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "gateway/wire.hpp"

namespace interlock::scenarios {

using Fields = std::vector<std::pair<config::Tag, std::string>>;

struct Heard {
  std::uint32_t sequence = 0;
  std::string frame;
};

class Player {
 public:
  Player(std::string id, bool initiator, std::string version, config::CompIds comp_id,
         std::function<std::int64_t()> now_ns);

  void connected();  // an initiator logs on
  void dropped();    // what no line has read is lost
  void receive(std::string_view bytes);
  void keep_alive();
  void new_day() { next_in_ = next_out_ = 1, said_.clear(); }  // both ends begin at 1 again
  // It has had messages up to this number, which the gateway does not know of.
  void has_read_up_to(std::uint32_t sequence) { next_in_ = sequence + 1; }
  // Its next message has this number.
  void goes_on_at(std::uint32_t sequence) { next_out_ = sequence; }
  [[nodiscard]] std::uint32_t next_out() const { return next_out_; }
  void lose();  // the bytes that wait to leave are lost on the way; a resend brings them again
  void send(const std::string& type, Fields fields);

  std::string out;          // bytes for the connection
  std::deque<Heard> inbox;  // application messages and session rejects, unread
  bool up = false;          // connected
  bool on = false;          // logged on
  bool mute = false;        // half-open: it answers nothing any more, and does not hang up
  bool deaf = false;        // it does not read: what is for it stays with the gateway
  // It takes so many bytes more, and then the connection is gone.
  std::size_t takes = static_cast<std::size_t>(-1);
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] bool initiator() const { return initiator_; }
  [[nodiscard]] const config::Dialect& dialect() const;
  [[nodiscard]] const std::string& last_body() const { return said_.rbegin()->second.body; }

 private:
  void handle(std::string_view frame);
  void log_on(std::string_view heartbeat);
  void resend(std::uint32_t from, std::uint32_t to);
  void put(const std::string& type, std::uint32_t sequence, const std::string& body, bool again,
           const std::string& header = {});
  void admin(const std::string& type, const std::string& body);

  struct Said {
    std::string type;
    std::string body;
  };
  std::string id_;
  bool initiator_;
  std::string version_;
  config::CompIds comp_id_;
  std::function<std::int64_t()> now_ns_;
  std::string in_;
  std::uint32_t next_in_ = 1;
  std::map<std::uint32_t, Said> said_;  // application messages by number
  std::uint32_t next_out_ = 1;
  bool asked_ = false;  // a resend is on its way
  std::int64_t last_sent_ns_ = 0;
};

}  // namespace interlock::scenarios
