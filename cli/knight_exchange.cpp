#include "cli/knight_exchange.hpp"

#include <fmt/format.h>

#include <limits>

namespace interlock::cli::knight {

using gateway::BodyWriter;

Exchange::Exchange(Manners the_manners, Send send, Took took, Executed executed)
    : manners(the_manners),
      send_(std::move(send)),
      took_(std::move(took)),
      executed_(std::move(executed)) {}

void Exchange::hear(const gateway::Parsed& message, std::int64_t now_ns) {
  if (message.type == "F") return cancel(message);
  if (message.type != "D") return;
  const auto value = [&](config::Tag tag) { return std::string(message.get(tag).value_or("")); };
  Order order{value(11), value(55), value(54), value(38), value(44)};
  took_(order.cl_ord_id);
  if (manners.rejects) return report(order, "8", "8", "");
  report(order, "0", "0", "");
  if (manners.fill_after_ns == 0) return execute(order);
  due_.emplace_back(now_ns + manners.fill_after_ns, order.cl_ord_id);
  working_.emplace(order.cl_ord_id, std::move(order));
}

void Exchange::poll(std::int64_t now_ns) {
  while (!due_.empty() && due_.front().first <= now_ns) {
    const auto order = working_.extract(due_.front().second);
    due_.pop_front();
    if (order) execute(order.mapped());  // else it was cancelled
  }
}

std::int64_t Exchange::due_ns() const {
  return due_.empty() ? std::numeric_limits<std::int64_t>::max() : due_.front().first;
}

void Exchange::execute(const Order& order) {
  executed_(order.cl_ord_id, std::stoll(order.quantity));
  report(order, "F", "2", order.quantity);
}

void Exchange::cancel(const gateway::Parsed& message) {
  const std::string own(message.get(11).value_or(""));
  const std::string_view named = message.get(41).value_or("");
  if (const auto found = working_.find(named); found != working_.end()) {
    const Order order = found->second;
    working_.erase(found);
    return report(order, "4", "4", "", own);
  }
  BodyWriter body;  // too late
  body.put(37, "V-" + std::string(named)).put(11, own).put(41, named).put(39, "2");
  body.put(434, "1").put(102, "0");
  send_("9", body.bytes());
}

void Exchange::report(const Order& order, std::string_view kind, std::string_view status,
                      std::string_view last, std::string_view own_cl_ord_id) {
  const bool is_new = kind == "0";
  BodyWriter body;
  body.put(37, "V-" + order.cl_ord_id).put(17, fmt::format("E{}", ++executions_));
  body.put(150, kind).put(39, status);
  body.put(11, own_cl_ord_id.empty() ? std::string_view{order.cl_ord_id} : own_cl_ord_id);
  if (!own_cl_ord_id.empty()) body.put(41, order.cl_ord_id);
  if (kind == "8") body.put(103, "0").put(58, "reject");
  body.put(55, order.symbol).put(54, order.side).put(38, order.quantity);
  if (!last.empty()) body.put(32, last).put(31, order.price);
  body.put(151, is_new ? std::string_view{order.quantity} : std::string_view{"0"});
  body.put(14, last.empty() ? std::string_view{"0"} : last);
  body.put(6, last.empty() ? std::string_view{"0"} : std::string_view{order.price});
  send_("8", body.bytes());
}

}  // namespace interlock::cli::knight
