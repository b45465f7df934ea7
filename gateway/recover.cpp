#include "gateway/recover.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace interlock::gateway {

using audit::Field;
using audit::FieldReader;
using audit::Kind;
using audit::Record;

std::expected<std::unique_ptr<Core>, std::string> Core::create(
    const config::Config& config, audit::Journal& journal, killswitch::Latch& latch,
    std::function<Clock()> read_clock, std::string build_id, std::optional<Shadowing> shadow,
    const SnapshotFile* from) {
  auto core = Recovery::blank(config, journal, latch, std::move(read_clock), std::move(build_id));
  core->floor_.shadow = std::move(shadow);
  Recovery recovery(*core);
  if (auto rebuilt = recovery.run(from); !rebuilt) return std::unexpected(rebuilt.error());
  core->policy_.recovered();
  core->floor_.recovering = false;
  core->drop_copies_.catch_up();
  // Nobody else reads a record again on its order's way.
  if (!core->floor_.drop_copies.empty() || !core->floor_.venue_copies.empty())
    core->floor_.on_record = [raw = core.get()](Kind kind, const FieldReader& fields,
                                                std::uint64_t sequence) {
      raw->drop_copies_.recorded(kind, fields, sequence);
      raw->venue_copies_.recorded(kind, fields);
    };
  core->gate_.refuse_what_waited(recovery.undecided());
  return core;
}

std::unique_ptr<Core> Recovery::blank(const config::Config& config, audit::Journal& journal,
                                      killswitch::Latch& latch, std::function<Clock()> read_clock,
                                      std::string build_id) {
  std::unique_ptr<Core> core(
      new Core(config, journal, latch, std::move(read_clock), std::move(build_id)));
  core->floor_.recovering = true;
  return core;
}

std::expected<void, std::string> Recovery::run(const SnapshotFile* from, std::uint64_t through) {
  audit::Mark after;
  if (from != nullptr) {
    if (auto restored = restore(*from); !restored) return restored;
    after = {from->mark.sequence, from->mark.segment, from->mark.offset};
  }
  // Orders were accepted under names that a later reload has taken out of the policy.
  for (const audit::Location& reload : floor_.journal.reloads()) {
    if (reload.sequence <= after.sequence || reload.sequence > through) continue;
    if (from != nullptr)
      return std::unexpected(
          fmt::format("record {} behind it changed the policy, whose names have other numbers then",
                      reload.sequence));
    intern(FieldReader(floor_.journal.at(reload).payload));
  }
  ReadAhead ahead(floor_.journal, [this](ReadRecord& each) { prepare(each); });
  const auto read = ahead.run(
      [this](ReadRecord& each) {
        if (problem_.empty()) apply(each);
      },
      after, through);
  if (!read) return std::unexpected(read.error());
  for (const auto& [leg, at] : numbered_at_) core_.note_day(*leg, at);
  if (!problem_.empty()) return std::unexpected(problem_);
  return {};
}

// Meanwhile records before it are applied: nothing that moves by one is looked at here. Sessions
// and symbols do not.
void Recovery::prepare(ReadRecord& read) const {
  const FieldReader& fields = read.fields;
  const auto sent = [&](Field session, Field sequence) -> ReadRecord::Sent {
    const auto number = fields.number(sequence);
    if (!number) return {};
    return {floor_.leg(fields.text(session).value_or("")), static_cast<std::uint32_t>(*number)};
  };
  read.session = floor_.leg(fields.text(Field::session).value_or(""));
  read.in = fields.number(Field::in_sequence);
  read.out = sent(Field::out_session, Field::out_sequence);
  read.reply = sent(Field::reply_session, Field::reply_sequence);
  read.waited_record = fields.number(Field::waited_record);
  if (read.session == nullptr) return;
  const LegIdentity& from = read.session->identity();
  read_message(read, *from.dialect);
  const std::string_view type = read.message.type;
  if (read.record.kind == Kind::venue_message && (type == "8" || type == "9"))
    read.report = translate_report(read.message, {from.index}, floor_.config, floor_.directory);
}

