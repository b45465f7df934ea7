#include "gateway/killer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;
using killswitch::Level;

bool shuts(const killswitch::Kill* kill, Level level) {
  return kill != nullptr && kill->level >= level;
}

bool by_a_person(killswitch::Source source) {
  return source == killswitch::Source::http || source == killswitch::Source::socket ||
         source == killswitch::Source::signal;
}

// How far its scope was shut without it.
std::string_view before(const killswitch::Kill& kill, const std::vector<killswitch::Kill>& all) {
  const killswitch::Kill* highest = nullptr;
  for (const killswitch::Kill& each : all) {
    const bool covers = each.scope == kill.scope || each.scope == killswitch::Scope{};
    if (each.id >= kill.id || !covers) continue;
    if (highest == nullptr || each.level > highest->level) highest = &each;
  }
  return highest == nullptr ? "armed" : name(highest->level);
}

std::vector<risk::OrderId> orders_of(const OutFrame& frame) {
  std::vector<risk::OrderId> orders{frame.order};
  for (std::uint32_t i = 1; i < frame.list_size; ++i) orders.push_back({frame.order.value + i});
  return orders;
}

}  // namespace

Killer::Killer(Floor& floor) : floor_(floor), handing_(floor.config.venues.size()) {}

void Killer::purge(Leg& venue, Before before, std::vector<Purged>& purged) {
  // A list is taken back whole, for any one of its orders.
  const auto shut = [&](const OutFrame& frame, Level level) {
    return std::ranges::any_of(orders_of(frame), [&](risk::OrderId id) {
      return shuts(covering(floor_.kills, floor_.directory, floor_.books.order(id)), level);
    });
  };
  const std::uint64_t on_disk = venue.on_disk();
  const std::vector<OutFrame> taken = venue.purge([&](const OutFrame& frame) {
    return shut(frame, Level::block) || (before == Before::cancel && frame.record > on_disk);
  });
  for (const OutFrame& frame : taken) {
    const auto reason = shut(frame, Level::kill)    ? risk::Reason::killed
                        : shut(frame, Level::block) ? risk::Reason::blocked
                                                    : risk::Reason::not_delivered;
    for (const risk::OrderId id : orders_of(frame)) {
      const risk::Order& order = floor_.books.order(id);
      const std::string& name = frame.list_size > 0 ? order.cl_ord_id : frame.cl_ord_id;
      purged.push_back({floor_.names.by_router(order.router, name), venue.id(), reason});
    }
  }
}

void Killer::refuse(const std::vector<Purged>& purged) {
  for (const auto& [named, venue, reason] : purged) {
    if (named == nullptr) continue;
    named->answered = true;  // nor is it refused again when the venue asks for its number
    const bool in_the_way = reason == risk::Reason::not_delivered;
    undelivered(*named, reason,
                fmt::format("taken back before it reached {}{}", venue,
                            in_the_way ? ": a cancel had to leave, and the disk hung" : ""));
  }
}

void Killer::clear_the_way(Leg& venue) {
  if (!venue.out().waits(venue.on_disk())) return;
  std::vector<Purged> purged;
  purge(venue, Before::cancel, purged);
  refuse(purged);
}

void Killer::acknowledge() {
  const std::uint64_t word = floor_.latch.word();
  if (word == floor_.acknowledged_word) return;
  std::set<std::uint64_t> known;
  for (const killswitch::Kill& kill : floor_.kills) known.insert(kill.id);
  floor_.kills = floor_.latch.active();
  floor_.acknowledged_word = word;

  std::vector<killswitch::Kill> fresh;
  for (const killswitch::Kill& kill : floor_.kills) {
    if (!known.contains(kill.id)) fresh.push_back(kill);
  }
  if (fresh.empty()) return;

  std::vector<Purged> purged;
  for (const auto& venue : floor_.venues) purge(*venue, Before::shutting, purged);
  // New orders among them are still in the books, and will not be when this turn ends.
  std::set<std::uint32_t> taken;
  for (const Purged& each : purged)
    if (each.named != nullptr && each.named->type == "D") taken.insert(each.named->order.value);
  const Clock now = floor_.read_clock();
  for (const killswitch::Kill& kill : fresh) {
    Closed& closed = closed_[kill.id];
    closed.closed_at_ns = now.utc.ns;
    closed.purged = static_cast<std::uint32_t>(purged.size());
    std::vector<risk::OrderId> alive = residual(kill);
    std::erase_if(alive, [&](risk::OrderId id) { return taken.contains(id.value); });
    closed.residual = static_cast<std::uint32_t>(alive.size());
    // They go out below, in this same turn; who waits for the gate does not wait for them.
    closed.cancels_sent = cancels_due(kill, std::move(alive));
    for (const auto& venue : floor_.venues) {
      closed.last_sequence[venue->id()] = venue->out().last_begun();
      closed.unsent[venue->id()] = venue->unsent();
    }
    if (tell_) tell_(kill.id, closed);
  }
  refuse(purged);
  for (const killswitch::Kill& kill : fresh) {
    write_record(kill);
    if (floor_.shadow) floor_.shadow->killed(kill);
    if (!by_a_person(kill.source))
      floor_.alert("interlock", {Severity::critical, "trip", kill.scope,
                                 fmt::format("{}: {}", name(kill.level), kill.cause)});
    if (kill.level == Level::kill) closed_[kill.id].cancels_sent = cancel(kill);
  }
  note_handing();
}

