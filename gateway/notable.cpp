#include "gateway/notable.hpp"

#include <fmt/format.h>

#include "audit/print.hpp"
#include "killswitch/latch.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldReader;
using audit::Kind;

constexpr std::size_t records_kept = 50;
constexpr std::size_t text_max = 200;

bool is_notable(Kind kind) {
  switch (kind) {
    case Kind::start:
    case Kind::stop:
    case Kind::armed:
    case Kind::kill:
    case Kind::rearm:
    case Kind::parent:
    case Kind::sequence:
    case Kind::link:
    case Kind::alert:
    case Kind::purge:
    case Kind::day:
    case Kind::acknowledgement:
    case Kind::proposal:
    case Kind::reload:
    case Kind::raise:
    case Kind::raise_ended:
    case Kind::parent_change:
    case Kind::cut:
    case Kind::release:
    case Kind::button:
    case Kind::drill:
    case Kind::statement:
    case Kind::signing:
      return true;
    default:  // each order, each report, and what comes by the clock
      return false;
  }
}

void add(std::string& words, std::string_view more) {
  if (more.empty()) return;
  if (!words.empty()) words += ' ';
  words += more;
}

std::string words_of(Kind kind, const FieldReader& fields) {
  std::string words;
  if (kind == Kind::kill)
    add(words, name(static_cast<killswitch::Level>(fields.number(Field::level).value_or(0))));
  if (kind == Kind::alert) add(words, fields.text(Field::alert_kind).value_or(""));
  const auto scope = fields.text(Field::scope_id).value_or("");
  if (!scope.empty()) add(words, fields.text(Field::scope_kind).value_or(""));
  add(words, scope.empty() && (kind == Kind::kill || kind == Kind::rearm) ? "everything" : scope);
  for (const Field each : {Field::parent, Field::button, Field::session, Field::key, Field::event})
    add(words, fields.text(each).value_or(""));
  if (kind == Kind::parent) {
    add(words, fields.text(Field::quantity).value_or(""));
    add(words, fields.text(Field::symbol).value_or(""));
  }
  const auto fact = fields.text(Field::text).value_or("");
  if (!fact.empty() && !words.empty()) words += ": ";
  words += fact;
  if (words.size() > text_max) words = words.substr(0, text_max - 3) + "...";
  return audit::for_people(words);
}

}  // namespace

void note_record(std::deque<RecordView>& records, Kind kind, std::uint64_t sequence,
                 std::int64_t time_ns, std::string_view actor, const audit::FieldWriter& fields) {
  if (!is_notable(kind)) return;
  const FieldReader reader(fields.bytes());
  const std::string_view person = reader.text(Field::actor).value_or("");
  records.push_front({sequence, time_ns, audit::kind_text(kind),
                      std::string(person.empty() ? actor : person), words_of(kind, reader)});
  if (records.size() > records_kept) records.pop_back();
}

}  // namespace interlock::gateway
