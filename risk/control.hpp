// What a control is: one row of the table that decide() and watch() walk, and what it may look at.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "risk/books.hpp"
#include "risk/limits.hpp"
#include "risk/request.hpp"
#include "risk/subject.hpp"
#include "risk/verdict.hpp"

namespace interlock::risk {

// Of the venue's trading calendar: how old a reference price may be depends on it.
enum class SessionState : std::uint8_t { closed, pre_open, open };

// Everything that decide() may look at. No clock: `now` is an argument.
struct Question {
  const Books& books;
  const Limits& limits;
  const References& references;
  const Directory& directory;
  const Request& request;
  Time now;
  SessionState session = SessionState::open;
  // Set where a latch of level reduce-only covers the order: whose.
  std::optional<Scope> reduce_only = {};
  // A named person has released this one order (RTS 6 15(6)): releasable controls let it pass.
  bool released = false;
};

// What has just happened, for the controls that watch.
enum class Occasion : std::uint8_t {
  attempt,     // a D or G was judged, whatever the verdict; `touched` is its
  message,     // any application message of a router, or of a venue
  report,      // a fact was booked, or maps to no order
  parent,      // a parent was first seen
  undeclared,  // a router sent a tag or value that its dialect does not declare
  retired,     // ... or one that is retired
  tick,        // time went on: several times a second
};
inline constexpr std::size_t occasions_size = static_cast<std::size_t>(Occasion::tick) + 1;

// Whom it touched; unknown ids where nobody of that kind.
struct Touched {
  RouterId router;
  VenueId venue;
  AccountId account;
  SymbolId symbol;
  ParentId parent;
  Attributions by;
  OrderId order;
  std::string_view what = {};  // is undeclared or retired: for people
};

// A critical alert that nobody has acknowledged.
struct OpenAlert {
  Scope scope;
  Time raised_at;
};

// How well the gateway itself is informed. An age that is absent: there is no such source.
struct Health {
  Duration journal_age;                                 // of the oldest record that is not on disk
  bool journal_failed = false;                          // a write or a sync failed
  bool journal_is_full = false;                         // space for two segments is gone
  std::vector<std::optional<Duration>> tee_ages;        // by RouterId
  std::vector<std::optional<Duration>> drop_copy_ages;  // by VenueId
  std::vector<OpenAlert> alerts;
};

// Everything that watch() may look at.
struct Watch {
  const Books& books;
  const Limits& limits;
  const References& references;
  const Directory& directory;
  const Health& health;
  Occasion occasion;
  const Touched& touched;
  Time now;
};

// How full a limit is: what the console and the metrics show.
struct LimitUse {
  std::string_view control;  // id
  Scope scope;
  std::string used;        // in the limit's unit
  std::string limit;       // "none" where a person wrote it
  double fraction = 0;     // 0..; for display only, never for a decision
  std::uint32_t line = 0;  // of the configuration file
};

// What a control does after something happened: adds breaches, of which those that shut a scope
// carry a trip. Asked on the occasions that it names, of which there is at least one.
struct Watcher {
  using Look = void (*)(const Watch&, std::vector<Breach>&);

  constexpr Watcher() = default;
  template <class... More>
  constexpr Watcher(Look each, Occasion first, More... more)
      : look(each), occasions(bit(first) | (0u | ... | bit(more))) {}
  [[nodiscard]] constexpr bool watches(Occasion occasion) const {
    return (occasions & bit(occasion)) != 0;
  }
  [[nodiscard]] static constexpr std::uint32_t bit(Occasion occasion) {
    return 1u << static_cast<unsigned>(occasion);
  }

  Look look = nullptr;
  std::uint32_t occasions = 0;  // bits
};

struct Inventory;  // risk/inventory.hpp

// What a breach does by itself; a row's text says more where it depends.
enum class Action : std::uint8_t { refuse, reduce_only, block, kill };

// Of a request, before it goes: true where it may. Where it may not, the verdict says why; else
// nothing changes.
using Ask = bool (*)(const Question&, const Subject&, Verdict&);

struct Control {
  std::string_view id;    // "parent-fill": never reused
  std::string_view rule;  // "15c3-5(c)(1)(ii)"
  Reason reason;          // the one it gives of itself; NO_LIMIT and the like have their own
  Action action;
  std::string_view scopes;  // "account, symbol": whose limits it asks
  std::string_view keys;    // of the configuration: "max_order_qty"
  std::string_view asks;    // the question, for people
  std::string_view why;     // what it is there for
  bool releasable = false;  // a person may let one refused order pass (RTS 6 15(6))
  Ask ask = nullptr;
  Watcher watch = {};
  // Lists how full its limits are.
  void (*use)(Inventory&) = nullptr;
};

// In order of precedence.
[[nodiscard]] std::span<const Control> controls();

// Of those that ask only this, in the same order, so that a decision walks a few cache lines; of an
// order that a person released, without those that let it pass.
[[nodiscard]] std::span<const Ask> asks(bool released);

// Of those that watch on this occasion, in the same order.
[[nodiscard]] std::span<const Watcher::Look> watchers(Occasion occasion);

}  // namespace interlock::risk
