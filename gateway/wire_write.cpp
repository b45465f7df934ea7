// Writing: frames around bodies, substitution in place, and what people read.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include "audit/frame.hpp"
#include "audit/reuse.hpp"
#include "gateway/wire.hpp"
#include "gateway/wire_values.hpp"

namespace interlock::gateway {
namespace {

// Writes into storage that is known to be large enough: a frame's size is known before it is built.
class Pen {
 public:
  explicit Pen(char* at) : at_(at) {}
  // `tag` with its '='.
  void field(std::string_view tag, std::string_view value) {
    bytes(tag);
    bytes(value);
    *at_++ = soh;
  }
  void bytes(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

 private:
  char* at_;
};

std::array<char, 3> three_digits(unsigned number) {  // 0 to 999
  return {static_cast<char>('0' + number / 100), static_cast<char>('0' + number / 10 % 10),
          static_cast<char>('0' + number % 10)};
}

constexpr std::string_view second_form = "YYYYMMDD-HH:MM:SS";

// The calendar of a second is worked out once: messages of one second share it.
std::string_view second_text(std::chrono::sys_seconds second) {
  using namespace std::chrono;
  thread_local constinit sys_seconds known = sys_seconds::min();
  thread_local constinit std::array<char, second_form.size()> text{};
  if (second != known) [[unlikely]] {
    const sys_days day = floor<days>(second);
    const year_month_day date{day};
    const hh_mm_ss clock{second - day};
    fmt::format_to_n(text.data(), text.size(), "{:04}{:02}{:02}-{:02}:{:02}:{:02}",
                     static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
    known = second;
  }
  return {text.data(), text.size()};
}

using Frames = audit::Reuse<std::string, 1'024, 128, 2'048>;  // 2 MiB a thread at most

}  // namespace

// By hand: a format string would cost more than the gate's whole decision.
void append_field(std::string& bytes, Tag tag, std::string_view value) {
  const fmt::format_int digits(tag);
  const std::size_t at = bytes.size();
  bytes.resize(at + digits.size() + 1 + value.size() + 1);
  Pen pen(bytes.data() + at);
  pen.bytes({digits.data(), digits.size()});
  pen.field("=", value);
}

BodyWriter& BodyWriter::put(Tag tag, std::string_view value) {
  append_field(bytes_, tag, value);
  return *this;
}

BodyWriter& BodyWriter::put(Tag tag, std::int64_t value) {
  return put(tag, std::string_view(fmt::format_int(value).c_str()));
}

std::string build_frame(const HeaderValues& header, std::string_view body) {
  constexpr std::size_t around = 4;  // "35=" and SOH
  const fmt::format_int sequence(header.sequence);
  const std::string_view number(sequence.data(), sequence.size());
  std::size_t length = header.extra.size() + body.size();
  for (const std::string_view value :
       {header.type, number, header.sender, header.sending_time, header.target})
    length += around + value.size();
  if (header.poss_dup) length += around + 1 + around + 1 + header.orig_sending_time.size();

  const fmt::format_int digits(length);
  const std::string_view size(digits.data(), digits.size());
  const std::size_t first_two = 3 + header.begin_string.size() + 3 + size.size();
  const std::size_t before_checksum = first_two + length;

  std::string frame = Frames::take(before_checksum + trailer_size);
  frame.resize(before_checksum + trailer_size);
  Pen pen(frame.data());
  pen.field("8=", header.begin_string);
  pen.field("9=", size);
  pen.field("35=", header.type);
  pen.field("34=", number);
  pen.field("49=", header.sender);
  pen.field("52=", header.sending_time);
  pen.field("56=", header.target);
  if (header.poss_dup) {
    pen.field("43=", "Y");
    pen.field("122=", header.orig_sending_time);
  }
  pen.bytes(header.extra);
  pen.bytes(body);
  const auto sum_digits = three_digits(checksum({frame.data(), before_checksum}));
  pen.field("10=", {sum_digits.data(), sum_digits.size()});
  return frame;
}

void give_back(std::string frame) { Frames::give_back(std::move(frame)); }

std::string substitute(const Parsed& parsed, std::span<const Substitution> substitutions) {
  const std::string_view body = parsed.body();
  std::string result = Frames::take(body.size() + substitutions.size() * 16);
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
  result.append(body.substr(copied - body_begin));
  return result;
}

void write_timestamp(std::int64_t utc_ns, std::string& into) {
  using namespace std::chrono;
  const sys_time<nanoseconds> time{nanoseconds{utc_ns}};
  const sys_seconds second = floor<seconds>(time);
  const auto thousandths = static_cast<unsigned>(floor<milliseconds>(time - second).count());
  into.resize(second_form.size() + 4);
  Pen pen(into.data());
  pen.bytes(second_text(second));
  const auto fraction = three_digits(thousandths);
  pen.bytes(".");
  pen.bytes({fraction.data(), fraction.size()});
}

std::string fix_timestamp(std::int64_t utc_ns) {
  std::string text;
  write_timestamp(utc_ns, text);
  return text;
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
