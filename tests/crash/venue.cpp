#include "crash/venue.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "gateway/wire.hpp"

namespace interlock::crash {
namespace {

constexpr std::int64_t trades_after_ns = 10'000'000;
constexpr std::uint32_t resting_max = 100;  // each has to be named in a re-arm

char status_of(const Venue::Order& order) {
  if (!order.open) return order.cum == order.quantity ? '2' : '4';
  return order.cum == 0 ? '0' : '1';
}

std::int64_t leaves_of(const Venue::Order& order) {
  return order.open ? order.quantity - order.cum : 0;
}

}  // namespace

Venue::Venue(std::vector<std::string>& faults, std::uint64_t seed)
    : End("X", "ACME", faults), random_(seed) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
      ::listen(listener_, 4) != 0) {
    throw std::runtime_error("no port for a venue");
  }
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
  port_ = ntohs(at.sin_port);
}

Venue::~Venue() { ::close(listener_); }

bool Venue::turn() {
  bool moved = pump();
  // What a dead gateway has left in the old connection is read to its end first.
  if (!connected()) {
    if (const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); fd >= 0) {
      adopt(fd);
      moved = true;
    }
  }
  const std::int64_t now = now_ns();
  while (trades_ && !due_.empty() && due_.front().at_ns <= now) {
    const std::size_t order = due_.front().order;
    due_.pop_front();
    if (!orders_[order].open) continue;
    happen(orders_[order]);
    if (orders_[order].open && !orders_[order].rests) {
      due_.push_back({now + trades_after_ns, order});
    }
    moved = true;
  }
  return moved;
}

Ledger Venue::ledger() const {
  Ledger ledger;
  for (const Order& order : orders_) {
    for (Use* use : {&ledger.parents[order.parent], &ledger.accounts[order.account]}) {
      use->cum += order.cum;
      use->net += order.buys ? order.cum : -order.cum;
      use->open += leaves_of(order);
      use->orders += order.open ? 1 : 0;
    }
  }
  return ledger;
}

void Venue::heard(const Message& message) {
  if (message.poss_dup && (message.type == "D" || message.type == "G" || message.type == "E")) {
    return fault("an order was sent again: " + gateway::readable(message.frame));
  }
  if (message.type == "D") return order(message);
  if (message.type == "G") return replace(message);
  if (message.type == "F") return cancel(message);
  if (message.type == "H") return status(message);
  if (message.type == "AF") return mass_status(message);
  fault("nobody asked for this: " + gateway::readable(message.frame));
}

// Every request bears a ClOrdID that was never used; a D and a G, a Text of its own besides.
bool Venue::is_new(const Message& message) {
  ++requests_;
  bool fresh = seen_.emplace(message.value(11)).second;
  const std::string_view text = message.value(58);
  if (message.type != "F" && !text.empty()) fresh = seen_.emplace(text).second && fresh;
  if (!fresh) fault("was here before: " + gateway::readable(message.frame));
  return fresh;
}

Venue::Order* Venue::by_name(std::string_view cl_ord_id) {
  const auto found = named_.find(cl_ord_id);
  return found == named_.end() ? nullptr : &orders_[found->second];
}

void Venue::order(const Message& message) {
  if (!is_new(message)) return;
  ++new_orders_;
  Order order;
  order.cl_ord_id = message.value(11);
  order.account = message.value(1);
  order.parent = message.value(526);
  order.name = message.value(58);
  order.buys = message.value(54) == "1";
  order.quantity = message.number(38);
  order.open = !chance(5);
  named_[order.cl_ord_id] = orders_.size();
  orders_.push_back(std::move(order));
  if (!orders_.back().open) return report(orders_.back(), '8', "103=0\001");
  report(orders_.back(), '0');
  due_.push_back({now_ns() + trades_after_ns, orders_.size() - 1});
}

