#include "gateway/shadow.hpp"

#include <fmt/format.h>

#include "gateway/classes.hpp"
#include "gateway/list.hpp"
#include "risk/fact.hpp"
#include "risk/subject.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldReader;
using audit::FieldWriter;
using audit::Kind;
using risk::Reason;

// What is judged one by one.
bool is_request(std::string_view type) { return class_of(type) == MessageClass::order; }
bool is_report(std::string_view type) { return type == "8" || type == "9"; }

// Whether the router said it, rather than its venue: a copy carries both.
bool is_of_the_router(const Leg& copy, std::string_view type) {
  const config::MessageRule* rule = copy.identity().dialect->message(type);
  return !is_report(type) && (rule == nullptr || rule->from_router);
}

}  // namespace

void Shadow::message(Leg& copy, const Inbound& message) {
  if (!is_of_the_router(copy, message.parsed->type)) return look_at(copy, message);
  gate_.begin(copy);
  look_at(copy, message);
  floor_.watch(risk::Occasion::message, gate_.touched_);
}

void Shadow::look_at(Leg& copy, const Inbound& message) {
  const Parsed& parsed = *message.parsed;
  FieldWriter record;
  record.put(Field::session, copy.id()).put(Field::in_sequence, std::uint64_t{message.sequence});
  put_in_frame(record, message);
  const bool repeated = parsed.poss_dup || parsed.poss_resend;
  if (message.trouble == nullptr && is_request(parsed.type) && !repeated)
    return order(copy, message, record);
  if (message.trouble == nullptr && parsed.type == "E" && !repeated)
    return list(copy, message, record);
  // A report is a fact: it is booked as far as it reads.
  risk::Breach breach;
  if (message.trouble != nullptr && !is_report(parsed.type)) {
    breach.reason = Reason::malformed;
    breach.fact = message.trouble->text;
  } else if (is_of_the_router(copy, parsed.type) &&
             class_of(parsed.type) == MessageClass::no_check) {
    breach.reason = Reason::unsupported;
    breach.fact = fmt::format("message type {} has no check", parsed.type);
  }
  if (breach.fact.empty()) {
    floor_.append(Kind::shadow_message, copy.id(), record);
    copy.recorded(message.sequence);
    if (is_report(parsed.type)) book(copy, parsed, floor_.clock.utc);
    return;
  }
  refuse(copy, message, breach, record);
  if (message.trouble != nullptr) return gate_.does_not_read(*message.trouble);
  floor_.books.reject(gate_.touched_.router, breach.reason, floor_.clock.utc);
}

// Journals and tells that it would have been refused.
void Shadow::refuse(Leg& copy, const Inbound& message, const risk::Breach& breach,
                    FieldWriter& record) {
  record.put(Field::reason, static_cast<std::uint64_t>(breach.reason))
      .put(Field::text, breach.fact);
  const auto location = floor_.append(Kind::shadow_message, copy.id(), record);
  copy.recorded(message.sequence);
  const std::uint64_t number = location ? location->sequence : 0;
  const Refusal refusal{breach.reason, breach.fact, number, floor_.config.node};
  const auto ids = cl_ord_ids_in(*message.parsed);
  floor_.count_refusal(copy.id(), ids.empty() ? "" : ids.front(), breach.reason,
                       refusal_text(refusal), number);
}

void Shadow::set_aside(risk::RouterId router, const Parsed& request, std::string_view frame) {
  for (const std::string_view id : cl_ord_ids_in(request))
    aside_[{router.value, std::string(id)}] = frame;
}

// Refused before any control was asked.
void Shadow::not_judged(Leg& copy, const Inbound& message, const Untranslatable& why,
                        FieldWriter& record) {
  risk::Breach breach;
  breach.reason = why.reason;
  breach.fact = why.fact;
  const risk::RouterId router{copy.identity().index};
  set_aside(router, *message.parsed, message.frame);
  refuse(copy, message, breach, record);
  floor_.books.reject(router, breach.reason, floor_.clock.utc);
}

