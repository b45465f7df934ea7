// Plain text for people: columns, one colour, and nothing that could steer a terminal.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace interlock::cli {

// A JSON scalar as text; control characters become '?'.
[[nodiscard]] std::string plain(const boost::json::value& value);
[[nodiscard]] std::string plain(std::string_view text);
// Multi-line texts keep their lines; each line is made safe by itself, and ends in a newline.
[[nodiscard]] std::string lines(const boost::json::value& value);

// Rows of equal length under their heads, as wide as needed.
[[nodiscard]] std::string columns(const std::vector<std::vector<std::string>>& rows);

// Red, the colour of a kill, where stdout is a terminal and NO_COLOR is unset.
[[nodiscard]] std::string red(std::string_view text);

}  // namespace interlock::cli