void Venue::replace(const Message& message) {
  if (!is_new(message)) return;
  Order* order = by_name(message.value(41));
  if (order == nullptr) return reject_change(message, '2', order, "unknown");
  if (!order->open || chance(10)) return reject_change(message, '2', order, "too late");
  const std::string before = order->cl_ord_id;
  order->cl_ord_id = message.value(11);
  order->quantity = std::max(message.number(38), order->cum + 1);
  named_[order->cl_ord_id] = named_.find(before)->second;
  report(*order, '5', fmt::format("41={}\001", before));
}

void Venue::cancel(const Message& message) {
  if (!is_new(message)) return;
  Order* order = by_name(message.value(41));
  if (order == nullptr) return reject_change(message, '1', order, "unknown");
  if (!order->open || chance(10)) return reject_change(message, '1', order, "too late");
  order->open = false;
  resting_ -= order->rests ? 1 : 0;
  report(*order, '4', fmt::format("41={}\001", message.value(41)));
}

void Venue::status(const Message& message) {
  const std::string_view request = message.value(790);
  const std::string more = request.empty() ? "" : fmt::format("790={}\001", request);
  if (const Order* order = by_name(message.value(11))) return report(*order, 'I', more);
  say("8",
      fmt::format("37=NONE\00117=E{}\00111={}\001150=I\00139=8\001103=5\00155=ACME\00154={}\001"
                  "151=0\00114=0\0016=0\00158=unknown order\001{}",
                  ++executions_, message.value(11), message.value(54), more));
}

void Venue::mass_status(const Message& message) {
  const std::string_view request = message.value(584);
  const auto count = std::ranges::count_if(orders_, &Order::open);
  std::int64_t left = count;
  for (const Order& order : orders_) {
    if (!order.open) continue;
    report(order, 'I',
           fmt::format("584={}\001911={}\001912={}\001", request, count, --left == 0 ? 'Y' : 'N'));
  }
  if (count > 0) return;
  say("8", fmt::format("37=NONE\00117=E{}\001150=I\00139=8\00155=ACME\00154=1\001151=0\00114=0\001"
                       "6=0\001584={}\001911=0\001912=Y\001",
                       ++executions_, request));
}

void Venue::report(const Order& order, char what, std::string_view more) {
  const auto number = named_.find(order.cl_ord_id)->second;
  const char status = what == '8' ? '8' : status_of(order);
  say("8", fmt::format(
               "37=V{}\00117=E{}\00111={}\001150={}\00139={}\0011={}\00155=ACME\00154={}\001"
               "38={}\00140=2\00144=10.00\001151={}\00114={}\0016=10.00\00160={}\001{}",
               number, ++executions_, order.cl_ord_id, what, status, order.account,
               order.buys ? 1 : 2, order.quantity, leaves_of(order), order.cum, utc_now(), more));
}

void Venue::reject_change(const Message& message, char to, const Order* order,
                          std::string_view why) {
  const auto number = order == nullptr ? 0 : named_.find(order->cl_ord_id)->second;
  say("9", fmt::format("37={}\00111={}\00141={}\00139={}\001434={}\001102={}\00158={}\001",
                       order == nullptr ? "NONE" : fmt::format("V{}", number), message.value(11),
                       message.value(41), order == nullptr ? '8' : status_of(*order), to,
                       order == nullptr ? 1 : 0, why));
}

// A part is executed, all of it, or the venue cancels it of its own accord; some orders rest.
void Venue::happen(Order& order) {
  if (resting_ < resting_max && chance(3)) {
    order.rests = true;
    ++resting_;
    return;
  }
  if (chance(4)) {
    order.open = false;
    return report(order, '4');
  }
  const std::int64_t leaves = leaves_of(order);
  const std::int64_t last =
      chance(50) ? leaves
                 : 1 + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(leaves));
  order.cum += last;
  order.open = order.cum < order.quantity;
  report(order, 'F', fmt::format("32={}\00131=10.00\001", last));
}

}  // namespace interlock::crash
