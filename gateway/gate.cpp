#include "gateway/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gateway/classes.hpp"
#include "gateway/killer.hpp"
#include "risk/subject.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;
using risk::Reason;
using namespace std::string_view_literals;

// A tag or value that the dialect does not know (373=2, 3, 5), rather than a message that is
// broken.
bool is_undeclared(const ParseError& trouble) {
  return trouble.reject_reason == 2 || trouble.reject_reason == 3 || trouble.reject_reason == 5;
}

std::string killed_fact(const killswitch::Kill& kill) {
  const std::string scope = kill.scope.id.empty()
                                ? "everything"
                                : fmt::format("{} {}", name(kill.scope.kind), kill.scope.id);
  return fmt::format("{}, by {} since {}Z. Cancels pass", scope, name(kill.source),
                     fix_timestamp(kill.tripped_at_ns).substr(9, 8));
}

// The scopes of a D or G, as an order would carry them.
risk::Order scopes_of(const risk::Request& request, risk::VenueId venue, const risk::Books& books) {
  risk::Order scopes;
  scopes.venue = venue;
  if (const auto* order = std::get_if<risk::NewOrder>(&request)) {
    scopes.router = order->router;
    scopes.account = order->account;
    scopes.symbol = order->symbol;
    scopes.parent = order->parent;
    scopes.by = order->by;
    return scopes;
  }
  const auto& replace = std::get<risk::Replace>(request);
  scopes.router = replace.router;
  const risk::OrderId id = books.find(replace.router, replace.orig_cl_ord_id);
  return id.known() ? books.order(id) : scopes;
}

}  // namespace

void Gate::message(Leg& router, const Inbound& message) {
  begin(router);
  handle(router, message);
  floor_.watch(risk::Occasion::message, touched_);
}

void Gate::begin(const Leg& router) {
  touched_ = {};
  touched_.router = {router.identity().index};
  floor_.books.message(touched_.router, floor_.clock.utc);
}

void Gate::does_not_read(const ParseError& trouble) {
  floor_.books.reject(touched_.router, Reason::malformed, floor_.clock.utc);
  touched_.what = trouble.text;
  if (trouble.retired) {
    floor_.watch(risk::Occasion::retired, touched_);
  } else if (is_undeclared(trouble)) {
    floor_.watch(risk::Occasion::undeclared, touched_);
  }
}

void Gate::handle(Leg& router, const Inbound& message) {
  const Parsed& parsed = *message.parsed;
  const config::MessageRule* rule = router.identity().dialect->message(parsed.type);
  if (rule == nullptr || !rule->from_router) {
    return refuse(router, message, Reason::unsupported,
                  fmt::format("message type {} from a router", parsed.type));
  }
  if (message.trouble != nullptr) {
    FieldWriter record;
    record.put(Field::session, router.id())
        .put(Field::in_sequence, std::uint64_t{message.sequence});
    put_in_frame(record, message);
    record.put(Field::text, message.trouble->text);
    record.put(Field::reason, static_cast<std::uint64_t>(Reason::malformed));
    const auto location = floor_.append(Kind::router_message, router.id(), record);
    router.recorded(message.sequence);
    floor_.count_refusal(router.id(), parsed.get(11).value_or(""), Reason::malformed,
                         message.trouble->text, location ? location->sequence : 0);
    does_not_read(*message.trouble);
    return router.reject(*message.trouble);
  }
  switch (class_of(parsed.type)) {
    case MessageClass::order:
      if (!waits_behind(router, message)) order(router, message);
      return;
    case MessageClass::list:
      if (!waits_behind(router, message)) list(router, message);
      return;
    case MessageClass::mass_cancel:
      give_up(router, "a mass cancel came while it waited for its parent");
      return mass_action(router, message);
    case MessageClass::no_risk:
      return ask(router, message);
    case MessageClass::no_check:
      break;
  }
  refuse(router, message, Reason::unsupported, fmt::format("{} has no check yet", rule->name));
}

std::optional<risk::VenueId> Gate::venue_of(const Leg& router, const Parsed& message) const {
  if (message.type == "D") return route(router, message);
  const Named* named =
      floor_.names.by_router({router.identity().index}, message.get(41).value_or(""));
  return named == nullptr ? std::nullopt : std::optional(named->venue);
}

std::expected<Translated, Untranslatable> Gate::read_order(const Leg& router, const Parsed& message,
                                                           std::optional<risk::VenueId> venue) {
  if (message.type == "D" && !venue)
    return std::unexpected(Untranslatable{
        Reason::no_route, fmt::format("no route to {}", message.get(100).value_or("any venue"))});
  auto translated = translate_request(message, floor_.config, {router.identity().index},
                                      venue.value_or(risk::VenueId{}), floor_.directory);
  if (!translated || message.type == "F") return translated;
  if (auto wrong = contradiction(message, floor_.config, floor_.directory))
    return std::unexpected(std::move(*wrong));
  return translated;
}

