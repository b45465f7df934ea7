// Everything that the single writer owns, in one place: books, names, sessions, journal, latch,
// counters.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "audit/fields.hpp"
#include "audit/journal.hpp"
#include "config/config.hpp"
#include "gateway/alerts.hpp"
#include "gateway/leg.hpp"
#include "gateway/names.hpp"
#include "gateway/refuse.hpp"
#include "gateway/releases.hpp"
#include "gateway/snapshot.hpp"
#include "killswitch/latch.hpp"
#include "risk/books.hpp"
#include "risk/decide.hpp"

namespace interlock::gateway {

using InstrumentId = risk::Id<struct InstrumentKind>;

// What FIX needs to know of an order beyond the ledger.
struct OrderInfo {
  // The D's 1 48 22 65 167 ... as body bytes, for a cancel of our own: many orders have the same.
  InstrumentId instrument;
  std::string order_id;              // 37, as the venue last said
  std::string average_price = "0";   // 6
  char status = 'A';                 // 39, as the venue last said
  bool good_till_cancel = false;     // 59 is 1 or 6
  std::size_t body_hash = 0;         // of the D, so that a 43=Y can be told from another order
  std::int64_t cancelled_at_ns = 0;  // our last own cancel
  bool mass_cancelled = false;       // and that was a q, which names no order
};

[[nodiscard]] bool covers(const killswitch::Kill& kill, const risk::Directory& directory,
                          const risk::Order& order);
// Of the kills that cover such an order, one of the highest level; nullptr: none.
[[nodiscard]] const killswitch::Kill* covering(const std::vector<killswitch::Kill>& kills,
                                               const risk::Directory& directory,
                                               const risk::Order& order);

// A parent's declaration as a record holds it.
[[nodiscard]] risk::ParentDeclaration read_declaration(const audit::FieldReader& fields,
                                                       risk::Directory& directory);

struct Counters {
  std::map<std::string, std::uint64_t> refused_by_code;
  std::map<std::string, std::uint64_t> anomalies;
  std::map<std::string, std::uint64_t> passed_by_router;
  std::map<std::string, std::uint64_t> refused_by_router;
  std::map<std::string, std::uint64_t> late_children{{"waited", 0}, {"passed", 0}, {"refused", 0}};
  std::vector<LatencyCounts> latency_by_venue;  // by VenueId
  std::deque<RefusalView> refusals;             // newest first
  std::deque<RecordView> records;               // the same
};

// Who is told what a gateway that only looks on would have done.
struct Shadowing {
  std::function<void(const RefusalView&)> refused;
  std::function<void(const killswitch::Kill&)> killed;
};

struct Floor {
  Floor(const config::Config& the_config, audit::Journal& the_journal, killswitch::Latch& the_latch,
        std::function<Clock()> read);

  config::Config config;  // as it is in force: a reload replaces the policy in it
  audit::Journal& journal;
  killswitch::Latch& latch;
  std::function<Clock()> read_clock;
  std::function<void()> persist_latch;  // asks another thread to write the latch; set by the loop
  // Called between the steps of long work: whoever watches the loop sees that it lives.
  std::function<void()> beat = [] {};
  Clock clock;                                              // of this wake-up
  risk::SessionState session = risk::SessionState::closed;  // then, of the trading calendar
  risk::Directory directory;
  risk::Books books;
  risk::References references;
  ClOrdIds names;
  risk::Pages<OrderInfo> orders;              // by OrderId
  risk::Names<InstrumentId> instruments;      // of the orders
  std::vector<std::unique_ptr<Leg>> routers;  // by RouterId
  std::vector<std::unique_ptr<Leg>> venues;   // by VenueId
  std::vector<std::unique_ptr<Leg>> tees;
  std::vector<std::unique_ptr<Leg>> drop_copies;
  std::vector<std::unique_ptr<Leg>> venue_copies;
  std::vector<Leg*> legs;               // all of them, venues first
  std::vector<killswitch::Kill> kills;  // active ones, as the loop has acknowledged them
  std::uint64_t acknowledged_word = 0;
  std::int64_t acknowledged_mono_ns = 0;  // when
  Counters counters;
  Alerts alerts;
  std::optional<Shadowing> shadow;  // present: nothing is sent to anybody
  risk::Health health;              // how well we are informed ourselves
  Releases releases;
  bool recovering = false;
  bool stopping = false;

  void wake();  // reads the clock
  [[nodiscard]] OrderInfo& info(risk::OrderId id);
  [[nodiscard]] Leg& router_of(const risk::Order& order) { return *routers[order.router.value]; }
  [[nodiscard]] Leg& venue_of(const risk::Order& order) { return *venues[order.venue.value]; }
  [[nodiscard]] Leg* leg(std::string_view id) const;  // nullptr: the configuration has none
  // What the ledger and the venue last said of it, for a reject or a cancel report.
  [[nodiscard]] OrderFacts facts(risk::OrderId id) const;
  [[nodiscard]] std::string next_exec_id() const;

  // Told of every record that `append` wrote, or (sequence 0) could not write.
  std::function<void(audit::Kind, const audit::FieldReader&, std::uint64_t sequence)> on_record;
  // Appends, or trips the firm: without a journal nothing is sent.
  std::optional<audit::Location> append(audit::Kind kind, std::string_view actor,
                                        const audit::FieldWriter& fields);
  // Journals it each time; an open alert of the same kind and scope counts up.
  void alert(std::string_view actor, Raised what);
  // False: the journal takes no records, or there is no such open alert.
  bool acknowledge(std::uint64_t id, std::string_view person, std::string_view reason);
  // The critical ones that nobody has acknowledged, for the controls.
  [[nodiscard]] std::vector<risk::OpenAlert> open_alerts() const;
  void journal_failed(const std::string& why);
  // Trips, journals nothing: the kill's record is written when the loop acknowledges it.
  void trip(killswitch::Scope scope, killswitch::Source source, std::string actor,
            std::string cause, killswitch::Level level = killswitch::Level::kill);
  // What a breach asks for, of the controls' own accord.
  void trip(const risk::Breach& breach, std::string actor);
  // Asks the controls that watch; a breach shuts its scope, or is an alert. Both are journalled.
  void watch(risk::Occasion occasion, const risk::Touched& touched);
  // Whom a report touches: its order's scopes, or only what it says itself.
  [[nodiscard]] risk::Touched touched_by(const risk::Report& report, risk::OrderId order) const;
  // A scope of the latch as the controls know it, and the other way.
  [[nodiscard]] risk::Scope scope_of(const killswitch::Scope& scope) const;
  [[nodiscard]] killswitch::Scope named(const risk::Scope& scope) const;
  [[nodiscard]] bool is_shut(const risk::Trip& trip) const;
  void count_refusal(std::string_view router, std::string_view cl_ord_id, risk::Reason reason,
                     std::string text, std::uint64_t record);

 private:
  config::TradingClock trading_clock_;
};

}  // namespace interlock::gateway
