// The lenient reader, for a venue's facts, and the questions that a read message answers.
#include <algorithm>
#include <utility>

#include "gateway/wire.hpp"
#include "gateway/wire_values.hpp"

namespace interlock::gateway {
namespace {

using config::Dialect;
using config::FieldRule;
using config::FieldType;
using config::MessageRule;

// The tag number in front of the '='; 0 when it is none. 038 is not 38 here either: a fact that
// claims to be about another field is worse than a field that is missing.
Tag tag_number(std::string_view text) {
  if (text.size() > 5 || text.starts_with('0')) return 0;
  return static_cast<Tag>(read_count(text).value_or(0));
}

class LenientReader {
 public:
  LenientReader(std::string_view frame, const Dialect& dialect) : dialect_(dialect) {
    parsed_.frame = frame;
  }

  Parsed read() {
    std::size_t at = 0;
    while (at < parsed_.frame.size()) at = read_field(at);
    describe();
    return std::move(parsed_);
  }

 private:
  // The offset of the next field. What is not tag=value stays in the frame, and is passed over.
  std::size_t read_field(std::size_t at) {
    const std::string_view rest = parsed_.frame.substr(at);
    const std::size_t field_end = std::min(rest.find(soh), rest.size());
    const std::size_t equals = rest.substr(0, field_end).find('=');
    if (equals == std::string_view::npos) return at + field_end + 1;
    const Tag tag = tag_number(rest.substr(0, equals));
    if (tag == 0) return at + field_end + 1;
    const std::size_t end = data_end(tag, rest, equals + 1).value_or(field_end);
    parsed_.fields.push_back(
        {tag, rest.substr(equals + 1, end - equals - 1), static_cast<std::uint32_t>(at), false});
    return at + end + 1;
  }

  // Where a data field ends, if the field before it gives a length that is true.
  std::optional<std::size_t> data_end(Tag tag, std::string_view rest, std::size_t value) const {
    if (parsed_.fields.empty()) return std::nullopt;
    const FieldView& before = parsed_.fields.back();
    const FieldRule* const rule = dialect_.field(before.tag);
    if (rule == nullptr || rule->type != FieldType::length || rule->data != tag)
      return std::nullopt;
    const std::size_t length = read_count(before.value).value_or(0);
    if (length == 0 || length >= rest.size() - value || rest[value + length] != soh)
      return std::nullopt;
    return value + length;
  }

  void describe() {
    auto& fields = parsed_.fields;
    const auto in_header = [this](const FieldView& field) {
      return field.tag == 8 || field.tag == 9 || field.tag == 35 ||
             dialect_.header.contains(field.tag);
    };
    parsed_.header_end =
        static_cast<std::size_t>(std::ranges::find_if_not(fields, in_header) - fields.begin());
    parsed_.type = parsed_.get(35).value_or("");
    parsed_.sequence = read_count(parsed_.get(34).value_or("")).value_or(0);
    parsed_.poss_dup = parsed_.get(43) == "Y";
    parsed_.poss_resend = parsed_.get(97) == "Y";
    const MessageRule* const message = dialect_.message(parsed_.type);
    if (message == nullptr) return;
    for (std::size_t i = parsed_.header_end; i < fields.size(); ++i)
      fields[i].in_group = fields[i].tag != 10 && !message->body.contains(fields[i].tag);
  }

  const Dialect& dialect_;
  Parsed parsed_;
};

}  // namespace

Lenient parse_lenient(std::string_view frame, const Dialect& dialect) {
  auto strict = parse_strict(frame, dialect);
  if (strict) return {std::move(*strict), std::nullopt};
  return parse_leniently(frame, dialect, std::move(strict.error()));
}

Lenient parse_leniently(std::string_view frame, const Dialect& dialect, ParseError trouble) {
  return {LenientReader(frame, dialect).read(), std::move(trouble)};
}

std::optional<std::string_view> Parsed::get(Tag tag) const {
  if (is_indexed) {
    for (std::size_t at = behind_first[tag % behind_first.size()]; at != 0;) {
      const FieldView& field = fields[at - 1];
      if (field.tag == tag) return field.value;
      at = field.behind_next;
    }
    return std::nullopt;
  }
  const auto found = std::ranges::find(fields, tag, &FieldView::tag);
  return found == fields.end() ? std::nullopt : std::optional(found->value);
}

void Parsed::index() {
  static_assert(fields_max < UINT16_MAX);
  behind_first.fill(0);
  for (std::size_t at = fields.size(); at > 0; --at) {
    FieldView& field = fields[at - 1];
    auto& first = behind_first[field.tag % behind_first.size()];
    field.behind_next = std::exchange(first, static_cast<std::uint16_t>(at));
  }
  is_indexed = true;
}

std::string_view Parsed::body() const {
  if (header_end >= fields.size()) return {};
  const std::size_t begin = fields[header_end].offset;
  const std::size_t end = fields.back().tag == 10 ? fields.back().offset : frame.size();
  return frame.substr(begin, end - begin);
}

}  // namespace interlock::gateway