// Steps 4 to 7 of an order's way: understand, judge, journal, send.
void Gate::order(Leg& router, const Inbound& message) {
  const Parsed& parsed = *message.parsed;
  if (parsed.type != "F" && (parsed.poss_dup || parsed.poss_resend))
    return repeated(router, message);

  const auto to = venue_of(router, parsed);
  const risk::VenueId venue = to.value_or(risk::VenueId{});
  const auto translated = read_order(router, parsed, to);
  if (!translated)
    return refuse(router, message, translated.error().reason, translated.error().fact);
  if (translated->claim && floor_.books.parent(translated->claim->parent) == nullptr) {
    declare(*translated->claim, router.id());
  }

  touch(risk::subject_of(floor_.books.state(), translated->request), venue);
  const risk::Verdict verdict = judge(translated->request, venue);
  const auto* fresh = std::get_if<risk::NewOrder>(&translated->request);
  const std::uint64_t release = fresh == nullptr || verdict.may_go()
                                    ? 0
                                    : floor_.releases.for_order(*fresh, floor_.clock.utc.ns);
  const bool is_released = release != 0 && judge(translated->request, venue, true).may_go();
  if (verdict.may_go() && !venue.known()) {  // its list was refused: it was never at a venue
    refuse(router, message, Reason::unknown_order, "the order never went out");
  } else if (verdict.may_go() || is_released) {
    pass(router, message, translated->request, venue, release);
  } else if (waits_for_its_parent(router, message, translated->request, *verdict.breach)) {
    return;
  } else {
    refuse(router, message, verdict.breach->reason, verdict.breach->fact,
           Judged{&*verdict.breach, venue, std::nullopt, {&*translated, 1}});
    floor_.books.refuse(translated->request, *verdict.breach, floor_.clock.utc);
    if (verdict.breach->trip) floor_.trip(*verdict.breach, router.id());
  }
  if (parsed.type != "F") floor_.watch(risk::Occasion::attempt, touched_);
}

risk::Verdict Gate::judge(const risk::Request& request, risk::VenueId venue, bool released) const {
  const auto no = [](Reason reason, std::string fact) {
    risk::Breach breach;
    breach.reason = reason;
    breach.fact = std::move(fact);
    return risk::Verdict{std::move(breach)};
  };
  std::optional<risk::Scope> reduce_only;
  if (!std::holds_alternative<risk::Cancel>(request)) {
    if (floor_.stopping) return no(Reason::not_armed, "the gateway is stopping");
    if (floor_.journal.lacks_space())  // what is left is for facts and cancels
      return no(Reason::journal_failure, floor_.journal.space_problem());
    const killswitch::Kill* kill = nullptr;
    if (!floor_.kills.empty())
      kill = covering(floor_.kills, floor_.directory, scopes_of(request, venue, floor_.books));
    if (kill != nullptr && kill->level == killswitch::Level::reduce_only) {
      reduce_only = floor_.scope_of(kill->scope);
    } else if (kill != nullptr) {
      return no(kill->level == killswitch::Level::kill ? Reason::killed : Reason::blocked,
                killed_fact(*kill));
    }
    if (killswitch::Latch::firm_killed(floor_.acknowledged_word))
      return no(Reason::killed, "everything");
  }
  if (venue.known() && !floor_.shadow && !floor_.venues[venue.value]->on()) {
    return no(Reason::venue_down,
              fmt::format("venue {} is not logged on", floor_.directory.venues.name(venue)));
  }
  if (venue.known() && !std::holds_alternative<risk::Cancel>(request)) {
    const risk::Duration stalled = floor_.venues[venue.value]->stalled_for();
    if (stalled > floor_.config.venues[venue.value].stalled_after)
      return no(Reason::venue_down,
                fmt::format("venue {} has read nothing for {} ms",
                            floor_.directory.venues.name(venue), stalled.ns / 1'000'000));
    if (std::string shut = checks_.shut(venue); !shut.empty())
      return no(Reason::recovering, std::move(shut));
  }
  return risk::decide({.books = floor_.books,
                       .limits = floor_.config.limits,
                       .references = floor_.references,
                       .directory = floor_.directory,
                       .request = request,
                       .now = floor_.clock.utc,
                       .session = floor_.session,
                       .reduce_only = reduce_only,
                       .released = released});
}

