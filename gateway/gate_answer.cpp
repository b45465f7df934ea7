// What the gate answers for itself: refusals in the form of what they refuse, and what is known of
// an order that came again.
#include "gateway/gate.hpp"
#include "gateway/status.hpp"
#include "risk/fact.hpp"
#include "risk/subject.hpp"

namespace interlock::gateway {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;
using risk::Reason;

// Rule 4: a repeat of what we know is answered from what we know, and never evaluated again.
void Gate::repeated(Leg& router, const Inbound& message) {
  const Parsed& parsed = *message.parsed;
  const risk::RouterId router_id{router.identity().index};
  const risk::OrderId id = floor_.books.find(router_id, parsed.get(11).value_or(""));
  if (!id.known()) {
    return refuse(router, message, Reason::stale_order,
                  "43=Y or 97=Y, and this ClOrdID was never seen");
  }
  const bool same = parsed.type != "D" ||
                    floor_.info(id).body_hash == std::hash<std::string_view>{}(parsed.body());
  if (!same && parsed.poss_dup) {
    return refuse(router, message, Reason::duplicate_cl_ord_id,
                  "43=Y, but another order than the first time");
  }
  const Answer answer =
      order_status(floor_.facts(id), floor_.info(id).status, router.form(), floor_.next_exec_id());
  reply(router, message, answer, "a repeat: answered with the order's state");
}

// Answered by ourselves, and nothing is refused: one record holds the message and its answer.
void Gate::reply(Leg& router, const Inbound& message, const Answer& answer, std::string_view why) {
  Outgoing reply = router.prepare(answer.type, answer.body);
  FieldWriter record = inbound_record(router, message);
  record.put(Field::text, why);
  record.put(Field::reply_session, router.id())
      .put(Field::reply_sequence, std::uint64_t{reply.sequence});
  record.put(Field::reply_frame, reply.frame);
  const auto location = floor_.append(Kind::router_message, router.id(), record);
  router.recorded(message.sequence);
  if (location) router.commit(std::move(reply), *location);
}

void Gate::put_subject(FieldWriter& record, const risk::Request& request) const {
  const risk::Subject whose = risk::subject_of(floor_.books.state(), request);
  const risk::Directory& names = floor_.directory;
  const auto put = [&record](Field field, const auto& table, auto id) {
    if (id.known()) record.put(field, table.name(id));
  };
  record.put(Field::cl_ord_id, risk::cl_ord_id_of(request));
  put(Field::account, names.accounts, whose.account);
  put(Field::symbol, names.symbols, whose.symbol);
  const auto* fresh = std::get_if<risk::NewOrder>(&request);
  put(Field::parent, names.parents, whose.parent);
  if (fresh != nullptr && !whose.parent.known() && !fresh->parent_name.empty())
    record.put(Field::parent, fresh->parent_name);  // which nobody has declared
  put(Field::algo, names.algos, whose.by.algo);
  put(Field::trader, names.traders, whose.by.trader);
  put(Field::desk, names.desks, whose.by.desk);
}

void Gate::refuse(Leg& router, const Inbound& message, Reason reason, std::string fact,
                  const std::optional<Judged>& judged) {
  const Parsed& parsed = *message.parsed;
  Refusal refusal{reason, std::move(fact), floor_.journal.next_sequence(), floor_.config.node};
  std::optional<KnownOrder> known;
  const risk::OrderId id =
      floor_.books.find({router.identity().index}, parsed.get(41).value_or(""));
  if (id.known()) {
    const risk::Order& order = floor_.books.order(id);
    const OrderInfo& info = floor_.info(id);
    known = KnownOrder{info.order_id, info.status, order.cum, order.open};
  }
  const std::vector<Answer> answers = gateway::refuse(parsed, refusal, known, router.form(),
                                                      floor_.next_exec_id(), floor_.clock.utc.ns);
  FieldWriter record = inbound_record(router, message);
  record.put(Field::reason, static_cast<std::uint64_t>(reason));
  record.put(Field::text, refusal_text(refusal));
  // The policy's version marks what was judged: after a restart only that counts as an attempt
  // again.
  if (judged) record.put(Field::policy_version, floor_.config.limits.version);
  if (judged && judged->list_order)
    record.put(Field::list_order, std::uint64_t{*judged->list_order});
  if (judged && judged->venue.known()) {
    record.put(Field::venue, floor_.directory.venues.name(judged->venue));
  }
  if (judged && judged->breach->trip) {
    const killswitch::Scope kill = floor_.named(judged->breach->trip->scope);
    record.put(Field::scope_kind, name(kill.kind)).put(Field::scope_id, kill.id);
  }
  if (judged) {
    if (!judged->breach->limit.empty())
      record.put(Field::limit_of, risk::words(floor_.directory, judged->breach->scope));
    for (const Translated& order : judged->orders) put_subject(record, order.request);
  }
  for (std::size_t i = 0; i < answers.size(); ++i) {
    Outgoing reply = router.prepare(answers[i].type, answers[i].body);
    record.put(Field::reply_session, router.id())
        .put(Field::reply_sequence, std::uint64_t{reply.sequence});
    record.put(Field::reply_frame, reply.frame);
    const auto location =
        floor_.append(i == 0 ? Kind::router_message : Kind::gateway_message, router.id(), record);
    if (i == 0) router.recorded(message.sequence);
    if (i == 0 && judged && location && parsed.type == "D") {
      floor_.releases.note_refused({*location, reason, router.id(),
                                    std::string(parsed.get(11).value_or("")),
                                    std::string(floor_.directory.venues.name(judged->venue))});
    }
    // Without a journal the refusal still goes out: the router must not believe that its order
    // lives.
    router.commit(std::move(reply), location.value_or(audit::Location{}));
    record.clear();
  }
  floor_.count_refusal(router.id(), parsed.get(11).value_or(""), reason, refusal_text(refusal),
                       refusal.record);
  if (!judged) floor_.books.reject({router.identity().index}, reason, floor_.clock.utc);
}

}  // namespace interlock::gateway
