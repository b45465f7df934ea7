// One end of the proxy: a FIX session with one counterparty, over a connection that comes and goes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/fields.hpp"
#include "audit/journal.hpp"
#include "config/config.hpp"
#include "gateway/allowance.hpp"
#include "gateway/outbuffer.hpp"
#include "gateway/quickfix/session.hpp"
#include "gateway/refuse.hpp"
#include "gateway/store.hpp"
#include "gateway/wire.hpp"
#include "gateway/wire_paths.hpp"

namespace interlock::gateway {

// Read once a wake-up by the loop (or advanced by a test) and handed to everyone.
struct Clock {
  risk::Time utc;
  std::int64_t mono_ns = 0;
};

// The connection under a leg: a socket of the loop, or a test's collector.
class Link {
 public:
  static constexpr std::size_t broken = static_cast<std::size_t>(-1);
  virtual ~Link() = default;
  // How many of the bytes were taken; 0: none now; `broken`: the connection is gone.
  virtual std::size_t write(std::string_view bytes) = 0;
  virtual void close() = 0;
  // Closes so that what it has taken and not sent is lost.
  virtual void reset() = 0;
  // Of what it has taken, the bytes that have not been sent: they may still leave.
  [[nodiscard]] virtual std::uint64_t unsent() const = 0;
  [[nodiscard]] virtual std::string peer() const = 0;
};

// An application message whose turn has come.
struct Inbound {
  std::string_view frame;
  const Parsed* parsed = nullptr;       // strict on a router's leg, unless `trouble`
  const ParseError* trouble = nullptr;  // what the gatekeeper says against it
  std::uint32_t sequence = 0;
};

// A numbered message of ours that has been built, and is to be journalled before it is committed.
struct Outgoing {
  std::uint32_t sequence = 0;
  std::string type;
  std::string frame;
};

class Leg;

// What a leg tells the core.
class LegOwner {
 public:
  virtual ~LegOwner() = default;
  virtual void application(Leg& leg, const Inbound& message) = 0;
  virtual void admin_rejected(Leg& leg, const Parsed& reject) = 0;  // the counterparty sent 35=3
  virtual void logged_on(Leg& leg) = 0;
  virtual void logged_out(Leg& leg) = 0;
  virtual void sequence_reset(Leg& leg,
                              std::string_view cause) = 0;  // by the counterparty, unplanned
  virtual void not_resent(Leg& leg,
                          std::uint32_t sequence) = 0;  // an order that a resend gap-filled
  // The counterparty has had more messages of us than our journal knows: it expects this number.
  virtual void knows_more(Leg& leg, std::uint32_t expected) = 0;
  virtual void before_write(Leg& leg) = 0;  // the latch is asked here
  // The kernel has taken orders that came in these wake-ups.
  virtual void orders_left(const Leg& leg, const std::vector<std::int64_t>& since_ns) = 0;
  virtual void alert(const Leg& leg, std::string text) = 0;
  virtual void failed(std::string text) = 0;  // the journal did not take a record
};

struct LegIdentity {
  enum class Side : std::uint8_t { router, venue, tee, drop_copy, venue_drop_copy };
  Side side = Side::router;
  std::uint32_t index = 0;                    // RouterId, VenueId, or the place in its table
  const config::Session* settings = nullptr;  // for its calendar; lives as long as the leg
  std::string id;
  std::shared_ptr<const config::Dialect> dialect;
  config::CompIds comp_id;
  std::uint32_t heartbeat_s = 30;
  bool reset_on_logon = false;
  bool extended_codes = false;  // of a router in FIX 5.0SP2
  std::vector<std::pair<config::Tag, std::string>> logon_fields;
  std::uint64_t out_buffer_max = 0;
};

class Leg : private quickfix::Host {
 public:
  static constexpr std::size_t frame_max = 64 * 1024;
  static constexpr std::size_t waiting_max = 10'000;   // messages behind a gap
  static constexpr std::uint64_t resend_factor = 64;   // of out_buffer_max, for asked-for resends
  static constexpr std::uint32_t resend_most = 2'500;  // messages that one ResendRequest asks for
  static constexpr std::uint32_t garbled_max = 100;    // in a row, before the connection is cut

  static constexpr std::int64_t probe_ns = 1'000'000'000;  // to answer a TestRequest of ours

  Leg(LegIdentity identity, audit::Journal& journal, const Clock& clock, LegOwner& owner);

  // --- the connection ---
  void attach(Link& link);
  void detach(std::string_view why);
  void received(std::string_view bytes);
  void flush();
  void tick();
  void go_on();  // with a long resend; at each turn
  [[nodiscard]] bool may_go_on() const;
  void start_logout(const std::string& reason);
  void cut(std::string why);  // closes the connection, as soon as the engine has returned
  // Ends the connection at once, and what waits for it, in the kernel too. Not for the engine's
  // callbacks.
  void reset(std::string_view why);