void Recovery::apply(ReadRecord& read) {
  const Record& record = read.record;
  const FieldReader& fields = read.fields;
  numbers(read);
  core_.drop_copies_.replayed(record, fields);
  core_.venue_copies_.replayed(record, fields);
  if (read.waited_record) waiting_.erase(*read.waited_record);
  switch (record.kind) {
    case Kind::start:
      same_policy_ = fields.text(Field::config_hash) == floor_.config.hash;
      core_.other_books_.clear();  // two people have opened it all the same
      return;
    case Kind::reload:
      same_policy_ = false;  // names of the policy may be numbered in another order since
      return;
    case Kind::stop:
      return ended(fields, record);
    case Kind::router_message:
      return router_message(fields, read);
    case Kind::venue_message:
      return venue_message(fields, read);
    case Kind::gateway_message:
      return gateway_message(fields, record);
    case Kind::sequence:
      return sequence(fields, record);
    case Kind::parent:
      return parent(fields, record);
    case Kind::prices:
      return prices(fields);
    case Kind::parent_change: {
      ChangeParent change;
      change.what = change_of(fields.text(Field::event).value_or(""))
                        .value_or(ChangeParent::What::cancel);  // doubt means: no more children
      change.parent = fields.text(Field::parent).value_or("");
      change.quantity = risk::Quantity::parse(fields.text(Field::quantity).value_or(""))
                            .value_or(risk::Quantity{});
      core_.adopt(change, {record.time_ns});
      return;
    }
    case Kind::day:
      return core_.day_.rolled(fields, {record.time_ns});
    case Kind::raise:
      return raise(fields, record);
    case Kind::raise_ended:
      return core_.policy_.ended(fields.number(Field::raise_id).value_or(0));
    case Kind::release:
      return release(fields, record);
    case Kind::drill:
      return core_.buttons_.replayed(record);
    case Kind::alert:
      return alert(fields, record);
    case Kind::acknowledgement:
      floor_.alerts.acknowledge(fields.number(Field::alert_id).value_or(0), record.actor,
                                fields.text(Field::text).value_or(""), record.time_ns);
      return;
    case Kind::shadow_message:
      return shadow_message(fields, record);
    case Kind::waiting:
      return waiting(fields, record);
    case Kind::reconciled:
      return core_.returns_.checks().replayed(fields, {record.time_ns});
    case Kind::tee_message:
      core_.tees_.apply(fields, {record.time_ns});
      return;
    default:
      return;  // what people and sessions did: evidence, no state
  }
}

// Sequence numbers stand in the record of the message that used them up.
void Recovery::numbers(const ReadRecord& read) {
  if (read.in && read.session != nullptr) {
    SequenceStore& store = read.session->store();
    if (*read.in >= store.next_in()) store.set_next_in(static_cast<std::uint32_t>(*read.in + 1));
    numbered_at_[read.session] = {read.record.time_ns};
  }
  for (const ReadRecord::Sent& sent : {read.out, read.reply}) {
    if (sent.session != nullptr) sent.session->store().sent(sent.sequence, read.record.location);
  }
}

// As the gate counts a message of a router when it comes, is refused unjudged, or goes out.
void Recovery::count_message(const ReadRecord& read, risk::RouterId id) {
  const risk::Time at{read.record.time_ns};
  // One that waited was counted when it came.
  if (!read.waited_record) floor_.books.message(id, at);
  const auto reason = read.fields.number(Field::reason);
  if (reason && !read.fields.number(Field::policy_version)) {
    floor_.books.reject(id, static_cast<risk::Reason>(*reason), at);
  }
  if (const Leg* to = read.out.session; to != nullptr && to->is_venue())
    floor_.books.message(risk::VenueId{to->identity().index}, at);
}

