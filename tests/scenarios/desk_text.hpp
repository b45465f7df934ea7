// What people have done and have to see to, as text: the same before a restart and after it.
#pragma once

#include <fmt/format.h>

#include <string>

#include "gateway/core.hpp"

namespace interlock::scenarios {

inline std::string desk_of(gateway::Core& core) {
  const auto policy = core.snapshot()->policy;
  std::string text = "configuration " + policy->hash + "\n";
  for (const gateway::RaiseView& raise : policy->raises)
    text += fmt::format("raise {} {} {} {}\n", raise.id, raise.key, raise.value, raise.until_ns);
  for (const config::PolicyRow& row : policy->rows)
    text += fmt::format("{} {} {} {}\n", row.scope_kind, row.scope, row.key, row.value);
  for (const gateway::Release& release : core.floor().releases.open())
    text += fmt::format("release {} {} {}\n", release.id, release.expires_at_ns,
                        release.order.quantity.text());
  for (const gateway::Alert& alert : core.floor().alerts.all()) {
    text += fmt::format("{} {} {} {} {} {} {} {}\n", alert.id, name(alert.what.severity),
                        alert.what.kind, name(alert.what.scope.kind), alert.what.scope.id,
                        alert.count, alert.acknowledged_by, alert.acknowledged_at_ns);
  }
  return text;
}

// How the comparison of the venue's open orders stands, and what differs.
[[nodiscard]] inline std::string check_of(const gateway::Core& core, const std::string& venue) {
  const auto view = core.snapshot();
  for (const gateway::VenueCheckView& check : view->venue_checks) {
    if (check.venue != venue) continue;
    std::string text = check.state;
    for (const std::string& each : check.differences) text += "; " + each;
    return text;
  }
  return "nobody is called " + venue;
}

}  // namespace interlock::scenarios