  // Asks whether the counterparty lives, and what came of it.
  void probe();
  enum class Life : std::uint8_t { not_asked, asked, alive, silent };
  [[nodiscard]] Life life() const;
  void forget_probe() { probed_ns_ = 0; }

  // --- sending application messages ---
  // Numbered with the next MsgSeqNum; nothing changes until `commit`.
  [[nodiscard]] Outgoing prepare(std::string type, std::string_view body,
                                 std::string_view extra_header = {}) const;
  // It stands in the journal at `location`: takes its number, and goes out when the session is on.
  // Else the counterparty gets it by resend.
  void commit(Outgoing message, const audit::Location& location, OutFrame mark = {});
  // 35=3 with the gatekeeper's words; journalled as an admin message.
  void reject(const ParseError& error);
  // The record of an inbound application message is in the journal: its number is accounted for.
  void recorded(std::uint32_t sequence) { recorded_in_ = sequence; }
  // What it sends leaves only when its record is on disk (`durability = "power"`): to a venue what
  // opens risk, to all others every application message. False lets go what waits.
  void wait_for_disk(bool waits) { waits_for_disk_ = waits; }
  // Purges the out-buffer (see OutBuffer::purge); the gap fills are journalled.
  std::vector<OutFrame> purge(const std::function<bool(const OutFrame&)>& doomed);
  // By our own calendar, while no connection is up.
  void reset_by_schedule(std::string_view cause);
  // By people, whose record is in the journal, while no connection is up.
  void renumber(std::optional<std::uint32_t> next_in, std::optional<std::uint32_t> next_out);

  // --- questions ---
  [[nodiscard]] const LegIdentity& identity() const { return identity_; }
  [[nodiscard]] const std::string& id() const { return identity_.id; }
  [[nodiscard]] bool is_router() const { return identity_.side == LegIdentity::Side::router; }
  [[nodiscard]] bool is_venue() const { return identity_.side == LegIdentity::Side::venue; }
  // The counterparty connects to us, and everything that it says is read strictly.
  [[nodiscard]] bool accepts() const {
    return !is_venue() && identity_.side != LegIdentity::Side::venue_drop_copy;
  }
  [[nodiscard]] bool schedule_open() const {
    return identity_.settings->schedule.open_at(clock_.utc);
  }
  [[nodiscard]] const std::string& begin_string() const { return identity_.dialect->begin_string; }
  [[nodiscard]] AnswerForm form() const {
    return {identity_.dialect->version, identity_.extended_codes};
  }
  [[nodiscard]] bool on() const { return link_ != nullptr && session_->logged_on(); }
  [[nodiscard]] Link* link() const { return link_; }
  // Messages of the counterparty are missing, and have been asked for.
  [[nodiscard]] bool has_gap() const { return heard_to_ >= store_.next_in(); }
  [[nodiscard]] bool wants_write() const { return link_ != nullptr && out_.ready(on_disk()); }
  // What waits for a record behind this one may not leave.
  [[nodiscard]] std::uint64_t on_disk() const {
    return waits_for_disk_ ? journal_.on_disk() : std::numeric_limits<std::uint64_t>::max();
  }
  [[nodiscard]] SequenceStore& store() { return store_; }
  [[nodiscard]] const SequenceStore& store() const { return store_; }
  [[nodiscard]] const OutBuffer& out() const { return out_; }
  // For how long the counterparty has taken nothing, though something waits for it.
  [[nodiscard]] risk::Duration stalled_for() const {
    return {wants_write() && blocked_ns_ != 0 ? clock_.mono_ns - blocked_ns_ : 0};
  }
  // What the kernel has taken and not sent.
  [[nodiscard]] std::uint64_t unsent() const { return link_ == nullptr ? 0 : link_->unsent(); }
  // Places in all that was ever written to the counterparty: where it ends, and up to where it has
  // left this machine or was lost with its connection.
  [[nodiscard]] std::uint64_t written_to() const { return out_.gone() + out_.bytes(); }
  [[nodiscard]] std::uint64_t left_to() const {
    return out_.gone() - std::min(out_.gone(), unsent());
  }
  [[nodiscard]] std::int64_t last_received_ns() const { return last_received_ns_; }
  // For how long it should have been heard and was not: since its last word, since its schedule
  // opened, or since our start. Nothing while the schedule is closed.
  [[nodiscard]] std::optional<risk::Duration> silent_for() const {
    if (open_since_ns_ == 0) return std::nullopt;
    return clock_.utc - risk::Time{std::max(open_since_ns_, last_received_ns_)};
  }
  [[nodiscard]] std::uint64_t messages_in() const { return messages_in_; }
  [[nodiscard]] std::uint64_t messages_out() const { return messages_out_; }
  // What this leg sent under `sequence`, as first sent; empty: not in the journal.
  [[nodiscard]] std::string_view sent_frame_of(std::uint32_t sequence) const;

