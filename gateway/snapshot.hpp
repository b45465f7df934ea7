// What the loop lets others see: plain values, published whole, several times a second. Nobody else
// touches books.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/policy_rows.hpp"
#include "gateway/latency.hpp"

namespace interlock::gateway {

struct SessionView {
  std::string id;
  std::string side;   // "router", "venue", "tee", "drop_copy" or "venue_drop_copy"
  std::string state;  // "down", "connecting", "logging on", "on", "closed by schedule"
  std::string peer;   // address:port while connected
  std::uint32_t next_in = 1;
  std::uint32_t next_out = 1;
  std::uint64_t messages_in = 0;
  std::uint64_t messages_out = 0;
  std::uint64_t out_buffer_bytes = 0;
  std::int64_t last_received_ns = 0;  // UTC; 0: never
};

// A limit that two people have raised until a time.
struct RaiseView {
  std::uint64_t id = 0;
  std::string scope_kind, scope, key, before, value, reason, people;
  std::int64_t until_ns = 0;
};

// What waits for a second person.
struct ProposalView {
  std::uint64_t id = 0;
  std::string people, reason, changes;  // a line a change
  std::int64_t expires_at_ns = 0;
};

// The policy in force; made anew only when it changes.
struct PolicyView {
  std::string hash;  // of the configuration that it came from
  std::vector<config::PolicyRow> rows;
  std::vector<RaiseView> raises;
  std::vector<std::string> accounts, symbols, algos, traders, desks;
};

struct LimitView {
  std::string control;  // id
  std::string scope_kind;
  std::string scope;  // name; empty for the firm
  std::string used;
  std::string limit;
  double fraction = 0;
  std::uint32_t line = 0;
  std::int64_t raised_until_ns = 0;  // 0: as in the file
};

struct ParentView {
  std::string id, account, symbol, side, source;
  std::string size, cum, open;  // decimals
  std::uint32_t children = 0;
  std::uint32_t refused = 0;
  bool exhausted = false;
  bool cancelled = false;
};

struct OrderView {  // an open order, for the residual report
  std::string router, venue, account, symbol, parent, cl_ord_id, side, state;
  std::string quantity, cum, open;
  bool cancel_in_flight = false;
};

struct KillView {
  std::uint64_t id = 0;
  std::string scope_kind, scope, level, source, actor, cause;
  std::int64_t tripped_at_ns = 0;
  std::int64_t closed_at_ns = 0;    // 0: the loop has not acknowledged yet
  std::vector<OrderView> residual;  // still alive in its scope (at most 1,000 listed)
  std::uint32_t residual_count = 0;
  std::uint32_t cancels_sent = 0;
  std::map<std::string, std::uint32_t>
      last_sequence;  // per venue: last MsgSeqNum that left before the gate closed
  std::map<std::string, std::uint64_t> unsent = {};    // per venue: bytes in the kernel then
  std::map<std::string, std::int64_t> cut_at_ns = {};  // per venue: its connection was reset
  std::string rearm_begun_by = {};  // first of two people, while the request is valid
  std::string rearm_reason = {};
  std::int64_t rearm_begun_at_ns = 0;  // 0: nobody has begun
};

struct AlertView {
  std::uint64_t id = 0;
  std::string severity, kind, scope_kind, scope, text;
  std::uint64_t count = 0;
  std::int64_t raised_at_ns = 0;
  std::int64_t last_at_ns = 0;
  std::string acknowledged_by, acknowledged_with;  // empty: open
  std::int64_t acknowledged_at_ns = 0;
};

struct ButtonView {
  std::string id, scope_kind, scope;
  std::string device;               // what stands behind the name
  std::string on_loss;              // as in the file
  std::string socket;               // of a simulated one; empty: it is real
  std::string state;                // "at rest", or what is wrong: "pressed", "cannot be read", ...
  bool fail_safe = false;           // a cut wire looks like a press
  bool good = false;                // nothing stands against trading on
  bool untested = false;            // no press was seen since it was found
  std::int64_t pressed_at_ns = 0;   // UTC, the last time; 0: never since the start
  std::int64_t drilled_at_ns = 0;   // UTC of the last drill that passed; 0: never
  std::int64_t latency_ns = 0;      // contact to gate, of the last press that was measured; 0: none
  std::string drill;                // of the one that is on, or how the last one ended
  std::int64_t drill_until_ns = 0;  // UTC; 0: none is on
};

// A venue's orders compared with the books, since its logon.
struct VenueCheckView {
  std::string venue;
  // "down", "asking", "matched", "differs", "no answer", "signed off"
  std::string state;
  std::uint32_t asked = 0;
  std::uint32_t answered = 0;
  std::vector<std::string> differences;  // in words, an order each; at most 100
  std::int64_t since_ns = 0;             // UTC, of this state
};

// What the kernel says of this host's clock.
struct ClockView {
  bool synchronised = false;
  std::int64_t offset_ns = 0;
  std::int64_t error_ns = 0;  // the most by which it may be wrong
  std::string problem;        // why that is not good enough; empty: it is
};

struct SigningView {
  std::uint32_t key = 0;            // the number of the one in use; 0: nothing is signed
  std::uint64_t last_sequence = 0;  // what the last signed checkpoint covers
  std::string problem;              // why nothing is signed now; empty: it is
};

struct RefusalView {
  std::uint64_t record = 0;  // audit number
  std::int64_t time_ns = 0;
  std::string router, cl_ord_id, code, text;
};

// A record of the journal in words, of a kind that people look at; single orders are not.
struct RecordView {
  std::uint64_t record = 0;
  std::int64_t time_ns = 0;
  std::string kind, actor, text;
};

struct Snapshot {
  std::int64_t time_ns = 0;  // UTC, when it was taken
  std::string state;         // the firm's: "armed", "reduce-only", "blocked", "killed", "stopping"
  std::vector<KillView> kills;  // active, any scope
  std::shared_ptr<const PolicyView> policy;
  std::vector<ProposalView> proposals;
  std::vector<SessionView> sessions;
  std::vector<LimitView> limits;    // fullest first
  std::vector<ParentView> parents;  // fullest first, at most 1,000
  std::uint32_t parent_count = 0;
  std::uint32_t open_orders = 0;
  // Kind of scope, name, open orders: those that have any.
  std::map<std::string, std::map<std::string, std::uint32_t>> open_orders_by;
  std::vector<AlertView> alerts;  // open ones first, then the newest
  std::vector<ButtonView> buttons;
  std::string button_thread;             // its priority, in words; empty: there is none
  std::string rearm_problem;             // what stands in the way of every re-arm; empty: nothing
  std::string identity, armed_identity;  // that runs, and that was approved last
  std::string journal_problem;           // why it cannot hold enough more; empty: it can
  std::vector<RefusalView> refusals;     // newest first, at most 100
  std::vector<RecordView> records;       // the same
  std::map<std::string, std::uint64_t> refused_by_code;   // since start
  std::map<std::string, std::uint64_t> anomalies;         // by name, since start
  std::map<std::string, std::uint64_t> passed_by_router;  // D and G that went to a venue
  std::map<std::string, std::uint64_t> refused_by_router;
  std::map<std::string, LatencyCounts> latency_by_venue;  // of orders, from wake-up to the kernel
  std::map<std::string, double> reference_age_s;          // by symbol; absent: no price
  std::map<std::string, double> drop_copy_lag_s;  // by session: age of the oldest unsent report
  std::map<std::string, std::uint64_t> late_children;  // "waited", then "passed" or "refused"
  std::uint64_t children_waiting = 0;
  std::uint64_t drop_copy_differences = 0;  // of venues' drop copies, since the start
  std::uint64_t quarantined_fills = 0;
  std::uint64_t journal_records = 0;
  std::uint64_t journal_bytes = 0;
  std::int64_t journal_unsynced_age_ns = 0;
  std::vector<VenueCheckView> venue_checks;
  ClockView clock;
  SigningView signing;
  std::uint64_t gate_acknowledged_word = 0;  // latch word that the loop has acted on
};

}  // namespace interlock::gateway
