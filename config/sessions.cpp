// [[router]] and [[venue]]: who connects to us, and to whom we connect.
#include "config/sessions.hpp"

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

Form<OnDisconnect> on_disconnect_form() {
  return choice_form<OnDisconnect>(
      {{"cancel", OnDisconnect::cancel}, {"keep", OnDisconnect::keep}});
}

Form<std::optional<risk::Duration>> cut_form() {
  using Cut = std::optional<risk::Duration>;
  return text_form<Cut>(
      "a duration or \"never\"", "\"2 s\", \"never\"",
      [](std::string_view text) -> std::optional<Cut> {
        if (text == "never") return Cut{};
        const auto duration = parse_duration(text);
        return duration ? std::optional<Cut>{duration} : std::nullopt;
      },
      true);
}

// How it is asked what is open there.
void read_asking(Section& section, Venue& venue) {
  section.read("order_status", venue.order_status, boolean_form());
  section.read("mass_status", venue.mass_status, boolean_form());
  if (venue.mass_status && venue.dialect->message("AF") == nullptr)
    section.error("mass_status",
                  fmt::format("{} has no OrderMassStatusRequest (AF)", venue.dialect->name),
                  "leave it out: it is asked about each order that we know");
  if (venue.mass_status && !venue.order_status)
    section.error("mass_status", "it answers no order_status, and mass_status needs both",
                  "what AF leaves out is asked after one by one");
}

// What a kill does at this venue beyond one cancel an order.
void read_cancelling(Build& build, Section& section, Venue& venue) {
  section.read("cut_after", venue.cut_after, cut_form());
  section.read("stalled_after", venue.stalled_after, duration_form());
  section.read("mass_cancel", venue.mass_cancel, boolean_form());
  if (venue.mass_cancel && venue.dialect->message("q") == nullptr) {
    section.error("mass_cancel",
                  fmt::format("{} has no OrderMassCancelRequest (q)", venue.dialect->name),
                  "leave it out: a kill cancels order by order");
  }
  for (const auto* table : section.tables("no_cancel")) {
    Section period(build.source, *table, "no_cancel of " + section.name());
    DailyPeriod read;
    period.require("from", read.from_s, time_form(), "the venue takes no cancel from then on");
    period.require("to", read.to_s, time_form(), "it takes cancels again from then on");
    if (read.from_s == read.to_s)
      period.error("to", "from and to are the same time", "a whole day without a cancel is none");
    venue.no_cancel.push_back(read);
  }
}

bool alike(const Session& one, const Session& other) {
  return one.comp_id.ours == other.comp_id.ours && one.comp_id.theirs == other.comp_id.theirs;
}

void check_unlike(Build& build, Section& section, const Acceptor& acceptor) {
  for (const auto* other : build.config.acceptors())
    if (other->listen.host == acceptor.listen.host && other->listen.port == acceptor.listen.port &&
        acceptor.listen.port != 0 && alike(acceptor, *other))
      section.error(
          "comp_id",
          fmt::format("{} and {} have the same address and CompIDs", section.name(), other->id),
          fmt::format("first in line {}", other->line));
}

void check_unlike(Build& build, Section& section, const Connector& connector) {
  const auto same = [&](const Address& one) {
    return std::ranges::any_of(connector.connect, [&](const Address& address) {
      return one.host == address.host && one.port == address.port;
    });
  };
  for (const auto* other : build.config.connectors())
    if (alike(connector, *other) && std::ranges::any_of(other->connect, same))
      section.error(
          "comp_id",
          fmt::format("{} and {} have the same address and CompIDs", section.name(), other->id),
          fmt::format("first in line {}", other->line));
}

void read_listen(Section& section, Acceptor& acceptor) {
  section.require("listen", acceptor.listen, address_form(), "the other end connects to it");
  section.read_list("allow", acceptor.allow, network_form());
  if (!acceptor.allow.empty() || acceptor.listen.host.empty()) return;
  if (is_loopback(acceptor.listen.host)) {
    acceptor.allow = {"127.0.0.0/8", "::1"};
  } else {
    section.error("listen",
                  fmt::format("{} listens on a network, and lets anyone connect", section.name()),
                  "write allow = [\"10.0.0.7\"] with the addresses that may");
  }
}

