// The steps in which a configuration is read, each in its own file; config.cpp calls them in turn.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/reader.hpp"
#include "risk/limits.hpp"

namespace interlock::config {

// What the steps share. Nothing of it is used when any problem is an error.
struct Build {
  Source& source;
  std::vector<Problem>& problems;
  std::filesystem::path base;  // of relative paths
  Config config{};
  std::map<std::string, std::shared_ptr<const Dialect>> dialects{};  // built in, and declared here
  struct Defaults {
    risk::ScopeLimits router, venue, account, symbol, algo, trader, desk;
  } defaults{};
  std::map<std::string, std::uint32_t> session_ids{};  // of routers and venues, with their line
  // Where each scope is declared, in the order of config.routers, venues, accounts, symbols.
  struct Class {
    std::string name;
    risk::ScopeLimits limits;
    bool negative_prices = false;
  };
  std::vector<Class> classes{};  // of symbols
  std::vector<const toml::table*> router_tables{}, venue_tables{}, account_tables{},
      symbol_tables{}, algo_tables{}, trader_tables{}, desk_tables{};
};

void read_policy(Build& build, Section& root);    // [defaults.X] [firm] [parent] [account.X] ...
void read_dialects(Build& build, Section& root);  // [[dialect]]
void read_routers(Build& build, Section& root);   // [[router]]
void read_venues(Build& build, Section& root);    // [[venue]]
void read_routes(Build& build, Section& root);    // [[route]]
void read_copies(Build& build, Section& root);    // [[tee]] [[drop_copy]] [[venue_drop_copy]]
void check_limits(Build& build, Section& root);   // that every scope has every limit
// open, close, zone, weekdays and holidays.
void read_hours(Section& section, Schedule& schedule);
// A schedule under `key`: "always", or a table of hours.
void read_schedule(Build& build, Section& section, std::string_view key, Schedule& schedule);
void read_reference(Build& build, Section& root);  // [session] [day] [currencies] ... [stale]
void read_lists(Build& build);                     // the files that they name, for their problems
void read_kill(Build& build, Section& root);       // [kill] [[kill.button]] [[kill.light]]
void read_people(Build& build, Section& root);     // [[person]]
void read_secrets(Build& build);                   // the file that [node] secrets names
// `parent_id`, or `parent_id_tag`, which is short for it.
void read_parent_id(Section& section, const Dialect& dialect, std::vector<ParentKey>& keys);
// How a router's orders name their parent and who decided on them.
void read_parent_keys(Section& section, Router& router);
// What the wire calls a symbol and an account, from their tables; then, that all differ.
void read_instrument(Build& build, Section& section, const std::string& name);
void read_account_names(Build& build, Section& section, const std::string& name);
void check_identities(Build& build, Section& root);
void read_attributions(Build& build, Section& section, Router& router);
// A tag of NewOrderSingle.
[[nodiscard]] Form<Tag> order_tag_form(const Dialect& dialect);
void read_parents(Build& build);  // the file that [parent] file names

template <class T>
[[nodiscard]] std::vector<std::string> ids_of(const std::vector<T>& all) {
  std::vector<std::string> ids;
  for (const auto& one : all) ids.push_back(one.id);
  return ids;
}

// A problem of a whole file.
[[nodiscard]] Problem problem_of(const std::filesystem::path& file, std::string text,
                                 std::string hint = {});

// The whole of a text file; nullopt when it cannot be read.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& file);

}  // namespace interlock::config
