// [[route]]: which router may reach which venue.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/build.hpp"

namespace interlock::config {
namespace {

// An end of a route: an error that lists the ids there are, when it is none of them.
template <class T>
const T* read_end(Section& section, std::string_view key, const std::vector<T>& all,
                  std::string& id) {
  if (!section.require(key, id, name_form(), "a route has two ends")) return nullptr;
  const auto found = std::ranges::find(all, id, &T::id);
  if (found != all.end()) return &*found;
  const auto ids = ids_of(all);
  const auto near = nearest(id, ids);
  section.error(key, fmt::format("no {} '{}'", key, id),
                near.empty()
                    ? fmt::format("{}s: {}", key, fmt::join(ids, ", "))
                    : fmt::format("did you mean '{}'? {}s: {}", near, key, fmt::join(ids, ", ")));
  return nullptr;
}

// A router's routes: one, or each chosen by ExDestination (100) and each by another value.
void check_choice(Build& build, const Router& router, const toml::table& table) {
  std::vector<const Route*> routes;
  for (const auto& route : build.config.routes)
    if (route.router == router.id) routes.push_back(&route);
  if (routes.empty()) {
    build.source.error(table.source(), fmt::format("router {} has no route", router.id),
                       "write [[route]] with the venue that it may reach");
    return;
  }
  std::map<std::string, const Route*> by_destination;
  for (const auto* route : routes) {
    toml::source_region where;
    where.begin = where.end = {route->line, 1};
    if (routes.size() > 1 && !route->by_ex_destination)
      build.source.error(
          where,
          fmt::format("router {} has {} routes, and this one is fixed", router.id, routes.size()),
          "write by = \"ExDestination\" in each of them");
    const auto venue = std::ranges::find(build.config.venues, route->venue, &Venue::id);
    if (venue == build.config.venues.end()) continue;
    const auto [other, first] = by_destination.emplace(venue->ex_destination, route);
    if (!first)
      build.source.error(where,
                         fmt::format("router {} has two routes for ExDestination {}", router.id,
                                     venue->ex_destination),
                         fmt::format("first in line {}", other->second->line));
  }
}

void mark_shared(Build& build) {
  for (auto& venue : build.config.venues) {
    venue.shared = std::ranges::count(build.config.routes, venue.id, &Route::venue) > 1;
    if (!venue.shared || !venue.mass_status) continue;
    toml::source_region where;
    where.begin = where.end = {venue.line, 1};
    build.source.error(
        where,
        fmt::format("venue {} has mass_status, and several routers share its session", venue.id),
        "leave it out: it is asked about each order that we know");
  }
}

}  // namespace

void read_routes(Build& build, Section& root) {
  auto& config = build.config;
  for (const auto* table : root.tables("route")) {
    Section section(build.source, *table, "a route");
    Route route;
    route.line = section.line();
    const auto* router = read_end(section, "router", config.routers, route.router);
    const auto* venue = read_end(section, "venue", config.venues, route.venue);
    section.read("by", route.by_ex_destination, choice_form<bool>({{"ExDestination", true}}));
    if (router != nullptr && venue != nullptr &&
        router->dialect->version != venue->dialect->version)
      section.error("venue",
                    fmt::format("router {} speaks {} and venue {} speaks {}", router->id,
                                router->dialect->version, venue->id, venue->dialect->version),
                    "a route joins two sessions of one version");
    config.routes.push_back(std::move(route));
  }
  for (std::size_t i = 0; i < config.routers.size(); ++i)
    check_choice(build, config.routers[i], *build.router_tables[i]);
  mark_shared(build);
}

}  // namespace interlock::config
