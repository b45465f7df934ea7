// The parts of the API's pages as JSON: what stands on more than one page, and how a list is
// written.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <limits>
#include <map>
#include <string>

#include "gateway/snapshot.hpp"

namespace interlock::console {

inline constexpr std::int64_t ns_per_ms = 1'000'000;

[[nodiscard]] boost::json::value time_or_null(std::int64_t utc_ns);
[[nodiscard]] boost::json::value closed_text(std::int64_t closed_at_ns);
[[nodiscard]] boost::json::object times_of(const std::map<std::string, std::int64_t>& times);

template <class Map>
boost::json::object object_of(const Map& map) {
  boost::json::object object;
  for (const auto& [key, value] : map) object[key] = value;
  return object;
}

// The first of them, at most so many.
template <class Views, class Write>
boost::json::array array_of(const Views& views, Write write,
                            std::size_t most = std::numeric_limits<std::size_t>::max()) {
  boost::json::array array;
  array.reserve(std::min(views.size(), most));
  for (const auto& view : views) {
    if (array.size() >= most) break;
    array.push_back(write(view));
  }
  return array;
}

// What each page begins with.
[[nodiscard]] boost::json::object page(const gateway::Snapshot& snapshot, std::int64_t now_ns);

[[nodiscard]] boost::json::object kill_json(const gateway::KillView& kill, std::size_t orders_most);
[[nodiscard]] boost::json::object rearm_json(const gateway::Snapshot& snapshot);
[[nodiscard]] boost::json::object journal_json(const gateway::Snapshot& snapshot);
[[nodiscard]] boost::json::object button_json(const gateway::ButtonView& button);
[[nodiscard]] boost::json::object refusal_json(const gateway::RefusalView& refusal);
[[nodiscard]] boost::json::object alert_json(const gateway::AlertView& alert);
[[nodiscard]] boost::json::object session_json(const gateway::SessionView& session);
[[nodiscard]] boost::json::object limit_json(const gateway::LimitView& limit);
[[nodiscard]] boost::json::object parent_json(const gateway::ParentView& parent);
[[nodiscard]] boost::json::object venue_check_json(const gateway::VenueCheckView& check);

}  // namespace interlock::console
