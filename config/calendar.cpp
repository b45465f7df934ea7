// When something is on: hours, weekdays, holidays and the zone that they are of.
#include <fmt/format.h>

#include "config/build.hpp"
#include "config/forms.hpp"

namespace interlock::config {

void read_hours(Section& section, Schedule& schedule) {
  schedule.always = false;
  section.require("open", schedule.open_s, time_form(), "when the day begins");
  section.require("close", schedule.close_s, time_form(), "when the day ends");
  section.require("zone", schedule.zone, zone_form(), "local times are of a place");
  std::vector<std::uint8_t> days;
  if (section.read_list("weekdays", days, weekday_form())) {
    schedule.weekdays = 0;
    for (const auto day : days) schedule.weekdays |= day;
    if (days.empty()) section.error("weekdays", "no weekday: the session would never open");
  }
  section.read_list("holidays", schedule.holidays, date_form());
}

void read_schedule(Build& build, Section& session, std::string_view key, Schedule& schedule) {
  const auto* node = session.find(key);
  if (node == nullptr) return;
  if (const auto* text = node->as_string(); text != nullptr && text->get() == "always") return;
  if (!node->is_table()) {
    session.error(key, fmt::format("{} is not a calendar", key),
                  "write \"always\" or { open = \"09:30\", close = \"16:00\", zone = \"...\" }");
    return;
  }
  Section section(build.source, *node->as_table(), fmt::format("{} of {}", key, session.name()));
  read_hours(section, schedule);
}

}  // namespace interlock::config
