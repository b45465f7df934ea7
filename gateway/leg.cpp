#include "gateway/leg.hpp"

#include <fmt/format.h>

#include "audit/frame.hpp"
#include "gateway/wire_values.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;

constexpr std::size_t write_most = 64 * 1024;

// The session's part of a header, as the counterparty wrote it.
HeaderValues header_of(const Parsed& parsed) {
  HeaderValues header;
  header.begin_string = parsed.get(8).value_or("");
  header.type = parsed.type;
  header.sender = parsed.get(49).value_or("");
  header.target = parsed.get(56).value_or("");
  header.sequence = parsed.sequence;
  header.sending_time = parsed.get(52).value_or("");
  header.poss_dup = parsed.poss_dup;
  header.orig_sending_time = parsed.get(122).value_or("");
  return header;
}

// All messages of one millisecond carry the same: that of the wake-up.
const std::string& stamp(std::int64_t utc_ns) {
  thread_local std::int64_t known_ms = -1;
  thread_local std::string text;
  if (known_ms != utc_ns / 1'000'000) write_timestamp(utc_ns, text);
  known_ms = utc_ns / 1'000'000;
  return text;
}

}  // namespace

bool opens_risk(std::string_view type) { return type == "D" || type == "G" || type == "E"; }

bool is_admin(std::string_view type) {
  return type.size() == 1 && (type == "A" || (type[0] >= '0' && type[0] <= '5'));
}

void put_in_frame(FieldWriter& record, const Inbound& message) {
  if (message.trouble == nullptr)
    record.put(Field::in_frame, message.frame);
  else
    record.put(Field::in_frame, audit::mask_secrets(message.frame));
}

Leg::Leg(LegIdentity identity, audit::Journal& journal, const Clock& clock, LegOwner& owner)
    : identity_(std::move(identity)), journal_(journal), clock_(clock), owner_(owner) {
  quickfix::Identity engine;
  engine.begin_string = identity_.dialect->begin_string;
  if (identity_.dialect->version == "FIX.5.0SP2") engine.appl_ver_id = "9";
  engine.sender = identity_.comp_id.ours;
  engine.target = identity_.comp_id.theirs;
  engine.qualifier = identity_.id;
  engine.initiator = !accepts();
  engine.heartbeat_s = static_cast<int>(identity_.heartbeat_s);
  session_.reset(new quickfix::Session(engine, *this));
}

void Leg::attach(Link& link) {
  link_ = &link;
  in_.clear();
  out_.clear();
  waiting_.clear();
  heard_to_ = asked_to_ = unusual_to_ = 0;
  heard_aside_ns_ = said_aside_ns_ = 0;
  cut_reason_.clear();
  resend_ = {};
  chatter_ = chatter_allowed;
  heard_ns_ = clock_.mono_ns;
  probed_ns_ = blocked_ns_ = 0;
  write_link_record("connected", link.peer());
  in_engine_ = true;
  session_->allow_logon();
  session_->connected();
  in_engine_ = false;
  flush();
}

void Leg::detach(std::string_view why) { drop(why, &Link::close); }

void Leg::reset(std::string_view why) { drop(why, &Link::reset); }

void Leg::drop(std::string_view why, void (Link::*end)()) {
  if (link_ == nullptr) return;
  Link* link = link_;
  write_link_record("disconnected", why);
  link_ = nullptr;  // first: the engine asks to close what it is told is closed
  session_->disconnected();
  in_.clear();
  out_.clear();
  waiting_.clear();
  (link->*end)();
}

void Leg::cut(std::string why) {
  if (link_ == nullptr) return;
  if (cut_reason_.empty()) cut_reason_ = std::move(why);
  if (in_engine_) return;
  detach(std::string(cut_reason_));
}