void read_session(Build& build, Section& section, Session& session, std::string_view kind) {
  session.line = section.line();
  section.require("id", session.id, name_form(), "limits, routes and commands name it");
  section.rename(fmt::format("{} {}", kind, session.id));
  if (const auto [other, first] = build.session_ids.emplace(session.id, session.line); !first)
    section.error("id", fmt::format("id '{}' is used twice", session.id),
                  fmt::format("first in line {}", other->second));
  session.dialect = read_dialect(build, section);
  read_comp_id(build, section, session.comp_id);
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

}  // namespace

void read_acceptor(Build& build, Section& section, Acceptor& acceptor, std::string_view kind) {
  acceptor.out_buffer_max = 4 << 20;
  acceptor.logon_deadline = risk::seconds(5);
  read_session(build, section, acceptor, kind);
  read_listen(section, acceptor);
  section.read("logon_deadline", acceptor.logon_deadline, duration_form());
  section.read("connections_max", acceptor.connections_max, count_form(1, 1000));
  check_unlike(build, section, acceptor);
}

void read_connector(Build& build, Section& section, Connector& connector, std::string_view kind) {
  connector.out_buffer_max = 1 << 20;
  read_session(build, section, connector, kind);
  section.read_list("connect", connector.connect, address_form());
  const auto* written = section.find("connect");
  if (written == nullptr) section.missing("connect", "[\"127.0.0.1:9101\"]", "we connect to it");
  if (written != nullptr && written->is_array() && written->as_array()->empty())
    section.error("connect", fmt::format("{} has nowhere to connect to", section.name()));
  for (const auto& address : connector.connect) {
    if (address.port == 0) section.error("connect", "port 0 is nowhere to connect to");
    if (build.config.environment == "demo" && !is_loopback(address.host))
      section.error(
          "connect",
          fmt::format("{} is not on this machine, and environment is \"demo\"", section.name()),
          "a demo reaches no venue");
  }
  section.read("reconnect", connector.reconnect_s, seconds_form());
  check_unlike(build, section, connector);
}

void read_account(Build& build, Section& section, std::string& account) {
  if (section.read("account", account, printable_form(64)) &&
      std::ranges::find(build.config.accounts, account) == build.config.accounts.end())
    section.error("account", fmt::format("account '{}' is not declared", account),
                  fmt::format("accounts: {}", fmt::join(build.config.accounts, ", ")));
}

void read_routers(Build& build, Section& root) {
  for (const auto* table : root.tables("router")) {
    Section section(build.source, *table, "a router");
    Router router;
    read_acceptor(build, section, router, "router");
    section.require("on_disconnect", router.on_disconnect, on_disconnect_form(),
                    "what becomes of open orders is never a default");
    read_parent_keys(section, router);
    read_attributions(build, section, router);
    read_reject_codes(section, router);
    section.read_list("pass_header", router.pass_header, header_form());
    read_account(build, section, router.account);
    auto limits = build.defaults.router;
    read_own_limits(build, section, risk::ScopeKind::router, limits);
    build.config.limits.routers.push_back(limits);
    build.config.routers.push_back(std::move(router));
    build.router_tables.push_back(table);
  }
}

void read_venues(Build& build, Section& root) {
  for (const auto* table : root.tables("venue")) {
    Section section(build.source, *table, "a venue");
    Venue venue;
    read_connector(build, section, venue, "venue");
    section.require("on_disconnect", venue.on_disconnect, on_disconnect_form(),
                    "what becomes of open orders is never a default");
    section.read("cl_ord_id_max", venue.cl_ord_id_max, count_form(8, 256));
    venue.ex_destination = venue.id;
    section.read("ex_destination", venue.ex_destination, printable_form(64));
    read_asking(section, venue);
    read_cancelling(build, section, venue);
    auto limits = build.defaults.venue;
    read_own_limits(build, section, risk::ScopeKind::venue, limits);
    build.config.limits.venues.push_back(limits);
    build.config.venues.push_back(std::move(venue));
    build.venue_tables.push_back(table);
  }
}

}  // namespace interlock::config
