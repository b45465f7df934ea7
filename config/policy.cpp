// The policy: limits by scope, the accounts and symbols that exist, and where prices come from.
#include <fmt/format.h>

#include <algorithm>

#include "config/build.hpp"
#include "config/forms.hpp"
#include "config/limits.hpp"

namespace interlock::config {
namespace {

using Kind = risk::ScopeKind;

void read_defaults(Build& build, Section& root) {
  const auto* table = root.table("defaults");
  if (table == nullptr) return;
  Section defaults(build.source, *table, "[defaults]");
  defaults.read("warn_at", build.config.limits.warn_percent, percent_form());
  const auto read = [&](Kind kind, risk::ScopeLimits& limits) {
    const auto* own = defaults.table(risk::name(kind));
    if (own == nullptr) return;
    Section section(build.source, *own, fmt::format("[defaults.{}]", risk::name(kind)));
    read_limits(section, kind, build.config, limits);
  };
  read(Kind::router, build.defaults.router);
  read(Kind::venue, build.defaults.venue);
  read(Kind::account, build.defaults.account);
  read(Kind::symbol, build.defaults.symbol);
  read(Kind::algo, build.defaults.algo);
  read(Kind::trader, build.defaults.trader);
  read(Kind::desk, build.defaults.desk);
}

void read_parent(Build& build, Section& root) {
  auto& config = build.config;
  config.limits.parents.exhausted_grace = risk::milliseconds(500);
  const auto* table = root.table("parent");
  if (table == nullptr) return;
  Section section(build.source, *table, "[parent]");
  read_limits(section, Kind::parent, config, config.limits.parent);
  section.read("exhausted_grace", config.limits.parents.exhausted_grace, duration_form());
  section.read("exhausted_refusals", config.limits.parents.exhausted_refusals,
               count_form(1, 1'000'000));
  std::string file;
  if (section.read("file", file, printable_form(4096))) config.parents_file = build.base / file;
}

// [class.NAME]: symbols that name it take its limits instead of [defaults.symbol].
void read_classes(Build& build, Section& root) {
  const auto* all = root.table("class");
  if (all == nullptr) return;
  Section section(build.source, *all, "[class]");
  for (const auto& [key, node] : *all) {
    const std::string name(key.str());
    const auto* table = section.table(name);
    if (table == nullptr) continue;
    Section own(build.source, *table, fmt::format("[class.{}]", name));
    Build::Class read{name, build.defaults.symbol};
    own.read("negative_prices", read.negative_prices, boolean_form());
    read_limits(own, Kind::symbol, build.config, read.limits);
    build.classes.push_back(std::move(read));
  }
}

// The number of a currency; a new one where no symbol before was in it.
risk::CurrencyId currency_id(std::vector<std::string>& currencies, const std::string& currency) {
  const auto found = std::ranges::find(currencies, currency);
  const auto id = static_cast<std::uint32_t>(found - currencies.begin());
  if (found == currencies.end()) currencies.push_back(currency);
  return {id};
}

// What a symbol is, before its own limits: its class and its currency.
void read_traits(Build& build, Section& symbol, risk::ScopeLimits& limits) {
  risk::SymbolTraits traits;
  std::string name, currency;
  if (symbol.read("class", name, name_form())) {
    const auto found = std::ranges::find(build.classes, name, &Build::Class::name);
    if (found == build.classes.end()) {
      symbol.error("class", fmt::format("no class '{}' is declared", name),
                   fmt::format("write [class.{}]", name));
    } else {
      limits = found->limits;
      traits.negative_prices = found->negative_prices;
    }
  }
  if (symbol.read("currency", currency, currency_form()))
    traits.currency = currency_id(build.config.currencies, currency);
  symbol.read("unmarked_short_sales", traits.marks_short_sales,
              choice_form<bool>({{"refuse", true}, {"none", false}}));
  build.config.limits.symbol_traits.push_back(traits);
}

// [account.X], [symbol.X], [algo.X] ...: the table declares it, and may be empty.
void read_scopes(Build& build, Section& root, Kind kind, const risk::ScopeLimits& defaults,
                 std::vector<std::string>& names, std::vector<risk::ScopeLimits>& limits,
                 std::vector<const toml::table*>& tables) {
  const auto* all = root.table(risk::name(kind));
  const bool is_needed = kind == Kind::account || kind == Kind::symbol;
  if (all == nullptr && !is_needed) return;
  if (all == nullptr || all->empty()) {
    root.error(risk::name(kind),
               fmt::format("no {} is declared: every order would be refused", risk::name(kind)),
               fmt::format("write [{}.NAME]", risk::name(kind)));
    return;
  }
  Section section(build.source, *all, fmt::format("[{}]", risk::name(kind)));
  for (const auto& [key, node] : *all) {
    const std::string name(key.str());
    const auto* table = section.table(name);
    if (table == nullptr) continue;
    Section own(build.source, *table, fmt::format("[{}.{}]", risk::name(kind), name));
    toml::value<std::string> as_text(name);
    if (!printable_form(64).parse(as_text))
      section.error(name, fmt::format("no order can carry the {} '{}'", risk::name(kind), name),
                    "1 to 64 printable characters");
    names.push_back(name);
    tables.push_back(table);
    limits.push_back(defaults);
    if (kind == Kind::symbol) read_traits(build, own, limits.back());
    if (kind == Kind::symbol) read_instrument(build, own, name);
    if (kind == Kind::account) read_account_names(build, own, name);
    read_limits(own, kind, build.config, limits.back());
  }
}

void read_prices(Build& build, Section& root) {
  const auto* table = root.require_table("prices", "without a reference price orders are refused");
  if (table == nullptr) return;
  Section section(build.source, *table, "[prices]");
  std::string file;
  if (section.require("file", file, printable_form(4096), "reference prices come from it"))
    build.config.prices_file = build.base / file;
  auto& ages = build.config.limits.reference_ages;
  const auto* why = "an older price refuses";
  section.require("max_age", ages.open, duration_form(), why);
  section.require("max_age_pre_open", ages.pre_open, duration_form(), why);
  section.require("max_age_closed", ages.closed, duration_form(), why);
}

std::vector<LimitedScope> scopes_of(const std::vector<std::string>& names,
                                    const std::vector<const toml::table*>& tables,
                                    const std::vector<risk::ScopeLimits>& limits) {
  std::vector<LimitedScope> scopes;
  for (std::size_t i = 0; i < names.size(); ++i)
    scopes.push_back({names[i], tables[i], &limits[i]});
  return scopes;
}

}  // namespace

void read_policy(Build& build, Section& root) {
  auto& limits = build.config.limits;
  read_defaults(build, root);
  if (const auto* table = root.table("firm")) {
    Section section(build.source, *table, "[firm]");
    read_limits(section, Kind::firm, build.config, limits.firm);
  }
  read_parent(build, root);
  read_scopes(build, root, Kind::account, build.defaults.account, build.config.accounts,
              limits.accounts, build.account_tables);
  build.config.currencies = {build.config.currency};
  read_classes(build, root);
  read_scopes(build, root, Kind::symbol, build.defaults.symbol, build.config.symbols,
              limits.symbols, build.symbol_tables);
  read_scopes(build, root, Kind::algo, build.defaults.algo, build.config.algos, limits.algos,
              build.algo_tables);
  read_scopes(build, root, Kind::trader, build.defaults.trader, build.config.traders,
              limits.traders, build.trader_tables);
  read_scopes(build, root, Kind::desk, build.defaults.desk, build.config.desks, limits.desks,
              build.desk_tables);
  check_identities(build, root);
  read_prices(build, root);
}

void check_limits(Build& build, Section& root) {
  const auto& config = build.config;
  const auto& limits = config.limits;
  const auto declared = [&](std::string_view key) {
    const auto* table = root.table(key);
    return table == nullptr ? build.source.root() : table;
  };
  const auto check = [&](Kind kind, const std::vector<LimitedScope>& scopes) {
    check_complete(build.source, kind, scopes);
  };
  check(Kind::firm, {{{}, declared("firm"), &limits.firm}});
  check(Kind::parent, {{{}, declared("parent"), &limits.parent}});
  const auto routers = ids_of(config.routers);
  const auto venues = ids_of(config.venues);
  check(Kind::router, scopes_of(routers, build.router_tables, limits.routers));
  check(Kind::venue, scopes_of(venues, build.venue_tables, limits.venues));
  check(Kind::account, scopes_of(config.accounts, build.account_tables, limits.accounts));
  check(Kind::symbol, scopes_of(config.symbols, build.symbol_tables, limits.symbols));
  check(Kind::algo, scopes_of(config.algos, build.algo_tables, limits.algos));
  check(Kind::trader, scopes_of(config.traders, build.trader_tables, limits.traders));
  check(Kind::desk, scopes_of(config.desks, build.desk_tables, limits.desks));
}

}  // namespace interlock::config
