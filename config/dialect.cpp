#include "config/dialect.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace interlock::config {

namespace embedded {
extern const std::string_view FIX_4_2_toml;
extern const std::string_view FIX_4_4_toml;
extern const std::string_view FIX_5_0SP2_toml;
}  // namespace embedded

namespace {

constexpr std::array<std::pair<std::string_view, FieldType>, 16> type_names{{
    {"string", FieldType::string},
    {"character", FieldType::character},
    {"integer", FieldType::integer},
    {"sequence", FieldType::sequence},
    {"quantity", FieldType::quantity},
    {"price", FieldType::price},
    {"decimal", FieldType::decimal},
    {"boolean", FieldType::boolean},
    {"timestamp", FieldType::timestamp},
    {"date", FieldType::date},
    {"time", FieldType::time},
    {"month_year", FieldType::month_year},
    {"multiple", FieldType::multiple},
    {"length", FieldType::length},
    {"data", FieldType::data},
    {"group", FieldType::group},
}};

Tag tag_of(std::string_view text) {
  Tag tag = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), tag);
  if (error != std::errc{} || end != text.data() + text.size() || tag == 0 || tag > 99999)
    throw std::logic_error(fmt::format("dialect: '{}' is not a tag", text));
  return tag;
}

// Splits at the characters of `separators`; empty parts are left out.
std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find_first_of(separators, begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string_view string_at(const toml::table& table, std::string_view key) {
  const auto* node = table[key].as_string();
  if (node == nullptr) throw std::logic_error(fmt::format("dialect: no text '{}'", key));
  return node->get();
}

const toml::table& table_at(const toml::table& table, std::string_view key) {
  const auto* node = table[key].as_table();
  if (node == nullptr) throw std::logic_error(fmt::format("dialect: no table '{}'", key));
  return *node;
}

// A run of tags of a message, a block or a group.
struct Run {
  std::vector<Tag> tags;  // counts of groups included
  std::vector<Tag> required;
  std::vector<GroupRule> groups;
};

// Reads the notation of bodies that the dialect files explain at their top.
class BodyReader {
 public:
  BodyReader(std::string_view text, const toml::table& blocks) : rest_(text), blocks_(blocks) {}

  Run run() {
    Run run;
    for (auto token = next(); !token.empty() && token != ")"; token = next()) {
      const bool required = token.ends_with('!');
      if (required) token.remove_suffix(1);
      if (token.starts_with('@')) {
        append(run, block(token.substr(1)), required);
        continue;
      }
      const auto tag = tag_of(token);
      run.tags.push_back(tag);
      if (required) run.required.push_back(tag);
      if (rest_.starts_with('(')) {
        rest_.remove_prefix(1);
        run.groups.push_back(group_of(tag, BodyReader::run()));
      }
    }
    return run;
  }

 private:
  static GroupRule group_of(Tag count, Run run) {
    if (run.tags.empty()) throw std::logic_error(fmt::format("dialect: group {} is empty", count));
    return {count, run.tags.front(), std::move(run.tags), std::move(run.groups)};
  }

  static void append(Run& run, Run block, bool required) {
    run.tags.insert(run.tags.end(), block.tags.begin(), block.tags.end());
    if (required)
      run.required.insert(run.required.end(), block.required.begin(), block.required.end());
    std::ranges::move(block.groups, std::back_inserter(run.groups));
  }

  Run block(std::string_view name) const {
    return BodyReader(string_at(blocks_, name), blocks_).run();
  }

  // A word, or the ")" that ends a group; empty at the end.
  std::string_view next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size()));
    const auto end =
        rest_.starts_with(')') ? 1 : std::min(rest_.find_first_of(" \n()"), rest_.size());
    const auto token = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return token;
  }

  std::string_view rest_;
  const toml::table& blocks_;
};

void read_fields(const toml::table& root, Dialect& dialect) {
  for (const auto& [key, node] : table_at(root, "fields")) {
    const auto type = field_type_of(key.str());
    if (!type) throw std::logic_error(fmt::format("dialect: no type '{}'", key.str()));
    for (const auto entry : split(node.as_string()->get(), ",")) {
      const auto words = split(entry, " \n=");
      FieldRule rule{*type, bytes_max(*type), {}, 0};
      for (std::size_t i = 2; i < words.size(); ++i) {
        if (*type == FieldType::length) {
          rule.data = tag_of(words[i]);
        } else {
          rule.values.allow(std::string(words[i]));
        }
      }
      if (!dialect.fields.emplace(tag_of(words.at(0)), std::move(rule)))
        throw std::logic_error(fmt::format("dialect: tag {} twice", words[0]));
    }
  }
  for (const auto& [key, node] : table_at(root, "bytes")) {
    auto* const rule = dialect.fields.find(tag_of(key.str()));
    if (rule == nullptr) throw std::logic_error(fmt::format("dialect: no tag {}", key.str()));
    rule->bytes_max = static_cast<std::uint16_t>(node.as_integer()->get());
  }
}

