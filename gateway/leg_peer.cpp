// What a peer may ask of a leg, and how it is asked whether it lives.
#include <fmt/format.h>

#include "gateway/leg.hpp"
#include "risk/units.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;

// A part of a resend holds the loop for a millisecond or two; the next comes when the peer has
// read.
constexpr std::uint32_t resent_at_once = 100;
constexpr std::uint64_t resent_waiting_max = 256 * 1024;

std::uint32_t number_in(const Parsed& message, Tag tag) {
  const auto number = risk::parse_decimal(message.get(tag).value_or(""), 0);
  return number && *number > 0 && *number <= UINT32_MAX ? static_cast<std::uint32_t>(*number) : 0;
}

}  // namespace

// --- a peer that talks too much ---

bool Leg::may_chat() {
  if (!accepts() || chatter_.take(clock_.mono_ns)) return true;
  const std::string why = "floods: more session messages than anybody needs";
  owner_.alert(*this, why);
  engine().start_logout(why);
  flush();
  cut(why);
  return false;
}

// --- resends ---

// The engine answers a ResendRequest whole. It gets one part at a time, so that nobody else waits
// for a long one or for many. Two become one that covers both: more is sent than asked for, never
// less.
void Leg::begin_resend(const Parsed& asked) {
  const std::uint32_t last = store_.next_out() - 1;
  const std::uint32_t end = number_in(asked, 16);
  const Resend fresh{std::max(number_in(asked, 7), 1u), end == 0 ? last : std::min(end, last)};
  const bool pending = resend_.next <= resend_.last;
  resend_.next = pending ? std::min(resend_.next, fresh.next) : fresh.next;
  resend_.last = pending ? std::max(resend_.last, fresh.last) : fresh.last;
  if (asked.sequence == store_.next_in()) advance_target();
}

void Leg::resend_part() {
  const std::uint32_t first = resend_.next;
  const std::uint32_t last = std::min(resend_.last, first + resent_at_once - 1);
  resend_.next = last + 1;
  BodyWriter body;
  body.put(7, std::int64_t{first}).put(16, std::int64_t{std::max(first, last)});
  const std::string now = fix_timestamp(clock_.utc.ns);
  // A number that has been: the engine answers, and does not count it again.
  HeaderValues header = own_header("2", store_.next_in() - 1, now);
  std::swap(header.sender, header.target);  // it is theirs
  engine().receive(build_frame(header, body.bytes()));
}

bool Leg::may_go_on() const {
  return link_ != nullptr && resend_.next <= resend_.last && out_.bytes() <= resent_waiting_max;
}

void Leg::go_on() {
  if (in_engine_ || !may_go_on()) return;
  in_engine_ = true;
  resend_part();
  in_engine_ = false;
  if (!cut_reason_.empty()) detach(std::string(cut_reason_));
}

// --- does it live? ---

void Leg::probe() {
  probed_ns_ = clock_.mono_ns;
  if (!on()) return;
  BodyWriter body;
  body.put(112, "PROBE");
  send_admin("1", body.bytes());
  flush();
}

Leg::Life Leg::life() const {
  constexpr std::int64_t too_long_ago_ns = 2 * probe_ns;
  const std::int64_t since_ns = clock_.mono_ns - probed_ns_;
  if (probed_ns_ == 0 || since_ns > too_long_ago_ns) return Life::not_asked;
  if (heard_ns_ > probed_ns_) return Life::alive;
  return since_ns < probe_ns ? Life::asked : Life::silent;
}

void Leg::close_if_silent() {
  if (accepts() || !on()) return;  // an acceptor's interval is the peer's: the engine knows it
  const std::int64_t most_ns = 2 * risk::seconds(identity_.heartbeat_s).ns;
  if (clock_.mono_ns - heard_ns_ >= most_ns)
    cut(fmt::format("nothing heard for two heartbeats of {} s", identity_.heartbeat_s));
}

void Leg::warn_of_low_number(const Parsed& logon) {
  if (logon.poss_dup || logon.get(141) == "Y" || identity_.reset_on_logon) return;
  if (logon.sequence >= store_.next_in()) return;
  owner_.alert(*this,
               fmt::format("Logon with MsgSeqNum {}, and {} was due: it has lost its numbers",
                           logon.sequence, store_.next_in()));
}

void Leg::send_admin(std::string type, std::string_view body) {
  Outgoing message = prepare(std::move(type), body);
  FieldWriter fields;
  fields.put(Field::out_session, id()).put(Field::out_sequence, std::uint64_t{message.sequence});
  fields.put(Field::out_frame, message.frame);
  if (const auto location = append(audit::Kind::session_out, fields))
    commit(std::move(message), *location);
}

}  // namespace interlock::gateway
