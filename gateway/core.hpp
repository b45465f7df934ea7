// The gateway without sockets: sessions, gate, returns and kills on one clock. The loop feeds it;
// tests do too.
#pragma once

#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/buttons.hpp"
#include "gateway/clock_steps.hpp"
#include "gateway/clock_watch.hpp"
#include "gateway/day.hpp"
#include "gateway/desk.hpp"
#include "gateway/drop_copy.hpp"
#include "gateway/floor.hpp"
#include "gateway/gate.hpp"
#include "gateway/killer.hpp"
#include "gateway/limit_uses.hpp"
#include "gateway/place.hpp"
#include "gateway/policy_desk.hpp"
#include "gateway/returns.hpp"
#include "gateway/sequence_desk.hpp"
#include "gateway/shadow.hpp"
#include "gateway/signing.hpp"
#include "gateway/tee.hpp"
#include "gateway/venue_copy.hpp"

namespace interlock::gateway {

// Where a connection came in, for the checks before a Logon touches any session.
struct Visitor {
  std::string address;                    // literal IP of the peer
  std::vector<std::uint32_t> candidates;  // of config::Config::acceptors: who listens there
};

struct SnapshotFile;  // gateway/snapshot_file.hpp

enum class Turned : std::uint8_t { away, later };

// A request that the controls have judged, as the journal has it.
struct Recorded {
  std::uint64_t record = 0;
  risk::Time at;
  const risk::Request& request;
  std::optional<risk::Reason> refused;
};
// Called before the request is applied again: the books stand as they stood when it came.
using Observe = std::function<void(const Floor&, const Recorded&)>;

class Core : private LegOwner {
 public:
  static constexpr std::string_view by_people = "by people";  // Field::event of such prices
  // Rebuilds everything from the journal; `from`: what stands in front of its mark from there.
  // `config`, `journal` and `latch` live as long as the core.
  // An error: the journal cannot be read, and nothing may start.
  static std::expected<std::unique_ptr<Core>, std::string> create(
      const config::Config& config, audit::Journal& journal, killswitch::Latch& latch,
      std::function<Clock()> read_clock, std::string build_id,
      std::optional<Shadowing> shadow = std::nullopt, const SnapshotFile* from = nullptr);

  // --- time and connections ---
  void wake();  // reads the clock; first call of each wake-up
  // The first frame on a new connection has to be a Logon of a session that listens there: address,
  // CompIDs, credentials, schedule and sequence-reset policy are checked before any session is
  // touched. `away`: refused (the reason is in the journal), the caller closes. `later`: the
  // session has a connection from the same address, which is asked whether it lives; the caller
  // asks again after Leg::probe_ns.
  std::expected<Leg*, Turned> admit(const Visitor& visitor, std::string_view frame);
  // Of bytes that are no FIX frame: a record, and the caller closes.
  void refuse_garbage(const Visitor& visitor, FrameError error);
  // At accept: the address allow-list, and not too many refused Logons of late.
  [[nodiscard]] bool allowed(const Visitor& visitor);
  void received(Leg& leg, std::string_view bytes);
  void tick();                          // timers, schedules, prices that aged, chased cancels
  void flush();                         // one write a leg
  [[nodiscard]] bool has_more() const;  // to write, without waiting for anything
  // Of config::Config::connectors: one whose schedule is open and that has no connection, with the
  // next address to try; the caller attaches its leg.
  [[nodiscard]] std::optional<config::Address> wants_connection(std::uint32_t connector);
  void connect_failed(std::uint32_t connector, const std::string& why);
  [[nodiscard]] Leg& connecting(std::uint32_t connector) { return *connecting_[connector]; }

  // --- what others ask, on the loop's thread ---
  void latch_changed();
  ParentOutcome declare_parent(const ParentRequest& request);
  void declare_file();  // the parents of the configuration's file
  void take_prices(risk::References references, std::string_view source);
  ActionOutcome act(const std::string& person, const Action& action);
  // What a re-arm has to sign off: "ROUTER/CLORDID" of each order in its scope that may execute.
  [[nodiscard]] std::vector<std::string> still_alive(const killswitch::Kill& kill) const;
  // The first of two people has asked: for the record.
  void rearm_begun(const killswitch::RearmRequest& request);
  // Why the kill may not be re-armed yet: a venue is being asked; empty: it may.
  [[nodiscard]] std::string recovering(const killswitch::Kill& kill) const;
  void rearmed(const killswitch::Kill& kill, const killswitch::RearmRequest& request,
               std::string_view approver);
  [[nodiscard]] std::shared_ptr<Snapshot> snapshot() const;
  void latch_not_stored(const std::string& why);
  // The gate opens at start only as the latch and the policy allow; else the firm is killed with
  // the reason.
  void open_or_stay_shut();
  void start_stop();                   // SIGTERM: gate shut, cancels as configured
  [[nodiscard]] bool drained() const;  // nothing open any more, or the drain time is over
  void log_out();                      // all sessions; their answers are waited for by the caller
  void finish_stop();                  // final record, clean mark
  [[nodiscard]] bool connected() const;

