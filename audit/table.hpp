// Records as rows of fixed columns, one for each order that a record is about, and as CSV.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/print.hpp"

namespace interlock::audit {

// In order, and for ever: new ones are added at the end.
[[nodiscard]] std::span<const std::string_view> columns();

// The row of its subject at `position`, from 0. Cells are printable UTF-8; frames have | for SOH.
[[nodiscard]] std::vector<std::string> row_of(const Record& record, const About& about,
                                              std::size_t position, const FrameText& words = {});

// RFC 4180, CRLF included. A cell that a spreadsheet would take for a formula (it begins with
// = + - @, a tab or a carriage return) gets a ' in front.
[[nodiscard]] std::string csv_line(std::span<const std::string> cells);

}  // namespace interlock::audit