void read_messages(const toml::table& root, Dialect& dialect) {
  for (const std::string_view sender : {"admin", "router", "venue", "both"}) {
    for (const auto& [type, node] : table_at(root, sender)) {
      const std::string_view text = node.as_string()->get();
      const auto colon = text.find(':');
      MessageRule rule;
      rule.type = type.str();
      rule.name = text.substr(0, colon);
      rule.admin = sender == "admin";
      rule.from_router = sender != "venue";
      rule.from_venue = sender != "router";
      auto run = BodyReader(text.substr(colon + 1), table_at(root, "blocks")).run();
      for (const Tag tag : run.tags)
        if (!rule.body.insert(tag))
          throw std::logic_error(fmt::format("dialect: tag {} twice in {}", tag, rule.type));
      rule.required = std::move(run.required);
      rule.groups = std::move(run.groups);
      if (!dialect.messages.add(std::move(rule)))
        throw std::logic_error(fmt::format("dialect: message {} twice", type.str()));
    }
  }
}

Dialect read(std::string_view text) {
  const auto root = toml::parse(text);
  Dialect dialect;
  dialect.name = string_at(root, "name");
  dialect.version = dialect.name;
  dialect.begin_string = root.contains("begin_string") ? string_at(root, "begin_string")
                                                       : std::string_view{dialect.name};
  for (const auto tag : split(string_at(root, "header"), " \n")) dialect.header.insert(tag_of(tag));
  read_fields(root, dialect);
  read_messages(root, dialect);
  return dialect;
}

const GroupRule* find_group(const std::vector<GroupRule>& groups, Tag count) {
  const auto found = std::ranges::find(groups, count, &GroupRule::count);
  return found == groups.end() ? nullptr : &*found;
}

}  // namespace

bool GroupRule::has(Tag tag) const { return std::ranges::find(members, tag) != members.end(); }

const GroupRule* GroupRule::group(Tag wanted) const { return find_group(groups, wanted); }

const GroupRule* MessageRule::group(Tag wanted) const { return find_group(groups, wanted); }

bool MessageTable::add(MessageRule rule) {
  if (find(rule.type) != nullptr) return false;
  rules_.push_back(std::move(rule));
  const std::string& type = rules_.back().type;
  if (type.size() == 1)
    behind_.at(static_cast<unsigned char>(type[0])) = static_cast<std::uint8_t>(rules_.size());
  return true;
}

const MessageRule* MessageTable::find_long(std::string_view type) const {
  const auto found = std::ranges::find(rules_, type, &MessageRule::type);
  return found == rules_.end() ? nullptr : &*found;
}

void Values::allow(std::string value) {
  if (value.size() == 1 && static_cast<unsigned char>(value[0]) < 128) {
    const auto character = static_cast<unsigned char>(value[0]);
    characters_[character / 64] |= std::uint64_t{1} << character % 64;
  }
  all_.push_back(std::move(value));
}

bool Values::has_text(std::string_view value) const {
  return std::ranges::find(all_, value) != all_.end();
}

std::optional<FieldType> field_type_of(std::string_view name) {
  for (const auto& [type_name, type] : type_names)
    if (type_name == name) return type;
  return std::nullopt;
}

std::uint16_t bytes_max(FieldType type) {
  switch (type) {
    case FieldType::character:
    case FieldType::boolean:
      return 1;
    case FieldType::date:
    case FieldType::month_year:
      return 8;
    case FieldType::sequence:
    case FieldType::length:
    case FieldType::group:
      return 10;
    case FieldType::integer:
      return 20;  // -9223372036854775808
    case FieldType::quantity:
    case FieldType::price:
    case FieldType::decimal:
      return 32;
    case FieldType::timestamp:
    case FieldType::time:
      return 27;  // YYYYMMDD-HH:MM:SS.nnnnnnnnn
    case FieldType::string:
    case FieldType::multiple:
      return 256;
    case FieldType::data:
      return 4096;
  }
  std::unreachable();
}

std::string_view built_in_text(std::string_view version) {
  if (version == "FIX.4.2") return embedded::FIX_4_2_toml;
  if (version == "FIX.4.4") return embedded::FIX_4_4_toml;
  if (version == "FIX.5.0SP2") return embedded::FIX_5_0SP2_toml;
  return {};
}

const Dialect& built_in(std::string_view version) {
  static const Dialect fix42 = read(embedded::FIX_4_2_toml);
  static const Dialect fix44 = read(embedded::FIX_4_4_toml);
  static const Dialect fix50 = read(embedded::FIX_5_0SP2_toml);
  for (const Dialect* dialect : {&fix42, &fix44, &fix50})
    if (version == dialect->name) return *dialect;
  throw std::logic_error(fmt::format("no built-in dialect '{}'", version));
}

}  // namespace interlock::config
