// Reads TOML so that nothing in it goes unread: each section knows the keys it was asked for, and
// every other key is an error.
#pragma once

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/problem.hpp"

namespace interlock::config {

// The text of one file, and where its problems go. Lives as long as its sections.
class Source {
 public:
  enum class Excerpts : std::uint8_t { shown, hidden };  // hidden: the file holds secrets
  Source(std::string file, std::string text, std::vector<Problem>& problems,
         Excerpts excerpts = Excerpts::shown);

  // nullptr when the text is not TOML; the problem is then recorded.
  [[nodiscard]] const toml::table* root() const { return root_ ? &*root_ : nullptr; }
  [[nodiscard]] const std::string& file() const { return file_; }
  // The text as it stands in the file, up to the end of its first line.
  [[nodiscard]] std::string written(const toml::source_region& region) const;

  void report(Problem::Severity severity, const toml::source_region& region, std::string text,
              std::string hint);
  void error(const toml::source_region& region, std::string text, std::string hint = {});

 private:
  [[nodiscard]] std::string line(std::uint32_t number) const;

  std::string file_;
  std::string text_;
  std::vector<Problem>& problems_;
  Excerpts excerpts_;
  std::optional<toml::table> root_;
};

// How a value is written, and how it is read.
template <class T>
struct Form {
  std::string what;     // "a rate"
  std::string example;  // "\"500 / 1 s\""
  bool has_unit = false;
  std::function<std::optional<T>(const toml::node&)> parse;
};

template <class T>
Form<T> text_form(std::string what, std::string example,
                  std::function<std::optional<T>(std::string_view)> parse, bool has_unit = false) {
  return {std::move(what), std::move(example), has_unit,
          [parse = std::move(parse)](const toml::node& node) -> std::optional<T> {
            const auto* text = node.as_string();
            return text == nullptr ? std::nullopt : parse(text->get());
          }};
}

// One of a few words, each with its meaning.
template <class T>
Form<T> choice_form(std::vector<std::pair<std::string, T>> choices) {
  std::string words;
  for (const auto& [word, value] : choices)
    words += fmt::format("{}\"{}\"", words.empty() ? "" : " or ", word);
  return text_form<T>("a known word", words,
                      [choices = std::move(choices)](std::string_view text) -> std::optional<T> {
                        for (const auto& [word, value] : choices)
                          if (word == text) return value;
                        return std::nullopt;
                      });
}

[[nodiscard]] Form<std::int64_t> count_form(std::int64_t min, std::int64_t max);
[[nodiscard]] Form<bool> boolean_form();
// Printable ASCII, 1 to `bytes_max` bytes.
[[nodiscard]] Form<std::string> printable_form(std::size_t bytes_max);
// Letters, digits and `.` `_` `-`: what names files, metrics and commands.
[[nodiscard]] Form<std::string> name_form();

// One table, by the name that messages give it ("[firm]", "router R2"). At its end, keys that
// nobody asked for are errors.
class Section {
 public:
  Section(Source& source, const toml::table& table, std::string name);
  ~Section();
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

  void rename(std::string name) { name_ = std::move(name); }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Source& source() const { return source_; }
  [[nodiscard]] std::uint32_t line() const { return table_.source().begin.line; }
  [[nodiscard]] std::uint32_t line(std::string_view key) const;

  // The value of a key, and it counts as known; nullptr when absent.
  const toml::node* find(std::string_view key);
  // A table or an array of tables; an error when it is something else.
  const toml::table* table(std::string_view key);
  std::vector<const toml::table*> tables(std::string_view key);
  // The same; its absence is an error that says why it has to be there.
  const toml::table* require_table(std::string_view key, std::string_view why);

  // Each leaves `target` alone when the key is absent or, after an error, not readable. True when
  // it was set.
  template <class T, class U = T>
  bool read(std::string_view key, U& target, const Form<T>& form) {
    const auto* node = find(key);
    if (node == nullptr) return false;
    return read_node(key, *node, target, form);
  }
  template <class T, class U>
  bool require(std::string_view key, U& target, const Form<T>& form, std::string_view why) {
    if (find(key) == nullptr) missing(key, form.example, why);
    return read(key, target, form);
  }
  template <class T>
  bool read_list(std::string_view key, std::vector<T>& target, const Form<T>& form);

  // At the value of `key`, or at the section when it is absent.
  void error(std::string_view key, std::string text, std::string hint = {});
  void warning(std::string_view key, std::string text, std::string hint = {});
  void missing(std::string_view key, std::string_view example, std::string_view why);

 private:
  template <class T, class U>
  bool read_node(std::string_view key, const toml::node& node, U& target, const Form<T>& form) {
    auto value = form.parse(node);
    if (value) {
      target = static_cast<U>(std::move(*value));
    } else {
      unreadable(key, node, form.what, form.example, form.has_unit);
    }
    return value.has_value();
  }
  void unreadable(std::string_view key, const toml::node& node, std::string_view what,
                  std::string_view example, bool has_unit);
  [[nodiscard]] toml::source_region place(std::string_view key) const;

  Source& source_;
  const toml::table& table_;
  std::string name_;
  std::vector<std::string> known_;
};

template <class T>
bool Section::read_list(std::string_view key, std::vector<T>& target, const Form<T>& form) {
  const auto* node = find(key);
  if (node == nullptr) return false;
  const auto* array = node->as_array();
  if (array == nullptr) {
    unreadable(key, *node, "a list", fmt::format("[{}]", form.example), false);
    return false;
  }
  bool all = true;
  for (const auto& element : *array) {
    T value{};
    if (read_node(key, element, value, form)) {
      target.push_back(std::move(value));
    } else {
      all = false;
    }
  }
  return all;
}

// The one of `words` nearest to `word` by edit distance; empty when none is near.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& words);

}  // namespace interlock::config
