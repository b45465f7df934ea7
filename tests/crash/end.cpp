#include "crash/end.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <functional>

#include "gateway/wire.hpp"

namespace interlock::crash {
namespace {

constexpr std::size_t frame_max = 64 * 1024;
constexpr std::int64_t beat_every_ns = 10'000'000'000;

bool is_session(std::string_view type) {
  return type == "A" || (type.size() == 1 && type[0] >= '0' && type[0] <= '5');
}

}  // namespace

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

std::string utc_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return gateway::fix_timestamp(now.tv_sec * 1'000'000'000 + now.tv_nsec);
}

Message::Message(std::string_view whole) : frame(whole) {
  for (std::size_t at = 0; at < frame.size();) {
    const std::size_t equals = frame.find('=', at);
    const std::size_t end = frame.find('\x01', at);
    if (equals == std::string_view::npos || end == std::string_view::npos) break;
    int tag = 0;
    std::from_chars(frame.data() + at, frame.data() + equals, tag);
    fields_.emplace_back(tag, frame.substr(equals + 1, end - equals - 1));
    at = end + 1;
  }
  type = value(35);
  sequence = static_cast<std::uint32_t>(number(34));
  poss_dup = value(43) == "Y";
}

std::string_view Message::value(int tag) const {
  for (const auto& [each, text] : fields_) {
    if (each == tag) return text;
  }
  return {};
}

std::int64_t Message::number(int tag) const {
  const std::string_view text = value(tag);
  std::int64_t read = 0;
  std::from_chars(text.data(), text.data() + text.size(), read);
  return read;
}

std::uint64_t mark_of(std::string_view frame) {
  return std::max<std::uint64_t>(1, std::hash<std::string_view>{}(frame));
}

End::End(std::string ours, std::string theirs, std::vector<std::string>& faults)
    : ours_(std::move(ours)), theirs_(std::move(theirs)), faults_(faults) {}

End::~End() {
  if (socket_ >= 0) ::close(socket_);
}

void End::fault(std::string text) {
  if (faults_.size() < 20) faults_.push_back(ours_ + ": " + std::move(text));
}

void End::adopt(int socket) {
  drop();
  socket_ = socket;
  ++connections_;
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void End::drop() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  on_ = asked_ = false;
  in_.clear();
  out_.clear();
  early_.clear();
  written_ = 0;
}

void End::log_on() {
  answers_logon_ = false;
  say("A", "98=0\001108=30\001");
}

void End::say(std::string_view type, std::string body) {
  const std::uint32_t sequence = next_out();
  const bool session = is_session(type);
  Said said{std::string(type), {}, utc_now()};
  // Nobody is told anything before the logon; a resend brings it.
  if (session ? socket_ >= 0 : on_) put(type, sequence, body, {});
  if (!session) said.body = std::move(body);
  said_.push_back(std::move(said));
}

void End::put(std::string_view type, std::uint32_t sequence, std::string_view body,
              std::string_view first_sent) {
  const std::string time = utc_now();
  out_ += gateway::build_frame({.begin_string = "FIX.4.4",
                                .type = type,
                                .sender = ours_,
                                .target = theirs_,
                                .sequence = sequence,
                                .sending_time = time,
                                .poss_dup = !first_sent.empty(),
                                .orig_sending_time = first_sent},
                               body);
  last_said_ns_ = now_ns();
}

bool End::write() {
  if (socket_ < 0 || waiting() == 0) return false;
  const ssize_t sent =
      ::send(socket_, out_.data() + written_, waiting(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent <= 0) return false;  // an end of the connection is what `read` finds
  written_ += static_cast<std::size_t>(sent);
  if (written_ == out_.size()) {
    out_.clear();
    written_ = 0;
  }
  return true;
}

bool End::read() {
  if (socket_ < 0) return false;
  std::array<char, 256 * 1024> bytes;
  const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
  if (got <= 0) {
    drop();
    return true;
  }
  in_.append(bytes.data(), static_cast<std::size_t>(got));
  std::size_t used = 0;
  while (socket_ >= 0) {
    const auto framed = gateway::next_frame(std::string_view(in_).substr(used), frame_max);
    if (framed.outcome == gateway::Framed::Outcome::need_more) break;
    // An order that a kill caught half out ends in a wrong checksum, and is then dropped.
    if (framed.outcome == gateway::Framed::Outcome::frame) take(framed.frame);
    used += framed.consumed;
  }
  in_.erase(0, std::min(used, in_.size()));
  return true;
}

bool End::pump() {
  if (on_ && now_ns() - last_said_ns_ > beat_every_ns) say("0", {});
  const bool wrote = write();
  return read() || wrote;
}

void End::take(std::string_view frame) {
  const Message message(frame);
  if (message.type == "A" && message.value(141) == "Y") fault("the numbers were reset by 141=Y");
  if (message.type == "A" && !on_) {
    on_ = true;
    if (is_answerer()) say("A", "98=0\001108=30\001");
  }
  if (message.type == "2") {
    resend(static_cast<std::uint32_t>(message.number(7)),
           static_cast<std::uint32_t>(message.number(16)));
  }
  if (message.type == "4" && message.value(123) != "Y") return fault("35=4 that is no gap fill");
  if (message.sequence > next_in_) {
    early_.emplace(message.sequence, frame);
    if (!std::exchange(asked_, true)) say("2", fmt::format("7={}\00116=0\001", next_in_));
    return;
  }
  if (message.sequence < next_in_) {
    if (!message.poss_dup) {
      fault(fmt::format("MsgSeqNum {} is too low, {} is due: {}", message.sequence, next_in_,
                        gateway::readable(frame)));
    }
    return;
  }
  in_turn(message);
  while (!early_.empty() && early_.begin()->first <= next_in_) {
    const std::string next = std::move(early_.extract(early_.begin()).mapped());
    const Message early(next);
    if (early.sequence == next_in_) in_turn(early);
  }
  if (early_.empty()) asked_ = false;
}

void End::in_turn(const Message& message) {
  if (message.type == "4") return jump(message);
  ++next_in_;
  marks_.resize(next_in_ - 1);
  if (message.type == "1") say("0", fmt::format("112={}\001", message.value(112)));
  if (message.type == "3") fault("a session reject: " + gateway::readable(message.frame));
  if (message.type == "5" && on_) {
    say("5", {});
    on_ = false;
  }
  if (is_session(message.type)) return;
  heard_again_ += message.poss_dup ? 1 : 0;
  // What is sent again has another header: only its first transmission is compared.
  if (!message.poss_dup) marks_.back() = mark_of(message.frame);
  heard(message);
}

void End::jump(const Message& message) {
  const auto next = static_cast<std::uint32_t>(message.number(36));
  if (next <= next_in_) return fault(fmt::format("a gap fill from {} to {}", next_in_, next));
  next_in_ = next;
  marks_.resize(next_in_ - 1);
}

void End::resend(std::uint32_t from, std::uint32_t to) {
  if (from == 0 || from >= next_out()) {
    return fault(fmt::format("{} is asked for, {} was never sent", from, from));
  }
  const std::uint32_t last = to == 0 ? next_out() - 1 : std::min(to, next_out() - 1);
  std::uint32_t gap = 0;
  const auto fill = [&](std::uint32_t next) {
    if (gap == 0) return;
    put("4", gap, fmt::format("123=Y\00136={}\001", next), said_[gap - 1].time);
    gap = 0;
  };
  for (std::uint32_t sequence = from; sequence <= last; ++sequence) {
    const Said& said = said_[sequence - 1];
    if (is_session(said.type)) {
      if (gap == 0) gap = sequence;
      continue;
    }
    fill(sequence);
    put(said.type, sequence, said.body, said.time);
  }
  fill(last + 1);
}

}  // namespace interlock::crash
