#include "gateway/drop_copy.hpp"

#include <algorithm>

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldReader;
using audit::FieldWriter;
using audit::Kind;

constexpr int invalid_msg_type = 11;  // 373

}  // namespace

DropCopies::DropCopies(Floor& floor)
    : floor_(floor), waiting_since_(floor.config.drop_copies.size()) {}

std::optional<DropCopies::Report> DropCopies::report(std::string_view router,
                                                     std::string_view frame,
                                                     const config::Dialect& dialect,
                                                     std::string_view asked) const {
  const Lenient loose = parse_lenient(frame, dialect);
  const Parsed& parsed = loose.parsed;
  if (parsed.type != "8" && parsed.type != "9") return std::nullopt;
  Report found;
  found.router = router;
  found.type = parsed.type;
  found.body = parsed.body();
  const auto account_in = [&](const Parsed& message) {
    return std::string(floor_.config.identities.account(message.get(1).value_or("")));
  };
  found.account = account_in(parsed);
  const risk::OrderId order =
      floor_.books.find(floor_.directory.routers.find(router), parsed.get(11).value_or(""));
  if (found.account.empty() && order.known())
    found.account = floor_.directory.accounts.name(floor_.books.order(order).account);
  if (found.account.empty() && !asked.empty())
    found.account = account_in(parse_lenient(asked, dialect).parsed);
  return found;
}

std::vector<DropCopies::Report> DropCopies::reports_in(Kind kind, const FieldReader& fields) const {
  const bool bears = kind == Kind::router_message || kind == Kind::venue_message ||
                     kind == Kind::gateway_message || kind == Kind::reconciled;
  std::vector<Report> found;
  if (!bears) return found;
  const std::string_view in_frame = fields.text(Field::in_frame).value_or("");
  const auto add = [&](Field session, Field frame) {
    const std::string_view router = fields.text(session).value_or("");
    const risk::RouterId id = floor_.directory.routers.find(router);
    if (!id.known()) return;
    const config::Dialect& dialect = *floor_.config.routers[id.value].dialect;
    const std::string_view asked = kind == Kind::router_message ? in_frame : std::string_view{};
    if (auto one = report(router, fields.text(frame).value_or(""), dialect, asked))
      found.push_back(std::move(*one));
  };
  add(Field::out_session, Field::out_frame);
  add(Field::reply_session, Field::reply_frame);
  if (!found.empty() || kind != Kind::venue_message) return found;
  // It went to no router: for nobody's order, or about a cancel of our own.
  const risk::VenueId venue =
      floor_.directory.venues.find(fields.text(Field::session).value_or(""));
  if (!venue.known()) return found;
  if (auto one = report({}, in_frame, *floor_.config.venues[venue.value].dialect, {}))
    found.push_back(std::move(*one));
  return found;
}

bool DropCopies::wants(const config::DropCopy& settings, const Report& report) {
  if (report.type == "9" && !settings.rejects) return false;
  const auto among = [](const std::vector<std::string>& all, std::string_view one) {
    return all.empty() || std::ranges::find(all, one) != all.end();
  };
  return among(settings.routers, report.router) && among(settings.accounts, report.account);
}

void DropCopies::recorded(Kind kind, const FieldReader& fields, std::uint64_t sequence) {
  if (floor_.drop_copies.empty()) return;
  for (const Report& report : reports_in(kind, fields)) {
    for (const auto& leg : floor_.drop_copies) {
      if (wants(floor_.config.drop_copies[leg->identity().index], report))
        copy(*leg, report, sequence);
    }
  }
}

void DropCopies::copy(Leg& to, const Report& report, std::uint64_t source) {
  BodyWriter on_behalf_of;
  if (!report.router.empty()) on_behalf_of.put(115, report.router);
  Outgoing out = to.prepare(report.type, report.body, on_behalf_of.bytes());
  FieldWriter record;
  record.put(Field::out_session, to.id()).put(Field::out_sequence, std::uint64_t{out.sequence});
  record.put(Field::out_frame, out.frame).put(Field::source_record, source);
  const auto location = floor_.append(Kind::drop_copy, to.id(), record);
  auto& since = waiting_since_[to.identity().index];
  if (!since) since = floor_.clock.utc;
  // As to a router: a fact goes out also when the journal has just failed.
  to.commit(std::move(out), location.value_or(audit::Location{}));
}

void DropCopies::replayed(const audit::Record& record, const FieldReader& fields) {
  if (floor_.drop_copies.empty()) return;
  if (record.kind == Kind::start) {
    uncopied_.clear();  // what an earlier run left was made up for before this record
    same_config_ = fields.text(Field::config_hash) == floor_.config.hash;
    return;
  }
  if (record.kind == Kind::drop_copy) {
    const std::string session(fields.text(Field::out_session).value_or(""));
    copied_to_.insert(session);
    const auto found = uncopied_.find(fields.number(Field::source_record).value_or(0));
    if (found == uncopied_.end()) return;
    found->second.second.erase(session);
    if (found->second.second.empty()) uncopied_.erase(found);
    return;
  }
  std::set<std::string> due;
  for (const Report& report : reports_in(record.kind, fields)) {
    for (const config::DropCopy& settings : floor_.config.drop_copies) {
      if (wants(settings, report)) due.insert(settings.id);
    }
  }
  if (!due.empty()) uncopied_[record.location.sequence] = {record.location, std::move(due)};
}

void DropCopies::catch_up() {
  for (const auto& [sequence, left] : uncopied_) {
    const auto& [location, sessions] = left;
    const audit::Record record = floor_.journal.at(location);
    for (const Report& report : reports_in(record.kind, FieldReader(record.payload))) {
      for (const auto& leg : floor_.drop_copies) {
        if (!sessions.contains(leg->id())) continue;
        // One that is new in the configuration begins with what comes.
        if (!same_config_ && !copied_to_.contains(leg->id())) continue;
        if (wants(floor_.config.drop_copies[leg->identity().index], report))
          copy(*leg, report, sequence);
      }
    }
  }
  uncopied_.clear();
}

void DropCopies::message(Leg& copy, const Inbound& message) {
  FieldWriter record;
  record.put(Field::session, copy.id()).put(Field::in_sequence, std::uint64_t{message.sequence});
  put_in_frame(record, message);
  floor_.append(Kind::session_in, copy.id(), record);
  copy.recorded(message.sequence);
  ParseError error;
  error.reject_reason = invalid_msg_type;
  error.type = message.parsed->type;
  error.sequence = message.sequence;
  error.text = "UNSUPPORTED: nothing is taken on a drop copy";
  copy.reject(error);
}

void DropCopies::tick() {
  for (const auto& leg : floor_.drop_copies) {
    if (leg->on() && leg->out().empty()) waiting_since_[leg->identity().index].reset();
  }
}

risk::Duration DropCopies::lag(const Leg& copy) const {
  const auto& since = waiting_since_[copy.identity().index];
  return since ? floor_.clock.utc - *since : risk::Duration{};
}

}  // namespace interlock::gateway
