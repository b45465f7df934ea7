#include "gateway/gaps.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/refuse.hpp"
#include "risk/books_state.hpp"

namespace interlock::gateway {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;

void Gaps::found(risk::OrderId order, risk::Quantity claimed) {
  const auto before = known_.find(order);
  if (before != known_.end() && before->second >= claimed) return;
  risk::Quantity& open = open_[order];
  open = std::max(open, claimed);
}

void Gaps::trade(const Parsed& capture, risk::VenueId venue) {
  trades_.push_back({venue, std::string(capture.get(17).value_or("")), readable(capture.frame),
                     floor_.clock.utc + wait});
}

void Gaps::look_for_trades() {
  while (!trades_.empty() && floor_.clock.utc >= trades_.front().until) {
    const Trade trade = std::move(trades_.front());
    trades_.pop_front();
    if (is_told(floor_.books.state(), trade.venue, trade.exec_id)) continue;
    const std::string id(floor_.directory.venues.name(trade.venue));
    floor_.alert(id,
                 {Severity::critical,
                  "trade-not-told",
                  {killswitch::ScopeKind::venue, id},
                  "a trade that no ExecutionReport told, and that is not booked: " + trade.text});
  }
}

void Gaps::tick() {
  look_for_trades();
  std::map<risk::VenueId, std::uint32_t> sent;
  for (auto each = open_.begin(); each != open_.end();) {
    const auto& [id, claimed] = *each;
    const risk::Order& order = floor_.books.order(id);
    if (order.cum >= claimed) {  // reports that overtook each other, or a restart's old ones
      each = open_.erase(each);
      continue;
    }
    if (sent[order.venue] >= most_a_tick ||
        !ask(id, fmt::format("{} executed are told, and 14 says more", order.cum.text()))) {
      ++each;
      continue;
    }
    ++sent[order.venue];
    known_[id] = claimed;
    each = open_.erase(each);
  }
}

bool Gaps::ask(risk::OrderId id, std::string_view why) {
  const risk::Order& order = floor_.books.order(id);
  Leg& venue = floor_.venue_of(order);
  if (!venue.on()) return false;
  const OrderInfo& info = floor_.info(id);
  const Named* named = floor_.names.by_router(order.router, order.cl_ord_id);
  const std::string request = std::string(own_prefix) + base36(floor_.journal.next_sequence());
  BodyWriter body;
  if (!info.order_id.empty()) body.put(37, info.order_id);
  body.put(11, named != nullptr ? named->venue_cl_ord_id : order.cl_ord_id);
  const bool has_id = venue.identity().dialect->message("H")->body.contains(790);
  if (has_id) body.put(790, request);
  Outgoing out =
      venue.prepare("H", body.bytes() + std::string(floor_.instruments.name(info.instrument)));
  FieldWriter record;
  record.put(Field::router, floor_.directory.routers.name(order.router));
  record.put(Field::cl_ord_id, order.cl_ord_id);
  record.put(Field::text, why);
  record.put(Field::out_session, venue.id()).put(Field::out_sequence, std::uint64_t{out.sequence});
  record.put(Field::out_frame, out.frame);
  const auto location = floor_.append(Kind::gateway_message, "interlock", record);
  if (!location) return false;
  venue.commit(std::move(out), *location);
  asked_[id] = has_id ? request : std::string{};
  return true;
}

bool Gaps::answers(const Parsed& report, risk::OrderId order) {
  if (const auto request = report.get(790)) {
    if (!request->starts_with(own_prefix)) return false;
    asked_.erase(order);
    return true;
  }
  const auto found = asked_.find(order);
  if (found == asked_.end()) return false;
  asked_.erase(found);
  return true;
}

}  // namespace interlock::gateway
