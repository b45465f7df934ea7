// What must hold for any bytes that reach the gatekeeper. The same body is run by libFuzzer and, on
// mutated frames, by tests/gateway/wire_fuzz_test.cpp. With clang, in the root of the repository:
//   clang++-19 -std=c++23 -O1 -g -fsanitize=fuzzer,address,undefined -I. tests/fuzz/wire_fuzz.cpp
//     gateway/wire*.cpp audit/frame.cpp config/dialect.cpp risk/units.cpp EMBEDDED -lfmt
//     -ltomlplusplus
// where EMBEDDED are the two dialect files that the build generates in embedded/config/dialects/.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "gateway/wire.hpp"
#include "gateway/wire_paths.hpp"

namespace interlock::gateway::fuzz {

void must(bool holds, std::string_view what, std::string_view frame) {
  if (holds) return;
  fmt::print(stderr, "does not hold: {}\n{}\n", what, readable(frame));
  std::abort();
}

bool is_within(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

std::string joined(const Parsed& parsed) {
  std::string text;
  for (const FieldView& field : parsed.fields)
    text.append(std::to_string(field.tag)).append("=").append(field.value).push_back(soh);
  return text;
}

std::string with_frame(std::string_view begin_string, std::string_view inside) {
  std::string text = fmt::format("8={}\x01{}={}\x01{}", begin_string, 9, inside.size(), inside);
  return text + fmt::format("10={:03}\x01", checksum(text));
}

// What passed is forwarded with the gateway's own header: it has to be understood as before.
void check_forwarded(const Parsed& parsed, const config::Dialect& dialect) {
  HeaderValues header;
  header.begin_string = dialect.begin_string;
  header.type = parsed.type;
  header.sender = "GATE";
  header.target = "VENUE";
  header.sequence = 1;
  header.sending_time = "20261121-14:30:00.000";
  must(substitute(parsed, {}) == parsed.body(), "no substitution changes nothing", parsed.frame);
  const Substitution id[] = {{11, "SUBSTITUTED"}};
  const std::string frame = build_frame(header, substitute(parsed, id));
  must(next_frame(frame, frame.size()).frame == frame, "a built frame is a frame", frame);
  const auto again = parse_strict(frame, dialect);
  must(again.has_value(), "what passed passes again behind our header", frame);
  must(again->fields.size() - again->header_end == parsed.fields.size() - parsed.header_end,
       "the same number of body fields", frame);
  for (std::size_t i = parsed.header_end; i + 1 < parsed.fields.size(); ++i) {
    const FieldView& before = parsed.fields[i];
    const FieldView& after = again->fields[again->header_end + i - parsed.header_end];
    const bool replaced = before.tag == 11 && !before.in_group;
    must(after.tag == before.tag && after.in_group == before.in_group &&
             after.value == (replaced ? "SUBSTITUTED" : before.value),
         "the same fields", frame);
  }
}

void check_refused(const ParseError& error, const config::Dialect& dialect,
                   std::string_view frame) {
  must(error.reject_reason >= 0 && error.reject_reason <= 16, "a SessionRejectReason", frame);
  must(dialect.begin_string != "FIX.4.2" || error.reject_reason <= 11, "one of 4.2", frame);
  must(error.text.starts_with("MALFORMED: tag ") && error.text.size() <= 120, "a text", frame);
  must(std::ranges::all_of(error.text, [](char c) { return c >= ' ' && c <= '~'; }),
       "a text of printable ASCII", frame);
  must(!error.type.empty() || error.sequence == 0, "no number without a type", frame);
}

bool is_same(const FieldView& a, const FieldView& b) {
  return a.tag == b.tag && a.value == b.value && a.offset == b.offset && a.in_group == b.in_group;
}

// As a session reads it, which knows the orders of tags that came before: nothing is different.
void check_known(std::string_view frame, const config::Dialect& dialect,
                 const std::expected<Parsed, ParseError>& strict) {
  static std::map<const config::Dialect*, KnownPaths> paths;
  static Parsed parsed;
  const auto read = parse_strict(frame, dialect, parsed, &paths[&dialect]);
  must(read.has_value() == strict.has_value(), "known tags are taken or refused alike", frame);
  if (!read) {
    must(read.error().text == strict.error().text && read.error().tag == strict.error().tag &&
             read.error().reject_reason == strict.error().reject_reason &&
             read.error().sequence == strict.error().sequence,
         "refused for the same", frame);
    return;
  }
  must(std::ranges::equal(parsed.fields, strict->fields, is_same), "the same fields", frame);
  must(parsed.header_end == strict->header_end && parsed.sequence == strict->sequence &&
           parsed.type == strict->type && parsed.poss_dup == strict->poss_dup &&
           parsed.poss_resend == strict->poss_resend,
       "the same message", frame);
}

void check_frame(std::string_view frame, const config::Dialect& dialect) {
  const auto strict = parse_strict(frame, dialect);
  for (int time = 0; time < 2; ++time) check_known(frame, dialect, strict);
  const Lenient lenient = parse_lenient(frame, dialect);
  must(strict.has_value() == !lenient.trouble, "trouble is what strict refuses", frame);
  std::size_t last = 0;
  for (const FieldView& field : lenient.parsed.fields) {
    must(field.tag >= 1 && field.tag <= 99999, "a tag number", frame);
    must(is_within(field.value, frame) && field.offset >= last, "fields in order", frame);
    last = field.offset;
  }
  must(is_within(lenient.parsed.body(), frame), "the body is in the frame", frame);
  if (!strict) return check_refused(strict.error(), dialect, frame);
  must(joined(*strict) == frame, "tags and values joined give the bytes again", frame);
  must(joined(lenient.parsed) == frame, "the lenient reader reads what the strict one took", frame);
  must(strict->sequence > 0 && dialect.message(strict->type) != nullptr, "a message", frame);
  check_forwarded(*strict, dialect);
}

void check_stream(std::string_view stream) {
  constexpr std::size_t frame_max = 4096;
  while (!stream.empty()) {
    const Framed framed = next_frame(stream, frame_max);
    if (framed.outcome == Framed::Outcome::need_more) {
      must(framed.consumed == 0 && stream.size() < frame_max, "a bounded buffer", stream);
      return;
    }
    must(framed.consumed > 0 && framed.consumed <= stream.size(), "reading goes on", stream);
    if (framed.outcome == Framed::Outcome::frame) {
      must(framed.frame == stream.substr(0, framed.consumed), "the frame in front", stream);
      must(framed.frame.size() <= frame_max, "a frame below the cap", stream);
      for (const std::string_view version : config::versions)
        check_frame(framed.frame, config::built_in(version));
    }
    stream.remove_prefix(framed.consumed);
  }
}

}  // namespace interlock::gateway::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace interlock::gateway;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzz::check_stream(bytes);
  const std::string text = readable(bytes);
  fuzz::must(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }),
             "readable text is printable", bytes);
  for (const std::string_view version : interlock::config::versions) {
    const auto& dialect = interlock::config::built_in(version);
    fuzz::check_frame(bytes, dialect);
    // With length and checksum made right, so that the reader behind the framing is reached.
    fuzz::check_frame(fuzz::with_frame(dialect.begin_string, bytes), dialect);
    fuzz::check_stream(fuzz::with_frame(dialect.begin_string, bytes));
  }
  return 0;
}
