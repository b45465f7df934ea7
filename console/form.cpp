#include "console/form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <charconv>
#include <optional>

namespace interlock::console {
namespace {

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      unsigned char byte = 0;
      const char* const digits = text.data() + i + 1;
      if (text.size() - i < 3) return std::nullopt;
      const auto [end, error] = std::from_chars(digits, digits + 2, byte, 16);
      if (error != std::errc{} || end != digits + 2) return std::nullopt;
      out += static_cast<char>(byte);
      i += 2;
    }
  }
  return out;
}

}  // namespace

std::expected<Form, std::string> read_form(std::string_view body,
                                           std::initializer_list<std::string_view> fields) {
  Form form;
  while (!body.empty()) {
    const auto pair = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(body.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    const auto name = decoded(pair.substr(0, equals));
    const auto value =
        decoded(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1));
    if (!name || !value) return std::unexpected("a field of the form is not encoded as one");
    if (std::ranges::find(fields, *name) == fields.end())
      return std::unexpected(fmt::format("the form has no field '{}'", *name));
    if (!form.emplace(*name, *value).second)
      return std::unexpected(fmt::format("the field '{}' came twice", *name));
  }
  return form;
}

bool is_form(std::string_view content_type) {
  const auto media = content_type.substr(0, content_type.find(';'));
  return boost::iequals(media.substr(0, media.find_last_not_of(' ') + 1),
                        "application/x-www-form-urlencoded");
}

std::string as_html(std::string_view text) {
  std::string out;
  for (const char each : text) {
    switch (each) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += each;
    }
  }
  return out;
}

}  // namespace interlock::console
