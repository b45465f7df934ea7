// The strict reader: one pass over the bytes, with the dialect's grammar in hand.
#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <span>

#include "gateway/eight_bytes.hpp"
#include "gateway/seen_tags.hpp"
#include "gateway/wire.hpp"
#include "gateway/wire_paths.hpp"
#include "gateway/wire_values.hpp"

namespace interlock::gateway {
namespace {

using config::Dialect, config::FieldRule, config::FieldType, config::GroupRule;
using config::MessageRule;

constexpr std::size_t group_members_max = 256;  // that one entry's duplicate check covers
constexpr std::size_t opening_fields = 3;       // 8, 9 and 35

// SessionRejectReason (373); from 12 on FIX 4.4 only.
enum RejectReason : int {
  invalid_tag_number = 0,
  required_tag_missing = 1,
  not_defined_for_message = 2,
  undefined_tag = 3,
  tag_without_value = 4,
  value_is_incorrect = 5,
  incorrect_data_format = 6,
  invalid_message_type = 11,
  tag_appears_twice = 13,
  out_of_order = 14,
  group_out_of_order = 15,
  wrong_group_count = 16,
};

// FIX 4.2 ends at 11: what it cannot say becomes the nearest that it can.
int reason_in(std::string_view begin_string, int reason) {
  if (begin_string != "FIX.4.2" || reason <= invalid_message_type) return reason;
  return reason == wrong_group_count ? value_is_incorrect : not_defined_for_message;
}

// "tag <tag> <clause>". No text of the frame is repeated but the tag's digits.
struct Fault {
  const char* clause = nullptr;
  int reason = 0;
  Tag tag = 0;
  bool retired = false;
};

class StrictReader {
 public:
  StrictReader(std::string_view frame, const Dialect& dialect, Parsed& into, KnownPaths* paths)
      : frame_(frame), dialect_(dialect), parsed_(into), paths_(paths) {
    parsed_.frame = frame;
    parsed_.type = {};
    parsed_.is_indexed = false;
    forget_behind(0);
  }

  bool read() {
    if (!opening()) return false;
    if (!read_known() && !read_new()) return false;
    return push(10, end_, frame_.substr(end_ + 3, 3));
  }

  [[nodiscard]] const Fault& fault() const { return fault_; }
  // The digits where a tag number was expected, for the text.
  [[nodiscard]] std::string tag_text() const {
    std::string text;
    for (std::size_t at = at_; at < end_ && text.size() < 12; ++at) {
      if (frame_[at] < '0' || frame_[at] > '9') break;
      text.push_back(frame_[at]);
    }
    return text.empty() ? "without digits" : text;
  }

 private:
  bool refuse(const Fault& fault) {
    fault_ = fault;
    return false;
  }

  // 8, 9 and 35 in this order, and 10 at the end: what makes it a frame at all.
  bool opening() {
    if (!opens_with(8, "8=") || parsed_.fields.back().value != dialect_.begin_string)
      return refuse({"is not first or not this session's version", value_is_incorrect, 8});
    if (!opens_with(9, "9=")) return refuse({"is not second", out_of_order, 9});
    const std::size_t body = at_;
    if (!opens_with(35, "35=")) return refuse({"is not third", out_of_order, 35});
    if (frame_.size() < at_ + trailer_size) return refuse({"is not last", out_of_order, 10});
    end_ = frame_.size() - trailer_size;
    if (frame_.substr(end_, 3) != "10=" || !read_count(frame_.substr(end_ + 3, 3)) ||
        frame_.back() != soh)
      return refuse({"is not last", out_of_order, 10});
    if (read_count(parsed_.fields[1].value) != end_ - body)
      return refuse({"is not the body's length", value_is_incorrect, 9});

    parsed_.type = parsed_.fields[2].value;
    message_ = dialect_.message(parsed_.type);
    if (message_ == nullptr)
      return refuse({"is no message type of this session", invalid_message_type, 35});
    return true;
  }

