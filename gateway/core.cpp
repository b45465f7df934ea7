#include "gateway/core.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;

constexpr std::int64_t chase_every_ns = 100'000'000;

LegIdentity identity_of(const config::Session& session, LegIdentity::Side side, std::size_t index) {
  LegIdentity identity;
  identity.side = side;
  identity.index = static_cast<std::uint32_t>(index);
  identity.settings = &session;
  identity.id = session.id;
  identity.dialect = session.dialect;
  identity.comp_id = session.comp_id;
  identity.heartbeat_s = session.heartbeat_s;
  identity.reset_on_logon = session.sequence_reset == config::SequenceReset::on_logon;
  identity.out_buffer_max = session.out_buffer_max;
  return identity;
}

// Whom trouble on a session concerns: of a copy, the one whose copy it is.
killswitch::Scope scope_of(const Leg& leg) {
  using killswitch::ScopeKind;
  const config::Session& settings = *leg.identity().settings;
  switch (leg.identity().side) {
    case LegIdentity::Side::router:
      return {ScopeKind::router, leg.id()};
    case LegIdentity::Side::venue:
      return {ScopeKind::venue, leg.id()};
    case LegIdentity::Side::tee:
      return {ScopeKind::router, static_cast<const config::Tee&>(settings).for_router};
    case LegIdentity::Side::venue_drop_copy:
      return {ScopeKind::venue, static_cast<const config::VenueDropCopy&>(settings).venue};
    case LegIdentity::Side::drop_copy:
      break;
  }
  return {};
}

}  // namespace

Core::Core(const config::Config& config, audit::Journal& journal, killswitch::Latch& latch,
           std::function<Clock()> read_clock, std::string build_id)
    : floor_(config, journal, latch, std::move(read_clock)),
      policy_(floor_, [this] { note_armed(); }),
      killer_(floor_),
      returns_(floor_, killer_),
      gate_(floor_, killer_, returns_.gaps(), returns_.checks()),
      tees_(floor_, killer_),
      drop_copies_(floor_),
      shadow_(floor_, gate_),
      venue_copies_(floor_, returns_),
      build_id_(std::move(build_id)),
      waits_for_disk_(config.durability == config::Durability::power),
      acceptors_(config.acceptors()),
      connectors_(config.connectors()) {
  quickfix::set_clock(floor_.clock.utc.ns);
  using Side = LegIdentity::Side;
  for (const config::Venue& venue : config.venues) {
    LegIdentity identity = identity_of(venue, Side::venue, floor_.venues.size());
    identity.logon_fields = venue.logon_fields;
    connecting_.push_back(&add(floor_.venues, std::move(identity)));
  }
  for (const config::VenueDropCopy& copy : config.venue_drop_copies) {
    LegIdentity identity = identity_of(copy, Side::venue_drop_copy, floor_.venue_copies.size());
    identity.logon_fields = copy.logon_fields;
    connecting_.push_back(&add(floor_.venue_copies, std::move(identity)));
  }
  for (const config::Router& router : config.routers) {
    LegIdentity identity = identity_of(router, Side::router, floor_.routers.size());
    identity.extended_codes = router.reject_codes == config::RejectCodes::extended;
    accepting_.push_back(&add(floor_.routers, std::move(identity)));
  }
  for (const config::Tee& tee : config.tees)
    accepting_.push_back(&add(floor_.tees, identity_of(tee, Side::tee, floor_.tees.size())));
  for (const config::DropCopy& copy : config.drop_copies)
    accepting_.push_back(
        &add(floor_.drop_copies, identity_of(copy, Side::drop_copy, floor_.drop_copies.size())));
  floor_.counters.latency_by_venue.resize(floor_.venues.size());
  dialing_.resize(connecting_.size());
  hold_or_let_go();
}

// A report that was passed on is remembered after a power cut, as an order is. But once the firm is
// shut nothing opens risk any more, and whoever watches has to hear, also with a disk that hangs.
void Core::hold_or_let_go() {
  if (!waits_for_disk_) return;
  const bool is_shut = killswitch::Latch::firm_killed(floor_.acknowledged_word);
  for (Leg* leg : floor_.legs) leg->wait_for_disk(leg->is_venue() || !is_shut);
}

Leg& Core::add(std::vector<std::unique_ptr<Leg>>& to, LegIdentity identity) {
  LegOwner& owner = *this;
  to.push_back(std::make_unique<Leg>(std::move(identity), floor_.journal, floor_.clock, owner));
  floor_.legs.push_back(to.back().get());
  return *to.back();
}

void Core::wake() {
  floor_.wake();
  quickfix::set_clock(floor_.clock.utc.ns);
}

void Core::note_day(const Leg& leg, risk::Time at) {
  days_[&leg] = leg.identity().settings->schedule.trading_day(at);
}

