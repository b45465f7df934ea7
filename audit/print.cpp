#include "audit/print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <optional>

#include "audit/fields.hpp"
#include "killswitch/latch.hpp"
#include "risk/verdict.hpp"

namespace interlock::audit {
namespace {

constexpr char soh = '\x01';

std::string utc(std::int64_t time_ns) {
  using namespace std::chrono;
  const sys_time<nanoseconds> time{nanoseconds(time_ns)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

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

std::string for_people(std::string_view text) {
  return escaped(text, [](std::string& out, unsigned char byte) {
    if (byte == soh)
      out += '|';
    else
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
  });
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
    return utc(static_cast<std::int64_t>(number));
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

std::string field_name(Field field) {
  const auto known = name(field);
  return known.empty() ? fmt::format("field_{}", static_cast<unsigned>(field)) : std::string(known);
}

std::string kind_name(Kind kind) {
  const auto known = name(kind);
  return known.empty() ? fmt::format("kind_{}", static_cast<unsigned>(kind)) : std::string(known);
}

std::string value_for_people(const FieldReader::Item& item) {
  if (is_frame(item.field)) return for_people(mask_secrets(item.bytes));
  const auto number = number_of(item);
  if (!number) return for_people(item.bytes);
  const auto words = meaning(item.field, *number);
  return words.empty() ? fmt::format("{}", *number) : words;
}

std::string value_for_json(const FieldReader::Item& item) {
  if (is_frame(item.field)) return for_json(mask_secrets(item.bytes));
  const auto number = number_of(item);
  if (!number) return for_json(item.bytes);
  const auto words = meaning(item.field, *number);
  return words.empty() ? fmt::format("{}", *number) : for_json(words);
}

std::string field_for_people(const FieldReader::Item& item) {
  const auto value = value_for_people(item);
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
      return fmt::format(" {}={}", field_name(item.field), value);
  }
}

// The fields of a frame one after the other. A data field may hold SOH: its length stands in the
// field before it.
class FrameFields {
 public:
  explicit FrameFields(std::string_view frame) : rest_(frame) {}
  struct Item {
    unsigned tag = 0;
    std::string_view name;   // "554="
    std::string_view value;  // without the SOH
    bool ended = false;      // by an SOH
  };
  std::optional<Item> next() {
    if (rest_.empty()) return std::nullopt;
    Item item;
    const auto equals = std::min(rest_.find('='), rest_.find(soh));
    const auto value_at = equals < rest_.size() && rest_[equals] == '=' ? equals + 1 : 0;
    item.name = rest_.substr(0, value_at);
    item.tag = as_number(item.name.substr(0, value_at == 0 ? 0 : value_at - 1));
    rest_.remove_prefix(value_at);
    const auto least = is_data(item.tag) ? std::min<std::size_t>(length_, rest_.size()) : 0;
    const auto end = std::min(rest_.find(soh, least), rest_.size());
    item.value = rest_.substr(0, end);
    item.ended = end < rest_.size();
    rest_.remove_prefix(end + (item.ended ? 1 : 0));
    length_ = is_length(item.tag) ? as_number(item.value) : 0;
    return item;
  }

 private:
  static bool is_data(unsigned tag) { return tag == 96 || tag == 1402 || tag == 1404; }
  static bool is_length(unsigned tag) { return tag == 95 || tag == 1401 || tag == 1403; }
  static unsigned as_number(std::string_view digits) {
    unsigned number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
  }

  std::string_view rest_;
  std::size_t length_ = 0;
};

bool is_logon(std::string_view frame) {
  FrameFields fields(frame);
  while (const auto item = fields.next()) {
    if (item->tag == 35) return item->value == "A";
  }
  return false;
}

}  // namespace

std::string mask_secrets(std::string_view frame) {
  const bool logon = is_logon(frame);
  std::string out;
  FrameFields fields(frame);
  while (const auto item = fields.next()) {
    const bool secret = item->tag == 554 || item->tag == 925 || item->tag == 1402 ||
                        item->tag == 1404 || (logon && item->tag == 96);
    out += item->name;
    out += secret ? "***" : item->value;
    if (item->ended) out += soh;
  }
  return out;
}

std::string print(const Record& record) {
  auto line = fmt::format("B{} {} {} {}", record.location.sequence, utc(record.time_ns),
                          kind_name(record.kind), for_people(record.actor));
  const auto items = FieldReader(record.payload).items();
  if (!items) return line + " | its payload cannot be read";
  for (const auto& item : *items) line += field_for_people(item);
  return line;
}

std::string print_json(const Record& record) {
  auto line = fmt::format(R"({{"sequence":{},"time":"{}","mono_ns":{},"kind":"{}","actor":{},)",
                          record.location.sequence, utc(record.time_ns), record.mono_ns,
                          kind_name(record.kind), for_json(record.actor));
  const auto items = FieldReader(record.payload).items();
  if (!items) return line + R"("problem":"its payload cannot be read"})";
  line += R"("fields":[)";
  for (const auto& item : *items) {
    if (&item != items->data()) line += ',';
    line += fmt::format(R"(["{}",{}])", field_name(item.field), value_for_json(item));
  }
  return line + "]}";
}

}  // namespace interlock::audit
