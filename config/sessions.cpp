// [[router]] and [[venue]]: who connects to us, and to whom we connect.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>

#include "config/build.hpp"
#include "config/forms.hpp"
#include "config/limits.hpp"
#include "config/values.hpp"

namespace interlock::config {
namespace {

constexpr std::array<Tag, 10> routing_header{50, 57, 115, 116, 128, 129, 142, 143, 144, 145};

Form<std::string> network_form() {
  return text_form<std::string>("an address or a network", "\"10.0.0.0/24\"",
                                [](std::string_view text) -> std::optional<std::string> {
                                  if (!is_network(text)) return std::nullopt;
                                  return std::string(text);
                                });
}

Form<Tag> header_form() {
  return {"a tag that a route may pass (50 57 115 116 128 129 142 143 144 145)", "50", false,
          [](const toml::node& node) -> std::optional<Tag> {
            const auto* number = node.as_integer();
            if (number == nullptr) return std::nullopt;
            const auto found = std::ranges::find(routing_header, number->get());
            return found == routing_header.end() ? std::nullopt : std::optional{*found};
          }};
}

// What 8 says; under FIXT.1.1, which carries messages of several versions, `version` says which.
std::string read_version(Section& session) {
  std::string begin_string, version;
  session.require("begin_string", begin_string,
                  choice_form<std::string>(
                      {{"FIX.4.2", "FIX.4.2"}, {"FIX.4.4", "FIX.4.4"}, {"FIXT.1.1", "FIXT.1.1"}}),
                  "a session speaks one version");
  if (begin_string == "FIXT.1.1") {
    session.require("version", version, choice_form<std::string>({{"FIX.5.0SP2", "FIX.5.0SP2"}}),
                    "FIXT.1.1 carries messages of several versions");
    return version;
  }
  if (session.find("version") != nullptr)
    session.error("version", "version is read only under FIXT.1.1",
                  "begin_string says it already: leave it out");
  return begin_string;
}

std::shared_ptr<const Dialect> read_dialect(Build& build, Section& session) {
  const std::string version = read_version(session);
  auto dialect = build.dialects.at(version.empty() ? "FIX.4.4" : version);
  std::string id;
  if (!session.read("dialect", id, name_form())) return dialect;
  const auto found = build.dialects.find(id);
  if (found == build.dialects.end()) {
    std::vector<std::string> ids;
    for (const auto& [name, value] : build.dialects) ids.push_back(name);
    session.error("dialect", fmt::format("no dialect '{}' is declared", id),
                  fmt::format("declared: {}", fmt::join(ids, ", ")));
    return dialect;
  }
  if (version.empty() || found->second->version == version) return found->second;
  session.error("dialect", fmt::format("dialect {} is of {}, and the session speaks {}", id,
                                       found->second->version, version));
  return dialect;
}

void read_comp_id(Build& build, Section& session, CompIds& comp_id) {
  const auto* table = session.table("comp_id");
  if (table == nullptr) {
    if (session.find("comp_id") == nullptr)
      session.missing("comp_id", "{ ours = \"GW\", theirs = \"R1\" }", "both ends have a name");
    return;
  }
  Section section(build.source, *table, "comp_id of " + session.name());
  section.require("ours", comp_id.ours, printable_form(64), "what we call ourselves (49)");
  section.require("theirs", comp_id.theirs, printable_form(64), "what they call themselves (56)");
}

// What routers and venues have in common.
template <class Session>
void read_session(Build& build, Section& section, Session& session, std::string_view kind) {
  session.line = section.line();
  section.require("id", session.id, name_form(), "limits, routes and commands name it");
  section.rename(fmt::format("{} {}", kind, session.id));
  if (const auto [other, first] = build.session_ids.emplace(session.id, session.line); !first)
    section.error("id", fmt::format("id '{}' is used twice", session.id),
                  fmt::format("first in line {}", other->second));
  session.dialect = read_dialect(build, section);
  read_comp_id(build, section, session.comp_id);
  section.require(
      "on_disconnect", session.on_disconnect,
      choice_form<OnDisconnect>({{"cancel", OnDisconnect::cancel}, {"keep", OnDisconnect::keep}}),
      "what becomes of open orders is never a default");
  read_schedule(build, section, "schedule", session.schedule);
  const bool resets =
      section.read("sequence_reset", session.sequence_reset,
                   choice_form<SequenceReset>({{"never", SequenceReset::never},
                                               {"daily", SequenceReset::daily},
                                               {"on_logon", SequenceReset::on_logon}}));
  if (resets && session.sequence_reset == SequenceReset::daily && session.schedule.always)
    section.error("sequence_reset", "sequence_reset = \"daily\" without a schedule",
                  "a session that is always on has no hour at which to begin at 1");
  section.read("heartbeat", session.heartbeat_s, seconds_form());
  section.read("out_buffer", session.out_buffer_max, bytes_form());
}

void read_own_limits(Build& build, Section& session, risk::ScopeKind kind,
                     risk::ScopeLimits& limits) {
  const auto* table = session.table("limits");
  if (table == nullptr) return;
  Section section(build.source, *table, "limits of " + session.name());
  read_limits(section, kind, build.config, limits);
}

void read_reject_codes(Section& section, Router& router) {
  section.read("reject_codes", router.reject_codes,
               choice_form<RejectCodes>(
                   {{"standard", RejectCodes::standard}, {"extended", RejectCodes::extended}}));
  if (router.reject_codes == RejectCodes::extended && router.dialect->version != "FIX.5.0SP2")
    section.error("reject_codes", fmt::format("{} has no extended codes", router.dialect->version),
                  "only FIX.5.0SP2 has them");
}

void read_listen(Section& section, Router& router) {
  section.require("listen", router.listen, address_form(), "the router connects to it");
  section.read_list("allow", router.allow, network_form());
  if (!router.allow.empty() || router.listen.host.empty()) return;
  if (is_loopback(router.listen.host)) {
    router.allow = {"127.0.0.0/8", "::1"};
  } else {
    section.error("listen",
                  fmt::format("{} listens on a network, and lets anyone connect", section.name()),
                  "write allow = [\"10.0.0.7\"] with the addresses that may");
  }
}

void check_unlike(Section& section, const Router& router, const std::vector<Router>& others) {
  for (const auto& other : others)
    if (other.listen.host == router.listen.host && other.listen.port == router.listen.port &&
        router.listen.port != 0 && other.comp_id.ours == router.comp_id.ours &&
        other.comp_id.theirs == router.comp_id.theirs)
      section.error("comp_id",
                    fmt::format("{} and router {} have the same address and CompIDs",
                                section.name(), other.id),
                    fmt::format("first in line {}", other.line));
}

void check_unlike(Section& section, const Venue& venue, const std::vector<Venue>& others) {
  for (const auto& other : others)
    for (const auto& address : venue.connect)
      if (std::ranges::any_of(other.connect,
                              [&](const Address& theirs) {
                                return theirs.host == address.host && theirs.port == address.port;
                              }) &&
          other.comp_id.ours == venue.comp_id.ours && other.comp_id.theirs == venue.comp_id.theirs)
        section.error("comp_id",
                      fmt::format("{} and venue {} have the same address and CompIDs",
                                  section.name(), other.id),
                      fmt::format("first in line {}", other.line));
}

}  // namespace

void read_routers(Build& build, Section& root) {
  for (const auto* table : root.tables("router")) {
    Section section(build.source, *table, "a router");
    Router router;
    router.out_buffer_max = 4 << 20;
    router.logon_deadline = risk::seconds(5);
    read_session(build, section, router, "router");
    read_listen(section, router);
    read_parent_keys(section, router);
    read_attributions(build, section, router);
    read_reject_codes(section, router);
    section.read_list("pass_header", router.pass_header, header_form());
    section.read("logon_deadline", router.logon_deadline, duration_form());
    section.read("connections_max", router.connections_max, count_form(1, 1000));
    if (section.read("account", router.account, printable_form(64)) &&
        std::ranges::find(build.config.accounts, router.account) == build.config.accounts.end())
      section.error("account", fmt::format("account '{}' is not declared", router.account),
                    fmt::format("accounts: {}", fmt::join(build.config.accounts, ", ")));
    auto limits = build.defaults.router;
    read_own_limits(build, section, risk::ScopeKind::router, limits);
    check_unlike(section, router, build.config.routers);
    build.config.limits.routers.push_back(limits);
    build.config.routers.push_back(std::move(router));
    build.router_tables.push_back(table);
  }
}

void read_venues(Build& build, Section& root) {
  for (const auto* table : root.tables("venue")) {
    Section section(build.source, *table, "a venue");
    Venue venue;
    venue.out_buffer_max = 1 << 20;
    read_session(build, section, venue, "venue");
    section.read_list("connect", venue.connect, address_form());
    if (section.find("connect") == nullptr)
      section.missing("connect", "[\"127.0.0.1:9101\"]", "we connect to it");
    const auto* connect = table->get_as<toml::array>("connect");
    if (connect != nullptr && connect->empty())
      section.error("connect", fmt::format("{} has nowhere to connect to", section.name()));
    for (const auto& address : venue.connect) {
      if (address.port == 0) section.error("connect", "port 0 is nowhere to connect to");
      if (build.config.environment == "demo" && !is_loopback(address.host))
        section.error(
            "connect",
            fmt::format("{} is not on this machine, and environment is \"demo\"", section.name()),
            "a demo reaches no venue");
    }
    section.read("reconnect", venue.reconnect_s, seconds_form());
    section.read("cl_ord_id_max", venue.cl_ord_id_max, count_form(8, 256));
    venue.ex_destination = venue.id;
    section.read("ex_destination", venue.ex_destination, printable_form(64));
    auto limits = build.defaults.venue;
    read_own_limits(build, section, risk::ScopeKind::venue, limits);
    check_unlike(section, venue, build.config.venues);
    build.config.limits.venues.push_back(limits);
    build.config.venues.push_back(std::move(venue));
    build.venue_tables.push_back(table);
  }
}

}  // namespace interlock::config
