// [[dialect]]: a built-in dialect, and the tags and groups that a counterparty adds to it.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "config/build.hpp"
#include "config/digest.hpp"

namespace interlock::config {
namespace {

constexpr std::int64_t tag_max = 99'999;

Form<Tag> tag_form() {
  return {"a tag, 1 to 99999", "5001", false, [](const toml::node& node) -> std::optional<Tag> {
            const auto* number = node.as_integer();
            if (number == nullptr || number->get() < 1 || number->get() > tag_max)
              return std::nullopt;
            return static_cast<Tag>(number->get());
          }};
}

Form<FieldType> type_form() {
  return text_form<FieldType>(
      "a type that a dialect may add", "\"string\", \"integer\", \"quantity\", \"price\", ...",
      [](std::string_view text) -> std::optional<FieldType> {
        const auto type = field_type_of(text);
        if (type == FieldType::length || type == FieldType::data || type == FieldType::group)
          return std::nullopt;
        return type;
      });
}

std::optional<Tag> tag_of_key(std::string_view key) {
  Tag tag = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), tag);
  if (error != std::errc{} || end != key.data() + key.size() || key.starts_with('0') ||
      tag > tag_max)
    return std::nullopt;
  return tag;
}

class DialectReader {
 public:
  DialectReader(Source& source, Section& section, Dialect base)
      : source_(source), section_(section), dialect_(std::move(base)) {}

  Dialect read() {
    if (const auto* fields = section_.table("fields"))
      for (const auto& [key, node] : *fields) read_field(key, node);
    read_retired();
    for (const auto* group : section_.tables("groups")) read_group(*group);
    if (const auto* table = section_.table("add")) {
      Section add(source_, *table, "add of " + section_.name());
      for (const auto& [type, node] : *table) read_addition(add, std::string(type.str()));
    }
    return std::move(dialect_);
  }

 private:
  void read_field(const toml::key& key, const toml::node& node) {
    const auto tag = tag_of_key(key.str());
    const auto* table = node.as_table();
    if (!tag || table == nullptr) {
      source_.error(key.source(), fmt::format("'{}' in fields has to be a tag", key.str()),
                    "write 5001 = { name = \"AlgoId\", type = \"string\" }");
      return;
    }
    Section field(source_, *table, fmt::format("field {}", *tag));
    std::string name;
    auto type = FieldType::string;
    field.require("name", name, name_form(), "people read it");
    field.require("type", type, type_form(), "values are checked against it");
    FieldRule rule{type, bytes_max(type), {}, 0};
    field.read("bytes", rule.bytes_max, count_form(1, 4096));
    std::vector<std::string> values;
    field.read_list("values", values, printable_form(64));
    for (auto& value : values) rule.values.allow(std::move(value));
    declare(*tag, std::move(rule), key.source());
  }

  // A tag never gets a second meaning.
  void declare(Tag tag, FieldRule rule, const toml::source_region& where) {
    if (!dialect_.fields.emplace(tag, std::move(rule)))
      source_.error(where, fmt::format("tag {} is declared already in {}", tag, dialect_.name),
                    "a tag has one meaning");
  }

  void read_retired() {
    std::vector<Tag> retired;
    section_.read_list("retired", retired, tag_form());
    for (const auto tag : retired) {
      if (dialect_.field(tag) != nullptr)
        section_.error("retired", fmt::format("tag {} is both retired and declared", tag),
                       "a retired tag must never come back");
      dialect_.retired.insert(tag);
    }
  }

  void read_group(const toml::table& table) {
    Section section(source_, table, fmt::format("a group of dialect {}", dialect_.name));
    std::vector<std::string> types;
    GroupRule group;
    section.read_list("messages", types, printable_form(2));
    section.require("count", group.count, tag_form(), "it says how many entries follow");
    section.require("first", group.first, tag_form(), "each entry begins with it");
    section.read_list("members", group.members, tag_form());
    if (types.empty()) section.missing("messages", "[\"D\"]", "a group belongs to messages");
    if (!group.has(group.first))
      section.error("members", fmt::format("members lack {}, which is the first", group.first));
    for (const auto tag : group.members) check_declared(section, "members", tag);
    if (group.count == 0) return;
    declare(group.count, {FieldType::group, bytes_max(FieldType::group), {}, 0},
            table.get("count")->source());
    if (dialect_.retired.contains(group.count))
      section.error("count", fmt::format("tag {} is both retired and declared", group.count));
    for (const auto& type : types) {
      auto* message = message_of(section, "messages", type);
      if (message == nullptr) continue;
      message->body.insert(group.count);
      message->groups.push_back(group);
    }
  }

  void read_addition(Section& add, const std::string& type) {
    std::vector<Tag> tags;
    add.read_list(type, tags, tag_form());
    auto* message = message_of(add, type, type);
    for (const auto tag : tags) {
      check_declared(add, type, tag);
      if (message != nullptr && !message->body.insert(tag))
        add.error(type, fmt::format("{} has tag {} already", type, tag));
    }
  }

  MessageRule* message_of(Section& section, std::string_view key, const std::string& type) {
    if (auto* found = dialect_.messages.find(type)) return found;
    section.error(key, fmt::format("{} has no message type '{}'", dialect_.version, type));
    return nullptr;
  }

  void check_declared(Section& section, std::string_view key, Tag tag) {
    const auto* rule = dialect_.field(tag);
    if (rule == nullptr) {
      section.error(key, fmt::format("tag {} is not declared", tag), "declare it in fields");
    } else if (rule->type == FieldType::group || rule->type == FieldType::length ||
               rule->type == FieldType::data || dialect_.header.contains(tag)) {
      section.error(key, fmt::format("tag {} cannot be added to a message", tag),
                    "groups, data and header fields are where the version has them");
    }
  }

  Source& source_;
  Section& section_;
  Dialect dialect_;
};

}  // namespace

void read_dialects(Build& build, Section& root) {
  std::vector<std::pair<std::string, const Dialect*>> bases;
  for (const auto version : versions) {
    bases.emplace_back(version, &built_in(version));
    build.dialects[std::string(version)] = std::make_shared<const Dialect>(built_in(version));
  }
  std::ostringstream text;
  for (const auto* table : root.tables("dialect")) {
    text << *table << '\n';
    Section section(build.source, *table, "a dialect");
    std::string id;
    auto base = &built_in("FIX.4.4");
    section.require("id", id, name_form(), "sessions name it");
    section.rename("dialect " + id);
    section.require("base", base, choice_form<const Dialect*>(bases),
                    "a dialect adds to a version");
    auto dialect = std::make_shared<Dialect>(DialectReader(build.source, section, *base).read());
    dialect->name = id;
    if (!build.dialects.emplace(id, dialect).second)
      section.error("id", fmt::format("dialect {} is declared twice", id));
  }
  build.config.dialects_hash = sha256({text.str()});
}

}  // namespace interlock::config
