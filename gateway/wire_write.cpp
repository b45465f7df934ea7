// Writing: frames around bodies, substitution in place, and what people read.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>

#include "gateway/wire.hpp"
#include "gateway/wire_values.hpp"

namespace interlock::gateway {
namespace {

void append_field(std::string& bytes, Tag tag, std::string_view value) {
  fmt::format_to(std::back_inserter(bytes), "{}={}{}", tag, value, soh);
}

// What the fields of the header take at most, beside their values: tags, '=', SOH and numbers.
constexpr std::size_t header_overhead = 96;

// Raw data that may hold SOH; its length is the value of the field before it.
bool is_masked_data(Tag tag, bool logon) {
  return tag == 1402 || tag == 1404 || (logon && tag == 96);
}

bool is_masked(Tag tag, bool logon) {
  return tag == 554 || tag == 925 || is_masked_data(tag, logon);
}

void append_readable(std::string& text, std::string_view value) {
  for (const char c : value) text.push_back(c >= ' ' && c <= '~' ? c : '?');
}

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
  const bool logon = frame.find(
                         "\x01"
                         "35=A\x01") != std::string_view::npos;
  std::string text;
  text.reserve(frame.size());
  std::size_t length_before = 0;
  while (!frame.empty()) {
    std::size_t end = std::min(frame.find(soh), frame.size());
    const std::size_t value = std::min(frame.substr(0, end).find('='), end);
    const Tag tag =
        value <= 5 ? static_cast<Tag>(read_count(frame.substr(0, value)).value_or(0)) : 0;
    const std::size_t data_end = value + 1 + length_before;
    if (is_masked_data(tag, logon) && data_end < frame.size() && frame[data_end] == soh)
      end = std::max(end, data_end);
    if (is_masked(tag, logon)) {
      append_readable(text, frame.substr(0, value));
      text.append("=***");
    } else {
      append_readable(text, frame.substr(0, end));
    }
    length_before =
        value < end ? read_count(frame.substr(value + 1, end - value - 1)).value_or(0) : 0;
    if (end < frame.size()) text.push_back('|');
    frame.remove_prefix(std::min(end + 1, frame.size()));
  }
  return text;
}

}  // namespace interlock::gateway