void Core::note_set(const Leg& leg, risk::Time at) {
  const config::Schedule& schedule = leg.identity().settings->schedule;
  note_day(leg, schedule.open_at(at) ? at : schedule.next_change(at).value_or(at));
}

void Core::reset_at_new_day(Leg& leg) {
  const auto known = days_.find(&leg);
  const auto before = known == days_.end() ? std::nullopt : std::optional(known->second);
  note_day(leg, floor_.clock.utc);
  if (leg.identity().settings->sequence_reset != config::SequenceReset::daily) return;
  if (before && *before != days_[&leg])
    leg.reset_by_schedule("a new trading day, sequence_reset = \"daily\"");
}

// --- those that we connect to ---

std::optional<config::Address> Core::wants_connection(std::uint32_t connector) {
  const config::Connector& settings = *connectors_[connector];
  Leg& leg = *connecting_[connector];
  Dialing& dialing = dialing_[connector];
  if (leg.link() != nullptr || floor_.stopping) return std::nullopt;
  if (floor_.shadow) return std::nullopt;  // it reaches nobody
  if (!leg.schedule_open()) return std::nullopt;
  if (floor_.clock.mono_ns < dialing.not_before_ns) return std::nullopt;
  const config::Address address = settings.connect[dialing.next_address % settings.connect.size()];
  ++dialing.next_address;
  // Each address once, quickly; then the pause.
  if (dialing.next_address % settings.connect.size() == 0) {
    dialing.not_before_ns = floor_.clock.mono_ns + risk::seconds(settings.reconnect_s).ns;
  }
  reset_at_new_day(leg);
  return address;
}

void Core::connect_failed(std::uint32_t connector, const std::string& why) {
  const std::string& id = connecting_[connector]->id();
  FieldWriter record;
  record.put(Field::session, id).put(Field::event, "connect failed").put(Field::text, why);
  floor_.append(Kind::link, id, record);
}

// --- the loop's calls ---

void Core::latch_changed() {
  if (floor_.latch.word() == floor_.acknowledged_word) return;
  const std::vector<killswitch::Kill> before = floor_.kills;
  killer_.acknowledge();
  floor_.acknowledged_mono_ns = floor_.read_clock().mono_ns;
  buttons_.acknowledged(floor_.acknowledged_word, floor_.acknowledged_mono_ns);
  hold_or_let_go();
  gate_.purge_waiting();
  const bool opened = std::ranges::any_of(before, [&](const killswitch::Kill& kill) {
    return std::ranges::find(floor_.kills, kill.id, &killswitch::Kill::id) == floor_.kills.end();
  });
  if (!opened) return;
  look_after_ourselves();
  clock_watch_.look();
  floor_.watch(risk::Occasion::tick, {});  // what has to stay shut lets nothing through
  killer_.acknowledge();
}

void Core::received(Leg& leg, std::string_view bytes) {
  latch_changed();
  leg.received(bytes);
  gate_.settle();
  latch_changed();  // a breach in these bytes takes hold before anything is written
}

void Core::tick() {
  buttons_.watch_thread(floor_.clock.mono_ns);
  latch_changed();
  buttons_.tick();
  policy_.tick();
  day_.tick();
  limit_uses_.tick();
  clock_watch_.tick();
  for (Leg* leg : floor_.legs) {
    if (leg->link() != nullptr && !leg->schedule_open())
      leg->start_logout("the schedule of this session has closed");
    leg->tick();
  }
  gate_.settle();
  killer_.tick();
  if (!floor_.stopping) returns_.checks().tick();
  if (floor_.clock.mono_ns - chased_at_ns_ >= chase_every_ns) {
    chased_at_ns_ = floor_.clock.mono_ns;
    killer_.chase();
    returns_.gaps().tick();
    tees_.tick();
    drop_copies_.tick();
    venue_copies_.tick();
    signing_.tick();
  }
  look_after_ourselves();
  floor_.watch(risk::Occasion::tick, {});
  latch_changed();  // what that shut is shut before anything more is read
}

void Core::look_after_ourselves() {
  if (const std::string why = floor_.journal.problem();
      !why.empty() && !floor_.health.journal_failed)
    floor_.journal_failed(why);
  floor_.health.journal_age = {floor_.journal.unsynced_age_ns(floor_.clock.utc.ns)};
  floor_.health.alerts = floor_.open_alerts();
  floor_.health.journal_is_full = floor_.journal.lacks_space();
  floor_.health.tee_ages.clear();
  for (std::uint32_t id = 0; id < floor_.routers.size(); ++id)
    floor_.health.tee_ages.push_back(tees_.age({id}));
  floor_.health.drop_copy_ages.clear();
  for (std::uint32_t id = 0; id < floor_.venues.size(); ++id)
    floor_.health.drop_copy_ages.push_back(venue_copies_.age({id}));
}

