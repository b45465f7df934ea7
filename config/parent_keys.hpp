// How a router's messages name the parent of an order: an ordered list of places to look at.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/dialect.hpp"

namespace interlock::config {

// A regular expression with one group. Its cost is bounded: of a text that would take too long it
// finds nothing, and the order names no parent.
class Pattern {
 public:
  static constexpr std::size_t text_max = 64;

  // nullopt: not a regular expression, or not of exactly one group.
  [[nodiscard]] static std::optional<Pattern> compile(const std::string& text);
  // What the group holds; nullopt when the text does not fit or is longer than text_max.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view text) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  struct Compiled;
  std::string text_;
  std::shared_ptr<const Compiled> compiled_;
};

struct ParentKey {
  Tag tag = 0;                     // whose value names the parent,
  std::optional<Pattern> pattern;  // or this part of it,
  Tag where = 0;                   // if that tag, where one is given,
  std::string is;                  // has this value
};

// get(tag) gives the value of a tag, or nullopt. Empty: no key finds a name.
template <class Get>
[[nodiscard]] std::string_view parent_named(const std::vector<ParentKey>& keys, Get get) {
  for (const auto& key : keys) {
    if (key.where != 0 && get(key.where) != std::optional<std::string_view>{key.is}) continue;
    std::optional<std::string_view> name = get(key.tag);
    if (name && key.pattern) name = key.pattern->find(*name);
    if (name && !name->empty()) return *name;
  }
  return {};
}

}  // namespace interlock::config
