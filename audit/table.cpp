#include "audit/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace interlock::audit {
namespace {

constexpr std::string_view names[] = {
    "sequence",    "position", "time",      "kind",           "actor",           "session",
    "router",      "venue",    "account",   "symbol",         "parent",          "algo",
    "trader",      "desk",     "cl_ord_id", "orig_cl_ord_id", "first_cl_ord_id", "venue_cl_ord_id",
    "order_id",    "message",  "reason",    "text",           "in_frame",        "out_frame",
    "reply_frame", "more",
};
constexpr std::size_t first_of_subject = 6;

// What has a column of its own.
bool is_in_columns(Field field) { return std::ranges::find(names, name(field)) != std::end(names); }

std::string cell(std::string_view text) {
  constexpr std::string_view begins_a_formula = "=+-@\t\r";
  std::string safe;
  if (!text.empty() && begins_a_formula.find(text[0]) != std::string_view::npos) safe = "'";
  safe += text;
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char byte : safe) {
    if (byte == '"') quoted += '"';
    quoted += byte;
  }
  return quoted + '"';
}

}  // namespace

std::span<const std::string_view> columns() { return names; }

std::vector<std::string> row_of(const Record& record, const About& about, std::size_t position,
                                const FrameText& words) {
  std::vector<std::string> row(std::size(names));
  row[0] = std::to_string(record.location.sequence);
  row[1] = std::to_string(position + 1);
  row[2] = time_text(record.time_ns);
  row[3] = kind_text(record.kind);
  row[4] = for_people(record.actor);
  row[5] = for_people(about.session);
  const auto column = [&](std::string_view name) -> std::string& {
    return row[static_cast<std::size_t>(std::ranges::find(names, name) - std::begin(names))];
  };
  column("message") = for_people(about.message);
  std::size_t at = first_of_subject;
  for (const auto& [name, member] : subject_names)
    row[at++] = for_people(about.subjects.at(position).*member);
  const auto items = FieldReader(record.payload).items();
  if (!items) {
    column("more") = "its payload cannot be read";
    return row;
  }
  for (const auto& item : *items) {
    if (!is_in_columns(item.field)) {
      auto& more = column("more");
      if (!more.empty()) more += "; ";
      fmt::format_to(std::back_inserter(more), "{}={}", name_text(item.field),
                     value_text(item, words));
      continue;
    }
    auto& own = column(name(item.field));
    if (own.empty()) own = value_text(item, words);
  }
  return row;
}

std::string csv_line(std::span<const std::string> cells) {
  std::string line;
  for (const std::string& each : cells) {
    if (&each != cells.data()) line += ',';
    line += cell(each);
  }
  return line + "\r\n";
}

}  // namespace interlock::audit
