#include "cli/counterparty.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace interlock::cli {
namespace {

constexpr int turn_ms = 5;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::int64_t read(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

gateway::LegIdentity identity_of(const Counterparty::Options& options) {
  gateway::LegIdentity identity;
  identity.side =
      options.initiator ? gateway::LegIdentity::Side::venue : gateway::LegIdentity::Side::router;
  identity.id = "simulated " + options.name;
  identity.dialect = std::make_shared<config::Dialect>(config::built_in("FIX.4.4"));
  identity.comp_id = {options.name, "GW"};
  static const config::Session always_open;
  identity.settings = &always_open;
  return identity;
}

}  // namespace

Counterparty::Counterparty(Options options, Hear hear)
    : options_(std::move(options)), hear_(std::move(hear)) {
  auto journal = audit::Journal::open({options_.journal, 4u << 20});
  if (!journal) throw std::runtime_error(journal.error());
  journal_ = std::move(*journal);
  read_clock();
  gateway::LegOwner& owner = *this;
  leg_ = std::make_unique<gateway::Leg>(identity_of(options_), *journal_, clock_, owner);
  open_socket();
  thread_ = std::thread([this] { work(); });
}

Counterparty::~Counterparty() {
  stop_ = true;
  thread_.join();
  if (listener_ >= 0) ::close(listener_);
}

void Counterparty::read_clock() {
  clock_ = {{read(CLOCK_REALTIME)}, read(CLOCK_MONOTONIC)};
  gateway::quickfix::set_clock(clock_.utc.ns);
}

void Counterparty::open_socket() {
  const auto failed = [](const char* what) {
    throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
  };
  if (options_.initiator) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in to = loopback(options_.port);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
      failed("connect");
    return;
  }
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at = loopback(options_.port);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) failed("bind");
  if (::listen(listener_, 1) != 0) failed("listen");
  socklen_t size = sizeof at;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
  port_ = ntohs(at.sin_port);
}

void Counterparty::work() {
  if (options_.initiator) leg_->attach(*this);
  while (!stop_) {
    read_clock();
    turn();
    leg_->tick();
    leg_->flush();
  }
  if (leg_->link() != nullptr) leg_->detach("the demo ends");
}

void Counterparty::turn() {
  pollfd waits{socket_ >= 0 ? socket_ : listener_, POLLIN, 0};
  if (waits.fd >= 0 && ::poll(&waits, 1, turn_ms) > 0) {
    if (socket_ < 0) {
      socket_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket_ >= 0) leg_->attach(*this);
    } else {
      std::array<char, 65536> bytes;
      const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (got > 0) leg_->received({bytes.data(), static_cast<std::size_t>(got)});
      if (got == 0) leg_->detach("the gateway closed");
    }
  }
  std::deque<std::pair<std::string, std::string>> posted;
  {
    const std::lock_guard lock(mutex_);
    if (!leg_->on()) return;
    posted.swap(posted_);
  }
  for (auto& [type, body] : posted) {
    gateway::Outgoing message = leg_->prepare(type, body);
    audit::FieldWriter fields;
    fields.put(audit::Field::out_session, leg_->id());
    fields.put(audit::Field::out_sequence, std::uint64_t{message.sequence});
    fields.put(audit::Field::out_frame, message.frame);
    const auto location = journal_->append(audit::Kind::gateway_message, clock_.utc.ns,
                                           clock_.mono_ns, leg_->id(), fields.bytes());
    if (location) leg_->commit(std::move(message), *location);
  }
}

void Counterparty::send(std::string type, std::string body) {
  const std::lock_guard lock(mutex_);
  posted_.emplace_back(std::move(type), std::move(body));
}

void Counterparty::application(gateway::Leg&, const gateway::Inbound& message) {
  hear_(*this, *message.parsed);
}

std::size_t Counterparty::write(std::string_view bytes) {
  const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : broken;
}

void Counterparty::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

}  // namespace interlock::cli
