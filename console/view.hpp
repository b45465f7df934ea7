// A snapshot as JSON, one function a page of the API (docs/api.md lists the members).
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>

#include "config/config.hpp"
#include "console/identity.hpp"
#include "gateway/desk.hpp"
#include "gateway/snapshot.hpp"

namespace interlock::console {

// RFC 3339 in UTC with nanoseconds: "2026-11-21T09:30:00.000000001Z".
[[nodiscard]] std::string rfc3339(std::int64_t utc_ns);

[[nodiscard]] boost::json::object version_page(const Identity& identity);
// With the configuration that is in force now.
[[nodiscard]] Identity identity_now(const Identity& identity, const gateway::Snapshot& snapshot);
[[nodiscard]] boost::json::object state_page(const gateway::Snapshot& snapshot,
                                             const Identity& identity, std::int64_t now_ns);
// What the console shows, to that person; nullptr: to somebody on the host.
[[nodiscard]] boost::json::object console_page(const gateway::Snapshot& snapshot,
                                               const Identity& identity,
                                               const config::PersonEntry* person,
                                               std::int64_t now_ns);
[[nodiscard]] boost::json::object parents_page(const gateway::Snapshot& snapshot,
                                               std::int64_t now_ns);
[[nodiscard]] boost::json::object limits_page(const gateway::Snapshot& snapshot,
                                              std::int64_t now_ns);
[[nodiscard]] boost::json::object sessions_page(const gateway::Snapshot& snapshot,
                                                std::int64_t now_ns);
[[nodiscard]] boost::json::object alerts_page(const gateway::Snapshot& snapshot,
                                              std::int64_t now_ns);
[[nodiscard]] boost::json::object policy_page(const gateway::Snapshot& snapshot,
                                              std::int64_t now_ns);
[[nodiscard]] boost::json::object action_answer(const gateway::ActionOutcome& outcome);
[[nodiscard]] boost::json::object kill_answer(const gateway::Desk::KillOutcome& outcome);
[[nodiscard]] boost::json::object rearm_answer(const killswitch::RearmRequest& request);
[[nodiscard]] boost::json::object rearm_answer(const killswitch::Kill& cleared);
[[nodiscard]] boost::json::object parent_answer(const gateway::ParentOutcome& outcome);

}  // namespace interlock::console
