#include "gateway/refuse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace interlock::gateway {
namespace {

constexpr std::size_t text_max = 120;
constexpr std::size_t node_max = 32;
constexpr std::string_view none = "NONE";
constexpr std::string_view no_symbol = "[N/A]";  // FIX's own word where an instrument has none

bool is_fix42(AnswerForm form) { return form.version == "FIX.4.2"; }
bool is_fix50(AnswerForm form) { return form.version == "FIX.5.0SP2"; }

std::string printable(std::string_view text) {
  std::string clean(text);
  std::ranges::replace_if(
      clean, [](char c) { return c < ' ' || c > '~'; }, '?');
  return clean;
}

// What every answer to one message shares.
struct Context {
  const Parsed& message;
  const Refusal& refusal;
  AnswerForm form;
  std::string_view exec_id;
  std::string text;
  std::string time;
  [[nodiscard]] std::string_view get(Tag tag, std::string_view missing = none) const {
    return message.get(tag).value_or(missing);
  }
};

void echo(BodyWriter& body, const Context& context, std::span<const Tag> tags) {
  for (const Tag tag : tags)
    if (const auto value = context.message.get(tag)) body.put(tag, *value);
}

// 37 17 [20] 150 39: how an ExecutionReport begins.
BodyWriter report_head(std::string_view order_id, std::string_view exec_id, std::string_view status,
                       AnswerForm form) {
  BodyWriter body;
  body.put(37, order_id.empty() ? none : order_id).put(17, exec_id);
  if (is_fix42(form)) body.put(20, "0");
  body.put(150, status).put(39, status);
  return body;
}

// One order of a cross, or the one order of any other message.
struct Side {
  std::string_view cl_ord_id = none;
  std::string_view orig_cl_ord_id = none;
  std::string_view side = "1";
  std::optional<std::string_view> quantity;
};

std::vector<Side> sides_of(const Parsed& message) {
  std::vector<Side> sides;
  for (const FieldView& field : message.fields) {
    if (!field.in_group) continue;
    if (field.tag == 54) sides.push_back({.side = field.value, .quantity = {}});
    if (sides.empty()) continue;
    if (field.tag == 11) sides.back().cl_ord_id = field.value;
    if (field.tag == 41) sides.back().orig_cl_ord_id = field.value;
    if (field.tag == 38) sides.back().quantity = field.value;
  }
  return sides;
}

Side only_order(const Context& context) {
  return {context.get(11), context.get(41), context.get(54, "1"), context.message.get(38)};
}

Answer execution_report(const Context& context, const Side& order, std::string_view exec_id) {
  BodyWriter body = report_head(none, exec_id, "8", context.form);
  body.put(103, ord_rej_reason(context.refusal.reason, context.form));
  body.put(11, order.cl_ord_id);
  echo(body, context, std::array<Tag, 1>{1});
  body.put(55, context.get(55, no_symbol));
  echo(body, context, std::array<Tag, 2>{48, 22});
  body.put(54, order.side);
  if (order.quantity) body.put(38, *order.quantity);
  echo(body, context, std::array<Tag, 3>{40, 44, 59});
  body.put(151, "0").put(14, "0");
  if (!is_fix50(context.form)) body.put(6, "0");
  body.put(60, context.time).put(58, context.text);
  return {"8", body.bytes()};
}

Answer cancel_reject(const Context& context, const Side& order, char response_to,
                     const std::optional<KnownOrder>& known) {
  const bool has_id = known && !known->venue_order_id.empty();
  const char status = known ? known->status : '8';
  BodyWriter body;
  body.put(37, has_id ? std::string_view(known->venue_order_id) : none).put(11, order.cl_ord_id);
  // 5.0SP2 may name an order by 37 alone, and then has no 41 to say again.
  if (order.orig_cl_ord_id != none || !is_fix50(context.form)) body.put(41, order.orig_cl_ord_id);
  body.put(39, std::string_view(&status, 1));
  echo(body, context, std::array<Tag, 1>{1});
  body.put(60, context.time).put(434, std::string_view(&response_to, 1));
  body.put(102, cxl_rej_reason(context.refusal.reason, context.form)).put(58, context.text);
  return {"9", body.bytes()};
}

std::vector<Answer> side_reports(const Context& context) {
  std::vector<Answer> answers;
  for (const Side& side : sides_of(context.message)) {
    const std::string own_id = answers.empty()
                                   ? std::string(context.exec_id)
                                   : fmt::format("{}-{}", context.exec_id, answers.size() + 1);
    answers.push_back(execution_report(context, side, own_id));
  }
  return answers;
}

std::vector<Answer> side_cancel_rejects(const Context& context, char response_to) {
  std::vector<Answer> answers;
  for (const Side& side : sides_of(context.message))
    answers.push_back(cancel_reject(context, side, response_to, std::nullopt));
  return answers;
}

// 429=1 acknowledges the list, 431=7 rejects it. The orders' group is required, so a ListExecute,
// which names no order, is answered with one order called NONE.
Answer list_status(const Context& context) {
  std::vector<std::string_view> orders;
  for (const FieldView& field : context.message.fields)
    if (field.in_group && field.tag == 11) orders.push_back(field.value);
  if (orders.empty()) orders.push_back(none);
  const auto count = static_cast<std::int64_t>(orders.size());

  BodyWriter body;
  body.put(66, context.get(66)).put(429, "1").put(82, "1").put(431, "7").put(83, "1");
  body.put(444, context.text).put(60, context.time).put(68, count).put(73, count);
  for (const std::string_view order : orders) {
    body.put(11, order).put(14, "0").put(39, "8").put(151, "0").put(84, "0").put(6, "0");
    body.put(103, ord_rej_reason(context.refusal.reason, context.form));
    body.put(58, context.text);
  }
  return {"N", body.bytes()};
}

// QuoteRejectReason (300); nullopt where the version has no word for it.
std::optional<int> quote_reject_reason(const Context& context) {
  const int order = ord_rej_reason(context.refusal.reason, context.form);
  if (order == 1 || order == 3) return order;  // unknown symbol, exceeds limit: the same numbers
  if (is_fix42(context.form)) return std::nullopt;
  return 99;
}

Answer quote_acknowledgement(const Context& context) {
  BodyWriter body;
  echo(body, context, std::array<Tag, 2>{131, 117});
  body.put(297, "5");
  if (const auto reason = quote_reject_reason(context)) body.put(300, *reason);
  body.put(58, context.text);
  return {"b", body.bytes()};
}

// Of 5.0SP2 alone: 4.4 says of a single quote what AI says of it.
Answer quote_reject(const Context& context) {
  BodyWriter body;
  body.put(117, context.get(117));
  echo(body, context, std::array<Tag, 2>{131, 537});
  body.put(1865, "2");
  if (const auto reason = quote_reject_reason(context)) body.put(300, *reason);
  body.put(58, context.text);
  return {"CW", body.bytes()};
}

Answer quote_status(const Context& context) {
  BodyWriter body;
  echo(body, context, std::array<Tag, 1>{131});
  body.put(117, context.get(117));
  echo(body, context, std::array<Tag, 1>{693});
  body.put(55, context.get(55, no_symbol)).put(60, context.time);
  body.put(297, "5").put(58, context.text);
  return {"AI", body.bytes()};
}

// MassCancelRejectReason (532) and MassActionRejectReason (1376): not supported, unknown security,
// other.
std::string_view mass_reject_reason(const Context& context) {
  if (context.refusal.reason == risk::Reason::unsupported) return "0";
  return context.refusal.reason == risk::Reason::unknown_symbol ? "1" : "99";
}

Answer mass_cancel_report(const Context& context) {
  BodyWriter body;
  echo(body, context, std::array<Tag, 1>{11});
  body.put(37, none);
  if (is_fix50(context.form)) body.put(1369, context.exec_id);
  body.put(530, context.get(530, "7")).put(531, "0");
  // 532 is one character in 4.4, so its own 99 for "other" cannot be read by strict engines: there
  // only what has a number of its own says it.
  const std::string_view reason = mass_reject_reason(context);
  if (reason.size() == 1 || is_fix50(context.form)) body.put(532, reason);
  body.put(60, context.time).put(58, context.text);
  return {"r", body.bytes()};
}

Answer mass_action_report(const Context& context) {
  BodyWriter body;
  body.put(11, context.get(11)).put(1369, context.exec_id);
  body.put(1373, context.get(1373, "2")).put(1374, context.get(1374, "7")).put(1375, "0");
  body.put(1376, mass_reject_reason(context));
  body.put(60, context.time).put(58, context.text);
  return {"BZ", body.bytes()};
}

// TradingCapacity (1815) is optional in the request and required in its answer: a customer's, where
// the router does not say.
Answer mass_order_reject(const Context& context) {
  BodyWriter body;
  body.put(2423, context.get(2423)).put(2425, "3").put(2426, "99");
  body.put(1815, context.get(1815, "1"));
  echo(body, context, std::array<Tag, 1>{1});
  body.put(60, context.time).put(58, context.text);
  return {"DK", body.bytes()};
}

Answer business_reject(const Context& context) {
  BodyWriter body;
  if (context.message.sequence > 0) body.put(45, std::int64_t{context.message.sequence});
  body.put(372, context.message.type);
  if (const auto id = context.message.get(11)) body.put(379, *id);
  body.put(380, business_reject_reason(context.refusal.reason)).put(58, context.text);
  return {"j", body.bytes()};
}

std::vector<Answer> answers_to(const Context& context, const std::optional<KnownOrder>& known) {
  const std::string_view type = context.message.type;
  if (type == "D" || type == "AB")
    return {execution_report(context, only_order(context), context.exec_id)};
  if (type == "F") return {cancel_reject(context, only_order(context), '1', known)};
  if (type == "G" || type == "AC") return {cancel_reject(context, only_order(context), '2', known)};
  if (type == "E" || type == "L") return {list_status(context)};
  if (type == "s") return side_reports(context);
  if (type == "t") return side_cancel_rejects(context, '2');
  if (type == "u") return side_cancel_rejects(context, '1');
  if (type == "i" || (type == "S" && is_fix42(context.form)))
    return {quote_acknowledgement(context)};
  if (type == "S" && is_fix50(context.form)) return {quote_reject(context)};
  if (type == "S" || type == "AJ") return {quote_status(context)};
  if (type == "q") return {mass_cancel_report(context)};
  if (type == "CA") return {mass_action_report(context)};
  if (type == "DJ") return {mass_order_reject(context)};
  return {business_reject(context)};
}

// What an ExecutionReport says of an order of ours after its status.
void put_facts(BodyWriter& body, const OrderFacts& order) {
  body.put(11, order.cl_ord_id);
  if (!order.account.empty()) body.put(1, order.account);
  body.put(55, order.symbol).put(54, std::string_view(&order.side, 1));
  body.put(38, order.quantity.text()).put(151, "0").put(14, order.cum.text());
  body.put(6, order.average_price);
}

}  // namespace

