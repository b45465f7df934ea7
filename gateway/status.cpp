#include "gateway/status.hpp"

#include <algorithm>

namespace interlock::gateway {
namespace {

risk::Quantity leaves_of(const OrderFacts& order, char status) {
  const bool ended = status == '4' || status == '8' || status == 'C';
  return ended || order.cum >= order.quantity ? risk::Quantity{} : order.quantity - order.cum;
}

}  // namespace

Answer order_status(const OrderFacts& order, char status, AnswerForm form,
                    std::string_view exec_id) {
  const bool old = form.version == "FIX.4.2";
  const std::string state(1, status);
  BodyWriter body;
  body.put(37, order.order_id.empty() ? "NONE" : std::string_view{order.order_id})
      .put(11, order.cl_ord_id);
  body.put(17, exec_id);
  if (old) body.put(20, "3");
  body.put(150, old ? std::string_view{state} : std::string_view{"I"}).put(39, state);
  if (!order.account.empty()) body.put(1, order.account);
  body.put(55, order.symbol)
      .put(54, std::string_view{&order.side, 1})
      .put(38, order.quantity.text());
  body.put(151, leaves_of(order, status).text())
      .put(14, order.cum.text())
      .put(6, order.average_price);
  return {"8", body.bytes()};
}

Answer list_status(std::string_view list_id, const std::vector<ListedOrder>& orders) {
  const auto all = [&](std::string_view states) {
    return std::ranges::all_of(
        orders, [&](const ListedOrder& order) { return states.find(order.status) != states.npos; });
  };
  const auto count = static_cast<std::int64_t>(orders.size());
  BodyWriter body;
  body.put(66, list_id).put(429, "2").put(82, "1");
  body.put(431, all("8") ? "7" : all("248C") ? "6" : "3");  // rejected, all done, executing
  body.put(83, "1").put(68, count).put(73, count);
  for (const ListedOrder& order : orders) {
    const risk::Quantity rest = leaves_of(order.facts, order.status);
    const bool cancelled = order.status == '4';
    body.put(11, order.facts.cl_ord_id).put(14, order.facts.cum.text());
    body.put(39, std::string_view{&order.status, 1}).put(151, rest.text());
    body.put(84, cancelled ? (order.facts.quantity - order.facts.cum).text() : "0");
    body.put(6, order.facts.average_price);
  }
  return {"N", body.bytes()};
}

Answer mass_accepted(const Parsed& message, std::size_t affected, AnswerForm form,
                     std::string_view report_id) {
  const bool action = message.type == "CA";
  BodyWriter body;
  body.put(11, message.get(11).value_or("NONE"));
  if (!action) body.put(37, "NONE");
  if (form.version == "FIX.5.0SP2") body.put(1369, report_id);
  if (action) {
    body.put(1373, message.get(1373).value_or("")).put(1374, message.get(1374).value_or(""));
    body.put(1375, "1");
  } else {
    body.put(530, message.get(530).value_or("")).put(531, message.get(530).value_or(""));
  }
  body.put(533, static_cast<std::int64_t>(affected));
  if (const auto symbol = message.get(55)) body.put(55, *symbol);
  return {action ? "BZ" : "r", body.bytes()};
}

}  // namespace interlock::gateway