  bool opens_with(Tag tag, std::string_view text) {
    if (frame_.substr(at_, text.size()) != text) return false;
    const std::size_t value = at_ + text.size();
    const std::size_t end = frame_.find(soh, value);
    if (end == std::string_view::npos || end == value) return false;
    parsed_.fields.emplace_back(tag, frame_.substr(value, end - value),
                                static_cast<std::uint32_t>(at_), false);
    at_ = end + 1;
    return true;
  }

  bool read_new() {
    for (const Tag tag : {8u, 9u, 35u}) seen_.insert(tag);
    if (!advance() || !header() || !body() || !required()) return false;
    if (paths_ == nullptr || !is_plain_) return true;
    paths_->add(dialect_, *message_, std::span(parsed_.fields).subspan(opening_fields),
                parsed_.header_end - opening_fields);
    return true;
  }

  // A message whose tags come as they came before. False: it is for `read_new`, from its first. The
  // innermost loop of all that is read: what it goes by stays in registers.
  bool read_known() {
    const KnownPaths::Step* step = paths_ == nullptr ? nullptr : paths_->begin(*message_);
    if (step == nullptr) return false;
    const std::string_view frame = frame_;
    const std::size_t end = end_;
    for (std::size_t at = at_; at != end;) {
      step = paths_->next(*step, eight_bytes::at(frame.data() + at));
      if (step == nullptr) return forget_behind(opening_fields);
      const std::size_t begin = at + step->size;
      const std::size_t stop = eight_bytes::first_unprintable(frame, begin);
      if (stop >= end || frame[stop] != soh || stop == begin) return forget_behind(opening_fields);
      const std::string_view value(frame.data() + begin, stop - begin);
      if (check_value(*step->rule, value)) return forget_behind(opening_fields);
      parsed_.fields.emplace_back(step->tag, value, static_cast<std::uint32_t>(at), false);
      if (step->in_header) note_header(step->tag, value);
      at = stop + 1;
    }
    return (step->ends && parsed_.sequence != 0) || forget_behind(opening_fields);
  }

  // What was read behind the first `fields`, which are the opening or none.
  bool forget_behind(std::size_t fields) {
    parsed_.fields.resize(fields);
    parsed_.header_end = 0;
    parsed_.sequence = 0;
    parsed_.poss_dup = parsed_.poss_resend = false;
    return false;
  }

  void note_header(Tag tag, std::string_view value) {
    parsed_.header_end = parsed_.fields.size();
    if (tag == 34) parsed_.sequence = read_count(value).value_or(0);
    if (tag == 43) parsed_.poss_dup = value == "Y";
    if (tag == 97) parsed_.poss_resend = value == "Y";
  }

  bool header() {
    while (tag_ != 0 && dialect_.header.contains(tag_)) {
      note_header(tag_, value_);
      if (!seen_.insert(tag_)) return refuse({"appears twice", tag_appears_twice, tag_});
      if (rule_->type == FieldType::group)
        return refuse({"opens a group in the header", not_defined_for_message, tag_});
      if (!take()) return false;
    }
    for (const Tag tag : {34u, 49u, 52u, 56u})
      if (!seen_.contains(tag)) return refuse({"is missing", required_tag_missing, tag});
    if (parsed_.sequence == 0) return refuse({"is not a sequence number", value_is_incorrect, 34});
    return true;
  }

  bool body() {
    while (tag_ != 0) {
      const Tag tag = tag_;
      if (!seen_.insert(tag)) return refuse({"appears twice", tag_appears_twice, tag});
      if (!message_->body.contains(tag)) {
        if (dialect_.header.contains(tag))
          return refuse({"is a header field in the body", out_of_order, tag});
        return refuse({"is not defined here in this message", not_defined_for_message, tag});
      }
      if (rule_->type != FieldType::group) {
        if (!take()) return false;
        continue;
      }
      const GroupRule* const rule = message_->group(tag);
      if (rule == nullptr)
        return refuse({"opens an undeclared group", not_defined_for_message, tag});
      if (!group(*rule)) return false;
    }
    return true;
  }

