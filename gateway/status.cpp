#include "gateway/status.hpp"

namespace interlock::gateway {

Answer order_status(const OrderFacts& order, char status, AnswerForm form,
                    std::string_view exec_id) {
  const bool old = form.version == "FIX.4.2";
  const std::string state(1, status);
  const risk::Quantity leaves =
      status == '4' || status == '8' || status == 'C' || order.cum >= order.quantity
          ? risk::Quantity{}
          : order.quantity - order.cum;
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
  body.put(151, leaves.text()).put(14, order.cum.text()).put(6, order.average_price);
  return {"8", body.bytes()};
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
