#include "scenarios/player.hpp"

#include "gateway/leg.hpp"

namespace interlock::scenarios {

using gateway::BodyWriter;

Player::Player(std::string id, bool initiator, std::string version, config::CompIds comp_id,
               std::function<std::int64_t()> now_ns)
    : id_(std::move(id)),
      initiator_(initiator),
      version_(std::move(version)),
      comp_id_(std::move(comp_id)),
      now_ns_(std::move(now_ns)) {}

const config::Dialect& Player::dialect() const { return config::built_in(version_); }

void Player::log_on(std::string_view heartbeat) {
  BodyWriter body;
  body.put(98, "0").put(108, heartbeat);
  if (version_ == "FIX.5.0SP2") body.put(1137, "9");
  admin("A", body.bytes());
}

void Player::connected() {
  up = true;
  on = false;
  asked_ = false;
  in_.clear();
  out.clear();
  if (initiator_) log_on("30");
}

void Player::dropped() {
  up = on = false;
  out.clear();
  in_.clear();
  if (!inbox.empty()) next_in_ = inbox.front().sequence;
  inbox.clear();
}

void Player::put(const std::string& type, std::uint32_t sequence, const std::string& body,
                 bool again, const std::string& header) {
  const std::string now = gateway::fix_timestamp(now_ns_());
  gateway::HeaderValues values;
  values.begin_string = dialect().begin_string;
  values.type = type;
  values.sender = comp_id_.theirs;  // the configuration is the gateway's
  values.target = comp_id_.ours;
  values.sequence = sequence;
  values.sending_time = now;
  values.poss_dup = again;
  values.orig_sending_time = now;
  values.extra = header;
  out += gateway::build_frame(values, body);
  last_sent_ns_ = now_ns_();
}

void Player::admin(const std::string& type, const std::string& body) {
  put(type, next_out_++, body, false);
}

void Player::send(const std::string& type, Fields fields) {
  BodyWriter body;
  std::string header;
  bool again = false;
  bool timed = false;
  for (const auto& [tag, value] : fields) {
    timed = timed || tag == 60;
    if (tag == 43)
      again = value == "Y";
    else if (tag == 97 || dialect().header.contains(tag))
      header += std::to_string(tag) + "=" + value + gateway::soh;
    else if (tag != 122)
      body.put(tag, value);
  }
  const config::MessageRule* rule = dialect().message(type);
  if (!timed && rule != nullptr && rule->body.contains(60))
    body.put(60, gateway::fix_timestamp(now_ns_()));
  if (!gateway::is_admin(type)) said_[next_out_] = {type, body.bytes()};
  put(type, next_out_++, body.bytes(), again, header);
}

void Player::receive(std::string_view bytes) {
  in_.append(bytes);
  while (true) {
    const gateway::Framed framed = gateway::next_frame(in_, 64 * 1024);
    if (framed.outcome == gateway::Framed::Outcome::frame) handle(std::string(framed.frame));
    in_.erase(0, framed.consumed);
    if (framed.outcome == gateway::Framed::Outcome::need_more) return;
  }
}

void Player::handle(std::string_view frame) {
  const gateway::Lenient loose = gateway::parse_lenient(frame, dialect());
  const gateway::Parsed& parsed = loose.parsed;
  const std::string type(parsed.type);
  if (type == "4" && parsed.sequence <= next_in_) {
    next_in_ =
        std::max(next_in_,
                 static_cast<std::uint32_t>(std::stoul(std::string(parsed.get(36).value_or("1")))));
    asked_ = false;
    return;
  }
  if (type == "2")
    resend(static_cast<std::uint32_t>(std::stoul(std::string(parsed.get(7).value_or("1")))),
           static_cast<std::uint32_t>(std::stoul(std::string(parsed.get(16).value_or("0")))));
  if (type == "A" && !on && parsed.sequence < next_in_) {
    admin("5", BodyWriter()
                   .put(58, "MsgSeqNum too low, expecting " + std::to_string(next_in_) +
                                " but received " + std::to_string(parsed.sequence))
                   .bytes());
    return;
  }
  if (type == "A" && !on) {
    on = true;
    if (!initiator_) log_on(parsed.get(108).value_or("30"));
  }
  if (parsed.sequence < next_in_) return;
  if (parsed.sequence > next_in_) {
    if (!asked_) admin("2", BodyWriter().put(7, std::int64_t{next_in_}).put(16, "0").bytes());
    asked_ = true;
    return;
  }
  ++next_in_;
  asked_ = false;
  if (type == "1") admin("0", BodyWriter().put(112, parsed.get(112).value_or("")).bytes());
  if (type == "5") {
    if (on) admin("5", {});
    on = false;
  }
  const bool session_only =
      type == "A" || type == "0" || type == "1" || type == "2" || type == "4" || type == "5";
  if (!session_only) inbox.push_back({parsed.sequence, std::string(frame)});
}

void Player::resend(std::uint32_t from, std::uint32_t to) {
  const std::uint32_t last = to == 0 ? next_out_ - 1 : to;
  std::uint32_t gap = 0;
  const auto fill = [&](std::uint32_t next) {
    if (gap != 0)
      put("4", gap, BodyWriter().put(123, "Y").put(36, std::int64_t{next}).bytes(), true);
    gap = 0;
  };
  for (std::uint32_t sequence = from; sequence <= last; ++sequence) {
    const auto said = said_.find(sequence);
    if (said == said_.end()) {
      if (gap == 0) gap = sequence;
      continue;
    }
    fill(sequence);
    put(said->second.type, sequence, said->second.body, true);
  }
  fill(last + 1);
}

void Player::lose() { out.clear(); }

void Player::keep_alive() {
  if (on && now_ns_() - last_sent_ns_ >= 20'000'000'000) admin("0", {});
}

}  // namespace interlock::scenarios