void Gate::pass(Leg& router, const Inbound& message, const risk::Request& request,
                risk::VenueId venue, std::uint64_t release) {
  const Parsed& parsed = *message.parsed;
  const config::Venue& settings = floor_.config.venues[venue.value];
  Leg& leg = *floor_.venues[venue.value];
  const std::string cl_ord_id(parsed.get(11).value_or(""));
  std::string venue_cl_ord_id =
      settings.shared ? "C" + base36(floor_.journal.next_sequence()) : cl_ord_id;
  if (venue_cl_ord_id.size() > settings.cl_ord_id_max) {
    return refuse(router, message, Reason::malformed,
                  fmt::format("ClOrdID of {} bytes, {} takes {}", venue_cl_ord_id.size(), leg.id(),
                              settings.cl_ord_id_max));
  }
  std::string_view body = parsed.body();
  std::string renamed;
  if (settings.shared) {
    Substitutions names{{11, venue_cl_ord_id}};
    if (const auto orig = parsed.get(41)) {
      const Named* named = floor_.names.by_router({router.identity().index}, *orig);
      names.push_back({41, named != nullptr ? std::string_view(named->venue_cl_ord_id) : *orig});
    }
    body = renamed = substitute(parsed, names);
  }
  Outgoing out = leg.prepare(std::string(parsed.type), body, passed_header(router, parsed));
  give_back(std::move(renamed));

  FieldWriter record = inbound_record(router, message);
  record.put(Field::policy_version, floor_.config.limits.version);
  record.put(Field::venue, leg.id()).put(Field::venue_cl_ord_id, venue_cl_ord_id);
  record.put(Field::out_session, leg.id()).put(Field::out_sequence, std::uint64_t{out.sequence});
  record.put(Field::out_frame, out.frame);
  if (release != 0) record.put(Field::release_id, release);
  put_subject(record, request);
  const auto location = floor_.append(Kind::router_message, router.id(), record);
  if (!location)
    return refuse(router, message, Reason::journal_failure, "the journal takes no records");
  router.recorded(message.sequence);
  if (release != 0) floor_.releases.use_up(release);

  OutFrame mark;
  mark.order = enter(request, parsed, venue, std::move(venue_cl_ord_id), floor_.clock.utc);
  mark.opens_risk = opens_risk(parsed.type);
  mark.replace = parsed.type == "G";
  mark.cl_ord_id = cl_ord_id;
  if (mark.opens_risk) ++floor_.counters.passed_by_router[router.id()];
  touched_.order = mark.order;
  leg.commit(std::move(out), *location, std::move(mark));
  floor_.books.message(venue, floor_.clock.utc);
}

risk::OrderId Gate::enter(const risk::Request& request, const Parsed& message, risk::VenueId venue,
                          std::string venue_cl_ord_id, risk::Time at) {
  const risk::OrderId id = floor_.books.enter(request, at);
  note_passed(id, message, venue, std::move(venue_cl_ord_id));
  return id;
}

// What is known of a request that passed, beyond the books.
void Gate::note_passed(risk::OrderId id, const Parsed& message, risk::VenueId venue,
                       std::string venue_cl_ord_id) {
  const risk::Order& order = floor_.books.order(id);
  OrderInfo& info = floor_.info(id);
  if (message.type == "D") {
    write_instrument(message, scratch_);
    info.instrument = floor_.instruments.intern(scratch_);
    info.body_hash = std::hash<std::string_view>{}(message.body());
    const std::string_view in_force = message.get(59).value_or("0");
    info.good_till_cancel = in_force == "1" || in_force == "6";
  }
  Named named;
  named.router = order.router;
  named.venue = venue;
  named.order = id;
  named.cl_ord_id = message.get(11).value_or("");
  named.venue_cl_ord_id = std::move(venue_cl_ord_id);
  named.type = message.type;
  floor_.names.add(std::move(named));
}

risk::Declared Gate::declare(const risk::ParentDeclaration& declaration, std::string_view actor) {
  const risk::Parent* known = floor_.books.parent(declaration.parent);
  const bool may_change =
      known == nullptr || risk::trust_in(declaration.source) > risk::trust_in(known->source);
  if (may_change) {
    FieldWriter record;
    record.put(Field::parent, floor_.directory.parents.name(declaration.parent));
    record.put(Field::account, floor_.directory.accounts.name(declaration.account));
    record.put(Field::symbol, floor_.directory.symbols.name(declaration.symbol));
    const char side = static_cast<char>('0' + static_cast<int>(declaration.side));
    record.put(Field::side, std::string_view{&side, 1});
    record.put(Field::quantity, declaration.size.text());
    record.put(Field::source, static_cast<std::uint64_t>(declaration.source));
    record.put(Field::before, known == nullptr ? "none" : known->size.text());
    record.put(Field::after, declaration.size.text());
    if (!floor_.append(Kind::parent, actor, record)) return risk::Declared::conflict;
  }
  const risk::Declared declared = floor_.books.declare(declaration, floor_.clock.utc);
  if (declared == risk::Declared::added) {
    risk::Touched touched;
    touched.account = declaration.account;
    touched.symbol = declaration.symbol;
    touched.parent = declaration.parent;
    floor_.watch(risk::Occasion::parent, touched);
  }
  return declared;
}

}  // namespace interlock::gateway
