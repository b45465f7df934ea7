// Frames and fields: the gatekeeper that reads bytes before anything else does, and builds frames.
#pragma once

#include <array>
#include <boost/container/static_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/dialect.hpp"

namespace interlock::gateway {

using config::Tag;
inline constexpr char soh = '\x01';

// One tag=value as it stands in the frame.
struct FieldView {
  Tag tag = 0;
  std::string_view value;
  std::uint32_t offset = 0;  // of the first digit of the tag, in the frame
  bool in_group = false;     // inside a repeating group's entry: never substituted
  // Behind the next field whose tag leaves the same remainder (Parsed::index); 0: there is none.
  std::uint16_t behind_next = 0;
};

// More fields than this in one frame are refused: a list order of a hundred legs has about 2,500.
inline constexpr std::size_t fields_max = 4096;

inline constexpr std::size_t trailer_size = 7;  // "10=nnn|"

// --- framing
// -------------------------------------------------------------------------------------------------

enum class FrameError : std::uint8_t {
  none = 0,
  garbage,     // does not begin with 8=FIX...|9=
  bad_length,  // BodyLength not digits, too long, or 10= is not where it says
  too_long,    // over the frame cap
  bad_checksum,
};
[[nodiscard]] std::string_view name(FrameError error);

struct Framed {
  enum class Outcome : std::uint8_t { need_more, frame, garbled };
  Outcome outcome = Outcome::need_more;
  std::string_view frame;  // the whole frame, 8= to the SOH after 10=
  std::size_t consumed =
      0;  // bytes to drop from the front of the buffer: the frame, or the garbled bytes
  FrameError error = FrameError::none;
};
// Looks at the front of `buffer`. A garbled message (FIX: ignored, not answered) is skipped up to
// the next plausible "8=FIX"; need_more never lets a buffer grow beyond `frame_max`.
[[nodiscard]] Framed next_frame(std::string_view buffer, std::size_t frame_max);

// --- reading
// -------------------------------------------------------------------------------------------------

struct Parsed {
  std::string_view frame;
  std::vector<FieldView> fields;  // all, in order, 8 .. 10
  std::size_t header_end = 0;     // index in `fields` of the first body field
  std::string_view type;          // 35
  std::uint32_t sequence = 0;     // 34
  bool poss_dup = false;          // 43=Y
  bool poss_resend = false;       // 97=Y
  // The first field with that tag, header and body alike; nullopt when absent.
  [[nodiscard]] std::optional<std::string_view> get(Tag tag) const;
  // From here on `get` finds a field, or that there is none, at once; `fields` stay as they are.
  void index();
  // The body's bytes: from the first body field up to "10=".
  [[nodiscard]] std::string_view body() const;

  bool is_indexed = false;
  // Behind the first field with a tag that leaves this remainder; 0: there is none.
  std::array<std::uint16_t, 128> behind_first{};
};

// What a gatekeeper refusal says on the wire: session reject (3) with 371, 372, 373, 58.
struct ParseError {
  int reject_reason = 0;  // 373 SessionRejectReason
  Tag tag = 0;            // 371; 0: none
  std::string text;       // "MALFORMED: tag 038 is not a tag number"
  std::string type;       // 35, as far as it could be read
  std::uint32_t sequence =
      0;                 // 34; 0: could not be read (the frame is then to be treated as garbled)
  bool retired = false;  // a retired tag of the dialect
};

class KnownPaths;  // gateway/wire_paths.hpp

// Strict: tags [1-9][0-9]{0,4}; no tag twice outside a declared group; 8 9 35 first, header before
// body, 10 last; no control characters, no empty value; groups and their counts proved; each value
// in its type's range; nothing undeclared. Joining the parsed tags and values again gives exactly
// the frame's bytes.
[[nodiscard]] std::expected<Parsed, ParseError> parse_strict(std::string_view frame,
                                                             const config::Dialect& dialect);
// The same, into storage that is used again: no allocation once `into` has grown. What `into` holds
// after an error has no meaning. With the `paths` of a session, whose dialect is this one, it goes
// quicker over tags that came in this order before; what it says is the same.
[[nodiscard]] std::expected<void, ParseError> parse_strict(std::string_view frame,
                                                           const config::Dialect& dialect,
                                                           Parsed& into,
                                                           KnownPaths* paths = nullptr);

// For facts from a venue: whatever reads as tag=value, in order, with no rule but the framing.
// Never fails; `trouble` says what a strict reading would have refused.
struct Lenient {
  Parsed parsed;
  std::optional<ParseError> trouble;
};
[[nodiscard]] Lenient parse_lenient(std::string_view frame, const config::Dialect& dialect);
// The same of what the strict reading has refused with `trouble`.
[[nodiscard]] Lenient parse_leniently(std::string_view frame, const config::Dialect& dialect,
                                      ParseError trouble);

// --- writing
// -------------------------------------------------------------------------------------------------

// The gateway's own header for a leg (FIX.md, session rules, 5), in front of body bytes that it did
// not change.
struct HeaderValues {
  std::string_view begin_string{};       // 8
  std::string_view type{};               // 35
  std::string_view sender{};             // 49
  std::string_view target{};             // 56
  std::uint32_t sequence = 0;            // 34
  std::string_view sending_time{};       // 52
  bool poss_dup = false;                 // 43=Y
  std::string_view orig_sending_time{};  // 122, with 43
  std::string_view
      extra{};  // header fields that the route passes, as bytes "50=X|" with SOHs; or empty
};
// 8 9 35 34 49 52 56 [43 122] [extra] body 10, with BodyLength and CheckSum right.
[[nodiscard]] std::string build_frame(const HeaderValues& header, std::string_view body);
// The next frame is built where this one lay: most ask the heap for nothing.
void give_back(std::string frame);
[[nodiscard]] std::uint8_t checksum(std::string_view bytes);

// Body bytes with the values of some body fields replaced, in place and nothing else changed.
struct Substitution {
  Tag tag = 0;
  std::string_view value;
};
using Substitutions = boost::container::static_vector<Substitution, 4>;
[[nodiscard]] std::string substitute(const Parsed& parsed,
                                     std::span<const Substitution> substitutions);

// Appends "tag=value|" to a body under construction.
void append_field(std::string& bytes, Tag tag, std::string_view value);
class BodyWriter {
 public:
  BodyWriter& put(Tag tag, std::string_view value);
  BodyWriter& put(Tag tag, std::int64_t value);
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// UTC timestamp of FIX with milliseconds: YYYYMMDD-HH:MM:SS.sss
[[nodiscard]] std::string fix_timestamp(std::int64_t utc_ns);
// Its nanoseconds since 1970, with up to 9 decimals; nullopt: none of the calendar.
[[nodiscard]] std::optional<std::int64_t> read_timestamp(std::string_view text);
// "8=FIX.4.4|9=..." with | for SOH, for logs and people; 554, 925, 1402, 1404 and Logon's 96
// masked.
[[nodiscard]] std::string readable(std::string_view frame);

}  // namespace interlock::gateway
