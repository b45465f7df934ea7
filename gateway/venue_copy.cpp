#include "gateway/venue_copy.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/returns.hpp"
#include "risk/fact.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldReader;
using audit::FieldWriter;
using audit::Kind;

// What a record of a copy says, in Field::event.
constexpr std::string_view heard = "heard";
constexpr std::string_view booked = "booked";
constexpr std::string_view different = "different";

bool is_execution(risk::Fact fact) {
  return fact == risk::Fact::filled || fact == risk::Fact::busted || fact == risk::Fact::corrected;
}

}  // namespace

VenueCopies::VenueCopies(Floor& floor, Returns& returns)
    : floor_(floor),
      returns_(returns),
      told_(floor.config.venues.size()),
      differences_by_copy_(floor.config.venue_drop_copies.size()) {}

risk::VenueId VenueCopies::venue_of(std::uint32_t copy) const {
  return floor_.directory.venues.find(floor_.config.venue_drop_copies[copy].venue);
}

void VenueCopies::recorded(Kind kind, const FieldReader& fields) {
  if (kind != Kind::venue_message || floor_.config.venue_drop_copies.empty()) return;
  const risk::VenueId venue =
      floor_.directory.venues.find(fields.text(Field::session).value_or(""));
  if (!venue.known()) return;
  const Lenient loose = parse_lenient(fields.text(Field::in_frame).value_or(""),
                                      *floor_.config.venues[venue.value].dialect);
  if (loose.parsed.type != "8") return;
  const risk::Report report =
      translate_report(loose.parsed, venue, floor_.config, floor_.directory);
  if (!is_execution(report.fact) || report.exec_id.empty()) return;
  told_[venue.value].insert_or_assign(
      report.exec_id, Execution{report.fact, report.last_quantity, report.last_price});
}

void VenueCopies::message(Leg& copy, const Inbound& message) {
  FieldWriter record;
  record.put(Field::session, copy.id()).put(Field::in_sequence, std::uint64_t{message.sequence});
  put_in_frame(record, message);
  record.put(Field::event, heard);
  floor_.append(Kind::venue_copy, copy.id(), record);
  copy.recorded(message.sequence);
  if (message.trouble != nullptr)
    alert(
        copy.identity().index, "undeclared-content",
        fmt::format("undeclared content: {}: {}", message.trouble->text, readable(message.frame)));
  expect(copy.identity().index, message.frame, floor_.clock.utc);
}

void VenueCopies::expect(std::uint32_t copy, std::string_view frame, risk::Time at) {
  const config::VenueDropCopy& settings = floor_.config.venue_drop_copies[copy];
  const Lenient loose = parse_lenient(frame, *settings.dialect);
  if (loose.parsed.type != "8") return;
  const risk::Report report =
      translate_report(loose.parsed, venue_of(copy), floor_.config, floor_.directory);
  if (!is_execution(report.fact)) return;
  Copied copied;
  copied.copy = copy;
  copied.exec_id = report.exec_id;
  copied.execution = {report.fact, report.last_quantity, report.last_price};
  copied.frame = frame;
  copied.until = at + settings.wait;
  waiting_.push_back(std::move(copied));
}

void VenueCopies::replayed(const audit::Record& record, const FieldReader& fields) {
  recorded(record.kind, fields);
  if (record.kind != Kind::venue_copy) return;
  const auto found =
      std::ranges::find(floor_.config.venue_drop_copies, fields.text(Field::session).value_or(""),
                        &config::VenueDropCopy::id);
  if (found == floor_.config.venue_drop_copies.end()) return;
  const auto copy = static_cast<std::uint32_t>(found - floor_.config.venue_drop_copies.begin());
  const std::string_view frame = fields.text(Field::in_frame).value_or("");
  const std::string_view event = fields.text(Field::event).value_or("");
  const risk::Time at{record.time_ns};
  if (event == heard) return expect(copy, frame, at);
  std::erase_if(waiting_,
                [&](const Copied& copied) { return copied.copy == copy && copied.frame == frame; });
  if (event == booked)
    returns_.book(parse_lenient(frame, *found->dialect).parsed, venue_of(copy), at);
}

void VenueCopies::tick() {
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    const ByExecId& told = told_[venue_of(each->copy).value];
    const auto known = told.find(each->exec_id);
    const bool same = known != told.end() && known->second == each->execution;
    if (!same && floor_.clock.utc < each->until) {
      ++each;
      continue;
    }
    const Copied copied = std::move(*each);
    each = waiting_.erase(each);
    if (!same) settle(copied);
  }
}

void VenueCopies::settle(const Copied& copied) {
  const config::VenueDropCopy& settings = floor_.config.venue_drop_copies[copied.copy];
  const risk::VenueId venue = venue_of(copied.copy);
  const ByExecId& told = told_[venue.value];
  if (const auto known = told.find(copied.exec_id); known != told.end()) {
    return differs(
        copied, different,
        fmt::format("execution {}: the copy says {} at {}, the order session {} at {}",
                    copied.exec_id, copied.execution.quantity.text(), copied.execution.price.text(),
                    known->second.quantity.text(), known->second.price.text()));
  }
  differs(
      copied, booked,
      fmt::format("execution {} of {} at {} never came on the order session: booked from the "
                  "copy",
                  copied.exec_id, copied.execution.quantity.text(), copied.execution.price.text()));
  const Lenient loose = parse_lenient(copied.frame, *settings.dialect);
  const Returns::Booked result = returns_.book(loose.parsed, venue, floor_.clock.utc);
  if (result.learned.anomaly == risk::Anomaly::none) return;
  ++floor_.counters.anomalies[std::string(name(result.learned.anomaly))];
  alert(copied.copy, name(result.learned.anomaly),
        fmt::format("{}: {}", name(result.learned.anomaly), readable(copied.frame)));
}

void VenueCopies::alert(std::uint32_t copy, std::string_view kind, std::string text) {
  const config::VenueDropCopy& settings = floor_.config.venue_drop_copies[copy];
  floor_.alert(settings.id, Raised{Severity::critical,
                                   std::string(kind),
                                   {killswitch::ScopeKind::venue, settings.venue},
                                   std::move(text)});
}

void VenueCopies::differs(const Copied& copied, std::string_view event, std::string text) {
  const config::VenueDropCopy& settings = floor_.config.venue_drop_copies[copied.copy];
  FieldWriter record;
  record.put(Field::session, settings.id).put(Field::in_frame, copied.frame);
  record.put(Field::event, event).put(Field::text, text);
  floor_.append(Kind::venue_copy, settings.id, record);
  alert(copied.copy, "drop-copy-differs", std::move(text));
  ++differences_;
  if (++differences_by_copy_[copied.copy] <= settings.max_differences) return;
  floor_.trip({killswitch::ScopeKind::venue, settings.venue}, killswitch::Source::breach,
              settings.id,
              fmt::format("{} differences to its drop copy, limit {}",
                          differences_by_copy_[copied.copy], settings.max_differences),
              killswitch::Level::block);
}

std::optional<risk::Duration> VenueCopies::age(risk::VenueId venue) const {
  std::optional<risk::Duration> oldest;
  for (const auto& copy : floor_.venue_copies) {
    if (venue_of(copy->identity().index) == venue) oldest = std::max(oldest, copy->silent_for());
  }
  return oldest;
}

}  // namespace interlock::gateway