  [[nodiscard]] Floor& floor() { return floor_; }
  [[nodiscard]] Killer& killer() { return killer_; }
  [[nodiscard]] Gate& gate() { return gate_; }
  [[nodiscard]] Buttons& buttons() { return buttons_; }
  [[nodiscard]] LimitUses& limit_uses() { return limit_uses_; }
  [[nodiscard]] ClockSteps& clock_steps() { return clock_steps_; }
  // Why the journal does not make the books that an orderly stop ended with; empty: it does.
  [[nodiscard]] const std::string& other_books() const { return other_books_; }
  [[nodiscard]] ClockWatch& clock_watch() { return clock_watch_; }
  // Build and configuration: what people approve when they re-arm.
  [[nodiscard]] std::string identity() const;
  // Before `open_or_stay_shut`: an identity is armed in its place, and a copy elsewhere starts
  // shut.
  void stands_at(Place place) { place_ = std::move(place); }

 private:
  friend class Recovery;
  Core(const config::Config& config, audit::Journal& journal, killswitch::Latch& latch,
       std::function<Clock()> read_clock, std::string build_id);

  // LegOwner
  void application(Leg& leg, const Inbound& message) override;
  void admin_rejected(Leg& leg, const Parsed& reject) override;
  void logged_on(Leg& leg) override;
  void logged_out(Leg& leg) override;
  void sequence_reset(Leg& leg, std::string_view cause) override;
  void not_resent(Leg& leg, std::uint32_t sequence) override;
  void knows_more(Leg& leg, std::uint32_t expected) override;
  void before_write(Leg& leg) override;
  void orders_left(const Leg& leg, const std::vector<std::int64_t>& since_ns) override;
  void alert(const Leg& leg, std::string text) override;
  void failed(std::string text) override;

  ActionOutcome take(const std::string& person, const Acknowledge& action);
  ActionOutcome take(const std::string& person, const Reload& action);
  ActionOutcome take(const std::string& person, const Approve& action);
  ActionOutcome take(const std::string& person, const ApproveParent& action);
  ActionOutcome take(const std::string& person, const RaiseLimit& action);
  ActionOutcome take(const std::string& person, const ReleaseOrder& action);
  ActionOutcome take(const std::string& person, const ChangeParent& action);
  ActionOutcome change(const std::string& people, const ChangeParent& action);
  // Live, and again from the journal.
  bool adopt(const ChangeParent& action, risk::Time at);
  ActionOutcome take(const std::string& person, const SetPrices& action);
  ActionOutcome take(const std::string& person, const TestButton& action);
  ActionOutcome take(const std::string& person, const CutVenue& action);
  ActionOutcome take(const std::string& person, const CancelAgain& action);
  ActionOutcome take(const std::string& person, const Statement& action);
  ActionOutcome take(const std::string& person, const SetSequence& action);
  ActionOutcome take(const std::string& person, const ApproveSequence& action);
  // A D of the journal as a request; nullopt: it names what is not there.
  std::optional<risk::NewOrder> order_of(std::string_view frame, std::string_view router,
                                         std::string_view venue);
  // The newer of file and API, symbol by symbol; live, and again from the journal.
  enum class PriceSource : std::uint8_t { file, people };
  bool put_prices(risk::References references, PriceSource source, std::string_view name,
                  std::string_view actor);
  void adopt_prices(risk::References references, PriceSource source);
  void look_after_ourselves();  // how old what we go by is
  [[nodiscard]] std::string armed_elsewhere() const;
  void note_armed();  // under this build and configuration; nothing while the firm is killed

  void hold_or_let_go();  // what waits for the disk
  Leg& add(std::vector<std::unique_ptr<Leg>>& to, LegIdentity identity);
  std::optional<std::string> logon_problem(const config::Acceptor& acceptor,
                                           const Parsed& logon) const;
  void refused_logon(const Visitor& visitor, std::string_view why);
  void reset_at_new_day(Leg& leg);
  void note_day(const Leg& leg, risk::Time at);  // its numbers are of that trading day
  void note_set(const Leg& leg, risk::Time at);  // by people: of the day that is on, or of the next

  struct Dialing {  // of a connector
    std::size_t next_address = 0;
    std::int64_t not_before_ns = 0;
  };
  Floor floor_;
  PolicyDesk policy_;
  Day day_{floor_};
  ClockSteps clock_steps_{floor_};
  risk::References file_prices_, peoples_prices_;
  struct LargerParent {    // waits for a second person
    std::uint64_t id = 0;  // the number of its record
    std::string person;
    ChangeParent what;
    std::int64_t expires_at_ns = 0;
  };
  std::vector<LargerParent> larger_parents_;
  SequenceDesk sequences_{floor_, [this](const Leg& leg) { note_set(leg, floor_.clock.utc); }};
  Buttons buttons_{floor_};
  LimitUses limit_uses_{floor_};
  Signing signing_{floor_};
  ClockWatch clock_watch_{floor_};
  Killer killer_;
  Returns returns_;
  Gate gate_;
  Tees tees_;
  DropCopies drop_copies_;
  Shadow shadow_;
  VenueCopies venue_copies_;
  std::string build_id_;
  std::string other_books_;
  Place place_;  // unknown where nothing else could take its place
  const bool waits_for_disk_;
  std::vector<const config::Acceptor*> acceptors_;
  std::vector<const config::Connector*> connectors_;
  std::vector<Leg*> accepting_;                   // the leg of each acceptor
  std::vector<Leg*> connecting_;                  // of each connector
  std::vector<Dialing> dialing_;                  // the same
  std::map<const Leg*, config::LocalDate> days_;  // trading day of the numbers in use
  std::map<const Leg*, Allowance> logons_;        // that were taken
  std::map<std::string, Allowance> refusals_;     // of Logons, by address
  std::int64_t stop_at_ns_ = 0;
  std::int64_t chased_at_ns_ = 0;
};

}  // namespace interlock::gateway
