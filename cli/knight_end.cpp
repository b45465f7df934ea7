#include "cli/knight_end.hpp"

#include <utility>

#include "cli/command.hpp"

namespace interlock::cli::knight {
namespace {

constexpr std::int64_t heartbeat_ns = 10'000'000'000;
constexpr std::string_view logon_body =
    "98=0\x01"
    "108=30\x01";

}  // namespace

End::End(gateway::Core& core, const config::Dialect& dialect, config::CompIds names, Hear hear)
    : core_(core), dialect_(dialect), names_(std::move(names)), hear_(std::move(hear)) {}

End::~End() {
  if (leg_ != nullptr && leg_->link() == this) leg_->detach("the replay ends");
}

void End::log_on_as_router(std::uint32_t index) {
  const std::int64_t now_ns = core_.floor().clock.utc.ns;
  const std::string logon = frame("A", logon_body, now_ns);
  leg_ = core_.admit({"127.0.0.1", {index}}, logon).value_or(nullptr);
  if (leg_ == nullptr)
    throw Failure(exit_internal, "the Logon of " + names_.theirs + " is refused");
  leg_->attach(*this);
  core_.received(*leg_, logon);
}

void End::connect_as_venue(std::uint32_t index, std::int64_t now_ns) {
  is_venue_ = true;
  last_sent_ns_ = now_ns;
  if (!core_.wants_connection(index))
    throw Failure(exit_internal, names_.theirs + " is not wanted");
  leg_ = core_.floor().venues.at(index).get();
  leg_->attach(*this);
}

void End::send(std::string_view type, std::string_view body, std::int64_t now_ns) {
  if (!is_open_) throw Failure(exit_internal, "the session of " + names_.theirs + " has ended");
  core_.received(*leg_, frame(type, body, now_ns));
}

bool End::read(std::int64_t now_ns) {
  if (inbox_.empty()) return false;
  const std::string bytes = std::exchange(inbox_, {});
  std::string_view rest = bytes;
  while (true) {
    const gateway::Framed framed = gateway::next_frame(rest, gateway::Leg::frame_max);
    if (framed.outcome != gateway::Framed::Outcome::frame) break;
    handle(framed.frame, now_ns);
    rest.remove_prefix(framed.consumed);
  }
  inbox_.insert(0, rest);
  return true;
}

void End::handle(std::string_view frame, std::int64_t now_ns) {
  const gateway::Lenient loose = gateway::parse_lenient(frame, dialect_);
  const gateway::Parsed& message = loose.parsed;
  if (message.type == "A" && is_venue_) return send("A", logon_body, now_ns);
  if (message.type == "1") {
    gateway::BodyWriter body;
    body.put(112, message.get(112).value_or(""));
    return send("0", body.bytes(), now_ns);
  }
  if (!gateway::is_admin(message.type)) hear_(message);
}

void End::keep_alive(std::int64_t now_ns) {
  if (now_ns - last_sent_ns_ >= heartbeat_ns) send("0", "", now_ns);
}

std::size_t End::write(std::string_view bytes) {
  inbox_.append(bytes);
  return bytes.size();
}

std::string End::frame(std::string_view type, std::string_view body, std::int64_t now_ns) {
  last_sent_ns_ = now_ns;
  const std::string now = gateway::fix_timestamp(now_ns);
  return gateway::build_frame({.begin_string = dialect_.begin_string,
                               .type = type,
                               .sender = names_.theirs,
                               .target = names_.ours,
                               .sequence = next_out_++,
                               .sending_time = now},
                              body);
}

}  // namespace interlock::cli::knight
