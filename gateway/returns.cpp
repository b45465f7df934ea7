#include "gateway/returns.hpp"

#include <fmt/format.h>

#include "audit/frame.hpp"
#include "gateway/killer.hpp"
#include "gateway/list.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;

FieldWriter inbound_record(const Leg& venue, const Inbound& message) {
  FieldWriter record;
  record.put(Field::session, venue.id()).put(Field::in_sequence, std::uint64_t{message.sequence});
  put_in_frame(record, message);
  return record;
}

// What goes on of a message that no dialect declares may hold a secret, too. Sent again, it then
// goes without it.
void put_out_frame(FieldWriter& record, const Inbound& message, const std::string& frame) {
  if (message.trouble == nullptr)
    record.put(Field::out_frame, frame);
  else
    record.put(Field::out_frame, audit::mask_secrets(frame));
}

// 45 of a 3 or a j: our MsgSeqNum that it speaks of; 0: none that can be read.
std::uint32_t reference_of(const Parsed& reject) {
  const auto number = risk::parse_decimal(reject.get(45).value_or(""), 0);
  return number && *number > 0 && *number <= UINT32_MAX ? static_cast<std::uint32_t>(*number) : 0;
}

bool is_status(const Parsed& report) { return report.get(150) == "I" || report.get(20) == "3"; }

}  // namespace

void Returns::message(Leg& venue, const Inbound& message) {
  const Parsed& parsed = *message.parsed;
  if (message.trouble != nullptr) {
    // A fact is never dropped: it is booked as far as it reads, and the venue is blocked until
    // people have looked.
    const killswitch::Scope scope{killswitch::ScopeKind::venue, venue.id()};
    floor_.alert(venue.id(), {Severity::critical, "undeclared-content", scope,
                              fmt::format("undeclared content: {}: {}", message.trouble->text,
                                          readable(message.frame))});
    floor_.trip(scope, killswitch::Source::breach, venue.id(),
                "the venue sent what its dialect does not declare: " + message.trouble->text,
                killswitch::Level::block);
  }
  if (parsed.type == "8" || parsed.type == "9") return execution(venue, message);
  if (parsed.type == "j") rejected(venue, parsed);
  if (parsed.type == "r" && venue.identity().dialect->message("r") != nullptr)
    return mass_cancel_answered(venue, message);
  inform(venue, message);
  if (parsed.type == "AE") gaps_.trade(parsed, {venue.identity().index});
  if (parsed.type == "N") book_list(parsed, {venue.identity().index}, floor_.clock.utc);
}

const Named* Returns::named_by(const Parsed& message, risk::VenueId venue) {
  for (const Tag tag : {Tag{11}, Tag{41}}) {
    const auto id = message.get(tag);
    if (const Named* named = id ? floor_.names.by_venue(venue, *id) : nullptr) return named;
  }
  return nullptr;
}

Returns::Booked Returns::book(const Parsed& message, risk::VenueId venue, risk::Time at) {
  return book(message, translate_report(message, venue, floor_.config, floor_.directory), at);
}

Returns::Booked Returns::book(const Parsed& message, risk::Report translated, risk::Time at) {
  Booked booked;
  booked.report = std::move(translated);
  const risk::VenueId venue = booked.report.venue;
  const auto named_in = [&](Tag tag) -> Named* {
    const auto id = message.get(tag);
    return id ? floor_.names.by_venue(venue, *id) : nullptr;
  };
  Named* const asked = named_in(11);
  const Named* const orig = named_in(41);
  booked.named = asked != nullptr ? asked : orig;
  Restored restored;
  if (booked.named != nullptr) {
    restored.router = booked.named->router;
    // To the ledger our own cancels are known by the name that went to the venue.
    restored.cl_ord_id = booked.named->own && message.type == "9" ? booked.named->venue_cl_ord_id
                                                                  : booked.named->cl_ord_id;
    if (orig != nullptr) restored.orig_cl_ord_id = orig->cl_ord_id;
    OrderInfo& info = floor_.info(booked.named->order);
    restored.good_till_cancel = info.good_till_cancel;
    if (const auto id = message.get(37); id && *id != "NONE") info.order_id = *id;
    if (const auto status = message.get(39); status && status->size() == 1)
      info.status = (*status)[0];
    if (const auto price = message.get(6)) info.average_price = *price;
    if (asked != nullptr) asked->answered = true;
  }
  restore(booked.report, message, restored);
  booked.learned = floor_.books.learn(booked.report, at);
  return booked;
}

