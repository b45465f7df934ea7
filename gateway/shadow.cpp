#include "gateway/shadow.hpp"

#include <fmt/format.h>

#include "risk/fact.hpp"
#include "risk/subject.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldReader;
using audit::FieldWriter;
using audit::Kind;
using risk::Reason;

bool is_request(std::string_view type) { return type == "D" || type == "G" || type == "F"; }
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
  record.put(Field::in_frame, message.frame);
  const bool repeated = parsed.poss_dup || parsed.poss_resend;
  if (message.trouble == nullptr && is_request(parsed.type) && !repeated)
    return order(copy, message, record);
  risk::Breach malformed;
  malformed.reason = Reason::malformed;
  if (message.trouble != nullptr) malformed.fact = message.trouble->text;
  // A report is a fact: it is booked as far as it reads.
  const bool would_be_refused = message.trouble != nullptr && !is_report(parsed.type);
  if (would_be_refused)
    record.put(Field::reason, static_cast<std::uint64_t>(malformed.reason))
        .put(Field::text, malformed.fact);
  const auto location = floor_.append(Kind::shadow_message, copy.id(), record);
  copy.recorded(message.sequence);
  if (would_be_refused) {
    refused(copy, parsed, malformed, location ? location->sequence : 0);
    return gate_.does_not_read(*message.trouble);
  }
  if (is_report(parsed.type)) book(copy, parsed, floor_.clock.utc);
}

std::optional<risk::VenueId> Shadow::venue_of(const Leg& copy, const Parsed& parsed) const {
  if (parsed.type == "D") return gate_.route(copy, parsed);
  const Named* named = floor_.names.by_router({copy.identity().index}, parsed.get(41).value_or(""));
  return named == nullptr ? std::nullopt : std::optional(named->venue);
}

void Shadow::order(Leg& copy, const Inbound& message, FieldWriter& record) {
  const Parsed& parsed = *message.parsed;
  const risk::RouterId router{copy.identity().index};
  const auto venue = venue_of(copy, parsed);
  risk::Breach breach;
  std::optional<risk::Request> request;
  if (parsed.type == "D" && !venue) {
    breach.reason = Reason::no_route;
    breach.fact = fmt::format("no route to {}", parsed.get(100).value_or("any venue"));
  } else {
    auto translated = translate_request(parsed, floor_.config, router,
                                        venue.value_or(risk::VenueId{}), floor_.directory);
    const auto wrong =
        parsed.type == "F" ? std::nullopt : contradiction(parsed, floor_.config, floor_.directory);
    if (!translated || wrong) {
      breach.reason = translated ? wrong->reason : translated.error().reason;
      breach.fact = translated ? wrong->fact : translated.error().fact;
    } else {
      if (translated->claim && floor_.books.parent(translated->claim->parent) == nullptr)
        gate_.declare(*translated->claim, copy.id());
      request = translated->request;
      gate_.touch(risk::subject_of(floor_.books.state(), *request),
                  venue.value_or(risk::VenueId{}));
      const risk::Verdict verdict = gate_.judge(*request, venue.value_or(risk::VenueId{}));
      record.put(Field::policy_version, floor_.config.limits.version);
      if (venue) record.put(Field::venue, floor_.directory.venues.name(*venue));
      if (verdict.may_go())
        return passed(copy, message, *request, venue.value_or(risk::VenueId{}), record);
      breach = *verdict.breach;
    }
  }
  record.put(Field::reason, static_cast<std::uint64_t>(breach.reason))
      .put(Field::text, breach.fact);
  const auto location = floor_.append(Kind::shadow_message, copy.id(), record);
  copy.recorded(message.sequence);
  aside_[{router.value, std::string(parsed.get(11).value_or(""))}] = message.frame;
  refused(copy, parsed, breach, location ? location->sequence : 0);
  if (!request) return floor_.books.reject(router, breach.reason, floor_.clock.utc);
  floor_.books.refuse(*request, breach, floor_.clock.utc);
  if (breach.trip) floor_.trip(breach, copy.id());
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

void Shadow::refused(Leg& copy, const Parsed& parsed, const risk::Breach& breach,
                     std::uint64_t record) {
  const Refusal refusal{breach.reason, breach.fact, record, floor_.config.node};
  floor_.count_refusal(copy.id(), parsed.get(11).value_or(""), breach.reason, refusal_text(refusal),
                       record);
}

void Shadow::book(Leg& copy, const Parsed& report, risk::Time at) {
  const risk::RouterId router{copy.identity().index};
  const std::string cl_ord_id(report.get(11).value_or(""));
  const std::string orig_cl_ord_id(report.get(41).value_or(""));
  const Named* named = floor_.names.by_router(router, cl_ord_id);
  const auto left_out = aside_.find({router.value, cl_ord_id});
  const bool lives = report.type == "8" && report.get(39) != "8";
  if (named == nullptr && left_out != aside_.end() && lives) {
    const std::string frame = left_out->second;
    const auto asked = parse_strict(frame, *copy.identity().dialect);
    const auto venue = asked ? venue_of(copy, *asked) : std::nullopt;
    const auto translated =
        asked && venue ? translate_request(*asked, floor_.config, router, *venue, floor_.directory)
                       : std::unexpected(Untranslatable{});
    if (translated) gate_.enter(translated->request, *asked, *venue, cl_ord_id, at);
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
  const risk::Report fact = translate_report(report, venue, names, floor_.config, floor_.directory);
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
  if (!is_request(parsed.type) || parsed.poss_dup || parsed.poss_resend) return;
  const std::string cl_ord_id(parsed.get(11).value_or(""));
  if (reason && !loose.trouble) aside_[{router.value, cl_ord_id}] = frame;
  if (!fields.number(Field::policy_version)) return;
  const risk::VenueId venue = floor_.directory.venues.find(fields.text(Field::venue).value_or(""));
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

}  // namespace interlock::gateway
