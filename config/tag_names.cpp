#include "config/tag_names.hpp"

#include <toml++/toml.h>

#include <charconv>
#include <map>
#include <string>

namespace interlock::config {
namespace {

using TagNames = std::map<Tag, std::string>;

// `tag Name` or `tag Name = values`, separated by commas, as the dialect files explain at their
// top.
void read(std::string_view entries, TagNames& names) {
  constexpr std::string_view blank = " \n";
  while (!entries.empty()) {
    auto entry = entries.substr(0, entries.find(','));
    entries.remove_prefix(std::min(entry.size() + 1, entries.size()));
    entry.remove_prefix(std::min(entry.find_first_not_of(blank), entry.size()));
    Tag tag = 0;
    const auto number = std::from_chars(entry.data(), entry.data() + entry.size(), tag);
    entry.remove_prefix(static_cast<std::size_t>(number.ptr - entry.data()));
    entry.remove_prefix(std::min(entry.find_first_not_of(blank), entry.size()));
    names.emplace(tag, entry.substr(0, entry.find_first_of(" \n=")));
  }
}

TagNames read_all() {
  TagNames names;
  for (const auto version : versions) {
    const auto root = toml::parse(built_in_text(version));
    for (const auto& [type, entries] : *root["fields"].as_table())
      read(entries.as_string()->get(), names);
  }
  return names;
}

}  // namespace

std::string_view tag_name(Tag tag) {
  static const TagNames names = read_all();
  const auto known = names.find(tag);
  return known == names.end() ? std::string_view() : known->second;
}

std::string_view message_name(std::string_view type) {
  for (const auto version : versions) {
    if (const auto* message = built_in(version).message(type)) return message->name;
  }
  return {};
}

}  // namespace interlock::config
