// [[tee]], [[drop_copy]] and [[venue_drop_copy]]: copies of what others say, in and out.
#include <fmt/format.h>

#include <algorithm>

#include "config/forms.hpp"
#include "config/sessions.hpp"

namespace interlock::config {
namespace {

// The id of a router (or of another thing that is declared before): an error that lists them.
template <class T>
void require_known(Section& section, std::string_view key, const std::vector<T>& all,
                   std::string& id, std::string_view why) {
  if (!section.require(key, id, name_form(), why)) return;
  if (std::ranges::find(all, id, &T::id) != all.end()) return;
  section.error(key, fmt::format("{} = \"{}\" is not declared", key, id),
                fmt::format("declared: {}", fmt::join(ids_of(all), ", ")));
}

void read_tee(Build& build, const toml::table& table) {
  Section section(build.source, table, "a tee");
  Tee tee;
  tee.cancel_grace = risk::seconds(2);
  read_acceptor(build, section, tee, "tee");
  require_known(section, "for_router", build.config.routers, tee.for_router,
                "it is the copy of one router's orders");
  read_parent_id(section, *tee.dialect, tee.parent_keys);
  if (tee.parent_keys.empty()) tee.parent_keys.emplace_back().tag = 11;
  read_account(build, section, tee.account);
  section.read("cancel_grace", tee.cancel_grace, duration_form());
  build.config.tees.push_back(std::move(tee));
}

// What a filter names has to be declared; an empty list would let nothing through.
void read_filter(Section& section, std::string_view key, const std::vector<std::string>& all,
                 std::vector<std::string>& named) {
  if (!section.read_list(key, named, printable_form(64))) return;
  if (named.empty())
    section.error(key, fmt::format("{} is empty: nothing would be copied", key),
                  "leave it out for all of them");
  for (const auto& one : named)
    if (std::ranges::find(all, one) == all.end())
      section.error(key, fmt::format("'{}' in {} is not declared", one, key),
                    fmt::format("declared: {}", fmt::join(all, ", ")));
}

void read_drop_copy(Build& build, const toml::table& table) {
  Section section(build.source, table, "a drop copy");
  DropCopy copy;
  read_acceptor(build, section, copy, "drop copy");
  read_filter(section, "routers", ids_of(build.config.routers), copy.routers);
  read_filter(section, "accounts", build.config.accounts, copy.accounts);
  section.read("rejects", copy.rejects, boolean_form());
  for (const auto& router : build.config.routers) {
    const bool copied =
        copy.routers.empty() || std::ranges::find(copy.routers, router.id) != copy.routers.end();
    if (copied && router.dialect->version != copy.dialect->version)
      section.error("begin_string",
                    fmt::format("{} speaks {}, and router {} speaks {}", section.name(),
                                copy.dialect->version, router.id, router.dialect->version),
                    "a report is copied as it is: name the routers of this version in routers");
  }
  build.config.drop_copies.push_back(std::move(copy));
}

void read_venue_drop_copy(Build& build, const toml::table& table) {
  Section section(build.source, table, "a venue's drop copy");
  VenueDropCopy copy;
  copy.wait = risk::seconds(5);
  read_connector(build, section, copy, "venue drop copy");
  require_known(section, "venue", build.config.venues, copy.venue,
                "its executions are compared with that venue's");
  section.read("wait", copy.wait, duration_form());
  section.require("max_differences", copy.max_differences, count_form(0, 1'000'000),
                  "past it the venue is blocked; 0: the first one does");
  build.config.venue_drop_copies.push_back(std::move(copy));
}

}  // namespace

void read_copies(Build& build, Section& root) {
  for (const auto* table : root.tables("tee")) read_tee(build, *table);
  for (const auto* table : root.tables("drop_copy")) read_drop_copy(build, *table);
  for (const auto* table : root.tables("venue_drop_copy")) read_venue_drop_copy(build, *table);
}

}  // namespace interlock::config