void Returns::execution(Leg& venue, const Inbound& message) {
  const Parsed& parsed = *message.parsed;
  const risk::VenueId venue_id{venue.identity().index};
  const Named* named = named_by(parsed, venue_id);
  if (answer(venue, message, named)) return;
  if (named == nullptr) {
    pass_on(venue, message, nullptr, {});
    const Booked booked = book(parsed, venue_id, floor_.clock.utc);
    const bool known = checks_.about_stranger(venue_id, parsed);
    if (!known || booked.report.fact == risk::Fact::filled) after(booked, venue.id(), parsed);
    return;
  }
  checks_.about_stranger(venue_id, parsed);
  if (named->own || is_by_mass_cancel(parsed, *named))
    return answer_to_own_cancel(venue, message, *named);
  Leg& router = *floor_.routers[named->router.value];
  std::string_view body = parsed.body();
  std::string renamed;
  if (floor_.config.venues[venue_id.value].shared) {
    Substitutions names;
    if (parsed.get(11)) names.push_back({11, named->cl_ord_id});
    if (const auto orig = parsed.get(41)) {
      const Named* first = floor_.names.by_venue(venue_id, *orig);
      names.push_back({41, first != nullptr ? std::string_view(first->cl_ord_id) : *orig});
    }
    body = renamed = substitute(parsed, names);
  }
  pass_on(venue, message, &router, body);
  give_back(std::move(renamed));
  after(book(parsed, venue_id, floor_.clock.utc), venue.id(), parsed);
  if (is_status(parsed)) checks_.heard(named->order, parsed, false);
}

bool Returns::answer(Leg& venue, const Inbound& message, const Named* named) {
  const Parsed& parsed = *message.parsed;
  if (parsed.type != "8") return false;
  const risk::VenueId venue_id{venue.identity().index};
  const bool rejects = parsed.get(39) == "8";
  const bool is_mass = parsed.get(584).value_or("").starts_with(own_prefix);
  // Some say of what they do not know that it is rejected, as of an order.
  const bool says_unknown =
      rejects && parsed.get(150) == "8" &&
      (parsed.get(790).value_or("").starts_with(own_prefix) || parsed.get(103) == "5");
  if (!is_mass) {
    if (named == nullptr || (!is_status(parsed) && !says_unknown)) return false;
    if (!gaps_.answers(parsed, named->order)) return false;
  }
  if (rejects || named == nullptr) {
    pass_on(venue, message, nullptr, {}, unknown_order);
    if (rejects && named != nullptr) checks_.unknown(named->order);
  } else {
    const bool was_in_doubt = checks_.in_doubt(named->order);
    pass_on(venue, message, nullptr, {});
    after(book(parsed, venue_id, floor_.clock.utc), venue.id(), parsed);
    checks_.heard(named->order, parsed, was_in_doubt);
  }
  if (is_mass) checks_.listed(venue_id, parsed, named);
  return true;
}

// Journals the fact, with what goes to the router for it, before anything else happens.
void Returns::pass_on(Leg& venue, const Inbound& message, Leg* router, std::string_view body,
                      std::string_view event) {
  FieldWriter record = inbound_record(venue, message);
  if (!event.empty()) record.put(Field::event, event);
  std::optional<Outgoing> out;
  if (router != nullptr) {
    out = router->prepare(std::string(message.parsed->type), body);
    record.put(Field::out_session, router->id())
        .put(Field::out_sequence, std::uint64_t{out->sequence});
    put_out_frame(record, message, out->frame);
  }
  const auto location = floor_.append(Kind::venue_message, venue.id(), record);
  venue.recorded(message.sequence);
  // A fact reaches its router even when the journal has just failed (which has killed everything
  // already).
  if (out) router->commit(std::move(*out), location.value_or(audit::Location{}));
}

// Routers' own q never reach a venue: an r is for ours.
void Returns::mass_cancel_answered(Leg& venue, const Inbound& message) {
  pass_on(venue, message, nullptr, {});
  const Parsed& parsed = *message.parsed;
  if (parsed.get(531).value_or("0") != "0") return;  // taken: the reports tell
  floor_.alert(venue.id(),
               {Severity::warning,
                "cancel-refused",
                {killswitch::ScopeKind::venue, venue.id()},
                fmt::format("refused our mass cancel: {}", parsed.get(58).value_or("no text"))});
  killer_.mass_cancel_refused({venue.identity().index});
}

