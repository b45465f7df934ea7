// A NewOrderList: one decision for all its orders. Each is judged as if those before it had
// entered; all pass, and the list goes to its venue as it is, or all are refused.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/gate.hpp"
#include "gateway/list.hpp"
#include "gateway/status.hpp"
#include "risk/subject.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;
using risk::Reason;

std::size_t hash_of(const Parsed& order) { return std::hash<std::string_view>{}(order.body()); }

}  // namespace

std::expected<Gate::List, Untranslatable> Gate::understand(const Parsed& message,
                                                           risk::RouterId router,
                                                           risk::VenueId venue) {
  auto orders = orders_in(message);
  if (!orders) return std::unexpected(std::move(orders.error()));
  List list{std::move(*orders), {}};
  for (const Parsed& order : list.orders) {
    auto translated = translate_request(order, floor_.config, router, venue, floor_.directory);
    if (!translated) return std::unexpected(std::move(translated.error()));
    list.translated.push_back(std::move(*translated));
  }
  return list;
}

// Where all orders of the list go; an error when that is not one venue of this router alone.
std::expected<risk::VenueId, Untranslatable> Gate::route_list(const Leg& router,
                                                              const Parsed& message) const {
  std::optional<risk::VenueId> venue;
  for (const Parsed& order : entries_in(message)) {
    const auto chosen = route(router, order);
    if (!chosen) return std::unexpected(Untranslatable{Reason::no_route, "no route to any venue"});
    if (venue && *venue != *chosen)
      return std::unexpected(Untranslatable{Reason::unsupported, "its orders are for two venues"});
    venue = chosen;
  }
  if (!venue) return std::unexpected(Untranslatable{Reason::malformed, "a list without orders"});
  if (floor_.config.venues[venue->value].shared)
    return std::unexpected(
        Untranslatable{Reason::unsupported, "a list on a shared session has no check"});
  return *venue;
}

// As it may be judged.
std::expected<Gate::List, Untranslatable> Gate::read_list(const Leg& router, const Parsed& message,
                                                          risk::VenueId venue) {
  auto list = understand(message, {router.identity().index}, venue);
  if (!list) return list;
  const std::uint32_t longest = floor_.config.venues[venue.value].cl_ord_id_max;
  for (const Parsed& order : list->orders) {
    if (auto wrong = contradiction(order, floor_.config, floor_.directory))
      return std::unexpected(std::move(*wrong));
    if (order.get(11).value_or("").size() > longest)
      return std::unexpected(Untranslatable{
          Reason::malformed,
          fmt::format("a ClOrdID is longer than the {} that the venue takes", longest)});
  }
  return list;
}

void Gate::list(Leg& router, const Inbound& message) {
  const Parsed& parsed = *message.parsed;
  if (parsed.poss_dup || parsed.poss_resend) return repeated_list(router, message);
  const auto venue = route_list(router, parsed);
  if (!venue) return refuse(router, message, venue.error().reason, venue.error().fact);
  const auto list = read_list(router, parsed, *venue);
  if (!list) return refuse(router, message, list.error().reason, list.error().fact);
  if (list_waits(router, message, *list, *venue)) return;

  const auto verdict = enter_all(router, *list, *venue);
  if (!verdict) return pass_list(router, message, *list, *venue);
  refuse_list(router, message, *list, *verdict->refused, verdict->breach, *venue);
  floor_.watch(risk::Occasion::attempt, touched_);
}

// Each order enters once it may go; nullopt: all have. Else the one that may not, and why.
std::optional<Gate::Verdict> Gate::enter_all(const Leg& router, const List& list,
                                             risk::VenueId venue) {
  for (std::size_t i = 0; i < list.orders.size(); ++i) {
    const Translated& order = list.translated[i];
    if (order.claim && floor_.books.parent(order.claim->parent) == nullptr)
      declare(*order.claim, router.id());
    touch(risk::subject_of(floor_.books.state(), order.request), venue);
    const risk::Verdict verdict = judge(order.request, venue);
    if (!verdict.may_go()) return Verdict{i, *verdict.breach};
    floor_.info(floor_.books.enter(order.request, floor_.clock.utc)).body_hash =
        hash_of(list.orders[i]);
    floor_.watch(risk::Occasion::attempt, touched_);
  }
  return std::nullopt;
}

// The record comes first: what the books go through here, they go through again after a restart.
void Gate::refuse_list(Leg& router, const Inbound& message, const List& list, std::size_t refused,
                       const risk::Breach& breach, risk::VenueId venue) {
  const std::string_view id = list.orders[refused].get(11).value_or("");
  refuse(router, message, breach.reason, fmt::format("order {}: {}", id, breach.fact),
         Judged{&breach, venue, refused, list.translated});
  take_back(list, refused, breach, floor_.clock.utc);
  if (breach.trip) floor_.trip(breach, router.id());
}