void Leg::received(std::string_view bytes) {
  if (!in_.empty()) {
    reading_.swap(in_);
    in_.clear();
    bytes = reading_.append(bytes);
  }
  // Frames are read where they lie; what is not whole yet is kept.
  while (link_ != nullptr) {
    const Framed framed = next_frame(bytes, frame_max);
    bytes.remove_prefix(framed.consumed);
    if (framed.outcome == Framed::Outcome::need_more) break;
    if (framed.outcome == Framed::Outcome::garbled) {
      owner_.alert(*this, fmt::format("garbled input dropped: {}", name(framed.error)));
      if (!may_chat()) return;
      if (++garbled_ > garbled_max) return cut("nothing but garbled input");
      continue;
    }
    garbled_ = 0;
    in_engine_ = true;
    handle(framed.frame);
    in_engine_ = false;
    if (!cut_reason_.empty()) return detach(std::string(cut_reason_));
  }
  if (link_ != nullptr) in_.append(bytes);
}

void Leg::handle(std::string_view frame) {
  ++messages_in_;
  last_received_ns_ = clock_.utc.ns;
  heard_ns_ = clock_.mono_ns;
  auto strict = parse_strict(frame, *identity_.dialect, parsed_, &paths_);
  const bool is_plain = strict && is_in_turn(parsed_);
  if (is_plain && parsed_.sequence - 1 > unusual_to_ && !is_admin(parsed_.type)) return take(frame);
  Lenient loose;
  if (!strict) loose = parse_leniently(frame, *identity_.dialect, std::move(strict.error()));
  const Parsed& parsed = strict ? parsed_ : loose.parsed;
  if (parsed.type.empty() || parsed.sequence == 0) {
    owner_.alert(*this, "dropped, no readable MsgType or MsgSeqNum: " + readable(frame));
    return;
  }
  heard_to_ = std::max(heard_to_, parsed.sequence);
  if (!is_plain) unusual_to_ = std::max(unusual_to_, parsed.sequence);
  const bool fills_gap = parsed.type == "4" && parsed.get(123) == "Y";
  if (is_admin(parsed.type) && !fills_gap && !may_chat()) return;
  const Inbound message{frame, &parsed, strict ? nullptr : &*loose.trouble, parsed.sequence};
  if (is_admin(parsed.type))
    handle_admin(message);
  else
    handle_application(message);
  ask_for_the_rest();
}

// As the engine would take it, with nothing to say of it: heartbeats and test requests, too.
bool Leg::is_in_turn(const Parsed& message) const {
  const bool changes_the_session =
      is_admin(message.type) && message.type != "0" && message.type != "1";
  return on() && !changes_the_session && message.sequence == store_.next_in() &&
         !message.poss_dup && message.get(49) == identity_.comp_id.theirs &&
         message.get(56) == identity_.comp_id.ours;
}

// The fast path: what the engine would do with an application message in its turn, without it.
void Leg::take(std::string_view frame) {
  heard_to_ = std::max(heard_to_, parsed_.sequence);
  const Inbound message{frame, &parsed_, nullptr, parsed_.sequence};
  quickfix::contained(*this, "from app", [&] { owner_.application(*this, message); });
  quickfix::contained(*this, "store", [&] { advance_target(); });
  heard_aside_ns_ = clock_.utc.ns;
}

// Before it looks at the time it has to know of what went past it, or it would send heartbeats that
// nobody needs, and ask after a peer that has just been heard.
quickfix::Session& Leg::engine() {
  if (heard_aside_ns_ != 0) session_->heard_at(std::exchange(heard_aside_ns_, 0));
  if (said_aside_ns_ != 0) session_->said_at(std::exchange(said_aside_ns_, 0));
  return *session_;
}

void Leg::handle_application(const Inbound& message) {
  const std::uint32_t sequence = message.sequence;
  if (sequence >= store_.next_in()) {
    if (waiting_.size() >= waiting_max) {
      return cut(fmt::format("more than {} messages behind a gap", waiting_max));
    }
    waiting_.insert_or_assign(sequence, std::string(message.frame));
    in_hand_ = &message;
  }
  engine().receive(header_only(*message.parsed));
  in_hand_ = nullptr;
  waiting_.erase(waiting_.begin(), waiting_.lower_bound(store_.next_in()));
}

