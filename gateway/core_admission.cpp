// Who may connect, and whose Logon is taken: asked before any session is touched.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/admission.hpp"
#include "gateway/core.hpp"
#include "killswitch/secret.hpp"

namespace interlock::gateway {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;

namespace {

// A refused Logon costs the loop some milliseconds and the journal a record. More than these from
// one address are not even read.
constexpr Allowance refusals_allowed{20, 500'000'000};
// A session that is on comes and goes; more often than this is a peer that was thrown out and does
// not learn. Only its own Logons count, so that a stranger keeps nobody out.
constexpr Allowance logons_allowed{10, 2'000'000'000};
constexpr std::size_t addresses_max = 10'000;  // that are remembered

bool same_address(const std::string& peer, const std::string& address) {
  return peer.starts_with(address) && peer.find_last_of(':') == address.size();
}

}  // namespace

bool Core::allowed(const Visitor& visitor) {
  const auto known = refusals_.find(visitor.address);
  if (known != refusals_.end() && !known->second.has(floor_.clock.mono_ns)) return false;
  for (const std::uint32_t i : visitor.candidates) {
    if (address_allowed(visitor.address, acceptors_[i]->allow)) return true;
  }
  return false;
}

std::expected<Leg*, Turned> Core::admit(const Visitor& visitor, std::string_view frame) {
  const auto refused = [&](std::string_view why) {
    refused_logon(visitor, why);
    return std::unexpected(Turned::away);
  };
  for (const std::uint32_t i : visitor.candidates) {
    const config::Acceptor& acceptor = *acceptors_[i];
    if (!address_allowed(visitor.address, acceptor.allow)) continue;
    const Lenient loose = parse_lenient(frame, *acceptor.dialect);
    const Parsed& names = loose.parsed;
    if (names.get(8) != acceptor.dialect->begin_string ||
        names.get(49) != acceptor.comp_id.theirs || names.get(56) != acceptor.comp_id.ours) {
      continue;
    }
    if (names.type != "A") return refused("the first message is not a Logon");
    const auto logon = parse_strict(frame, *acceptor.dialect);
    if (!logon) return refused("malformed Logon: " + logon.error().text);
    Leg& leg = *accepting_[i];
    Allowance& logons = logons_.try_emplace(&leg, logons_allowed).first->second;
    if (!logons.has(floor_.clock.mono_ns)) return std::unexpected(Turned::away);
    if (const auto problem = logon_problem(acceptor, *logon))
      return refused(acceptor.id + ": " + *problem);
    if (leg.link() != nullptr) {
      const std::string taken = acceptor.id + ": already connected from " + leg.link()->peer();
      if (!same_address(leg.link()->peer(), visitor.address)) return refused(taken);
      const Leg::Life life = leg.life();
      if (life == Leg::Life::alive) {
        leg.forget_probe();
        return refused(taken);
      }
      if (life == Leg::Life::not_asked) leg.probe();
      if (life != Leg::Life::silent) return std::unexpected(Turned::later);
      leg.detach("silent, and replaced by a new connection from the same address");
    }
    logons.take(floor_.clock.mono_ns);
    reset_at_new_day(leg);
    return &leg;
  }
  return refused("nobody here has these BeginString and CompIDs");
}

void Core::refuse_garbage(const Visitor& visitor, FrameError error) {
  refused_logon(visitor, fmt::format("no FIX frame: {}", name(error)));
}

std::optional<std::string> Core::logon_problem(const config::Acceptor& acceptor,
                                               const Parsed& logon) const {
  for (const config::Credential& credential : acceptor.credentials) {
    if (!killswitch::matches_secret(logon.get(credential.tag).value_or(""), credential.hash)) {
      return fmt::format("credential in tag {} does not match", credential.tag);
    }
  }
  if (!acceptor.schedule.open_at(floor_.clock.utc)) return "outside its schedule";
  if (logon.get(141) == "Y" && acceptor.sequence_reset != config::SequenceReset::on_logon) {
    return "141=Y, and sequence_reset is not \"on_logon\"";
  }
  const auto heartbeat = risk::parse_decimal(logon.get(108).value_or(""), 0);
  if (!heartbeat || *heartbeat < 1 || *heartbeat > acceptor.heartbeat_s) {
    return fmt::format("HeartBtInt 108 has to be 1 to {} s", acceptor.heartbeat_s);
  }
  return std::nullopt;
}

void Core::refused_logon(const Visitor& visitor, std::string_view why) {
  if (refusals_.size() >= addresses_max) refusals_.clear();
  refusals_.try_emplace(visitor.address, refusals_allowed).first->second.take(floor_.clock.mono_ns);
  FieldWriter record;
  record.put(Field::event, "refused logon").put(Field::peer, visitor.address).put(Field::text, why);
  floor_.append(Kind::link, "interlock", record);
}

}  // namespace interlock::gateway