// Venues report it under the name of our q, with 41 the order's, or as unsolicited under the
// order's own.
bool Returns::is_by_mass_cancel(const Parsed& report, const Named& named) {
  const std::string_view id = report.get(11).value_or("");
  if (id.starts_with(own_prefix) && floor_.names.by_venue(named.venue, id) == nullptr) return true;
  return report.get(150) == "4" && named.type != "F" && floor_.info(named.order).mass_cancelled;
}

void Returns::answer_to_own_cancel(Leg& venue, const Inbound& message, const Named& own) {
  const Parsed& parsed = *message.parsed;
  const risk::VenueId venue_id{venue.identity().index};
  const std::string_view kind = parsed.get(150).value_or("");
  const bool silent = parsed.type == "9" || kind == "6";  // ours to handle: the router never asked
  if (silent) {
    pass_on(venue, message, nullptr, {});
    if (parsed.type == "9") {
      floor_.alert(venue.id(), {Severity::warning,
                                "cancel-refused",
                                {killswitch::ScopeKind::venue, venue.id()},
                                fmt::format("refused our cancel of {}: {}", own.cl_ord_id,
                                            parsed.get(58).value_or("no text"))});
    }
    return after(book(parsed, venue_id, floor_.clock.utc), venue.id(), parsed);
  }
  Leg& router = *floor_.routers[own.router.value];
  const std::string cl_ord_id = floor_.books.order(own.order).cl_ord_id;
  std::string body;
  const killswitch::Kill* kill =
      covering(floor_.kills, floor_.directory, floor_.books.order(own.order));
  if (kind == "4" && kill != nullptr && kill->level == killswitch::Level::kill) {
    OrderFacts facts = floor_.facts(own.order);
    facts.order_id = parsed.get(37).value_or(facts.order_id);
    const Refusal why{risk::Reason::killed, fmt::format("cancelled by kill {}", kill->id),
                      floor_.journal.next_sequence(), floor_.config.node};
    body =
        order_cancelled(facts, why, router.form(), parsed.get(17).value_or(""), floor_.clock.utc.ns)
            .body;
  } else {
    Substitutions names{{11, cl_ord_id}};
    if (parsed.get(41)) names.push_back({41, cl_ord_id});
    body = substitute(parsed, names);
  }
  pass_on(venue, message, &router, body);
  after(book(parsed, venue_id, floor_.clock.utc), venue.id(), parsed);
}

void Returns::note(risk::Anomaly anomaly, std::string_view venue, const Parsed& message) {
  if (anomaly == risk::Anomaly::none) return;
  ++floor_.counters.anomalies[std::string(name(anomaly))];
  floor_.alert(venue, {Severity::critical,
                       std::string(name(anomaly)),
                       {killswitch::ScopeKind::venue, std::string(venue)},
                       fmt::format("{}: {}", name(anomaly), readable(message.frame))});
}

void Returns::after(const Booked& booked, std::string_view venue, const Parsed& message) {
  const risk::Learned& learned = booked.learned;
  note(learned.anomaly, venue, message);
  floor_.watch(risk::Occasion::report, floor_.touched_by(booked.report, learned.order));
  if (!learned.order.known()) return;
  if (learned.missing_fills && booked.report.cum && !checks_.asks(learned.order))
    gaps_.found(learned.order, *booked.report.cum);
  const risk::Fact fact = booked.report.fact;
  if (fact == risk::Fact::acknowledged || fact == risk::Fact::replaced)
    killer_.after_report(learned.order);
}

// The requests in what we sent under that number, of which the venue has not said anything; from
// here on it has.
std::vector<Named*> Returns::unanswered(Leg& venue, std::uint32_t sequence) {
  std::vector<Named*> requests;
  const std::string frame(venue.sent_frame_of(sequence));
  if (frame.empty()) return requests;
  const Lenient sent = parse_lenient(frame, *venue.identity().dialect);
  // What only asks after an order names it, too: a reject of the question is none of the order.
  const std::string_view type = sent.parsed.type;
  if (type != "D" && type != "G" && type != "F" && type != "E") return requests;
  for (const std::string_view id : cl_ord_ids_in(sent.parsed)) {
    Named* named = floor_.names.by_venue({venue.identity().index}, id);
    if (named == nullptr || named->answered) continue;
    named->answered = true;
    requests.push_back(named);
  }
  return requests;
}

std::vector<Named*> Returns::refused_requests(Leg& venue, const Parsed& reject) {
  return unanswered(venue, reference_of(reject));
}

