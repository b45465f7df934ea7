// What a kill does at one venue as a whole: mass cancel, cut, and cancels after its no_cancel
// periods.
#include <fmt/format.h>

#include <algorithm>

#include "config/values.hpp"
#include "gateway/killer.hpp"

namespace interlock::gateway {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;

bool covers_session(const killswitch::Kill& kill, std::string_view venue) {
  using killswitch::ScopeKind;
  if (kill.level != killswitch::Level::kill) return false;
  return kill.scope.kind == ScopeKind::firm ||
         (kill.scope.kind == ScopeKind::venue && kill.scope.id == venue);
}

bool Killer::send_mass_cancel(risk::VenueId venue_id, const std::vector<risk::OrderId>& orders,
                              std::string_view cause) {
  Leg& venue = *floor_.venues[venue_id.value];
  if (!venue.on()) return false;
  clear_the_way(venue);
  const std::string cl_ord_id = std::string(own_prefix) + base36(floor_.journal.next_sequence());
  BodyWriter body;
  body.put(11, cl_ord_id).put(530, "7").put(60, fix_timestamp(floor_.clock.utc.ns));
  Outgoing out = venue.prepare("q", body.bytes());
  FieldWriter record;
  record.put(Field::venue, venue.id()).put(Field::venue_cl_ord_id, cl_ord_id);
  record.put(Field::text, cause);
  record.put(Field::out_session, venue.id()).put(Field::out_sequence, std::uint64_t{out.sequence});
  record.put(Field::out_frame, out.frame);
  const auto location = floor_.append(Kind::gateway_message, "interlock", record);
  for (const risk::OrderId id : orders) {
    floor_.info(id).cancelled_at_ns = floor_.clock.utc.ns;
    floor_.info(id).mass_cancelled = true;
  }
  venue.commit(std::move(out), location.value_or(audit::Location{}));
  return true;
}

void Killer::mass_cancel_refused(risk::VenueId venue) {
  for (const killswitch::Kill& kill : floor_.kills) {
    std::vector<risk::OrderId> due = residual(kill);
    std::erase_if(due, [&](risk::OrderId id) {
      return floor_.books.order(id).venue != venue || !floor_.info(id).mass_cancelled;
    });
    if (due.empty()) continue;
    closed_[kill.id].cancels_sent +=
        cancel(due, fmt::format("kill {}, its mass cancel was refused", kill.id));
  }
  note_handing();
}

const killswitch::Kill* Killer::whole_session(risk::VenueId venue) const {
  const auto found = std::ranges::find_if(floor_.kills, [&](const killswitch::Kill& kill) {
    return covers_session(kill, floor_.venues[venue.value]->id());
  });
  return found == floor_.kills.end() ? nullptr : &*found;
}

// What was written up to here has to get away, cancels and what stands in front of them.
void Killer::note_handing() {
  for (std::uint32_t id = 0; id < handing_.size(); ++id) {
    const Leg& venue = *floor_.venues[id];
    if (whole_session({id}) == nullptr || venue.written_to() == venue.left_to()) continue;
    Handing& handing = handing_[id];
    if (handing.last.end == venue.written_to()) continue;
    handing.last = {venue.written_to(), floor_.clock.mono_ns};
    if (!handing.due) handing.due = handing.last;
  }
}

void Killer::tick() {
  for (std::uint32_t id = 0; id < handing_.size(); ++id) {
    const config::Venue& settings = floor_.config.venues[id];
    Handing& handing = handing_[id];
    const bool takes_none =
        config::end_of_period(settings.no_cancel, settings.schedule.zone, floor_.clock.utc)
            .has_value();
    if (handing.takes_none && !takes_none) after_no_cancel({id});
    handing.takes_none = takes_none;
    const std::uint64_t left = floor_.venues[id]->left_to();
    const killswitch::Kill* kill = whole_session({id});
    if (kill == nullptr) handing.due.reset(), handing.last = {};
    if (!handing.due) continue;
    if (left >= handing.due->end) {
      handing.due.reset();
      if (left < handing.last.end) handing.due = handing.last;
      continue;
    }
    if (!settings.cut_after) continue;
    if (floor_.clock.mono_ns - handing.due->since_ns < settings.cut_after->ns) continue;
    cut({id}, *kill, "interlock",
        fmt::format("its cancels did not get away in {}", config::text_of(*settings.cut_after)));
  }
}

// What it refused meanwhile, or never answered, is cancelled again; where it is down, at its logon.
void Killer::after_no_cancel(risk::VenueId venue) {
  for (const killswitch::Kill& kill : floor_.kills) {
    std::vector<risk::OrderId> due = residual(kill);
    std::erase_if(due, [&](risk::OrderId id) { return floor_.books.order(id).venue != venue; });
    for (const risk::OrderId id : due) floor_.info(id).cancelled_at_ns = 0;
    if (!due.empty()) {
      closed_[kill.id].cancels_sent +=
          cancel(due, fmt::format("kill {}, {} takes cancels again", kill.id,
                                  floor_.venues[venue.value]->id()));
    }
  }
  note_handing();
}

std::string Killer::cut(risk::VenueId id, const killswitch::Kill& kill, std::string_view actor,
                        std::string_view why) {
  Leg& venue = *floor_.venues[id.value];
  const std::uint64_t unsent = venue.unsent();
  const std::uint64_t dropped = venue.out().bytes();
  const bool cancels = floor_.config.venues[id.value].on_disconnect == config::OnDisconnect::cancel;
  const std::string said = fmt::format(
      "{} was cut off, {}: {} bytes in the kernel and {} in our buffer dropped; {}; no order of it "
      "is known to be cancelled",
      venue.id(), why, unsent, dropped,
      cancels ? "relying on the venue's cancel-on-disconnect"
              : "it keeps orders (on_disconnect = \"keep\"), and is asked again when it is back");
  FieldWriter record;
  record.put(Field::venue, venue.id()).put(Field::kill_id, kill.id);
  record.put(Field::unsent, unsent).put(Field::dropped, dropped).put(Field::text, said);
  record.put(Field::before, "connected").put(Field::after, "cut off");
  floor_.append(Kind::cut, actor, record);
  if (actor == "interlock")
    floor_.alert(actor,
                 {Severity::critical, "cut", {killswitch::ScopeKind::venue, venue.id()}, said});
  closed_[kill.id].cut_at_ns[venue.id()] = floor_.clock.utc.ns;
  // Its cancels may be among what is dropped: they are due at the next logon.
  for (const risk::OrderId order : residual(kill)) {
    if (floor_.books.order(order).venue == id) floor_.info(order).cancelled_at_ns = 0;
  }
  venue.reset(said);
  return said;
}

}  // namespace interlock::gateway
