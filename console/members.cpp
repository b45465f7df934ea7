#include "console/members.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>

namespace interlock::console {
namespace {

namespace json = boost::json;
constexpr std::size_t name_bytes_max = 128;
constexpr std::size_t text_bytes_max = 500;

// Counts the keys of a text that is JSON: the document keeps only the last of two equal ones.
struct KeyCounter {
  static constexpr std::size_t max_object_size = -1;
  static constexpr std::size_t max_array_size = -1;
  static constexpr std::size_t max_key_size = -1;
  static constexpr std::size_t max_string_size = -1;
  std::size_t keys = 0;

  bool on_key(json::string_view, std::size_t, json::error_code&) { return ++keys != 0; }
  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return true; }
  bool on_object_end(std::size_t, json::error_code&) { return true; }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t, json::error_code&) { return true; }
  bool on_key_part(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_string(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double, json::string_view, json::error_code&) { return true; }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

std::size_t count_keys(std::string_view body) {
  json::basic_parser<KeyCounter> parser{json::parse_options{}};
  json::error_code error;
  parser.write_some(false, body.data(), body.size(), error);
  return parser.handler().keys;
}

std::size_t keys_of(const json::value& value) {
  std::size_t keys = 0;
  if (const auto* array = value.if_array()) {
    for (const auto& item : *array) keys += keys_of(item);
  }
  if (const auto* object = value.if_object()) {
    for (const auto& item : *object) keys += 1 + keys_of(item.value());
  }
  return keys;
}

}  // namespace

std::expected<json::object, std::string> read_object(std::string_view body,
                                                     std::initializer_list<std::string_view> keys) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 4;
  const auto value = json::parse(body, error, {}, options);
  if (error) return std::unexpected(fmt::format("the body is not JSON: {}", error.message()));
  if (!value.is_object()) return std::unexpected("the body is not a JSON object");
  if (count_keys(body) != keys_of(value)) {
    return std::unexpected("a key stands twice in the body");
  }
  for (const auto& item : value.get_object()) {
    if (std::find(keys.begin(), keys.end(), std::string_view{item.key()}) != keys.end()) continue;
    return std::unexpected(fmt::format("unknown key '{}'; known are {}",
                                       std::string_view{item.key()}, fmt::join(keys, ", ")));
  }
  return value.get_object();
}

std::expected<std::string, std::string> text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (!value) return std::string{};
  if (!value->is_string()) return std::unexpected(fmt::format("'{}' is not a text", key));
  return std::string{value->get_string()};
}

bool printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
}

std::expected<std::string, std::string> name_of(const json::object& object, std::string_view key) {
  auto text = text_of(object, key);
  if (!text) return text;
  if (text->size() > name_bytes_max) {
    return std::unexpected(fmt::format("'{}' is longer than {} bytes", key, name_bytes_max));
  }
  if (!printable(*text)) return std::unexpected(fmt::format("'{}' has control characters", key));
  return text;
}

std::expected<std::vector<std::string>, std::string> names_of(const json::object& object,
                                                              std::string_view key) {
  std::vector<std::string> names;
  const auto* value = object.if_contains(key);
  if (!value) return names;
  const auto* array = value->if_array();
  if (array == nullptr) return std::unexpected(fmt::format("'{}' is not a list", key));
  for (const auto& item : *array) {
    auto name = name_of({{std::string(key), item}}, key);
    if (!name) return std::unexpected(name.error());
    names.push_back(*std::move(name));
  }
  return names;
}

std::expected<std::string, std::string> required(const json::object& object, std::string_view key) {
  auto text = name_of(object, key);
  if (text && text->empty()) return std::unexpected(fmt::format("'{}' is missing", key));
  return text;
}

std::string words(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  if (text.size() <= text_bytes_max) return text;
  std::size_t end = text_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // UTF-8 tails
  return text.substr(0, end);
}

bool only_spaces(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::expected<std::uint64_t, std::string> number_of(const json::object& object,
                                                    std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value && (value->is_int64() || value->is_uint64())) {
    boost::system::error_code error;
    const auto number = value->to_number<std::uint64_t>(error);
    if (!error) return number;
  }
  return std::unexpected(fmt::format("'{}' is missing or not a whole number", key));
}

std::expected<std::string, std::string> reason_of(const json::object& object) {
  const auto reason = text_of(object, "reason");
  if (!reason) return reason;
  if (only_spaces(*reason)) return std::unexpected("'reason' is missing: say why, in words");
  return words(*reason);
}

}  // namespace interlock::console
