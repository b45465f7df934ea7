// What a leg gives to its session engine: sequence numbers, stored messages, and their turn.
#include <fmt/format.h>

#include "audit/frame.hpp"
#include "gateway/leg.hpp"

namespace interlock::gateway {
namespace {

constexpr std::int64_t most_lost = 10'000'000;  // messages; a number beyond is a mistake of theirs

using audit::Field;
using audit::FieldWriter;
using audit::Kind;

// Header fields of ours beyond the session's own, which a route passes: they belong to the message,
// also on a resend.
std::string passed_header(const Parsed& parsed) {
  BodyWriter passed;
  for (std::size_t i = 0; i < parsed.header_end; ++i) {
    const FieldView& field = parsed.fields[i];
    switch (field.tag) {
      case 8:
      case 9:
      case 34:
      case 35:
      case 43:
      case 49:
      case 52:
      case 56:
      case 122:
        break;
      default:
        passed.put(field.tag, field.value);
    }
  }
  return passed.bytes();
}

// Of "MsgSeqNum too low, expecting 57 but received 12", as a Logout says it: 57; empty: it says
// something else.
std::string_view number_expected(std::string_view text) {
  if (text.find("too low") == text.npos && text.find("TOO LOW") == text.npos) return {};
  for (const std::string_view word : {"expecting", "expected", "Expecting", "Expected"}) {
    const std::size_t at = text.find(word);
    if (at == text.npos) continue;
    const std::size_t begin = text.find_first_of("0123456789", at);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_first_not_of("0123456789", begin) - begin);
  }
  return {};
}

}  // namespace

void Leg::on_application(int sequence) {
  const auto found = waiting_.find(static_cast<std::uint32_t>(sequence));
  if (found == waiting_.end()) {
    owner_.alert(*this, fmt::format("message {} came in turn but its bytes are gone", sequence));
    return;
  }
  if (in_hand_ != nullptr && in_hand_->sequence == found->first) {
    owner_.application(*this, *in_hand_);
  } else {  // it waited for its turn
    const std::string frame = found->second;
    const Lenient loose = parse_lenient(frame, *identity_.dialect);
    owner_.application(*this, {frame, &loose.parsed, loose.trouble ? &*loose.trouble : nullptr,
                               static_cast<std::uint32_t>(sequence)});
  }
  engine();  // looks at its timers next
}

void Leg::on_admin(const std::string&, int) {}

std::vector<std::pair<int, std::string>> Leg::logon_fields() const {
  std::vector<std::pair<int, std::string>> fields;
  if (accepts()) return fields;
  for (const auto& [tag, value] : identity_.logon_fields)
    fields.emplace_back(static_cast<int>(tag), value);
  return fields;
}

void Leg::on_logon() {
  write_link_record("logged on", link_ != nullptr ? link_->peer() : "");
  owner_.logged_on(*this);
}

void Leg::on_logout() {
  write_link_record("logged out", "");
  owner_.logged_out(*this);
}

void Leg::on_event(const std::string& text) {
  // The request is recorded; a record of each message would be as much again as was ever sent.
  if (text.starts_with("Resending Message: ")) return;
  write_link_record("session", text);
}

void Leg::on_fault(const std::string& what) {
  owner_.alert(*this, "session engine: " + what);
  cut("fault in the session engine");
}

// --- sequence numbers ---

void Leg::set_next_sender(int sequence) {
  store_.set_next_out(static_cast<std::uint32_t>(sequence));
  FieldWriter fields;
  fields.put(Field::session, id()).put(Field::next_out, static_cast<std::uint64_t>(sequence));
  append(Kind::sequence, fields);
}

void Leg::set_next_target(int sequence) {
  store_.set_next_in(static_cast<std::uint32_t>(sequence));
  FieldWriter fields;
  fields.put(Field::session, id()).put(Field::next_in, static_cast<std::uint64_t>(sequence));
  append(Kind::sequence, fields);
}

void Leg::advance_target() {
  const std::uint32_t sequence = store_.next_in();
  if (recorded_in_ != sequence) {
    FieldWriter fields;
    fields.put(Field::session, id()).put(Field::in_sequence, std::uint64_t{sequence});
    fields.put(Field::in_frame, audit::mask_secrets(current_admin_));
    append(Kind::session_in, fields);
  }
  store_.set_next_in(sequence + 1);
}

void Leg::reset_sequences() {
  store_.reset();
  recorded_in_ = 0;
  FieldWriter fields;
  fields.put(Field::session, id())
      .put(Field::next_in, std::uint64_t{1})
      .put(Field::next_out, std::uint64_t{1});
  fields.put(Field::text, "reset");
  append(Kind::sequence, fields);
}

