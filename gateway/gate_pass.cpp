// What opens no risk: mass cancels become cancels of the router's own orders, questions go to their
// venue, and neither ever reaches another router's orders.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "gateway/gate.hpp"
#include "gateway/killer.hpp"
#include "gateway/status.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;
using risk::Reason;

// Of a q (530) or a CA (1374): all orders, or those of one security.
constexpr std::string_view all_orders = "7";
constexpr std::string_view one_security = "1";

// The first field of the body that is none of `understood`: it would narrow the request, and to
// leave it out would widen it.
std::optional<Tag> narrows(const Parsed& message, std::initializer_list<Tag> understood) {
  for (std::size_t i = message.header_end; i < message.fields.size(); ++i) {
    const Tag tag = message.fields[i].tag;
    if (tag != 10 && std::ranges::find(understood, tag) == understood.end()) return tag;
  }
  return std::nullopt;
}

}  // namespace

// q, and CA with 1373=3: one cancel of our own for each of the router's orders in its scope.
void Gate::mass_action(Leg& router, const Inbound& message) {
  const Parsed& parsed = *message.parsed;
  if (parsed.type == "CA" && parsed.get(1373) == "1") return suspend(router, message);
  if (parsed.type == "CA" && parsed.get(1373) != "3") {
    return refuse(router, message, Reason::unsupported, "a release of orders has no check yet");
  }
  const std::string_view scope = parsed.get(parsed.type == "q" ? Tag{530} : Tag{1374}).value_or("");
  if (scope != all_orders && scope != one_security) {
    return refuse(router, message, Reason::unsupported, "a scope other than 1 and 7 has no check");
  }
  const auto tag = scope == one_security
                       ? narrows(parsed, {11, 526, 530, 1373, 1374, 54, 55, 60, 58, 354, 355})
                       : narrows(parsed, {11, 526, 530, 1373, 1374, 54, 60, 58, 354, 355});
  if (tag)
    return refuse(router, message, Reason::unsupported,
                  fmt::format("narrowed by tag {}, which has no check", *tag));
  const risk::SymbolId symbol = symbol_named(parsed, floor_.config, floor_.directory);
  if (scope == one_security && !symbol.known())
    return refuse(router, message, Reason::unknown_symbol, "the symbol is not in the policy");

  std::vector<risk::OrderId> own, due;
  for (const risk::OrderId id : floor_.books.open_orders()) {
    const risk::Order& order = floor_.books.order(id);
    if (order.router.value != router.identity().index) continue;
    if (scope == one_security && order.symbol != symbol) continue;
    if (const auto side = parsed.get(54); side && floor_.facts(id).side != (*side)[0]) continue;
    own.push_back(id);
    if (!order.cancel_in_flight) due.push_back(id);
  }
  const Answer answer = mass_accepted(parsed, own.size(), router.form(), floor_.next_exec_id());
  reply(router, message, answer, "becomes one cancel for each of its own orders");
  killer_.cancel(due, fmt::format("{} by {}", parsed.type == "q" ? "mass cancel" : "mass action",
                                  router.id()));
}

// No cancel stands for a suspension: it goes to the venue as it is, where that is one venue, and
// the session reaches nobody else's orders.
void Gate::suspend(Leg& router, const Inbound& message) {
  std::optional<risk::VenueId> venue;
  for (const config::Route& route : floor_.config.routes) {
    if (route.router != router.id()) continue;
    if (venue)
      return refuse(router, message, Reason::unsupported, "would have to go to several venues");
    venue = floor_.directory.venues.find(route.venue);
  }
  ask(router, message, venue);
}

void Gate::ask(Leg& router, const Inbound& message) {
  const Parsed& parsed = *message.parsed;
  const Named* named = nullptr;
  if (parsed.type == "H")
    named = floor_.names.by_router({router.identity().index}, parsed.get(11).value_or(""));
  ask(router, message, named != nullptr ? std::optional(named->venue) : route(router, parsed),
      named);
}

void Gate::ask(Leg& router, const Inbound& message, std::optional<risk::VenueId> venue,
               const Named* named) {
  const Parsed& parsed = *message.parsed;
  if (!venue)
    return refuse(router, message, Reason::no_route, "names no order of this router, and no venue");
  if (named == nullptr && floor_.config.venues[venue->value].shared && parsed.type != "Q") {
    return refuse(router, message, Reason::unsupported,
                  "would reach other routers' orders on a shared session");
  }
  if (!floor_.venues[venue->value]->on()) {
    return refuse(router, message, Reason::venue_down,
                  fmt::format("venue {} is not logged on", floor_.directory.venues.name(*venue)));
  }
  if (parsed.type == "Q") {
    floor_.alert(router.id(), {Severity::critical,
                               "dont-know-trade",
                               {killswitch::ScopeKind::router, router.id()},
                               "DontKnowTrade: " + readable(message.frame)});
  }
  forward(router, message, *venue, named);
}

void Gate::forward(Leg& router, const Inbound& message, risk::VenueId venue, const Named* named) {
  const Parsed& parsed = *message.parsed;
  Leg& leg = *floor_.venues[venue.value];
  std::string body(parsed.body());
  if (named != nullptr && floor_.config.venues[venue.value].shared) {
    const Substitution name{11, named->venue_cl_ord_id};
    body = substitute(parsed, {&name, 1});
  }
  Outgoing out = leg.prepare(std::string(parsed.type), body, passed_header(router, parsed));
  FieldWriter record = inbound_record(router, message);
  record.put(Field::venue, leg.id());
  record.put(Field::out_session, leg.id()).put(Field::out_sequence, std::uint64_t{out.sequence});
  record.put(Field::out_frame, out.frame);
  const auto location = floor_.append(Kind::router_message, router.id(), record);
  router.recorded(message.sequence);
  if (!location) return;
  leg.commit(std::move(out), *location);
  if (parsed.type == "H" && named != nullptr) gaps_.asked_by_router(named->order);
  touched_.venue = venue;
  floor_.books.message(venue, floor_.clock.utc);
}

Gate::Routes Gate::routes_of(const Floor& floor) {
  Routes all(floor.config.routers.size());
  for (const config::Route& route : floor.config.routes) {
    const risk::RouterId router = floor.directory.routers.find(route.router);
    const risk::VenueId venue = floor.directory.venues.find(route.venue);
    const config::Venue& to = floor.config.venues.at(venue.value);
    all.at(router.value)
        .push_back({venue, route.by_ex_destination,
                    to.ex_destination.empty() ? to.id : to.ex_destination});
  }
  return all;
}

std::optional<risk::VenueId> Gate::route(const Leg& router, const Parsed& message) const {
  std::optional<risk::VenueId> only;
  const auto wanted = message.get(100);
  for (const RouteTo& each : routes_[router.identity().index]) {
    if (!each.by_ex_destination) return each.venue;
    if (wanted && *wanted == each.destination) only = each.venue;
  }
  return only;
}

std::string Gate::passed_header(const Leg& router, const Parsed& message) const {
  BodyWriter passed;
  for (const Tag tag : floor_.config.routers[router.identity().index].pass_header) {
    if (const auto value = message.get(tag)) passed.put(tag, *value);
  }
  return passed.bytes();
}

}  // namespace interlock::gateway