  // At the count: reads exactly that many entries.
  bool group(const GroupRule& rule) {
    is_plain_ = false;
    const Tag count_tag = tag_;
    const std::uint32_t count = read_count(value_).value_or(0);
    if (!take()) return false;
    ++depth_;
    for (std::uint32_t entries = 0; entries < count; ++entries) {
      if (tag_ != rule.first) {
        if (std::ranges::find(rule.members, tag_) != rule.members.end())
          return refuse({"is not the first field of its group's entry", group_out_of_order, tag_});
        return refuse({"counts more entries than there are", wrong_group_count, count_tag});
      }
      if (!entry(rule)) return false;
    }
    --depth_;
    if (tag_ == rule.first)
      return refuse({"counts fewer entries than there are", wrong_group_count, count_tag});
    return true;
  }

  // At the entry's first field: reads until a field that is not in this group, or the next entry.
  bool entry(const GroupRule& rule) {
    std::bitset<group_members_max> seen;
    while (tag_ != 0) {
      const auto member = std::ranges::find(rule.members, tag_);
      if (member == rule.members.end()) return true;
      const auto index = static_cast<std::size_t>(member - rule.members.begin());
      if (index >= seen.size())
        return refuse({"is in a group with too many members", not_defined_for_message, tag_});
      if (seen.test(index)) {
        if (tag_ == rule.first) return true;
        return refuse({"appears twice in one group entry", tag_appears_twice, tag_});
      }
      seen.set(index);
      if (rule_->type != FieldType::group) {
        if (!take()) return false;
        continue;
      }
      const GroupRule* const nested = rule.group(tag_);
      if (nested == nullptr)
        return refuse({"opens an undeclared group", not_defined_for_message, tag_});
      if (!group(*nested)) return false;
    }
    return true;
  }

  bool required() {
    for (const Tag tag : message_->required)
      if (!seen_.contains(tag)) return refuse({"is missing", required_tag_missing, tag});
    return true;
  }

  // The parts by themselves: a processor waits at a wide copy of what was just put together.
  bool push(Tag tag, std::size_t offset, std::string_view value) {
    if (parsed_.fields.size() >= fields_max)
      return refuse({"is one field too many", value_is_incorrect, tag});
    parsed_.fields.emplace_back(tag, value, static_cast<std::uint32_t>(offset), false);
    return true;
  }

  // The current field is right where it stands; reads the next one.
  bool take() {
    if (depth_ > 0) parsed_.fields.back().in_group = true;
    return advance();
  }

  // Reads the field at `at_` and checks all that does not depend on its place; tag 0 at the end.
  bool advance() {
    if (rule_ != nullptr && rule_->type == FieldType::length) return advance_to_data();
    const std::size_t offset = at_;
    tag_ = 0;
    if (at_ == end_) return true;
    if (!read_tag()) return false;
    if (rule_->type == FieldType::data) return refuse_pair();
    return read_text() && check() && push(tag_, offset, value_);
  }

  // Behind a length.
  bool advance_to_data() {
    is_plain_ = false;
    const Tag due = rule_->data, length_tag = tag_;
    const std::size_t length = read_count(value_).value_or(0), offset = at_;
    tag_ = 0;
    if (at_ == end_) return refuse({"is not followed by its data", out_of_order, length_tag});
    if (!read_tag()) return false;
    if (rule_->type != FieldType::data || due != tag_) return refuse_pair();
    return read_data(length) && check() && push(tag_, offset, value_);
  }

  bool refuse_pair() { return refuse({"is not a pair of length and data", out_of_order, tag_}); }

  bool check() {
    if (const ValueFault wrong = check_value(*rule_, value_))
      return refuse({wrong.clause, wrong.reject_reason, tag_});
    return true;
  }

