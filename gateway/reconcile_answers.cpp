// What a venue's answers say against the books, what follows, and orders that only the venue knows.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/killer.hpp"
#include "gateway/reconcile.hpp"
#include "gateway/status.hpp"
#include "gateway/translate.hpp"

namespace interlock::gateway {

using audit::Field;
using audit::FieldReader;
using audit::FieldWriter;
using audit::Kind;
using killswitch::ScopeKind;

namespace {

// A name for people where the venue gives none.
std::string name_of(const Stranger& stranger) {
  return stranger.cl_ord_id.empty() ? stranger.order_id : stranger.cl_ord_id;
}

std::optional<risk::Quantity> quantity_in(const Parsed& message, Tag tag) {
  const auto read = risk::Quantity::parse(message.get(tag).value_or(""));
  return read ? std::optional(*read) : std::nullopt;
}

}  // namespace

std::string Reconciliation::name_of(risk::OrderId id) const {
  const risk::Order& order = floor_.books.order(id);
  return fmt::format("{}/{}", floor_.directory.routers.name(order.router), order.cl_ord_id);
}

FieldWriter Reconciliation::record(std::string_view event, risk::VenueId venue) const {
  FieldWriter fields;
  fields.put(Field::event, event).put(Field::venue, leg(venue).id());
  return fields;
}

FieldWriter Reconciliation::record(std::string_view event, risk::OrderId id,
                                   const Parsed* status) const {
  const risk::Order& order = floor_.books.order(id);
  FieldWriter fields = record(event, order.venue);
  fields.put(Field::router, floor_.directory.routers.name(order.router));
  fields.put(Field::cl_ord_id, order.cl_ord_id);
  fields.put(Field::order_id, floor_.info(id).order_id);
  if (status == nullptr) return fields;
  fields.put(Field::cum, status->get(14).value_or(""))
      .put(Field::leaves, status->get(151).value_or(""));
  return fields;
}

bool Reconciliation::in_doubt(risk::OrderId id) const {
  const risk::Order& order = floor_.books.order(id);
  if (order.state != risk::OrderState::sent) return false;
  const Named* named = floor_.names.by_router(order.router, order.cl_ord_id);
  return named != nullptr && !named->answered;
}

// Empty: the venue has of it what the books have, or it has ended with what they have.
std::string Reconciliation::compare(risk::OrderId id, const Parsed& status, bool& ended) const {
  const risk::Order& order = floor_.books.order(id);
  const std::string_view state = status.get(39).value_or("");
  const auto cum = quantity_in(status, 14);
  const auto leaves = quantity_in(status, 151);
  if (!cum || !leaves) return "its answer does not say how much is executed and left (14, 151)";
  if (*cum != order.cum)
    return fmt::format("the venue says {} executed, the books {}", cum->text(), order.cum.text());
  const bool done_for_day = state == "3" || state == "B";
  if (done_for_day && floor_.info(id).good_till_cancel) return {};
  ended = state == "4" || state == "C" || state == "2" || state == "3";
  if (ended && leaves->is_zero()) return {};
  ended = false;
  if (*leaves == order.open) return {};
  // A cancel or a replace that it has not decided: the books count the worst of it.
  const bool pending = state == "6" || state == "E" || state == "A";
  if (pending && *leaves <= order.open) return {};
  return fmt::format("the venue says {} left (39={}), the books {}", leaves->text(), state,
                     order.open.text());
}

void Reconciliation::heard(risk::OrderId id, const Parsed& status, bool was_in_doubt) {
  Check& check = checks_[floor_.books.order(id).venue.value];
  if (was_in_doubt) adopted(id);
  if (check.state != State::asking) return;
  bool has_ended = false;
  std::string difference = compare(id, status, has_ended);
  if (difference.empty()) {
    if (has_ended && is_open(id)) ended(id, status);
    return settle(check, id);
  }
  const auto question = check.asked.find(id);
  if (question == check.asked.end()) return;  // of an AF: it is asked about by itself
  if (question->second.difference != difference) {
    FieldWriter fields = record("differs", id, &status);
    fields.put(Field::text, difference);
    floor_.append(Kind::reconciled, "interlock", fields);
  }
  question->second.difference = std::move(difference);
}

void Reconciliation::unknown(risk::OrderId id) {
  Check& check = checks_[floor_.books.order(id).venue.value];
  if (in_doubt(id)) {
    release(id);
    return settle(check, id);
  }
  if (check.state != State::asking) return;
  const auto question = check.asked.find(id);
  if (question != check.asked.end())
    question->second.difference = "the venue does not know it, and had acknowledged it";
}

// It was journalled, nobody knows whether it left, and the venue has never heard of it.
void Reconciliation::release(risk::OrderId id) {
  const risk::Order& order = floor_.books.order(id);
  floor_.append(Kind::reconciled, "interlock", record("released", id, nullptr));
  Named* named = floor_.names.by_router(order.router, order.cl_ord_id);
  named->answered = true;
  killer_.undelivered(
      *named, risk::Reason::not_delivered,
      fmt::format("{} does not know it, and it is not sent again", leg(order.venue).id()));
}

// What goes to the router for it stands in the same record.
void Reconciliation::tell(risk::OrderId id, FieldWriter& fields, const Answer& answer) {
  Leg& router = floor_.router_of(floor_.books.order(id));
  Outgoing out = router.prepare(answer.type, answer.body);
  fields.put(Field::out_session, router.id()).put(Field::out_sequence, std::uint64_t{out.sequence});
  fields.put(Field::out_frame, out.frame);
  const auto location = floor_.append(Kind::reconciled, "interlock", fields);
  router.commit(std::move(out), location.value_or(audit::Location{}));
}

// Its acknowledgement was lost: the router waits for it.
void Reconciliation::adopted(risk::OrderId id) {
  const Leg& router = floor_.router_of(floor_.books.order(id));
  FieldWriter fields = record("adopted", id, nullptr);
  tell(
      id, fields,
      order_status(floor_.facts(id), floor_.info(id).status, router.form(), floor_.next_exec_id()));
}

// A status moves no quantity; that nothing is left to execute, with as much executed as we know of,
// is evidence enough for a release.
void Reconciliation::ended(risk::OrderId id, const Parsed& status) {
  const risk::Order& order = floor_.books.order(id);
  const Leg& router = floor_.router_of(order);
  const Refusal why{risk::Reason::recovering,
                    fmt::format("{} says that it has ended (39={})", leg(order.venue).id(),
                                status.get(39).value_or("?")),
                    floor_.journal.next_sequence(), floor_.config.node};
  FieldWriter fields = record("ended", id, &status);
  OrderFacts facts = floor_.facts(id);
  facts.order_id = status.get(37).value_or(facts.order_id);
  tell(id, fields,
       order_cancelled(facts, why, router.form(), floor_.next_exec_id(), floor_.clock.utc.ns));
  replayed(FieldReader(fields.bytes()), floor_.clock.utc);
}

// --- an AF, and what only the venue knows ---

void Reconciliation::listed(risk::VenueId venue, const Parsed& status, const Named* named) {
  Check& check = checks_[venue.value];
  const std::string_view state = status.get(39).value_or("8");
  const bool over = state == "2" || state == "4" || state == "8" || state == "C";
  const bool lives = !over && quantity_in(status, 151) != risk::Quantity{};  // absent: it may
  const risk::OrderId id = order_of(venue, status, named);
  if (stranger(venue, status) != nullptr)
    about_stranger(venue, status);
  else if (lives && (!id.known() || !is_open(id)))
    note_stranger(venue, status);
  if (check.state != State::asking || status.get(584) != check.mass_id) return;
  ++check.listed;
  const auto total = risk::parse_decimal(status.get(911).value_or(""), 0);
  const bool all = total && *total >= 0 && *total <= std::int64_t{check.listed};
  const bool none = state == "8" && named == nullptr && !status.get(911) && !status.get(912);
  if (status.get(912) != "Y" && !all && !none) return;
  check.asks_all = false;
  check.mass_id.clear();
}

void Reconciliation::note_stranger(risk::VenueId venue, const Parsed& status) {
  Stranger found;
  found.cl_ord_id = status.get(11).value_or("");
  found.order_id = status.get(37).value_or("");
  found.instrument = instrument_of(status);
  found.quantity = status.get(38).value_or("0");
  found.cum = status.get(14).value_or("");
  found.leaves = status.get(151).value_or("");
  cancel_stranger(venue, strangers_[venue.value].emplace_back(std::move(found)));
  const std::string& id = leg(venue).id();
  floor_.alert(id, {Severity::critical,
                    "unknown-at-venue",
                    {ScopeKind::venue, id},
                    fmt::format("an order that the books do not know, or know to have ended, is "
                                "cancelled: {}",
                                readable(status.frame))});
}

bool Reconciliation::is_open(risk::OrderId id) const {
  const risk::Order& order = floor_.books.order(id);
  return order.state != risk::OrderState::ended || order.open.is_positive();
}

// By its name, or by the venue's own.
risk::OrderId Reconciliation::order_of(risk::VenueId venue, const Parsed& status,
                                       const Named* named) const {
  if (named != nullptr) return named->order;
  const std::string_view order_id = status.get(37).value_or("");
  if (order_id.empty() || order_id == "NONE") return {};
  for (std::uint32_t i = 0; i < floor_.orders.size(); ++i) {
    if (floor_.orders[i].order_id == order_id && floor_.books.order({i}).venue == venue) return {i};
  }
  return {};
}

void Reconciliation::chase_strangers(risk::VenueId venue) {
  if (!leg(venue).on() || killer_.whole_session(venue) == nullptr) return;
  for (Stranger& each : strangers_[venue.value]) {
    if (floor_.clock.utc.ns - each.cancelled_at_ns >= floor_.config.cancel_timeout.ns)
      cancel_stranger(venue, each);
  }
}

Stranger* Reconciliation::stranger(risk::VenueId venue, const Parsed& report) {
  const auto is_its = [&](const Stranger& each) {
    const auto order_id = report.get(37);
    if (!each.order_id.empty() && order_id == each.order_id) return true;
    return !each.cl_ord_id.empty() &&
           (report.get(11) == each.cl_ord_id || report.get(41) == each.cl_ord_id);
  };
  auto& all = strangers_[venue.value];
  const auto found = std::ranges::find_if(all, is_its);
  return found == all.end() ? nullptr : &*found;
}

bool Reconciliation::about_stranger(risk::VenueId venue, const Parsed& report) {
  Stranger* known = stranger(venue, report);
  if (known == nullptr) return false;
  const std::string_view state = report.get(39).value_or("");
  const bool over = state == "2" || state == "4" || state == "8" || state == "C";
  if (report.type == "8" && over) forget_stranger(venue, Stranger(*known));
  return true;
}

void Reconciliation::forget_stranger(risk::VenueId venue, const Stranger& gone) {
  FieldWriter fields = record("unknown order ended", venue);
  fields.put(Field::cl_ord_id, gone.cl_ord_id).put(Field::order_id, gone.order_id);
  floor_.append(Kind::reconciled, "interlock", fields);
  replayed(FieldReader(fields.bytes()), floor_.clock.utc);
}

void Reconciliation::cancel_stranger(risk::VenueId venue, Stranger& each) {
  Leg& to = leg(venue);
  const std::string cl_ord_id = std::string(own_prefix) + base36(floor_.journal.next_sequence());
  BodyWriter body;
  body.put(11, cl_ord_id);
  body.put(41,
           each.cl_ord_id.empty() ? std::string_view("NONE") : std::string_view(each.cl_ord_id));
  if (!each.order_id.empty()) body.put(37, each.order_id);
  body.put(38, each.quantity).put(60, fix_timestamp(floor_.clock.utc.ns));
  Outgoing out = to.prepare("F", each.instrument + body.bytes());
  FieldWriter fields = record("unknown order", venue);
  fields.put(Field::cl_ord_id, each.cl_ord_id).put(Field::order_id, each.order_id);
  fields.put(Field::quantity, each.quantity).put(Field::cum, each.cum);
  fields.put(Field::leaves, each.leaves).put(Field::text, each.instrument);
  fields.put(Field::out_session, to.id()).put(Field::out_sequence, std::uint64_t{out.sequence});
  fields.put(Field::out_frame, out.frame);
  const auto location = floor_.append(Kind::reconciled, "interlock", fields);
  each.cancelled_at_ns = floor_.clock.utc.ns;
  to.commit(std::move(out), location.value_or(audit::Location{}));
}

std::vector<std::pair<std::string, Stranger>> Reconciliation::strangers(
    const killswitch::Kill& kill) const {
  std::vector<std::pair<std::string, Stranger>> all;
  for (std::uint32_t i = 0; i < strangers_.size(); ++i) {
    const std::string& id = floor_.venues[i]->id();
    if (!covers_session(kill, id)) continue;
    for (Stranger each : strangers_[i]) {
      each.cl_ord_id = gateway::name_of(each);
      all.emplace_back(id, std::move(each));
    }
  }
  return all;
}

// --- again from the journal ---

void Reconciliation::replayed(const FieldReader& fields, risk::Time at) {
  const risk::VenueId venue = floor_.directory.venues.find(fields.text(Field::venue).value_or(""));
  if (!venue.known()) return;
  const std::string_view event = fields.text(Field::event).value_or("");
  Stranger each;
  each.cl_ord_id = fields.text(Field::cl_ord_id).value_or("");
  each.order_id = fields.text(Field::order_id).value_or("");
  auto& all = strangers_[venue.value];
  const auto same = [&](const Stranger& other) {
    return other.cl_ord_id == each.cl_ord_id && other.order_id == each.order_id;
  };
  if (event == "unknown order" && std::ranges::none_of(all, same)) {
    each.instrument = fields.text(Field::text).value_or("");
    each.quantity = fields.text(Field::quantity).value_or("0");
    each.cum = fields.text(Field::cum).value_or("");
    each.leaves = fields.text(Field::leaves).value_or("");
    all.push_back(std::move(each));
  } else if (event == "unknown order ended") {
    std::erase_if(all, same);
  } else if (event == "ended") {
    risk::Report report;
    report.venue = venue;
    report.router = floor_.directory.routers.find(fields.text(Field::router).value_or(""));
    report.cl_ord_id = each.cl_ord_id;
    report.fact = risk::Fact::ended;
    report.cum =
        risk::Quantity::parse(fields.text(Field::cum).value_or("")).value_or(risk::Quantity{});
    floor_.books.learn(report, at);
  }
}

}  // namespace interlock::gateway
