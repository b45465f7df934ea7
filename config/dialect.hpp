// A dialect: which message types, tags, values and groups a FIX session may use. Everything else is
// refused.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/tags.hpp"

namespace interlock::config {

enum class FieldType : std::uint8_t {
  string,     // printable, no control characters
  character,  // one character
  integer,    // [-]digits, 64 bit
  sequence,   // digits, 1..2^31-1 (SeqNum, Length, NumInGroup are positive)
  quantity,   // decimal that fits risk::Quantity
  price,      // decimal that fits risk::Price (also PriceOffset, Amt, Percentage, float)
  decimal,    // of any precision: a venue's averages, passed on and never counted
  boolean,    // Y or N
  timestamp,  // UTCTimestamp YYYYMMDD-HH:MM:SS[.sss[sss[sss]]]
  date,       // YYYYMMDD (UTCDateOnly, LocalMktDate)
  time,       // HH:MM:SS[.sss] (UTCTimeOnly)
  month_year,
  multiple,  // space-separated single values
  length,    // of the data field that follows: the length is proved
  data,
  group,  // NumInGroup: opens a repeating group
};

// The values that a field may have; none: any of its type.
class Values {
 public:
  void allow(std::string value);
  [[nodiscard]] bool allows(std::string_view value) const {
    if (all_.empty()) return true;
    if (value.size() != 1) return has_text(value);
    const auto character = static_cast<unsigned char>(value[0]);
    return character < 128 && (characters_[character / 64] >> character % 64 & 1) != 0;
  }
  [[nodiscard]] const std::vector<std::string>& all() const { return all_; }

 private:
  [[nodiscard]] bool has_text(std::string_view value) const;

  std::array<std::uint64_t, 2> characters_{};  // those of one character
  std::vector<std::string> all_;
};

struct FieldRule {
  FieldType type = FieldType::string;
  std::uint16_t bytes_max = 256;
  Values values;  // `multiple` checks each
  Tag data = 0;   // for length: the tag of its data field
};

struct GroupRule {
  Tag count = 0;                  // the NumInGroup tag
  Tag first = 0;                  // delimiter: first tag of each entry
  std::vector<Tag> members;       // includes `first` and counts of nested groups
  std::vector<GroupRule> groups;  // nested
  [[nodiscard]] bool has(Tag tag) const;
  [[nodiscard]] const GroupRule* group(Tag count) const;
};

struct MessageRule {
  std::string type;  // 35
  std::string name;  // "NewOrderSingle"
  bool admin = false;
  bool from_router = false;  // which direction may send it
  bool from_venue = false;
  TagSet body;                // tags outside groups, counts of groups included
  std::vector<Tag> required;  // body tags that must be there
  std::vector<GroupRule> groups;
  [[nodiscard]] const GroupRule* group(Tag count) const;
};

// By type; most are of one character.
class MessageTable {
 public:
  // False: it has that type.
  bool add(MessageRule rule);
  [[nodiscard]] const MessageRule* find(std::string_view type) const {
    if (type.size() != 1) return find_long(type);
    const auto character = static_cast<unsigned char>(type[0]);
    const std::size_t behind = character < behind_.size() ? behind_[character] : 0;
    return behind == 0 ? nullptr : &rules_[behind - 1];
  }
  [[nodiscard]] MessageRule* find(std::string_view type) {
    return const_cast<MessageRule*>(std::as_const(*this).find(type));
  }
  [[nodiscard]] auto begin() const { return rules_.begin(); }
  [[nodiscard]] auto end() const { return rules_.end(); }

 private:
  [[nodiscard]] const MessageRule* find_long(std::string_view type) const;

  std::array<std::uint8_t, 128> behind_{};  // by character: its place in `rules_` + 1; 0: none
  std::vector<MessageRule> rules_;
};

struct Dialect {
  std::string name;          // "FIX.4.4", or the configuration's own
  std::string version;       // of its messages: "FIX.4.2", "FIX.4.4", "FIX.5.0SP2"
  std::string begin_string;  // 8: the version, or "FIXT.1.1" under 5.0SP2
  TagSet header;             // allowed in the standard header
  TagSet retired;            // custom tags that must never come back: refused and alerted
  TagTable<FieldRule> fields;
  MessageTable messages;
  [[nodiscard]] const MessageRule* message(std::string_view type) const {
    return messages.find(type);
  }
  [[nodiscard]] const FieldRule* field(Tag tag) const { return fields.find(tag); }
};

// A type by its name in the dialect files ("quantity"), and the longest value it may have.
[[nodiscard]] std::optional<FieldType> field_type_of(std::string_view name);
[[nodiscard]] std::uint16_t bytes_max(FieldType type);

// The text that a built-in dialect is compiled from, which the configuration's hash covers; empty
// for another name.
[[nodiscard]] std::string_view built_in_text(std::string_view version);

// The built-in dialects, compiled in from config/dialects/*.toml. Throws std::logic_error for
// another name.
[[nodiscard]] const Dialect& built_in(std::string_view version);

// The versions that there is a built-in dialect of.
inline constexpr std::array<std::string_view, 3> versions{"FIX.4.2", "FIX.4.4", "FIX.5.0SP2"};

}  // namespace interlock::config
