#include "audit/query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "audit/fields.hpp"
#include "audit/reader.hpp"

namespace interlock::audit {
namespace {

using namespace std::chrono;

// Reads numbers of fixed width and the characters between them, from the front.
class Digits {
 public:
  explicit Digits(std::string_view text) : rest_(text) {}
  [[nodiscard]] bool is(char mark) {
    if (!rest_.starts_with(mark)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] std::optional<int> number(std::size_t width) {
    int value = 0;
    const auto* const end = rest_.data() + std::min(width, rest_.size());
    const auto read = std::from_chars(rest_.data(), end, value);
    const bool whole = rest_.size() >= width && read.ptr == end && read.ec == std::errc() &&
                       !rest_.starts_with('-');
    if (!whole) return std::nullopt;
    rest_.remove_prefix(width);
    return value;
  }
  // Behind a decimal point.
  [[nodiscard]] std::optional<nanoseconds> fraction() {
    std::int64_t value = 0;
    std::size_t count = 0;
    for (; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; rest_.remove_prefix(1), ++count)
      if (count < 9) value = value * 10 + (rest_[0] - '0');
    if (count == 0) return std::nullopt;
    for (; count < 9; ++count) value *= 10;
    return nanoseconds(value);
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<sys_days> date_of(Digits& digits) {
  const auto years = digits.number(4);
  if (!years || !digits.is('-')) return std::nullopt;
  const auto months = digits.number(2);
  if (!months || !digits.is('-')) return std::nullopt;
  const auto day_of_month = digits.number(2);
  if (!day_of_month || *years < 1970 || *years > 2261) return std::nullopt;
  const year_month_day date(year(*years), month(static_cast<unsigned>(*months)),
                            day(static_cast<unsigned>(*day_of_month)));
  return date.ok() ? std::optional(sys_days(date)) : std::nullopt;
}

// hh:mm[:ss[.fraction]] and Z or an offset.
std::optional<nanoseconds> time_of(Digits& digits) {
  const auto hour = digits.number(2);
  if (!hour || *hour > 23 || !digits.is(':')) return std::nullopt;
  const auto minute = digits.number(2);
  if (!minute || *minute > 59) return std::nullopt;
  nanoseconds time = hours(*hour) + minutes(*minute);
  if (digits.is(':')) {
    const auto second = digits.number(2);
    if (!second || *second > 60) return std::nullopt;
    time += seconds(*second);
    if (digits.is('.')) {
      const auto part = digits.fraction();
      if (!part) return std::nullopt;
      time += *part;
    }
  }
  if (digits.is('Z') || digits.is('z')) return time;
  const bool behind = digits.is('-');
  if (!behind && !digits.is('+')) return std::nullopt;
  const auto zone_hour = digits.number(2);
  if (!zone_hour || *zone_hour > 23 || !digits.is(':')) return std::nullopt;
  const auto zone_minute = digits.number(2);
  if (!zone_minute || *zone_minute > 59) return std::nullopt;
  const nanoseconds zone = hours(*zone_hour) + minutes(*zone_minute);
  return behind ? time + zone : time - zone;
}

std::optional<std::int64_t> moment(std::string_view text, bool last_of_day) {
  Digits digits(text);
  const auto date = date_of(digits);
  if (!date) return std::nullopt;
  const nanoseconds midnight = date->time_since_epoch();
  if (digits.at_end()) {
    return (last_of_day ? midnight + days(1) - nanoseconds(1) : midnight).count();
  }
  if (!digits.is('T') && !digits.is('t') && !digits.is(' ')) return std::nullopt;
  const auto time = time_of(digits);
  if (!time || !digits.at_end()) return std::nullopt;
  return (midnight + *time).count();
}

std::expected<void, std::string> set(std::string_view text, bool last_of_day, std::int64_t& ns,
                                     std::uint64_t& sequence) {
  if (const auto number = record_number(text)) {
    sequence = *number;
    return {};
  }
  const auto time = moment(text, last_of_day);
  if (!time) {
    return std::unexpected(
        fmt::format("'{}' is no record (B204889), date (2026-11-26), or time with its zone "
                    "(2026-11-26T09:30:00Z)",
                    text));
  }
  ns = *time;
  return {};
}

// "ann", and "bob" of "ann and bob".
bool names_person(std::string_view people, std::string_view person) {
  constexpr std::string_view between = " and ";
  while (true) {
    const auto end = people.find(between);
    if (people.substr(0, end) == person) return true;
    if (end == std::string_view::npos) return false;
    people.remove_prefix(end + between.size());
  }
}

bool is_reason(const Record& record, risk::Reason reason) {
  const FieldReader fields(record.payload);
  if (const auto number = fields.number(Field::reason))
    return *number == static_cast<std::uint64_t>(reason);
  const auto code = risk::code(reason);
  if (fields.text(Field::alert_kind) == code) return true;
  // A kill's cause, and the alert of it, begin with the code that tripped it.
  if (record.kind != Kind::kill && record.kind != Kind::alert) return false;
  auto text = fields.text(Field::text).value_or("");
  const auto level = text.find(": ");
  if (record.kind == Kind::alert && level != std::string_view::npos) text.remove_prefix(level + 2);
  return text.starts_with(code) && text.substr(code.size()).starts_with(':');
}

}  // namespace

std::optional<std::uint64_t> record_number(std::string_view text) {
  if (text.starts_with('B') || text.starts_with('b')) text.remove_prefix(1);
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

std::optional<Kind> kind_of(std::string_view name) {
  for (std::uint16_t number = 1; number < 256; ++number) {
    const auto kind = static_cast<Kind>(number);
    if (!name.empty() && audit::name(kind) == name) return kind;
  }
  return std::nullopt;
}

std::expected<void, std::string> set_from(Filter& filter, std::string_view text) {
  return set(text, false, filter.from_ns, filter.from_sequence);
}

std::expected<void, std::string> set_to(Filter& filter, std::string_view text) {
  return set(text, true, filter.to_ns, filter.to_sequence);
}

bool Question::names_id(const Subject& subject) const {
  const std::string_view id = filter_.cl_ord_id;
  return subject.cl_ord_id == id || subject.orig_cl_ord_id == id || subject.venue_cl_ord_id == id;
}

void Question::learn(const Record&, const About& about) {
  if (!has_chain()) return;
  for (const Subject& subject : about.subjects) {
    if (names_id(subject) && !subject.first_cl_ord_id.empty())
      chains_.emplace(subject.router, subject.first_cl_ord_id);
  }
}

bool Question::wants(const About& about, const Subject& subject) const {
  const auto fits = [](const std::string& wanted, std::string_view is) {
    return wanted.empty() || wanted == is;
  };
  if (!fits(filter_.router, subject.router) && filter_.router != about.session) return false;
  if (!fits(filter_.account, subject.account) || !fits(filter_.parent, subject.parent))
    return false;
  return !has_chain() || names_id(subject) ||
         chains_.contains(
             std::pair<std::string, std::string>(subject.router, subject.first_cl_ord_id));
}

bool Question::wants(const Record& record, const About& about) const {
  const auto sequence = record.location.sequence;
  if (sequence < filter_.from_sequence || sequence > filter_.to_sequence) return false;
  if (record.time_ns < filter_.from_ns || record.time_ns > filter_.to_ns) return false;
  if (filter_.kind && record.kind != *filter_.kind) return false;
  if (filter_.reason && !is_reason(record, *filter_.reason)) return false;
  if (!filter_.person.empty()) {
    const auto people = FieldReader(record.payload).text(Field::actor).value_or("");
    if (!names_person(record.actor, filter_.person) && !names_person(people, filter_.person))
      return false;
  }
  return std::ranges::any_of(about.subjects,
                             [&](const Subject& subject) { return wants(about, subject); });
}

std::expected<void, std::string> query(const std::filesystem::path& directory, const Filter& filter,
                                       const EachAbout& each) {
  Question question(filter);
  if (question.has_chain()) {
    Orders orders;
    const auto learned = read(directory, [&](const Record& record) {
      question.learn(record, orders.take(record));
      return true;
    });
    if (!learned) return learned;
  }
  Orders orders;
  return read(directory, [&](const Record& record) {
    const About about = orders.take(record);
    if (record.location.sequence > filter.to_sequence) return false;
    return !question.wants(record, about) || each(record, about);
  });
}

}  // namespace interlock::audit
