#include "config/identity.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/build.hpp"
#include "config/forms.hpp"

namespace interlock::config {
namespace {

// Which of the two keys a router has for this attribution.
void read_attribution(Section& section, const Dialect& dialect, std::string_view kind,
                      const std::vector<std::string>& names, AttributionKey& key) {
  const std::string tag = fmt::format("{}_tag", kind), party = fmt::format("{}_party", kind);
  std::uint32_t role = 0;
  const bool has_tag = section.read(tag, key.tag, order_tag_form(dialect));
  const bool has_party = section.read(party, role, count_form(1, 9'999));
  if (has_party) key.role = std::to_string(role);
  if (has_tag && has_party)
    section.error(party, fmt::format("{} and {} say the same", tag, party),
                  "leave one of them out");
  if (has_party && !dialect.message("D")->body.contains(453))
    section.error(party, fmt::format("{} has no parties (453)", dialect.version));
  if (key.is_used() && names.empty())
    section.error(has_tag ? tag : party,
                  fmt::format("{} is read, and no {} is declared", has_tag ? tag : party, kind),
                  fmt::format("write [{}.NAME] for each that an order may carry", kind));
}

void read_ids(Build& build, const toml::table& table, const std::string& symbol,
              Instrument& instrument) {
  Section section(build.source, table, fmt::format("ids of symbol {}", symbol));
  for (const auto& [key, node] : table) {
    const std::string source(key.str());
    std::string id;
    if (source.size() != 1)
      section.error(source, fmt::format("'{}' is no SecurityIDSource (22)", source),
                    "1 CUSIP, 2 SEDOL, 4 ISIN, 5 RIC, 8 exchange symbol");
    if (section.read(source, id, printable_form(64))) instrument.ids[source] = id;
  }
}

}  // namespace

std::string_view Identities::account(std::string_view wire) const {
  const auto found = accounts.find(wire);
  return found == accounts.end() ? wire : std::string_view{found->second};
}

std::string_view Identities::symbol(std::string_view symbol, std::string_view suffix) const {
  if (!by_wire.empty()) {
    const auto found = by_wire.find({std::string(symbol), std::string(suffix)});
    if (found != by_wire.end()) return found->second;
  }
  const bool is_plain = suffix.empty() && !instruments.contains(symbol);
  return is_plain ? symbol : std::string_view{};
}

std::optional<std::string_view> Identities::id(std::string_view symbol,
                                               std::string_view source) const {
  const auto instrument = instruments.find(symbol);
  if (instrument == instruments.end()) return std::nullopt;
  const auto found = instrument->second.ids.find(source);
  if (found == instrument->second.ids.end()) return std::nullopt;
  return std::string_view{found->second};
}

void read_instrument(Build& build, Section& section, const std::string& name) {
  const auto* table = section.table("instrument");
  if (table == nullptr) return;
  Section own(build.source, *table, fmt::format("instrument of symbol {}", name));
  Instrument instrument;
  instrument.symbol = name;
  own.read("symbol", instrument.symbol, printable_form(64));
  own.read("suffix", instrument.suffix, printable_form(16));
  if (const auto* ids = own.table("ids")) read_ids(build, *ids, name, instrument);
  Identities& identities = build.config.identities;
  const auto [other, first] =
      identities.by_wire.emplace(std::pair(instrument.symbol, instrument.suffix), name);
  if (!first)
    own.error("symbol", fmt::format("symbols {} and {} are called alike", other->second, name));
  identities.instruments.emplace(name, std::move(instrument));
}

void read_account_names(Build& build, Section& section, const std::string& name) {
  std::vector<std::string> names;
  section.read_list("names", names, printable_form(64));
  for (const auto& one : names) {
    const auto [other, first] = build.config.identities.accounts.emplace(one, name);
    if (!first)
      section.error("names", fmt::format("'{}' is a name of account {} too", one, other->second));
  }
}

void check_identities(Build& build, Section& root) {
  const Identities& identities = build.config.identities;
  for (const auto& account : build.config.accounts)
    if (identities.accounts.contains(account))
      root.error("account", fmt::format("'{}' is an account, and a name of account {}", account,
                                        identities.accounts.find(account)->second));
  for (const auto& symbol : build.config.symbols) {
    const auto called = identities.by_wire.find({symbol, ""});
    if (called != identities.by_wire.end() && called->second != symbol &&
        !identities.instruments.contains(symbol))
      root.error("symbol",
                 fmt::format("symbols {} and {} are called alike", symbol, called->second));
  }
}

void read_attributions(Build& build, Section& section, Router& router) {
  const auto& config = build.config;
  read_attribution(section, *router.dialect, "algo", config.algos, router.algo);
  read_attribution(section, *router.dialect, "trader", config.traders, router.trader);
  read_attribution(section, *router.dialect, "desk", config.desks, router.desk);
}

}  // namespace interlock::config