void Gate::take_back(const List& list, std::size_t refused, const risk::Breach& breach,
                     risk::Time at) {
  floor_.books.refuse(list.translated[refused].request, breach, at);
  for (std::size_t i = 0; i < refused; ++i) release(list.translated[i].request, at);
}

// It entered, and never left.
void Gate::release(const risk::Request& request, risk::Time at) {
  const auto& order = std::get<risk::NewOrder>(request);
  risk::Report report;
  report.venue = order.venue;
  report.router = order.router;
  report.cl_ord_id = order.cl_ord_id;
  report.fact = risk::Fact::new_rejected;
  const risk::Learned learned = floor_.books.learn(report, at);
  floor_.info(learned.order).status = '8';
}

void Gate::pass_list(Leg& router, const Inbound& message, const List& list, risk::VenueId venue) {
  const Parsed& parsed = *message.parsed;
  Leg& leg = *floor_.venues[venue.value];
  Outgoing out =
      leg.prepare(std::string(parsed.type), parsed.body(), passed_header(router, parsed));
  FieldWriter record = inbound_record(router, message);
  record.put(Field::policy_version, floor_.config.limits.version);
  record.put(Field::venue, leg.id());
  record.put(Field::out_session, leg.id()).put(Field::out_sequence, std::uint64_t{out.sequence});
  record.put(Field::out_frame, out.frame);
  for (const Translated& order : list.translated) put_subject(record, order.request);
  const auto location = floor_.append(Kind::router_message, router.id(), record);
  if (!location) {
    for (const Translated& order : list.translated) release(order.request, floor_.clock.utc);
    return refuse(router, message, Reason::journal_failure, "the journal takes no records");
  }
  router.recorded(message.sequence);

  OutFrame mark;
  mark.opens_risk = true;
  note_list(list, venue);
  const auto& first = std::get<risk::NewOrder>(list.translated.front().request);
  mark.order = floor_.books.find(first.router, first.cl_ord_id);
  floor_.counters.passed_by_router[router.id()] += list.orders.size();
  mark.list_size = static_cast<std::uint32_t>(list.orders.size());
  leg.commit(std::move(out), *location, std::move(mark));
  floor_.books.message(venue, floor_.clock.utc);
}

std::expected<void, std::string> Gate::enter_list(
    const Parsed& message, risk::RouterId router, risk::VenueId venue, const Verdict& verdict,
    risk::Time at, const std::function<void(const risk::Request&, bool)>& judged) {
  const auto list = understand(message, router, venue);
  if (!list) return std::unexpected(list.error().fact);
  const std::size_t entered = verdict.refused.value_or(list->orders.size());
  if (verdict.refused && entered >= list->orders.size())
    return std::unexpected("it has fewer orders");
  for (std::size_t i = 0; i < entered; ++i) {
    judged(list->translated[i].request, false);
    const risk::OrderId id = floor_.books.enter(list->translated[i].request, at);
    floor_.info(id).body_hash = hash_of(list->orders[i]);
  }
  if (verdict.refused) {
    judged(list->translated[entered].request, true);
    take_back(*list, entered, verdict.breach, at);
    return {};
  }
  note_list(*list, venue);
  return {};
}

void Gate::note_list(const List& list, risk::VenueId venue) {
  for (std::size_t i = 0; i < list.orders.size(); ++i) {
    const auto& order = std::get<risk::NewOrder>(list.translated[i].request);
    note_passed(floor_.books.find(order.router, order.cl_ord_id), list.orders[i], venue,
                order.cl_ord_id);
  }
}

// Rule 4, for a list.
void Gate::repeated_list(Leg& router, const Inbound& message) {
  const Parsed& parsed = *message.parsed;
  std::vector<ListedOrder> known;
  bool same = true;
  const std::vector<Parsed> orders = entries_in(parsed);
  for (const Parsed& order : orders) {
    const risk::OrderId id =
        floor_.books.find({router.identity().index}, order.get(11).value_or(""));
    if (!id.known()) continue;
    same = same && floor_.info(id).body_hash == hash_of(order);
    known.push_back({floor_.facts(id), floor_.info(id).status});
  }
  if (known.empty())
    return refuse(router, message, Reason::stale_order,
                  "43=Y or 97=Y, and these ClOrdIDs were never seen");
  if (known.size() != orders.size() || (!same && parsed.poss_dup))
    return refuse(router, message, Reason::duplicate_cl_ord_id,
                  "43=Y or 97=Y, but another list than the first time");
  reply(router, message, list_status(parsed.get(66).value_or("NONE"), known),
        "a repeat: answered with the list's state");
}

}  // namespace interlock::gateway
