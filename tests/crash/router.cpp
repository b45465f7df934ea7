#include "crash/router.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/wire.hpp"

namespace interlock::crash {

constexpr std::size_t recent_most = 50;

Router::Router(std::string name, std::string account, std::vector<std::string>& faults,
               std::uint64_t seed)
    : End(std::move(name), "GW", faults), account_(std::move(account)), random_(seed) {}

void Router::connect(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    ::close(fd);
    return;
  }
  adopt(fd);
  log_on();
}

void Router::request() {
  ++requests_;
  ++unanswered_;
  const std::uint64_t dice = random_() % 3;
  while (dice == 0 && !recent_.empty()) {
    const std::string name = std::move(recent_.back());
    recent_.pop_back();
    Order& order = orders_.find(name)->second;
    if (order.open && !order.changing) return change(order, name);
  }
  new_order();
}

void Router::new_order() {
  const std::string name = fmt::format("{}-{}", this->name(), ++count_);
  Order& order = orders_[name];
  order.cl_ord_id = name;
  order.account = account_;
  order.buys = random_() % 2 == 0;
  order.parent = fmt::format("P-{}-{}", this->name(), order.buys ? "buy" : "sell");
  order.quantity = 1 + static_cast<std::int64_t>(random_() % 500);
  say("D", fmt::format("11={}\0011={}\001526={}\00155=ACME\00154={}\00160={}\00138={}\00140=2\001"
                       "44=10.00\00158={}\001",
                       name, order.account, order.parent, order.buys ? 1 : 2, utc_now(),
                       order.quantity, name));
}

void Router::change(Order& order, std::string name) {
  const std::string id = fmt::format("{}-{}", this->name(), ++count_);
  changes_[id] = std::move(name);
  order.changing = true;
  const std::string what =
      fmt::format("11={}\00141={}\0011={}\001526={}\00155=ACME\00154={}\00160={}\001", id,
                  order.cl_ord_id, order.account, order.parent, order.buys ? 1 : 2, utc_now());
  if (random_() % 2 == 0) {
    return say("F", fmt::format("{}38={}\001", what, order.quantity));
  }
  const std::int64_t quantity = order.cum + 1 + static_cast<std::int64_t>(random_() % 500);
  say("G", fmt::format("{}38={}\00140=2\00144=10.00\00158={}\001", what, quantity, id));
}

Router::Order* Router::by_name(std::string_view cl_ord_id) {
  const auto change = changes_.find(cl_ord_id);
  const auto found = orders_.find(change == changes_.end() ? cl_ord_id : change->second);
  return found == orders_.end() ? nullptr : &found->second;
}

void Router::heard(const Message& message) {
  if (message.type == "8") return report(message);
  Order* order = by_name(message.value(11));
  if (message.type != "9" || order == nullptr) {
    return fault("nobody asked for this: " + gateway::readable(message.frame));
  }
  if (order->changing && unanswered_ > 0) --unanswered_;
  order->changing = false;
}

void Router::report(const Message& message) {
  Order* order = by_name(message.value(11));
  if (order == nullptr) return fault("of nobody: " + gateway::readable(message.frame));
  const std::string_view what = message.value(150);
  if (!executions_.emplace(message.value(17), true).second) {
    fault("told twice: " + gateway::readable(message.frame));
  }
  if (what == "I") return;
  if (!std::exchange(order->answered, true) && unanswered_ > 0) --unanswered_;
  const char status = message.value(39).empty() ? '?' : message.value(39)[0];
  if (what == "8") {
    refused_ += message.value(58).empty() ? 0 : 1;  // the venue says no word
    order->open = false;
    return;
  }
  order->cum = std::max(order->cum, message.number(14));
  order->open = status == '0' || status == '1' || status == '5' || status == '6' || status == 'A' ||
                status == 'E';
  if (what == "5") {
    order->cl_ord_id = message.value(11);
    order->quantity = message.number(38);
  }
  const bool ends_change = !message.value(41).empty() && (what == "5" || what == "4");
  if (ends_change && std::exchange(order->changing, false) && unanswered_ > 0) --unanswered_;
  if (order->open && what == "0" && recent_.size() < recent_most) {
    recent_.push_back(std::string(message.value(11)));
  }
}

}  // namespace interlock::crash
