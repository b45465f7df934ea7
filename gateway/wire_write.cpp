// Writing: frames around bodies, substitution in place, and what people read.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>

#include "audit/frame.hpp"
#include "gateway/wire.hpp"
#include "gateway/wire_values.hpp"

namespace interlock::gateway {
namespace {

void append_field(std::string& bytes, Tag tag, std::string_view value) {
  fmt::format_to(std::back_inserter(bytes), "{}={}{}", tag, value, soh);
}

// What the fields of the header take at most, beside their values: tags, '=', SOH and numbers.
constexpr std::size_t header_overhead = 96;

}  // namespace

BodyWriter& BodyWriter::put(Tag tag, std::string_view value) {
  append_field(bytes_, tag, value);
  return *this;
}

BodyWriter& BodyWriter::put(Tag tag, std::int64_t value) {
  return put(tag, std::string_view(fmt::format_int(value).c_str()));
}

std::string build_frame(const HeaderValues& header, std::string_view body) {
  std::string head;
  head.reserve(header_overhead + header.type.size() + header.sender.size() + header.target.size() +
               header.sending_time.size() + header.orig_sending_time.size() + header.extra.size());
  append_field(head, 35, header.type);
  append_field(head, 34, fmt::format_int(header.sequence).c_str());
  append_field(head, 49, header.sender);
  append_field(head, 52, header.sending_time);
  append_field(head, 56, header.target);
  if (header.poss_dup) {
    append_field(head, 43, "Y");
    append_field(head, 122, header.orig_sending_time);
  }
  head.append(header.extra);

  std::string frame;
  frame.reserve(header_overhead + head.size() + body.size());
  append_field(frame, 8, header.begin_string);
  append_field(frame, 9, fmt::format_int(head.size() + body.size()).c_str());
  frame.append(head).append(body);
  fmt::format_to(std::back_inserter(frame), "10={:03}{}", checksum(frame), soh);
  return frame;
}

std::string substitute(const Parsed& parsed, std::span<const Substitution> substitutions) {
  const std::string_view body = parsed.body();
  std::string result;
  result.reserve(body.size() + substitutions.size() * 16);
  const std::size_t body_begin = static_cast<std::size_t>(body.data() - parsed.frame.data());
  std::size_t copied = body_begin;
  for (std::size_t i = parsed.header_end; i < parsed.fields.size(); ++i) {
    const FieldView& field = parsed.fields[i];
    if (field.in_group || field.tag == 10) continue;
    const auto found = std::ranges::find(substitutions, field.tag, &Substitution::tag);
    if (found == substitutions.end()) continue;
    const auto value = static_cast<std::size_t>(field.value.data() - parsed.frame.data());
    result.append(parsed.frame.substr(copied, value - copied)).append(found->value);
    copied = value + field.value.size();
  }
  return result.append(body.substr(copied - body_begin));
}

std::string fix_timestamp(std::int64_t utc_ns) {
  using namespace std::chrono;
  const sys_time<nanoseconds> time{nanoseconds{utc_ns}};
  const sys_days day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<milliseconds>(time - day)};
  return fmt::format("{:04}{:02}{:02}-{:02}:{:02}:{:02}.{:03}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::string readable(std::string_view frame) {
  std::string text = audit::mask_secrets(frame);
  for (char& c : text) {
    if (c == soh)
      c = '|';
    else if (c < ' ' || c > '~')
      c = '?';
  }
  return text;
}

}  // namespace interlock::gateway
