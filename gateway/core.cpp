#include "gateway/core.hpp"

#include <fmt/format.h>

#include "gateway/admission.hpp"
#include "killswitch/secret.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;

constexpr std::int64_t chase_every_ns = 100'000'000;

LegIdentity identity_of(const config::Router& router, std::uint32_t index) {
  LegIdentity identity;
  identity.side = LegIdentity::Side::router;
  identity.index = index;
  identity.id = router.id;
  identity.dialect = router.dialect;
  identity.comp_id = router.comp_id;
  identity.heartbeat_s = router.heartbeat_s;
  identity.reset_on_logon = router.sequence_reset == config::SequenceReset::on_logon;
  identity.extended_codes = router.reject_codes == config::RejectCodes::extended;
  identity.out_buffer_max = router.out_buffer_max;
  return identity;
}

killswitch::Scope scope_of(const Leg& leg) {
  const auto kind = leg.is_router() ? killswitch::ScopeKind::router : killswitch::ScopeKind::venue;
  return {kind, leg.id()};
}

LegIdentity identity_of(const config::Venue& venue, std::uint32_t index) {
  LegIdentity identity;
  identity.side = LegIdentity::Side::venue;
  identity.index = index;
  identity.id = venue.id;
  identity.dialect = venue.dialect;
  identity.comp_id = venue.comp_id;
  identity.heartbeat_s = venue.heartbeat_s;
  identity.reset_on_logon = venue.sequence_reset == config::SequenceReset::on_logon;
  identity.logon_fields = venue.logon_fields;
  identity.out_buffer_max = venue.out_buffer_max;
  return identity;
}

}  // namespace

Core::Core(const config::Config& config, audit::Journal& journal, killswitch::Latch& latch,
           std::function<Clock()> read_clock, std::string build_id)
    : floor_(config, journal, latch, std::move(read_clock)),
      killer_(floor_),
      gate_(floor_, killer_),
      returns_(floor_, killer_),
      build_id_(std::move(build_id)),
      dialing_(config.venues.size()),
      router_days_(config.routers.size()),
      venue_days_(config.venues.size()) {
  quickfix::set_clock(floor_.clock.utc.ns);
  LegOwner& owner = *this;
  for (std::uint32_t i = 0; i < config.routers.size(); ++i) {
    floor_.routers.push_back(
        std::make_unique<Leg>(identity_of(config.routers[i], i), journal, floor_.clock, owner));
  }
  for (std::uint32_t i = 0; i < config.venues.size(); ++i) {
    floor_.venues.push_back(
        std::make_unique<Leg>(identity_of(config.venues[i], i), journal, floor_.clock, owner));
  }
}

void Core::wake() {
  floor_.clock = floor_.read_clock();
  quickfix::set_clock(floor_.clock.utc.ns);
}

// --- admission ---

bool Core::allowed(const Visitor& visitor) const {
  for (const std::uint32_t i : visitor.candidates) {
    if (address_allowed(visitor.address, floor_.config.routers[i].allow)) return true;
  }
  return false;
}

Leg* Core::admit(const Visitor& visitor, std::string_view frame) {
  const auto refused = [&](std::string_view why) -> Leg* {
    refused_logon(visitor, why);
    return nullptr;
  };
  for (const std::uint32_t i : visitor.candidates) {
    const config::Router& router = floor_.config.routers[i];
    if (!address_allowed(visitor.address, router.allow)) continue;
    const Lenient loose = parse_lenient(frame, *router.dialect);
    const Parsed& names = loose.parsed;
    if (names.get(8) != router.dialect->begin_string || names.get(49) != router.comp_id.theirs ||
        names.get(56) != router.comp_id.ours) {
      continue;
    }
    if (names.type != "A") return refused("the first message is not a Logon");
    const auto logon = parse_strict(frame, *router.dialect);
    if (!logon) return refused("malformed Logon: " + logon.error().text);
    Leg& leg = *floor_.routers[i];
    if (const auto problem = logon_problem(leg, router, *logon))
      return refused(router.id + ": " + *problem);
    if (leg.link() != nullptr) leg.detach("replaced by a new connection of the same router");
    reset_at_new_day(leg, router.sequence_reset);
    return &leg;
  }
  return refused("no router here has these BeginString and CompIDs");
}

Leg* Core::refuse_garbage(const Visitor& visitor, FrameError error) {
  refused_logon(visitor, fmt::format("no FIX frame: {}", name(error)));
  return nullptr;
}

std::optional<std::string> Core::logon_problem(const Leg& leg, const config::Router& router,
                                               const Parsed& logon) const {
  for (const config::Credential& credential : router.credentials) {
    if (!killswitch::matches_secret(logon.get(credential.tag).value_or(""), credential.hash)) {
      return fmt::format("credential in tag {} does not match", credential.tag);
    }
  }
  if (!router.schedule.open_at(floor_.clock.utc)) return "outside its schedule";
  if (logon.get(141) == "Y" && router.sequence_reset != config::SequenceReset::on_logon) {
    return "141=Y, and sequence_reset is not \"on_logon\"";
  }
  const auto heartbeat = risk::parse_decimal(logon.get(108).value_or(""), 0);
  if (!heartbeat || *heartbeat < 1 || *heartbeat > router.heartbeat_s) {
    return fmt::format("HeartBtInt 108 has to be 1 to {} s", router.heartbeat_s);
  }
  if (leg.link() != nullptr) {
    // The old connection stays unless it has been silent for longer than a heartbeat should take.
    const std::int64_t silent_ns = floor_.clock.utc.ns - leg.last_received_ns();
    if (silent_ns < risk::seconds(*heartbeat + 1).ns)
      return "already connected from " + leg.link()->peer();
  }
  return std::nullopt;
}

