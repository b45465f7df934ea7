// The decision: one table of controls in order of precedence, the first refusal wins, nothing
// changes.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "risk/books.hpp"
#include "risk/limits.hpp"
#include "risk/request.hpp"
#include "risk/verdict.hpp"

namespace interlock::risk {

// Everything a control may look at. No clock: `now` is an argument.
struct Question {
  const Books& books;
  const Limits& limits;
  const References& references;
  const Directory& directory;
  const Request& request;
  Time now;
};

struct Control {
  std::string_view id;    // "parent-fill": never reused
  std::string_view rule;  // "15c3-5(c)(1)(ii)"
  Reason reason;          // the reason it gives of itself; NO_LIMIT and the like have their own
  std::optional<Breach> (*ask)(const Question&);
};

// In order of precedence.
[[nodiscard]] std::span<const Control> controls();

// May it go? A cancel always may, but one F in flight an order. Changes nothing:
// the caller applies Books::enter or Books::refuse with the verdict.
[[nodiscard]] Verdict decide(const Question& question);

// How full each limit is, fullest first: what the console and the metrics show.
struct LimitUse {
  std::string_view control;  // id
  Scope scope;
  std::string used;        // in the limit's unit
  std::string limit;       // "none" where a person wrote it
  double fraction = 0;     // 0..; for display only, never for a decision
  std::uint32_t line = 0;  // of the configuration file
};
[[nodiscard]] std::vector<LimitUse> limits_in_use(const Books& books, const Limits& limits,
                                                  const References& references,
                                                  const Directory& directory, Time now);

}  // namespace interlock::risk