void Returns::rejected(Leg& venue, const Parsed& reject) {
  checks_.rejected({venue.identity().index}, reference_of(reject),
                   reject.get(58).value_or("no text"));
  const std::string sent(venue.sent_frame_of(reference_of(reject)));
  if (!sent.empty() && parse_lenient(sent, *venue.identity().dialect).parsed.type == "q")
    killer_.mass_cancel_refused({venue.identity().index});
  for (const Named* named : refused_requests(venue, reject)) {
    // A j is passed on to the router; of a 3 the router hears in the form that its request is
    // refused in.
    if (named->own || reject.type == "j") {
      killer_.release(*named, floor_.clock.utc);
      continue;
    }
    killer_.undelivered(
        *named, risk::Reason::unsupported,
        fmt::format("{} rejected the message: {}", venue.id(), reject.get(58).value_or("no text")));
  }
}

void Returns::not_resent(Leg& venue, std::uint32_t sequence) {
  for (const Named* named : unanswered(venue, sequence)) {
    killer_.undelivered(*named, risk::Reason::not_delivered,
                        fmt::format("{} never had it (message {}), and it is not sent again",
                                    venue.id(), sequence));
  }
}

void Returns::book_list(const Parsed& message, risk::VenueId venue, risk::Time at) {
  for (const Parsed& entry : entries_in(message)) {
    Named* named = floor_.names.by_venue(venue, entry.get(11).value_or(""));
    const std::string_view status = entry.get(39).value_or("");
    if (named == nullptr || named->own || (status != "4" && status != "8" && status != "C"))
      continue;
    named->answered = true;
    floor_.info(named->order).status = status[0];
    risk::Report report;
    report.venue = venue;
    report.router = named->router;
    report.cl_ord_id = named->cl_ord_id;
    report.fact = risk::Fact::ended;
    if (const auto cum = risk::Quantity::parse(entry.get(14).value_or(""))) report.cum = *cum;
    const risk::Learned learned = floor_.books.learn(report, at);
    if (!floor_.recovering) note(learned.anomaly, floor_.directory.venues.name(venue), message);
  }
}

void Returns::inform(Leg& venue, const Inbound& message) {
  const Parsed& parsed = *message.parsed;
  const risk::VenueId venue_id{venue.identity().index};
  const config::MessageRule* rule = venue.identity().dialect->message(parsed.type);
  if (rule == nullptr || !rule->from_venue) {
    floor_.append(Kind::venue_message, venue.id(), inbound_record(venue, message));
    venue.recorded(message.sequence);
    return floor_.alert(venue.id(), {Severity::warning,
                                     "undeclared-type",
                                     {killswitch::ScopeKind::venue, venue.id()},
                                     fmt::format("undeclared message type {}", parsed.type)});
  }
  Substitutions names;
  std::string number;
  const Named* named = named_by(parsed, venue_id);
  if (parsed.type == "j") {
    const audit::Location sent = venue.store().find(reference_of(parsed));
    if (sent.sequence != 0) {
      const audit::FieldReader fields(floor_.journal.at(sent).payload);
      const bool is_own = !fields.number(Field::in_sequence);  // no router asked for it
      if (is_own) return pass_on(venue, message, nullptr, {});
      named = floor_.names.by_venue(venue_id, fields.text(Field::venue_cl_ord_id).value_or(""));
      // Our number towards the venue means nothing to the router: it gets its own.
      number = std::to_string(fields.number(Field::in_sequence).value_or(0));
      names.push_back({45, number});
    }
    if (named != nullptr && parsed.get(379)) names.push_back({379, named->cl_ord_id});
  }
  if (named != nullptr && parsed.get(11)) names.push_back({11, named->cl_ord_id});
  const std::string body = names.empty() ? std::string(parsed.body()) : substitute(parsed, names);
  if (named != nullptr)
    return pass_on(venue, message, named->own ? nullptr : floor_.routers[named->router.value].get(),
                   body);
  bool recorded = false;
  for (const config::Route& route : floor_.config.routes) {
    if (route.venue != venue.id()) continue;
    Leg& router = *floor_.routers[floor_.directory.routers.find(route.router).value];
    if (!recorded)
      pass_on(venue, message, &router, body);
    else {
      Outgoing out = router.prepare(std::string(parsed.type), body);
      FieldWriter record;
      record.put(Field::out_session, router.id())
          .put(Field::out_sequence, std::uint64_t{out.sequence});
      put_out_frame(record, message, out.frame);
      const auto location = floor_.append(Kind::gateway_message, venue.id(), record);
      if (location) router.commit(std::move(out), *location);
    }
    recorded = true;
  }
  if (!recorded) pass_on(venue, message, nullptr, {});
}

}  // namespace interlock::gateway