 private:
  friend struct EngineOnly;  // of the test that compares the two ways

  // quickfix::Host
  int next_sender() const override { return static_cast<int>(store_.next_out()); }
  int next_target() const override { return static_cast<int>(store_.next_in()); }
  void set_next_sender(int sequence) override;
  void set_next_target(int sequence) override;
  void advance_sender() override { store_.set_next_out(store_.next_out() + 1); }
  void advance_target() override;
  void reset_sequences() override;
  void keep_admin(int sequence, const std::string& frame) override;
  std::string sent_type(int sequence) const override;
  bool write_admin(const std::string& frame) override;
  int resend_to(int from) override;
  bool may_resend(int sequence) override;
  void write_resend(int sequence) override;
  void close() override;
  void on_logon() override;
  void on_logout() override;
  void on_application(int sequence) override;
  void on_admin(const std::string& type, int sequence) override;
  std::vector<std::pair<int, std::string>> logon_fields() const override;
  bool reset_on_logon() const override { return identity_.reset_on_logon; }
  void on_event(const std::string& text) override;
  void on_fault(const std::string& what) override;

  void handle(std::string_view frame);
  [[nodiscard]] bool is_in_turn(const Parsed& message) const;
  void take(std::string_view frame);
  quickfix::Session& engine();
  void handle_application(const Inbound& message);
  void handle_admin(const Inbound& message);
  bool may_chat();  // false: it was cut
  void begin_resend(const Parsed& asked);
  void resend_part();
  void close_if_silent();
  void warn_of_low_number(const Parsed& logon);
  void send_admin(std::string type, std::string_view body);
  HeaderValues own_header(std::string_view type, std::uint32_t sequence,
                          std::string_view now) const;
  std::string header_only(const Parsed& parsed) const;
  std::string declared_only(const Parsed& parsed) const;
  void ask_for_the_rest();
  void look_at_our_number(const Parsed& admin);
  void push(OutFrame frame);
  void drop(std::string_view why, void (Link::*end)());
  void write_link_record(std::string_view event, std::string_view detail);
  std::optional<audit::Location> append(audit::Kind kind, const audit::FieldWriter& fields);

  LegIdentity identity_;
  audit::Journal& journal_;
  const Clock& clock_;
  LegOwner& owner_;
  SequenceStore store_;
  OutBuffer out_;
  std::unique_ptr<quickfix::Session> session_;
  Link* link_ = nullptr;
  std::string in_;                    // bytes not yet framed
  std::string reading_;               // those, and what came after them, while they are read
  Parsed parsed_;                     // the message in hand
  KnownPaths paths_;                  // of what this session sent
  const Inbound* in_hand_ = nullptr;  // while the engine has its number
  std::map<std::uint32_t, std::string>
      waiting_;                // application frames by MsgSeqNum, until their turn
  std::string current_admin_;  // the admin frame in the engine's hands
  std::uint32_t recorded_in_ = 0;
  std::uint32_t heard_to_ = 0;  // the highest number heard on this connection
  std::uint32_t asked_to_ = 0;  // what a ResendRequest asks for ends here; 0: nowhere
  // The highest number on this connection that was not plainly in turn. What comes up to the one
  // behind it is the engine's: it may hold messages behind a gap, or count on being asked.
  std::uint32_t unusual_to_ = 0;
  std::int64_t heard_aside_ns_ = 0;  // UTC: heard, and said, without the engine, which has not
  std::int64_t said_aside_ns_ = 0;   // been told; 0: nothing
  std::string scratch_;
  struct Resend {  // what is still to be sent again
    std::uint32_t next = 1;
    std::uint32_t last = 0;
  };
  Resend resend_;
  // Session messages and garbled ones: at once, and then 100 a second.
  static constexpr Allowance chatter_allowed{500, 10'000'000};
  Allowance chatter_ = chatter_allowed;
  std::int64_t heard_ns_ = 0;    // monotonic, as all three
  std::int64_t probed_ns_ = 0;   // 0: never on this connection
  std::int64_t blocked_ns_ = 0;  // since when its connection takes nothing; 0: it does
  std::int64_t last_received_ns_ = 0;
  std::int64_t open_since_ns_ = 0;  // 0: its schedule is closed
  std::uint64_t messages_in_ = 0;
  std::uint64_t messages_out_ = 0;
  std::string cut_reason_;  // not empty: to be cut as soon as the engine has returned
  bool in_engine_ = false;
  bool waits_for_disk_ = false;
  std::uint32_t garbled_ = 0;  // in a row
};

// Opens risk at the venue: never replayed on a resend, purged by a kill.
[[nodiscard]] bool opens_risk(std::string_view type);
[[nodiscard]] bool is_admin(std::string_view type);
// The frame as the journal keeps it: no declared message holds a secret, any other may.
void put_in_frame(audit::FieldWriter& record, const Inbound& message);

}  // namespace interlock::gateway