void Leg::handle_admin(const Inbound& message) {
  const Parsed& said = *message.parsed;
  const ParseError* trouble = message.trouble;
  if (trouble != nullptr && accepts()) {
    if (!on() || said.type == "A")
      return cut("malformed " + std::string(said.type) + ": " + trouble->text);
    owner_.alert(*this, "refused: " + trouble->text);
    if (said.sequence == store_.next_in()) {
      current_admin_ = message.frame;
      advance_target();
    }
    return reject(*trouble);
  }
  if (trouble != nullptr) owner_.alert(*this, "read only in part: " + trouble->text);
  if (said.type == "A" && said.get(141) == "Y" && !identity_.reset_on_logon) {
    owner_.sequence_reset(*this, "Logon with 141=Y, which is not planned for this session");
    return cut("141=Y refused");
  }
  if (said.type == "4" && said.get(123) != "Y")
    owner_.sequence_reset(*this, "SequenceReset without gap fill");
  if (said.type == "4" && said.get(123) != "Y") heard_to_ = 0;  // numbers begin elsewhere
  if (said.type == "A") warn_of_low_number(said);
  look_at_our_number(said);
  current_admin_ = message.frame;
  if (said.type == "2" && on()) return begin_resend(said);
  engine().receive(trouble == nullptr ? std::string(message.frame) : declared_only(said));
  if (said.type == "3") owner_.admin_rejected(*this, said);
}

// The engine gets the header of an application message and nothing else, in bytes that we wrote.
std::string Leg::header_only(const Parsed& parsed) const {
  return build_frame(header_of(parsed), {});
}

// An admin message of a venue that carries more than we know: the engine gets the part that we
// know.
std::string Leg::declared_only(const Parsed& parsed) const {
  const config::MessageRule* rule = identity_.dialect->message(parsed.type);
  BodyWriter body;
  for (const FieldView& field : parsed.fields) {
    const config::FieldRule* known = identity_.dialect->field(field.tag);
    if (rule == nullptr || known == nullptr || !rule->body.contains(field.tag)) continue;
    using config::FieldType;
    if (known->type == FieldType::length || known->type == FieldType::data) continue;
    if (known->type == FieldType::group) continue;
    body.put(field.tag, field.value);
  }
  return build_frame(header_of(parsed), body.bytes());
}

// --- sending ---

HeaderValues Leg::own_header(std::string_view type, std::uint32_t sequence,
                             std::string_view now) const {
  HeaderValues header;
  header.begin_string = begin_string();
  header.type = type;
  header.sender = identity_.comp_id.ours;
  header.target = identity_.comp_id.theirs;
  header.sequence = sequence;
  header.sending_time = now;
  return header;
}

Outgoing Leg::prepare(std::string type, std::string_view body,
                      std::string_view extra_header) const {
  Outgoing message;
  message.sequence = store_.next_out();
  HeaderValues header = own_header(type, message.sequence, stamp(clock_.utc.ns));
  header.extra = extra_header;
  message.frame = build_frame(header, body);
  message.type = std::move(type);
  return message;
}

void Leg::commit(Outgoing message, const audit::Location& location, OutFrame mark) {
  store_.sent(message.sequence, location);
  if (!on()) return;
  said_aside_ns_ = clock_.utc.ns;
  mark.sequence = message.sequence;
  mark.bytes = std::move(message.frame);
  mark.since_ns = clock_.mono_ns;
  // A cancel only lowers risk, and a kill's must leave with a disk that hangs.
  if (!is_venue() || mark.opens_risk) mark.record = location.sequence;
  push(std::move(mark));
}