void Core::refused_logon(const Visitor& visitor, std::string_view why) {
  FieldWriter record;
  record.put(Field::event, "refused logon").put(Field::peer, visitor.address).put(Field::text, why);
  floor_.append(Kind::link, "interlock", record);
}

void Core::note_day(const Leg& leg, risk::Time at) {
  const std::uint32_t i = leg.identity().index;
  if (leg.is_router())
    router_days_[i] = floor_.config.routers[i].schedule.trading_day(at);
  else
    venue_days_[i] = floor_.config.venues[i].schedule.trading_day(at);
}

void Core::reset_at_new_day(Leg& leg, config::SequenceReset policy) {
  auto& days = leg.is_router() ? router_days_ : venue_days_;
  const auto before = days[leg.identity().index];
  note_day(leg, floor_.clock.utc);
  const auto today = days[leg.identity().index];
  if (policy == config::SequenceReset::daily && before && *before != *today) {
    leg.reset_by_schedule("a new trading day, sequence_reset = \"daily\"");
  }
}

// --- venues ---

std::optional<config::Address> Core::wants_connection(std::uint32_t venue) {
  const config::Venue& settings = floor_.config.venues[venue];
  Dialing& dialing = dialing_[venue];
  if (floor_.venues[venue]->link() != nullptr || floor_.stopping) return std::nullopt;
  if (!settings.schedule.open_at(floor_.clock.utc)) return std::nullopt;
  if (floor_.clock.mono_ns < dialing.not_before_ns) return std::nullopt;
  const config::Address address = settings.connect[dialing.next_address % settings.connect.size()];
  ++dialing.next_address;
  // Each address once, quickly; then the pause.
  if (dialing.next_address % settings.connect.size() == 0) {
    dialing.not_before_ns = floor_.clock.mono_ns + risk::seconds(settings.reconnect_s).ns;
  }
  reset_at_new_day(*floor_.venues[venue], settings.sequence_reset);
  return address;
}

void Core::connect_failed(std::uint32_t venue, const std::string& why) {
  FieldWriter record;
  record.put(Field::session, floor_.venues[venue]->id())
      .put(Field::event, "connect failed")
      .put(Field::text, why);
  floor_.append(Kind::link, floor_.venues[venue]->id(), record);
}

// --- the loop's calls ---

void Core::received(Leg& leg, std::string_view bytes) {
  latch_changed();
  leg.received(bytes);
  latch_changed();  // a breach in these bytes takes hold before anything is written
}

void Core::tick() {
  latch_changed();
  for (const auto& leg : floor_.routers) {
    if (leg->link() != nullptr &&
        !floor_.config.routers[leg->identity().index].schedule.open_at(floor_.clock.utc)) {
      leg->start_logout("the schedule of this session has closed");
    }
    leg->tick();
  }
  for (const auto& leg : floor_.venues) {
    if (leg->link() != nullptr &&
        !floor_.config.venues[leg->identity().index].schedule.open_at(floor_.clock.utc)) {
      leg->start_logout("the schedule of this session has closed");
    }
    leg->tick();
  }
  if (floor_.clock.mono_ns - chased_at_ns_ >= chase_every_ns) {
    chased_at_ns_ = floor_.clock.mono_ns;
    killer_.chase();
  }
}

void Core::flush() {
  for (const auto& leg : floor_.venues) leg->flush();
  for (const auto& leg : floor_.routers) leg->flush();
}

// --- LegOwner ---

void Core::application(Leg& leg, const Inbound& message) {
  latch_changed();  // a kill does not wait for the rest of what has just been read
  if (leg.is_router()) return gate_.message(leg, message);
  returns_.message(leg, message);
}

void Core::admin_rejected(Leg& leg, const Parsed& reject) {
  floor_.alert(leg.id(), {Severity::warning, "session-reject", scope_of(leg),
                          "session reject from the counterparty: " + readable(reject.frame)});
  if (!leg.is_router()) returns_.rejected(leg, reject);
}

void Core::logged_on(Leg& leg) {
  if (leg.is_router()) return;
  dialing_[leg.identity().index].next_address = 0;
  killer_.chase();
}

void Core::logged_out(Leg& leg) {
  if (!leg.is_router()) return;
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
  bool open = false;
  for (const risk::OrderId id : floor_.books.open_orders()) {
    const risk::Order& order = floor_.books.order(id);
    open =
        open || (leg.is_router() ? order.router.value : order.venue.value) == leg.identity().index;
  }
  if (!open) return;
  floor_.trip(scope_of(leg), killswitch::Source::breach, leg.id(),
              fmt::format("{} while orders are open", cause));
}

void Core::not_resent(Leg& leg, std::uint32_t sequence) { returns_.not_resent(leg, sequence); }
void Core::before_write(Leg&) { latch_changed(); }
void Core::alert(const Leg& leg, std::string text) {
  floor_.alert(leg.id(), {Severity::warning, "session", scope_of(leg), std::move(text)});
}
void Core::failed(std::string text) { floor_.journal_failed(text); }

}  // namespace interlock::gateway
