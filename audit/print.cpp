#include "audit/print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>

#include "audit/fields.hpp"
#include "audit/frame.hpp"
#include "killswitch/latch.hpp"
#include "risk/verdict.hpp"

namespace interlock::audit {
namespace {

constexpr char soh = '\x01';

// Bytes of the character at the beginning of `text`; 0 when it is no UTF-8, or a control character.
std::size_t printable(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const auto first = byte(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  for (std::size_t at = 1; at < size; ++at) {
    if ((byte(at) & 0xc0) != 0x80) return 0;
  }
  const auto second = byte(1);
  const bool wrong = (first == 0xc2 && second < 0xa0) ||  // C1 controls
                     (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                     (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return wrong ? 0 : size;
}

// `escape` writes one byte that is not printable.
template <typename Escape>
std::string escaped(std::string_view text, Escape escape) {
  std::string out;
  while (!text.empty()) {
    const auto size = printable(text);
    if (size == 0)
      escape(out, static_cast<unsigned char>(text[0]));
    else
      out += text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

std::string for_json(std::string_view text) {
  std::string quoted;
  for (const char byte : text) {
    if (byte == '"' || byte == '\\') quoted += '\\';
    quoted += byte;
  }
  return '"' +
         escaped(quoted,
                 [](std::string& out, unsigned char byte) {
                   if (byte < 0x80)
                     fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
                   else
                     out += "\xef\xbf\xbd";
                 }) +
         '"';
}

bool is_frame(Field field) {
  return field == Field::in_frame || field == Field::out_frame || field == Field::reply_frame;
}

bool is_number(Field field) {
  switch (field) {
    case Field::in_sequence:
    case Field::out_sequence:
    case Field::reply_sequence:
    case Field::reason:
    case Field::policy_version:
    case Field::anomaly:
    case Field::source:
    case Field::scope_kind:
    case Field::kill_id:
    case Field::next_in:
    case Field::next_out:
    case Field::time:
    case Field::closed_at:
    case Field::level:
    case Field::list_order:
    case Field::alert_id:
    case Field::severity:
    case Field::source_record:
    case Field::waited_record:
    case Field::proposal_id:
    case Field::until:
    case Field::duration:
    case Field::raise_id:
    case Field::refusal:
    case Field::release_id:
    case Field::last_sequence:
    case Field::unsent:
    case Field::dropped:
    case Field::share:
    case Field::residual:
    case Field::line:
      return true;
    default:
      return false;
  }
}

std::optional<std::uint64_t> number_of(const FieldReader::Item& item) {
  if (!is_number(item.field) || item.bytes.size() != sizeof(std::uint64_t)) return std::nullopt;
  std::uint64_t number = 0;
  std::copy_n(item.bytes.data(), sizeof number, reinterpret_cast<char*>(&number));
  return number;
}

// What a number stands for; empty when it is only a number.
std::string meaning(Field field, std::uint64_t number) {
  if (field == Field::time || field == Field::closed_at || field == Field::until) {
    return time_text(static_cast<std::int64_t>(number));
  }
  if (field == Field::reason) {
    const auto code = risk::code(static_cast<risk::Reason>(number));
    return risk::reason_of(code) ? std::string(code) : std::string();
  }
  if (field == Field::level) {
    return std::string(killswitch::name(static_cast<killswitch::Level>(number)));
  }
  if (field == Field::scope_kind) {
    return std::string(killswitch::name(static_cast<killswitch::ScopeKind>(number)));
  }
  return {};
}

std::string text_of_frame(std::string_view frame, const FrameText& words) {
  auto masked = mask_secrets(frame);
  return words ? words(masked) : masked;
}

std::string value_for_json(const FieldReader::Item& item, const FrameText& words) {
  if (is_frame(item.field)) {
    auto frame = text_of_frame(item.bytes, words);
    if (words) std::ranges::replace(frame, soh, '|');  // else a program finds the bytes again
    return for_json(frame);
  }
  const auto number = number_of(item);
  if (!number) return for_json(item.bytes);
  const auto meant = meaning(item.field, *number);
  return meant.empty() ? fmt::format("{}", *number) : for_json(meant);
}

std::string field_for_people(const FieldReader::Item& item, const FrameText& words) {
  const auto value = value_text(item, words);
  switch (item.field) {
    case Field::in_sequence:
      return " | in=" + value;
    case Field::out_sequence:
      return " | out=" + value;
    case Field::reply_sequence:
      return " | reply=" + value;
    case Field::reason:
      return " | " + value;
    case Field::in_frame:
    case Field::out_frame:
    case Field::reply_frame:
    case Field::text:
      return " " + value;
    default:
      return fmt::format(" {}={}", name_text(item.field), value);
  }
}

// Without the brace that ends it.
std::string open_json(const Record& record, const FrameText& words) {
  auto line = fmt::format(R"({{"sequence":{},"time":"{}","mono_ns":{},"kind":"{}","actor":{},)",
                          record.location.sequence, time_text(record.time_ns), record.mono_ns,
                          kind_text(record.kind), for_json(record.actor));
  const auto items = FieldReader(record.payload).items();
  if (!items) return line + R"("problem":"its payload cannot be read")";
  line += R"("fields":[)";
  for (const auto& item : *items) {
    if (&item != items->data()) line += ',';
    line += fmt::format(R"(["{}",{}])", name_text(item.field), value_for_json(item, words));
  }
  return line + "]";
}

std::string json_of(const Subject& subject) {
  std::string object;
  for (const auto& [name, member] : subject_names) {
    if ((subject.*member).empty()) continue;
    object +=
        fmt::format(R"({}"{}":{})", object.empty() ? "" : ",", name, for_json(subject.*member));
  }
  return "{" + object + "}";
}

}  // namespace

std::string for_people(std::string_view text) {
  return escaped(text, [](std::string& out, unsigned char byte) {
    if (byte == soh)
      out += '|';
    else
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
  });
}

std::string time_text(std::int64_t utc_ns) {
  using namespace std::chrono;
  const sys_time<nanoseconds> time{nanoseconds(utc_ns)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::string name_text(Field field) {
  const auto known = name(field);
  return known.empty() ? fmt::format("field_{}", static_cast<unsigned>(field)) : std::string(known);
}

std::string kind_text(Kind kind) {
  const auto known = name(kind);
  return known.empty() ? fmt::format("kind_{}", static_cast<unsigned>(kind)) : std::string(known);
}

std::string value_text(const FieldReader::Item& item, const FrameText& words) {
  if (is_frame(item.field)) return for_people(text_of_frame(item.bytes, words));
  const auto number = number_of(item);
  if (!number) return for_people(item.bytes);
  const auto meant = meaning(item.field, *number);
  return meant.empty() ? fmt::format("{}", *number) : meant;
}

std::string print(const Record& record, const FrameText& words) {
  auto line = fmt::format("B{} {} {} {}", record.location.sequence, time_text(record.time_ns),
                          kind_text(record.kind), for_people(record.actor));
  const auto items = FieldReader(record.payload).items();
  if (!items) return line + " | its payload cannot be read";
  for (const auto& item : *items) line += field_for_people(item, words);
  return line;
}

std::string print_json(const Record& record, const FrameText& words) {
  return open_json(record, words) + "}";
}

std::string print_json(const Record& record, const About& about, const FrameText& words) {
  auto line = open_json(record, words);
  line += fmt::format(R"(,"session":{},"message":{},"subjects":[)", for_json(about.session),
                      for_json(about.message));
  for (const Subject& subject : about.subjects) {
    if (&subject != about.subjects.data()) line += ',';
    line += json_of(subject);
  }
  return line + "]}";
}

}  // namespace interlock::audit