std::string refusal_text(const Refusal& refusal) {
  const std::string_view code = risk::code(refusal.reason);
  const std::string end =
      fmt::format(". {} B{}", printable(refusal.node.substr(0, node_max)), refusal.record);
  std::string fact = printable(refusal.fact);
  if (fact.empty()) return fmt::format("{}{}", code, end);
  const std::size_t room = text_max - code.size() - 2 - end.size();
  if (fact.size() > room) fact = fact.substr(0, room - 2) + "..";
  return fmt::format("{}: {}{}", code, fact, end);
}

std::vector<Answer> refuse(const Parsed& message, const Refusal& refusal,
                           const std::optional<KnownOrder>& known, AnswerForm form,
                           std::string_view exec_id, std::int64_t now_ns) {
  return answers_to({message, refusal, form, exec_id, refusal_text(refusal), fix_timestamp(now_ns)},
                    known);
}

Answer order_rejected(const OrderFacts& order, const Refusal& refusal, AnswerForm form,
                      std::string_view exec_id, std::int64_t now_ns) {
  BodyWriter body = report_head(order.order_id, exec_id, "8", form);
  body.put(103, ord_rej_reason(refusal.reason, form));
  put_facts(body, order);
  body.put(60, fix_timestamp(now_ns)).put(58, refusal_text(refusal));
  return {"8", body.bytes()};
}