void Recovery::router_message(const FieldReader& fields, const ReadRecord& read) {
  const Record& record = read.record;
  if (floor_.shadow) {
    problem_ = fmt::format(
        "record {}: this is the journal of a gateway: run the shadow with "
        "directories of its own",
        record.location.sequence);
    return;
  }
  const Leg* router = read.session;
  const bool refused = fields.number(Field::reason).has_value();
  if (router != nullptr) count_message(read, {router->identity().index});
  // Answered by ourselves, or refused before it came to the controls.
  if (!fields.number(Field::policy_version)) return;
  const auto lost = [&](std::string_view why) {
    if (refused) return;  // it reserved nothing
    problem_ = fmt::format(
        "record {}: an order of router {} cannot be rebuilt: {}. Start with the configuration "
        "that it was accepted under",
        record.location.sequence, fields.text(Field::session).value_or("?"), why);
  };
  if (router == nullptr) return lost("the router is not in the configuration");
  if (read.refused) return lost("its dialect refuses it: " + read.refused->text);
  const Parsed* message = &read.message;
  const risk::RouterId id{router->identity().index};
  const risk::VenueId venue = floor_.directory.venues.find(fields.text(Field::venue).value_or(""));
  const risk::Time at{record.time_ns};
  std::optional<risk::Reason> reason;
  if (const auto number = fields.number(Field::reason)) reason = static_cast<risk::Reason>(*number);
  const auto observe = [&](const risk::Request& request, bool was_refused) {
    if (observe_)
      observe_(floor_,
               {record.location.sequence, at, request, was_refused ? reason : std::nullopt});
  };
  if (message->type == "E") {
    if (!venue.known()) return lost("its venue is not in the configuration");
    Gate::Verdict verdict;
    if (reason) {
      verdict.refused = fields.number(Field::list_order).value_or(0);
      verdict.breach.reason = *reason;
    }
    const auto entered = core_.gate_.enter_list(
        *message, id, venue, verdict, at,
        [&](const risk::Request& request, bool was) { observe(request, was); });
    if (!entered) lost(entered.error());
    return;
  }
  if (message->type != "D" && message->type != "G" && message->type != "F") return;
  const auto translated = translate_request(*message, floor_.config, id, venue, floor_.directory);
  if (!translated) return lost(translated.error().fact);
  observe(translated->request, refused);
  if (refused) {
    risk::Breach breach;
    breach.reason = *reason;
    if (message->type == "D") {
      floor_.releases.note_refused({record.location, breach.reason, std::string(router->id()),
                                    std::string(message->get(11).value_or("")),
                                    std::string(fields.text(Field::venue).value_or(""))});
    }
    floor_.books.refuse(translated->request, breach, at);
    return;
  }
  if (const auto release = fields.number(Field::release_id)) floor_.releases.use_up(*release);
  if (!venue.known()) return lost("its venue is not in the configuration");
  if (const auto* order = std::get_if<risk::NewOrder>(&translated->request)) {
    if (!order->account.known() || !order->symbol.known())
      return lost("its account or symbol is not in the policy");
  }
  core_.gate_.enter(translated->request, *message, venue,
                    std::string(fields.text(Field::venue_cl_ord_id).value_or("")), at);
}

void Recovery::venue_message(const FieldReader& fields, ReadRecord& read) {
  const Record& record = read.record;
  Leg* venue = read.session;
  if (venue == nullptr) {
    problem_ = fmt::format("record {}: a report of venue {}, which is not in the configuration",
                           record.location.sequence, fields.text(Field::session).value_or("?"));
    return;
  }
  const Parsed& message = read.message;
  const std::string_view type = message.type;
  if (fields.text(Field::event) == Returns::unknown_order) return;
  if (read.report) {
    core_.returns_.book(message, *std::move(read.report), {record.time_ns});
  } else if (type == "j") {
    for (const Named* named : core_.returns_.refused_requests(*venue, message))
      core_.killer_.release(*named, {record.time_ns});
  } else if (type == "N") {
    core_.returns_.book_list(message, {venue->identity().index}, {record.time_ns});
  }
}