// A list, as one decision.
void Shadow::list(Leg& copy, const Inbound& message, FieldWriter& record) {
  const Parsed& parsed = *message.parsed;
  const auto venue = gate_.route_list(copy, parsed);
  if (!venue) return not_judged(copy, message, venue.error(), record);
  const auto list = gate_.read_list(copy, parsed, *venue);
  if (!list) return not_judged(copy, message, list.error(), record);
  record.put(Field::policy_version, floor_.config.limits.version);
  record.put(Field::venue, floor_.directory.venues.name(*venue));
  for (const Translated& each : list->translated) gate_.put_subject(record, each.request);
  if (const auto verdict = gate_.enter_all(copy, *list, *venue)) {
    record.put(Field::list_order, std::uint64_t{*verdict->refused});
    set_aside({copy.identity().index}, parsed, message.frame);
    refuse(copy, message, verdict->breach, record);
    gate_.take_back(*list, *verdict->refused, verdict->breach, floor_.clock.utc);
    if (verdict->breach.trip) floor_.trip(verdict->breach, copy.id());
    return floor_.watch(risk::Occasion::attempt, gate_.touched_);
  }
  floor_.append(Kind::shadow_message, copy.id(), record);
  copy.recorded(message.sequence);
  gate_.note_list(*list, *venue);
  floor_.counters.passed_by_router[copy.id()] += list->orders.size();
  floor_.books.message(*venue, floor_.clock.utc);
}

void Shadow::order(Leg& copy, const Inbound& message, FieldWriter& record) {
  const Parsed& parsed = *message.parsed;
  const auto to = gate_.venue_of(copy, parsed);
  const risk::VenueId venue = to.value_or(risk::VenueId{});
  const auto translated = gate_.read_order(copy, parsed, to);
  if (!translated) return not_judged(copy, message, translated.error(), record);
  if (translated->claim && floor_.books.parent(translated->claim->parent) == nullptr)
    gate_.declare(*translated->claim, copy.id());
  const risk::Request& request = translated->request;
  gate_.touch(risk::subject_of(floor_.books.state(), request), venue);
  const risk::Verdict verdict = gate_.judge(request, venue);
  record.put(Field::policy_version, floor_.config.limits.version);
  if (to) record.put(Field::venue, floor_.directory.venues.name(venue));
  gate_.put_subject(record, request);
  if (verdict.may_go()) return passed(copy, message, request, venue, record);
  set_aside({copy.identity().index}, parsed, message.frame);
  refuse(copy, message, *verdict.breach, record);
  floor_.books.refuse(request, *verdict.breach, floor_.clock.utc);
  if (verdict.breach->trip) floor_.trip(*verdict.breach, copy.id());
  if (parsed.type != "F") floor_.watch(risk::Occasion::attempt, gate_.touched_);
}

void Shadow::passed(Leg& copy, const Inbound& message, const risk::Request& request,
                    risk::VenueId venue, const FieldWriter& record) {
  const Parsed& parsed = *message.parsed;
  floor_.append(Kind::shadow_message, copy.id(), record);
  copy.recorded(message.sequence);
  gate_.touched_.order = gate_.enter(request, parsed, venue,
                                     std::string(parsed.get(11).value_or("")), floor_.clock.utc);
  floor_.books.message(venue, floor_.clock.utc);
  if (parsed.type == "F") return;
  ++floor_.counters.passed_by_router[copy.id()];
  floor_.watch(risk::Occasion::attempt, gate_.touched_);
}

// What would have been refused lives: it enters after all, or is named at least.
void Shadow::bring_in(const Leg& copy, const std::string& cl_ord_id, const std::string& frame,
                      risk::Time at) {
  const risk::RouterId router{copy.identity().index};
  const auto asked = parse_strict(frame, *copy.identity().dialect);
  if (!asked) return;
  const std::vector<Parsed> all =
      asked->type == "E" ? entries_in(*asked) : std::vector<Parsed>{*asked};
  for (const Parsed& one : all) {
    if (one.get(11) != cl_ord_id) continue;
    const auto venue = gate_.venue_of(copy, one);
    if (!venue) return;
    const auto translated = translate_request(one, floor_.config, router, *venue, floor_.directory);
    if (!translated) return;
    const risk::OrderId known = floor_.books.find(router, cl_ord_id);
    if (known.known())  // of a list that was taken back
      return gate_.note_passed(known, one, *venue, cl_ord_id);
    gate_.enter(translated->request, one, *venue, cl_ord_id, at);
  }
}