bool Core::has_more() const {
  return std::ranges::any_of(floor_.legs, [](const Leg* leg) { return leg->may_go_on(); });
}

void Core::flush() {
  if (waits_for_disk_) floor_.journal.hurry();
  for (Leg* leg : floor_.legs) {
    leg->go_on();
    leg->flush();
  }
}

// --- LegOwner ---

void Core::application(Leg& leg, const Inbound& message) {
  latch_changed();  // a kill does not wait for the rest of what has just been read
  switch (leg.identity().side) {
    case LegIdentity::Side::router:
      return floor_.shadow ? shadow_.message(leg, message) : gate_.message(leg, message);
    case LegIdentity::Side::venue:
      return returns_.message(leg, message);
    case LegIdentity::Side::tee:
      return tees_.message(leg, message);
    case LegIdentity::Side::drop_copy:
      return drop_copies_.message(leg, message);
    case LegIdentity::Side::venue_drop_copy:
      return venue_copies_.message(leg, message);
  }
}

void Core::admin_rejected(Leg& leg, const Parsed& reject) {
  floor_.alert(leg.id(), {Severity::warning, "session-reject", scope_of(leg),
                          "session reject from the counterparty: " + readable(reject.frame)});
  if (leg.is_venue()) returns_.rejected(leg, reject);
}

void Core::logged_on(Leg& leg) {
  sequences_.logged_on(leg);
  for (std::size_t i = 0; i < connecting_.size(); ++i) {
    if (connecting_[i] == &leg) dialing_[i].next_address = 0;
  }
  if (!leg.is_venue()) return;
  killer_.chase();
  returns_.checks().logged_on({leg.identity().index});
}

void Core::logged_out(Leg& leg) {
  if (leg.is_venue()) returns_.checks().logged_out({leg.identity().index});
  if (!leg.is_router()) return;
  gate_.give_up(leg, "its router has gone while it waited for its parent");
  const config::Router& router = floor_.config.routers[leg.identity().index];
  if (router.on_disconnect != config::OnDisconnect::cancel) return;
  std::vector<risk::OrderId> own;
  for (const risk::OrderId id : floor_.books.open_orders()) {
    if (floor_.books.order(id).router.value == leg.identity().index) own.push_back(id);
  }
  killer_.cancel(own, "router " + leg.id() + " disconnected, on_disconnect = \"cancel\"");
}

void Core::sequence_reset(Leg& leg, std::string_view cause) {
  floor_.alert(leg.id(), {Severity::warning, "sequence-reset", scope_of(leg), std::string(cause)});
  if (!leg.is_router() && !leg.is_venue()) return;  // no order of ours stands on a copy's numbers
  bool open = false;
  for (const risk::OrderId id : floor_.books.open_orders()) {
    const risk::Order& order = floor_.books.order(id);
    open =
        open || (leg.is_router() ? order.router.value : order.venue.value) == leg.identity().index;
  }
  if (!open) return;
  floor_.trip(scope_of(leg), killswitch::Source::breach, leg.id(),
              fmt::format("{} while orders are open", cause));
  if (leg.is_venue() && leg.on()) returns_.checks().logged_on({leg.identity().index});
}

void Core::not_resent(Leg& leg, std::uint32_t sequence) { returns_.not_resent(leg, sequence); }

// Its orders may be out of which we know nothing. Nobody sends past that: two people look first.
void Core::knows_more(Leg& leg, std::uint32_t expected) {
  const std::string text = fmt::format(
      "{} expects our message {}, and this journal ends at {}: it has lost its end, and what stood "
      "there was sent",
      leg.id(), expected, leg.store().next_out() - 1);
  floor_.alert(leg.id(), {leg.is_venue() ? Severity::critical : Severity::warning, "journal-behind",
                          scope_of(leg), text});
  if (leg.is_venue()) {
    floor_.trip(scope_of(leg), killswitch::Source::breach, leg.id(),
                text +
                    "; orders that nobody here remembers may be open there: compare with its own "
                    "list");
  }
}

void Core::before_write(Leg&) {
  buttons_.watch_thread(floor_.read_clock().mono_ns);
  latch_changed();
}
void Core::orders_left(const Leg& leg, const std::vector<std::int64_t>& since_ns) {
  const std::int64_t now_ns = floor_.read_clock().mono_ns;
  for (const std::int64_t since : since_ns)
    floor_.counters.latency_by_venue[leg.identity().index].note(now_ns - since);
}

void Core::alert(const Leg& leg, std::string text) {
  floor_.alert(leg.id(), {Severity::warning, "session", scope_of(leg), std::move(text)});
}
void Core::failed(std::string text) { floor_.journal_failed(text); }

}  // namespace interlock::gateway