void Killer::write_record(const killswitch::Kill& kill) {
  const Closed& closed = closed_[kill.id];
  FieldWriter record;
  record.put(Field::kill_id, kill.id).put(Field::scope_kind, name(kill.scope.kind));
  record.put(Field::scope_id, kill.scope.id).put(Field::source, name(kill.source));
  record.put(Field::level, static_cast<std::uint64_t>(kill.level));
  record.put(Field::actor, kill.actor).put(Field::text, kill.cause);
  record.put(Field::time, static_cast<std::uint64_t>(kill.tripped_at_ns));
  record.put(Field::closed_at, static_cast<std::uint64_t>(closed.closed_at_ns));
  record.put(Field::residual, std::uint64_t{closed.residual});
  record.put(Field::before, before(kill, floor_.kills)).put(Field::after, name(kill.level));
  for (const auto& [venue, sequence] : closed.last_sequence) {
    record.put(Field::venue, venue).put(Field::last_sequence, std::uint64_t{sequence});
    record.put(Field::unsent, closed.unsent.at(venue));
  }
  floor_.append(Kind::kill, "interlock", record);
}

std::vector<risk::OrderId> Killer::residual(const killswitch::Kill& kill) const {
  std::vector<risk::OrderId> alive;
  if (kill.level != Level::kill) return alive;  // what is open may go on
  for (const risk::OrderId id : floor_.books.open_orders()) {
    if (covers(kill, floor_.directory, floor_.books.order(id))) alive.push_back(id);
  }
  return alive;
}

Killer::ByVenue Killer::by_mass_cancel(const killswitch::Kill& kill,
                                       std::vector<risk::OrderId>& orders) const {
  ByVenue swept;
  std::erase_if(orders, [&](risk::OrderId id) {
    const std::uint32_t venue = floor_.books.order(id).venue.value;
    const config::Venue& settings = floor_.config.venues[venue];
    if (!settings.mass_cancel || !covers_session(kill, settings.id)) return false;
    swept[venue].push_back(id);
    return true;
  });
  return swept;
}

std::uint32_t Killer::cancels_due(const killswitch::Kill& kill,
                                  std::vector<risk::OrderId> single) const {
  const ByVenue swept = by_mass_cancel(kill, single);
  const auto by_one = std::ranges::count_if(
      single, [&](risk::OrderId id) { return floor_.venue_of(floor_.books.order(id)).on(); });
  const auto by_q = std::ranges::count_if(
      swept, [&](const auto& venue) { return floor_.venues[venue.first]->on(); });
  return static_cast<std::uint32_t>(by_one + by_q);
}

std::uint32_t Killer::cancel(const killswitch::Kill& kill) {
  const std::string cause = fmt::format("kill {}", kill.id);
  std::vector<risk::OrderId> single = residual(kill);
  std::uint32_t sent = 0;
  for (const auto& [venue, orders] : by_mass_cancel(kill, single))
    sent += send_mass_cancel({venue}, orders, cause) ? 1 : 0;
  return sent + cancel(single, cause);
}

std::uint32_t Killer::cancel(const std::vector<risk::OrderId>& orders, std::string_view cause) {
  std::uint32_t sent = 0;
  for (const risk::OrderId id : orders) sent += send_cancel(id, cause) ? 1 : 0;
  return sent;
}