void Shadow::book(Leg& copy, const Parsed& report, risk::Time at) {
  const risk::RouterId router{copy.identity().index};
  const std::string cl_ord_id(report.get(11).value_or(""));
  const std::string orig_cl_ord_id(report.get(41).value_or(""));
  const Named* named = floor_.names.by_router(router, cl_ord_id);
  const auto left_out = aside_.find({router.value, cl_ord_id});
  const bool lives = report.type == "8" && report.get(39) != "8";
  if (named == nullptr && left_out != aside_.end() && lives) {
    bring_in(copy, cl_ord_id, left_out->second, at);
    named = floor_.names.by_router(router, cl_ord_id);
  }
  if (left_out != aside_.end()) aside_.erase(left_out);
  if (named == nullptr) named = floor_.names.by_router(router, orig_cl_ord_id);
  Restored names{router, cl_ord_id, orig_cl_ord_id, false};
  if (named != nullptr) {
    OrderInfo& info = floor_.info(named->order);
    names.good_till_cancel = info.good_till_cancel;
    if (const auto id = report.get(37)) info.order_id = *id;
    if (const auto status = report.get(39); status && status->size() == 1)
      info.status = (*status)[0];
  }
  const risk::VenueId venue = named != nullptr ? named->venue : risk::VenueId{};
  risk::Report fact = translate_report(report, venue, floor_.config, floor_.directory);
  restore(fact, report, names);
  const risk::Learned learned = floor_.books.learn(fact, at);
  if (floor_.recovering) return;
  floor_.watch(risk::Occasion::report, floor_.touched_by(fact, learned.order));
  if (learned.anomaly == risk::Anomaly::none) return;
  ++floor_.counters.anomalies[std::string(name(learned.anomaly))];
  floor_.alert(copy.id(), Raised{Severity::warning,
                                 std::string(name(learned.anomaly)),
                                 {killswitch::ScopeKind::router, copy.id()},
                                 readable(report.frame)});
}

void Shadow::apply(Leg& copy, const FieldReader& fields, risk::Time at) {
  const std::string_view frame = fields.text(Field::in_frame).value_or("");
  const Lenient loose = parse_lenient(frame, *copy.identity().dialect);
  const Parsed& parsed = loose.parsed;
  const auto reason = fields.number(Field::reason);
  if (is_report(parsed.type)) return book(copy, parsed, at);
  const risk::RouterId router{copy.identity().index};
  if (is_of_the_router(copy, parsed.type)) floor_.books.message(router, at);
  if (reason && !fields.number(Field::policy_version))
    floor_.books.reject(router, static_cast<Reason>(*reason), at);
  const bool is_judged = is_request(parsed.type) || parsed.type == "E";
  if (!is_judged || parsed.poss_dup || parsed.poss_resend) return;
  const std::string cl_ord_id(parsed.get(11).value_or(""));
  if (reason && !loose.trouble) set_aside(router, parsed, frame);
  if (!fields.number(Field::policy_version)) return;
  const risk::VenueId venue = floor_.directory.venues.find(fields.text(Field::venue).value_or(""));
  if (parsed.type == "E") return apply_list(parsed, router, venue, fields, at);
  const auto translated = translate_request(parsed, floor_.config, router, venue, floor_.directory);
  if (!translated) return;
  if (!reason) {
    gate_.enter(translated->request, parsed, venue, cl_ord_id, at);
    floor_.books.message(venue, at);
    return;
  }
  risk::Breach breach;
  breach.reason = static_cast<Reason>(*reason);
  floor_.books.refuse(translated->request, breach, at);
}

void Shadow::apply_list(const Parsed& parsed, risk::RouterId router, risk::VenueId venue,
                        const FieldReader& fields, risk::Time at) {
  Gate::Verdict verdict;
  if (const auto reason = fields.number(Field::reason)) {
    verdict.refused = fields.number(Field::list_order).value_or(0);
    verdict.breach.reason = static_cast<Reason>(*reason);
  }
  const auto entered = gate_.enter_list(parsed, router, venue, verdict, at, [](auto&&...) {});
  if (entered && !verdict.refused) floor_.books.message(venue, at);
}

}  // namespace interlock::gateway