  bool read_tag() {
    Tag tag = 0;
    std::size_t at = at_;
    for (; at < end_ && frame_[at] >= '0' && frame_[at] <= '9' && at - at_ < 5; ++at)
      tag = tag * 10 + static_cast<Tag>(frame_[at] - '0');
    if (at == at_ || frame_[at_] == '0' || frame_[at] != '=')
      return refuse({"is not a tag number", invalid_tag_number});
    tag_ = tag;
    if (!dialect_.retired.empty() && dialect_.retired.contains(tag))
      return refuse({"is retired", undefined_tag, tag, true});
    rule_ = dialect_.field(tag);
    if (rule_ == nullptr) return refuse({"is not defined", undefined_tag, tag});
    at_ = at + 1;
    return true;
  }

  bool read_text() {
    const std::size_t end = std::min(eight_bytes::first_unprintable(frame_, at_), end_);
    if (end == end_ || frame_[end] != soh)
      return refuse({"holds a byte that is not printable ASCII", incorrect_data_format, tag_});
    if (end == at_) return refuse({"has no value", tag_without_value, tag_});
    value_ = frame_.substr(at_, end - at_);
    at_ = end + 1;
    return true;
  }

  bool read_data(std::size_t length) {
    if (length >= end_ - at_ || frame_[at_ + length] != soh)
      return refuse({"does not end where its length says", incorrect_data_format, tag_});
    value_ = frame_.substr(at_, length);
    at_ += length + 1;
    return true;
  }

  std::string_view frame_;
  const Dialect& dialect_;
  Parsed& parsed_;
  KnownPaths* paths_;
  std::size_t at_ = 0, end_ = 0;  // of the next field; of "10="
  const MessageRule* message_ = nullptr;
  Tag tag_ = 0;                      // of the current field, the last of `fields`; 0: the end
  std::string_view value_;           // its value
  const FieldRule* rule_ = nullptr;  // its rule
  SeenTags seen_;
  int depth_ = 0;         // of groups
  bool is_plain_ = true;  // neither groups nor data so far
  Fault fault_;
};

// 34 in a frame that was not read to it: the first field that says so.
std::uint32_t sequence_in(std::string_view frame) {
  constexpr std::string_view start =
      "\x01"
      "34=";
  const std::size_t found = frame.find(start);
  if (found == std::string_view::npos) return 0;
  const std::string_view value = frame.substr(found + start.size());
  return read_count(value.substr(0, value.find(soh))).value_or(0);
}

ParseError describe(const StrictReader& reader, const Parsed& parsed, const Dialect& dialect) {
  const Fault& fault = reader.fault();
  ParseError error;
  error.reject_reason = reason_in(dialect.begin_string, fault.reason);
  error.tag = fault.tag;
  error.text =
      fmt::format("MALFORMED: tag {} {}",
                  fault.tag == 0 ? reader.tag_text() : std::to_string(fault.tag), fault.clause);
  error.type = parsed.type;
  // Without 8, 9 and 35 in place it is no message that could be numbered: FIX calls it garbled.
  if (!parsed.type.empty())
    error.sequence = parsed.sequence != 0 ? parsed.sequence : sequence_in(parsed.frame);
  error.retired = fault.retired;
  return error;
}

}  // namespace

std::expected<void, ParseError> parse_strict(std::string_view frame, const Dialect& dialect,
                                             Parsed& into, KnownPaths* paths) {
  StrictReader reader(frame, dialect, into, paths);
  if (!reader.read()) return std::unexpected(describe(reader, into, dialect));
  into.index();
  return {};
}

std::expected<Parsed, ParseError> parse_strict(std::string_view frame, const Dialect& dialect) {
  Parsed parsed;
  if (auto read = parse_strict(frame, dialect, parsed); !read)
    return std::unexpected(std::move(read.error()));
  return parsed;
}

}  // namespace interlock::gateway
