// Who has done how much lately: what the controls of flow and those that watch go by, kept with the
// books, rebuilt with them, and bounded in memory.
#pragma once

#include <bitset>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "risk/books.hpp"
#include "risk/repeats.hpp"
#include "risk/wide.hpp"
#include "risk/window.hpp"

namespace interlock::risk {

struct Subject;  // risk/subject.hpp

// What a router sent in one minute for parents that are known. A minute of the clock: the fan-outs
// of routers are compared over the same time.
struct Minute {
  std::int64_t number = 0;  // since 1970
  std::uint32_t messages = 0;
  std::uint32_t parents = 0;  // that they were for
};

struct RouterActivity {
  Window messages;
  Window executions;
  Window refusals;  // of its messages: ours, and the venues' but for lost races
  Window new_parents;
  Repeats repeats;
  // For parents that are known, since the books began: out, against in.
  std::uint64_t child_messages = 0;  // D, G and F, refused ones too
  Wide child_shares = 0;             // by how much they raised what may execute, or were to
  std::uint32_t parents = 0;
  Wide parent_sizes = 0;
  Minute minute, minute_before;
  std::bitset<1024> refused_today;            // by Reason
  std::vector<std::uint64_t> rejected_today;  // digests of a venue and its reject's code
};

// Fills of today that map to no order.
struct Orphans {
  std::uint32_t fills = 0;
  Wide shares = 0;
  Wide notional = 0;
};

struct VenueActivity {
  Window messages;  // that went there
  Window rejects;
  Orphans orphans;
  std::vector<std::uint64_t> rejected_today;  // of orders that are not ours
};

// A router that sent something for a parent, and in which minute it last did.
struct Visitor {
  RouterId router;
  std::int64_t minute = 0;
};

struct ParentActivity {
  std::uint64_t messages = 0;
  Wide shares = 0;
  Window executions;
  boost::container::small_vector<Visitor, 1> visitors;
};

// What the last change of the books brought: the controls that watch judge what is new. Not part
// of the digest.
struct News {
  std::optional<Reason> first_refusal;  // of its router today
  std::string first_reject;             // the venue's code, new today; empty: nothing new
  bool rejected_an_order = false;       // ... and it was of a new order
  bool executed = false;                // a fill of an order of ours
  bool orphan = false;                  // a fill that maps to no order
};

struct Activity {
  std::vector<RouterActivity> routers;  // by RouterId
  std::vector<VenueActivity> venues;    // by VenueId
  std::vector<Window> algos;            // executions, by AlgoId
  MoneyWindow firm;                     // notional entered
  Orphans orphans;                      // of all venues
  std::vector<MoneyWindow> accounts;    // by AccountId
  std::vector<MoneyWindow> symbols;     // by SymbolId
  std::vector<ParentActivity> parents;  // by ParentId
  Window::Memory parent_executions;
  News news;
};

void size_activity(Books::State& state, const Directory& directory, const Limits& limits);

// A D, G or F of a router, entered or refused; before it changes its order.
void note_child_message(Books::State& state, const Subject& subject, bool opens_risk, Time now);
// A D or G that was entered, and by how much it raised what its order counts for.
void note_entered(Books::State& state, const Subject& subject, Money added, Time now);
void note_refused(Books::State& state, RouterId router, Reason reason, Time now);
void note_execution(Books::State& state, const Order& order, Time now);
void note_orphan(Books::State& state, VenueId venue, Quantity quantity, Money notional);
// A venue's reject, of an order of this router or (unknown) of none of ours.
void note_rejected(Books::State& state, RouterId router, const Report& report, Time now);

// A parent has another size, after its children were seen.
void note_resized(Books::State& state, ParentId parent, Quantity before, Quantity after);
// What is counted by the day begins anew.
void begin_day(Activity& activity);

// What is shut already is refused without anybody having done wrong.
[[nodiscard]] bool is_of_a_shut_gate(Reason reason);

// Whether this router never sent anything for that parent.
[[nodiscard]] bool is_new_to(const Books::State& state, RouterId router, ParentId parent);
// Orders like this one that its router entered in the window; up to `most`, those that it entered
// before that may be among them.
[[nodiscard]] std::uint32_t alike_within(const Books::State& state, const Subject& subject,
                                         Duration window, Time now, std::uint32_t most);
// Messages for each parent in millionths, over the minute before `now`'s and that one so far, and
// of how many parents.
struct FanOut {
  std::int64_t parts_per_million = 0;
  std::uint32_t parents = 0;
};
[[nodiscard]] FanOut fan_out_of(const RouterActivity& router, Time now);

[[nodiscard]] std::uint64_t digest_of(const Activity& activity);

}  // namespace interlock::risk
