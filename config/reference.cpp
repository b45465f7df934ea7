// What the controls go by beside limits: when there is trading, when the day rolls, which files
// hold rates, positions, restrictions and locates, and how old any of it may be.
#include <fmt/format.h>

#include <algorithm>

#include "config/build.hpp"
#include "config/forms.hpp"
#include "config/limits.hpp"
#include "config/values.hpp"

namespace interlock::config {
namespace {

void read_trading(Build& build, Section& root) {
  const auto* table = root.table("session");
  if (table == nullptr) return;
  Section section(build.source, *table, "[session]");
  auto& trading = build.config.trading;
  read_hours(section, trading.open);
  trading.pre_open = trading.open;
  trading.has_pre_open = section.read("pre_open", trading.pre_open.open_s, time_form());
  trading.pre_open.close_s = trading.open.open_s;
  if (trading.has_pre_open && trading.pre_open.open_s >= trading.open.open_s)
    section.error("pre_open", "the pre-open begins after the open",
                  "both are on the day of the open: write an earlier time");
}

void read_day(Build& build, Section& root) {
  auto& day = build.config.day;
  const auto* table = root.require_table("day", "limits of a day need to know when it ends");
  if (table == nullptr) return;
  Section section(build.source, *table, "[day]");
  day.always = false;
  section.require("roll", day.open_s, time_form(), "what is counted a day begins anew then");
  section.require("zone", day.zone, zone_form(), "local times are of a place");
  day.close_s = day.open_s;
}

bool read_file_name(Build& build, Section& section, std::filesystem::path& path) {
  std::string file;
  if (!section.require("file", file, printable_form(4096), "it holds them")) return false;
  path = build.base / file;
  return true;
}

void read_currencies(Build& build, Section& root) {
  auto& config = build.config;
  const auto* table = root.table("currencies");
  if (table == nullptr) {
    if (config.currencies.size() > 1)
      root.error(
          {}, fmt::format("a symbol is in {}, and there is no [currencies]", config.currencies[1]),
          "write the file that says what one unit is worth, and its max_age");
    return;
  }
  Section section(build.source, *table, "[currencies]");
  read_file_name(build, section, config.currencies_file);
  section.require("max_age", config.limits.rate_age_max, duration_form(), "an older rate refuses");
}

// [positions], [restricted], [locates]: a file each.
void read_list(Build& build, Section& root, std::string_view name, std::filesystem::path& path) {
  const auto* table = root.table(name);
  if (table == nullptr) return;
  Section section(build.source, *table, fmt::format("[{}]", name));
  read_file_name(build, section, path);
}

// A time, or "none", which a person has to write.
void read_age(Section& section, std::string_view key, std::string_view why,
              risk::Limit<risk::Duration>& limit) {
  const auto* node = section.find(key);
  if (node == nullptr) return section.missing(key, "\"30 s\"", why);
  const auto line = section.line(key);
  limit = risk::Limit<risk::Duration>::none(line);
  if (const auto* text = node->as_string(); text != nullptr && text->get() == "none") return;
  risk::Duration value;
  if (section.read(key, value, duration_form()))
    limit = risk::Limit<risk::Duration>::of(value, line);
}

void read_watching(Build& build, Section& root) {
  auto& limits = build.config.limits;
  if (const auto* table = root.require_table("alerts", "a critical alert nobody reads must act")) {
    Section section(build.source, *table, "[alerts]");
    read_age(section, "acknowledge_within", "after it a critical alert shuts its scope",
             limits.acknowledge_within);
  }
  if (const auto* table = root.require_table("stale", "what is not fresh is not to be gone by")) {
    Section section(build.source, *table, "[stale]");
    auto& ages = limits.staleness;
    read_age(section, "journal", "records that are not on disk grow old", ages.journal);
    read_age(section, "tee", "a tee that says nothing may be broken", ages.tee);
    read_age(section, "drop_copy", "a drop copy that says nothing may be broken", ages.drop_copy);
  }
  if (const auto* table = root.table("peers")) {
    Section section(build.source, *table, "[peers]");
    section.read("min_sample", limits.peer_sample.value, count_form(1, UINT32_MAX));
  }
}

template <class T>
std::vector<T> taken(Build& build, FromFile<T> read) {
  if (read) return std::move(*read);
  for (auto& problem : read.error()) build.problems.push_back(std::move(problem));
  return {};
}

}  // namespace

void read_reference(Build& build, Section& root) {
  auto& config = build.config;
  read_trading(build, root);
  read_day(build, root);
  read_currencies(build, root);
  read_list(build, root, "positions", config.positions_file);
  read_list(build, root, "restricted", config.restricted_file);
  read_list(build, root, "locates", config.locates_file);
  read_watching(build, root);
}

void read_lists(Build& build) {
  auto& config = build.config;
  const auto directory = config.directory();
  if (!config.currencies_file.empty()) taken(build, load_rates(config.currencies_file, directory));
  if (!config.positions_file.empty())
    taken(build, load_positions(config.positions_file, directory));
  if (!config.restricted_file.empty())
    config.limits.restrictions = taken(build, load_restrictions(config.restricted_file, directory));
  if (!config.locates_file.empty()) taken(build, load_locates(config.locates_file, directory));
}

}  // namespace interlock::config