bool Killer::send_cancel(risk::OrderId id, std::string_view cause, std::string_view person) {
  floor_.beat();
  Leg& venue = floor_.venue_of(floor_.books.order(id));
  if (!venue.on()) return false;
  clear_the_way(venue);
  if (floor_.books.order(id).open == risk::Quantity{}) return false;  // it was in the way itself
  const risk::Order& order = floor_.books.order(id);
  OrderInfo& info = floor_.info(id);
  const Named* named = floor_.names.by_router(order.router, order.cl_ord_id);
  Named own;
  own.router = order.router;
  own.venue = order.venue;
  own.order = id;
  own.cl_ord_id = order.cl_ord_id;
  own.venue_cl_ord_id = std::string(own_prefix) + base36(floor_.journal.next_sequence());
  own.type = "F";
  own.own = true;
  const std::string target = named != nullptr ? named->venue_cl_ord_id : order.cl_ord_id;
  const std::string instrument(floor_.instruments.name(info.instrument));
  BodyWriter body;
  body.put(11, own.venue_cl_ord_id).put(41, target);
  if (!info.order_id.empty()) body.put(37, info.order_id);
  body.put(38, order.quantity.text()).put(60, fix_timestamp(floor_.clock.utc.ns));
  Outgoing out = venue.prepare("F", instrument + body.bytes());

  FieldWriter record;
  record.put(Field::router, floor_.directory.routers.name(order.router))
      .put(Field::venue, venue.id());
  record.put(Field::cl_ord_id, order.cl_ord_id).put(Field::orig_cl_ord_id, target);
  record.put(Field::venue_cl_ord_id, own.venue_cl_ord_id).put(Field::text, cause);
  record.put(Field::out_session, venue.id()).put(Field::out_sequence, std::uint64_t{out.sequence});
  record.put(Field::out_frame, out.frame);
  if (!person.empty()) {
    record.put(Field::actor, person);
    record.put(Field::before, "not confirmed dead").put(Field::after, "cancelled again");
  }
  const auto location = floor_.append(Kind::gateway_message, "interlock", record);
  // A cancel goes out also when the journal is full: it only lowers risk, and a kill is never
  // refused.
  risk::Cancel request{order.router, own.venue_cl_ord_id, order.cl_ord_id, true};
  floor_.books.enter(request, floor_.clock.utc);
  floor_.names.add(std::move(own));
  info.cancelled_at_ns = floor_.clock.utc.ns;
  info.mass_cancelled = false;
  venue.commit(std::move(out), location.value_or(audit::Location{}));
  return true;
}

void Killer::chase() {
  for (const killswitch::Kill& kill : floor_.kills) {
    if (kill.level != Level::kill) continue;
    std::vector<risk::OrderId> due;
    for (const risk::OrderId id : residual(kill)) {
      const std::int64_t since = floor_.clock.utc.ns - floor_.info(id).cancelled_at_ns;
      if (since >= floor_.config.cancel_timeout.ns) due.push_back(id);
    }
    if (!due.empty())
      closed_[kill.id].cancels_sent += cancel(due, fmt::format("kill {}, again", kill.id));
  }
  note_handing();
}

std::uint32_t Killer::cancel_again(const killswitch::Kill& kill, std::string_view person) {
  std::uint32_t sent = 0;
  for (const risk::OrderId id : residual(kill))
    sent += send_cancel(id, fmt::format("kill {}, again", kill.id), person) ? 1 : 0;
  closed_[kill.id].cancels_sent += sent;
  note_handing();
  return sent;
}

void Killer::after_report(risk::OrderId id) {
  const killswitch::Kill* kill = covering(floor_.kills, floor_.directory, floor_.books.order(id));
  if (!shuts(kill, Level::kill)) return;
  if (send_cancel(id, fmt::format("kill {}: it came alive late", kill->id)))
    ++closed_[kill->id].cancels_sent;
}

void Killer::release(const Named& named, risk::Time at) {
  risk::Report report;
  report.venue = named.venue;
  report.router = named.router;
  report.cl_ord_id = named.cl_ord_id;
  report.fact = named.type == "D"   ? risk::Fact::new_rejected
                : named.type == "G" ? risk::Fact::replace_rejected
                                    : risk::Fact::cancel_rejected;
  floor_.books.learn(report, at);
}

void Killer::undelivered(const Named& named, risk::Reason reason, std::string_view fact) {
  floor_.beat();
  const risk::Order& order = floor_.books.order(named.order);
  Leg& router = floor_.router_of(order);
  release(named, floor_.clock.utc);
  const Refusal refusal{reason, std::string(fact), floor_.journal.next_sequence(),
                        floor_.config.node};
  OrderFacts facts = floor_.facts(named.order);
  facts.cl_ord_id = named.cl_ord_id;
  if (named.type != "D") facts.orig_cl_ord_id = order.cl_ord_id;
  const Answer answer =
      named.type == "D"
          ? order_rejected(facts, refusal, router.form(), floor_.next_exec_id(),
                           floor_.clock.utc.ns)
          : cancel_rejected(facts, named.type == "G", refusal, floor_.info(named.order).status,
                            router.form(), floor_.clock.utc.ns);
  Outgoing reply = router.prepare(answer.type, answer.body);
  FieldWriter record;
  record.put(Field::router, router.id()).put(Field::cl_ord_id, named.cl_ord_id);
  record.put(Field::venue, floor_.directory.venues.name(named.venue));
  record.put(Field::venue_cl_ord_id, named.venue_cl_ord_id);
  record.put(Field::reason, static_cast<std::uint64_t>(reason))
      .put(Field::text, refusal_text(refusal));
  record.put(Field::out_session, router.id())
      .put(Field::out_sequence, std::uint64_t{reply.sequence});
  record.put(Field::out_frame, reply.frame);
  const auto location = floor_.append(Kind::gateway_message, "interlock", record);
  floor_.count_refusal(router.id(), named.cl_ord_id, reason, refusal_text(refusal), refusal.record);
  router.commit(std::move(reply), location.value_or(audit::Location{}));
}

}  // namespace interlock::gateway