void Recovery::gateway_message(const FieldReader& fields, const Record& record) {
  const auto venue_name = fields.text(Field::venue);
  if (!venue_name) return;  // a second answer, or news to a further router
  const risk::VenueId venue = floor_.directory.venues.find(*venue_name);
  const std::string_view venue_cl_ord_id = fields.text(Field::venue_cl_ord_id).value_or("");
  if (fields.number(Field::reason)) {
    if (Named* named = floor_.names.by_venue(venue, venue_cl_ord_id)) {
      named->answered = true;
      core_.killer_.release(*named, {record.time_ns});
    }
    return;
  }
  const risk::RouterId router =
      floor_.directory.routers.find(fields.text(Field::router).value_or(""));
  const std::string cl_ord_id(fields.text(Field::cl_ord_id).value_or(""));
  const risk::OrderId order = floor_.books.find(router, cl_ord_id);
  if (!order.known()) return;
  floor_.books.enter(risk::Cancel{router, std::string(venue_cl_ord_id), cl_ord_id, true},
                     {record.time_ns});
  Named own;
  own.router = router;
  own.venue = venue;
  own.order = order;
  own.cl_ord_id = cl_ord_id;
  own.venue_cl_ord_id = venue_cl_ord_id;
  own.type = "F";
  own.own = true;
  floor_.names.add(std::move(own));
}

void Recovery::sequence(const FieldReader& fields, const Record& record) {
  Leg* of = floor_.leg(fields.text(Field::session).value_or(""));
  if (of == nullptr) return;
  if (fields.text(Field::text) == "reset") return of->store().reset();
  if (const auto next = fields.number(Field::next_in))
    of->store().set_next_in(static_cast<std::uint32_t>(*next));
  if (const auto next = fields.number(Field::next_out))
    of->store().set_next_out(static_cast<std::uint32_t>(*next));
  if (!fields.text(Field::actor)) return;  // of the session's own
  core_.note_set(*of, {record.time_ns});
  numbered_at_.erase(of);
}

void Recovery::parent(const FieldReader& fields, const Record& record) {
  floor_.books.declare(read_declaration(fields, floor_.directory), {record.time_ns});
}

void Recovery::shadow_message(const FieldReader& fields, const Record& record) {
  if (!floor_.shadow) {
    problem_ = fmt::format(
        "record {}: this is the journal of a shadow: run the gateway with "
        "directories of its own",
        record.location.sequence);
    return;
  }
  if (Leg* of = floor_.leg(fields.text(Field::session).value_or(""));
      of != nullptr && of->is_router())
    core_.shadow_.apply(*of, fields, {record.time_ns});
}

void Recovery::waiting(const FieldReader& fields, const Record& record) {
  Waiter waiter;
  waiter.record = record.location.sequence;
  waiter.sequence = static_cast<std::uint32_t>(fields.number(Field::in_sequence).value_or(0));
  waiter.frame = fields.text(Field::in_frame).value_or("");
  const Leg* router = floor_.leg(fields.text(Field::session).value_or(""));
  if (router != nullptr)
    floor_.books.message(risk::RouterId{router->identity().index}, {record.time_ns});
  waiting_[waiter.record] = {std::string(fields.text(Field::session).value_or("")), waiter};
}

std::vector<std::pair<std::string, Waiter>> Recovery::undecided() const {
  std::vector<std::pair<std::string, Waiter>> left;
  for (const auto& [record, waiter] : waiting_) left.push_back(waiter);
  return left;
}

void Recovery::intern(const FieldReader& fields) {
  const auto items = fields.items();
  if (!items) return;
  std::string_view kind;
  for (const auto& item : *items) {
    if (item.field == Field::scope_kind) kind = item.bytes;
    if (item.field != Field::scope_id) continue;
    risk::Directory& names = floor_.directory;
    if (kind == "account") static_cast<void>(names.accounts.intern(item.bytes));
    if (kind == "symbol") static_cast<void>(names.symbols.intern(item.bytes));
    if (kind == "algo") static_cast<void>(names.algos.intern(item.bytes));
    if (kind == "trader") static_cast<void>(names.traders.intern(item.bytes));
    if (kind == "desk") static_cast<void>(names.desks.intern(item.bytes));
  }
}

}  // namespace interlock::gateway