void Leg::reset_by_schedule(std::string_view cause) {
  reset_sequences();
  write_link_record("sequence reset", cause);
}

void Leg::keep_admin(int sequence, const std::string& frame) {
  FieldWriter fields;
  fields.put(Field::out_session, id())
      .put(Field::out_sequence, static_cast<std::uint64_t>(sequence));
  fields.put(Field::out_frame, audit::mask_secrets(frame));
  if (const auto location = append(Kind::session_out, fields)) {
    store_.place(static_cast<std::uint32_t>(sequence), *location);
  }
}

std::string_view Leg::sent_frame_of(std::uint32_t sequence) const {
  const audit::Location location = store_.find(sequence);
  if (location.sequence == 0) return {};
  return sent_frame(journal_.at(location), id(), sequence);
}

std::string Leg::sent_type(int sequence) const {
  const std::string_view frame = sent_frame_of(static_cast<std::uint32_t>(sequence));
  if (frame.empty()) return {};
  return std::string(parse_lenient(frame, *identity_.dialect).parsed.type);
}

bool Leg::write_admin(const std::string& frame) {
  if (link_ == nullptr) return false;
  const Lenient loose = parse_lenient(frame, *identity_.dialect);
  OutFrame out;
  out.bytes = frame;
  // A gap fill or a resend carries an old number, which must not look like the newest that left.
  out.sequence = loose.parsed.poss_dup ? 0 : loose.parsed.sequence;
  push(std::move(out));
  return true;
}

// A venue asked for a whole day at once may answer for minutes, and with more than fits behind a
// gap: in parts.
int Leg::resend_to(int from) {
  const std::uint32_t first = static_cast<std::uint32_t>(from);
  asked_to_ = heard_to_ >= first + resend_most ? first + resend_most - 1 : 0;
  return static_cast<int>(asked_to_);
}

void Leg::ask_for_the_rest() {
  if (asked_to_ == 0 || !on() || store_.next_in() <= asked_to_) return;
  const std::uint32_t first = store_.next_in();
  if (!has_gap()) {
    asked_to_ = 0;
    return;
  }
  asked_to_ = std::min(heard_to_, first + resend_most - 1);
  BodyWriter body;
  body.put(7, std::int64_t{first}).put(16, std::int64_t{asked_to_});
  Outgoing message = prepare("2", body.bytes());
  FieldWriter fields;
  fields.put(Field::out_session, id()).put(Field::out_sequence, std::uint64_t{message.sequence});
  fields.put(Field::out_frame, message.frame);
  if (const auto location = append(Kind::session_out, fields))
    commit(std::move(message), *location);
}

// Where the counterparty says which number of ours it expects: more than we have ever used means
// that our journal has lost its end, and what was in it was sent.
void Leg::look_at_our_number(const Parsed& admin) {
  std::string_view said;
  if (admin.type == "A") said = admin.get(789).value_or("");
  if (admin.type == "2") said = admin.get(7).value_or("");
  if (admin.type == "5" && !session_->logged_on())
    said = number_expected(admin.get(58).value_or(""));
  const auto expected = risk::parse_decimal(said, 0);
  if (!expected || *expected > INT32_MAX || *expected <= store_.next_out()) return;
  owner_.knows_more(*this, static_cast<std::uint32_t>(*expected));
  // Else it never logs on again, and takes no cancel.
  const bool is_credible = *expected - store_.next_out() <= most_lost;
  if (admin.type == "5" && !accepts() && is_credible) set_next_sender(static_cast<int>(*expected));
}

bool Leg::may_resend(int sequence) {
  if (!is_venue()) return true;
  if (!opens_risk(sent_type(sequence))) return true;
  owner_.not_resent(*this, static_cast<std::uint32_t>(sequence));
  return false;
}

void Leg::write_resend(int sequence) {
  if (link_ == nullptr) return;
  const std::string_view original = sent_frame_of(static_cast<std::uint32_t>(sequence));
  const Lenient loose = parse_lenient(original, *identity_.dialect);
  const std::string now = fix_timestamp(clock_.utc.ns);
  HeaderValues header = own_header(loose.parsed.type, static_cast<std::uint32_t>(sequence), now);
  header.poss_dup = true;
  const std::string_view first_sent = loose.parsed.get(52).value_or(std::string_view{now});
  header.orig_sending_time = first_sent;
  const std::string passed = passed_header(loose.parsed);
  header.extra = passed;
  OutFrame out;
  out.bytes = build_frame(header, loose.parsed.body());
  out.resent = true;
  if (!is_venue()) out.record = store_.find(static_cast<std::uint32_t>(sequence)).sequence;
  push(std::move(out));
}

}  // namespace interlock::gateway
