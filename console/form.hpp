// The fields of an HTML form as a browser sends them: application/x-www-form-urlencoded.
#pragma once

#include <expected>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace interlock::console {

using Form = std::map<std::string, std::string, std::less<>>;

// No other fields than these, none of them twice; the error is for people.
[[nodiscard]] std::expected<Form, std::string> read_form(
    std::string_view body, std::initializer_list<std::string_view> fields);
[[nodiscard]] bool is_form(std::string_view content_type);
// Text as it may stand in HTML, in attributes too.
[[nodiscard]] std::string as_html(std::string_view text);

}  // namespace interlock::console