Answer order_cancelled(const OrderFacts& order, const Refusal& refusal, AnswerForm form,
                       std::string_view exec_id, std::int64_t now_ns) {
  BodyWriter body = report_head(order.order_id, exec_id, "4", form);
  // ExecRestatementReason: 4.2 ends at 5, and 4 is "broker option"; 4.4 has 99 for "other".
  body.put(378, is_fix42(form) ? "4" : "99");
  put_facts(body, order);
  body.put(60, fix_timestamp(now_ns)).put(58, refusal_text(refusal));
  return {"8", body.bytes()};
}

Answer cancel_rejected(const OrderFacts& order, bool replace, const Refusal& refusal,
                       char order_status, AnswerForm form, std::int64_t now_ns) {
  BodyWriter body;
  body.put(37, order.order_id.empty() ? none : std::string_view(order.order_id));
  body.put(11, order.cl_ord_id);
  body.put(41, order.orig_cl_ord_id.empty() ? none : std::string_view(order.orig_cl_ord_id));
  body.put(39, std::string_view(&order_status, 1));
  if (!order.account.empty()) body.put(1, order.account);
  body.put(60, fix_timestamp(now_ns)).put(434, replace ? "2" : "1");
  body.put(102, cxl_rej_reason(refusal.reason, form)).put(58, refusal_text(refusal));
  return {"9", body.bytes()};
}

}  // namespace interlock::gateway