void Leg::reject(const ParseError& error) {
  BodyWriter body;
  body.put(45, std::int64_t{error.sequence});
  if (!error.type.empty()) body.put(372, error.type);
  if (error.tag != 0) body.put(371, std::int64_t{error.tag});
  body.put(373, std::int64_t{error.reject_reason});
  body.put(58, error.text);
  send_admin("3", body.bytes());
}

void Leg::push(OutFrame frame) {
  ++messages_out_;
  out_.push(std::move(frame));
  const std::uint64_t most = identity_.out_buffer_max;
  if (most == 0) return;
  // A long resend is what the counterparty asked for; but there is an end to that, too.
  if (out_.unasked_bytes() > most || out_.bytes() > most * resend_factor) {
    cut(fmt::format("does not read: {} bytes wait, limit {}", out_.bytes(), most));
  }
}

void Leg::flush() {
  while (wants_write()) {
    owner_.before_write(*this);
    if (!wants_write()) return;
    out_.gather(scratch_, write_most, on_disk());
    const std::size_t taken = link_->write(scratch_);
    if (taken == Link::broken) return cut("the connection broke while writing");
    if (taken == 0 && blocked_ns_ == 0) blocked_ns_ = clock_.mono_ns;
    if (taken == 0) return;
    blocked_ns_ = 0;
    out_.wrote(taken);
    if (!out_.finished().empty()) owner_.orders_left(*this, out_.finished());
  }
}

std::vector<OutFrame> Leg::purge(const std::function<bool(const OutFrame&)>& doomed) {
  return out_.purge(doomed, [&](std::uint32_t first, std::uint32_t next) {
    const std::string now = fix_timestamp(clock_.utc.ns);
    BodyWriter body;
    body.put(123, "Y").put(36, std::int64_t{next});
    const HeaderValues header = own_header("4", first, now);
    std::string frame = build_frame(header, body.bytes());
    FieldWriter fields;
    fields.put(Field::out_session, id()).put(Field::out_frame, frame);
    fields.put(Field::text, fmt::format("{} to {} taken out by a kill", first, next - 1));
    append(Kind::purge, fields);
    return frame;
  });
}

// --- the connection, from inside the engine ---

void Leg::close() {
  flush();  // a Logout that the engine has just written should still leave
  if (cut_reason_.empty()) cut_reason_ = "closed by the session engine";
  if (!in_engine_ && link_ != nullptr) detach(std::string(cut_reason_));
}

void Leg::tick() {
  if (!schedule_open())
    open_since_ns_ = 0;
  else if (open_since_ns_ == 0)
    open_since_ns_ = clock_.utc.ns;
  if (link_ == nullptr) return;
  in_engine_ = true;
  engine().tick();
  in_engine_ = false;
  close_if_silent();
  if (!cut_reason_.empty()) return detach(std::string(cut_reason_));
  flush();
}

void Leg::start_logout(const std::string& reason) {
  if (link_ == nullptr) return;
  in_engine_ = true;
  engine().start_logout(reason);
  in_engine_ = false;
  flush();
  if (!cut_reason_.empty()) detach(std::string(cut_reason_));
}

void Leg::renumber(std::optional<std::uint32_t> next_in, std::optional<std::uint32_t> next_out) {
  recorded_in_ = 0;  // a number that comes a second time is not accounted for by the first
  if (next_in) store_.set_next_in(*next_in);
  if (next_out) store_.set_next_out(*next_out);
}

// --- the journal ---

void Leg::write_link_record(std::string_view event, std::string_view detail) {
  FieldWriter fields;
  fields.put(Field::session, id()).put(Field::event, event);
  if (!detail.empty()) fields.put(Field::text, detail);
  append(Kind::link, fields);
}

std::optional<audit::Location> Leg::append(Kind kind, const FieldWriter& fields) {
  const auto location = journal_.append(kind, clock_.utc.ns, clock_.mono_ns, id(), fields.bytes());
  if (location) return *location;
  owner_.failed(location.error());
  return std::nullopt;
}

}  // namespace interlock::gateway
