// The pack as one page: plain tables, printable, nothing in it that was not escaped.
#include <fmt/format.h>

#include "cli/evidence/pack.hpp"
#include "console/form.hpp"

namespace interlock::cli::evidence {
namespace {

using console::as_html;  // the one way by which a text gets into the page

constexpr std::string_view style = R"(
body { font: 10pt/1.4 sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em; color: #111; }
h1, h2, h3 { line-height: 1.2; }
h2 { border-top: 2px solid #111; margin-top: 2.5em; padding-top: 0.5em; }
.rules, .says { color: #444; }
.verdict { border: 2px solid #111; padding: 0.5em 1em; font-weight: bold; }
.bad { background: #111; color: #fff; }
table { border-collapse: collapse; font-size: 8.5pt; width: 100%; }
caption { text-align: left; font-weight: bold; padding: 0.4em 0; }
th, td { border: 1px solid #999; padding: 0.2em 0.4em; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
@media print { body { margin: 0; max-width: none; } h2 { break-before: page; }
  thead { display: table-header-group; } tr { break-inside: avoid; } }
)";

// "closed_at" reads "closed at".
std::string head(std::string column) {
  for (char& c : column)
    if (c == '_') c = ' ';
  return as_html(column);
}

std::string body_of(const Table& table) {
  std::string out;
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (const Cell& cell : row) {
      if (const auto* number = std::get_if<std::int64_t>(&cell))
        out += fmt::format("<td class=\"number\">{}</td>", *number);
      else
        out += fmt::format("<td>{}</td>", as_html(std::get<std::string>(cell)));
    }
    out += "</tr>\n";
  }
  return out;
}

std::string of(const Table& table) {
  std::string out = fmt::format("<h3 id=\"{}\">{}</h3>\n<p class=\"says\">{}</p>\n", table.id,
                                as_html(table.title), as_html(table.says));
  if (table.rows.empty()) return out + "<p>Nothing is on record.</p>\n";
  out += fmt::format("<table>\n<caption>{} ({}.csv)</caption>\n<thead><tr>", as_html(table.title),
                     table.id);
  for (const std::string& column : table.columns)
    out += fmt::format("<th scope=\"col\">{}</th>", head(column));
  return out + "</tr></thead>\n<tbody>\n" + body_of(table) + "</tbody>\n</table>\n";
}

std::string of(const Section& section) {
  std::string out =
      fmt::format("<section id=\"section-{}\">\n<h2>{}</h2>\n", section.id, as_html(section.title));
  if (!section.rules.empty())
    out += fmt::format("<p class=\"rules\">{}</p>\n", as_html(section.rules));
  for (const std::string& words : section.words) out += fmt::format("<p>{}</p>\n", as_html(words));
  for (const Table& table : section.tables) out += of(table);
  return out + "</section>\n";
}

std::string of(const Template& text) {
  std::string out = fmt::format("<section>\n<h2>{}</h2>\n", as_html(text.title));
  std::string_view rest = text.text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    if (end > 0) out += fmt::format("<p>{}</p>\n", as_html(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out + "</section>\n";
}

std::string contents(const Pack& pack) {
  std::string out = "<nav>\n<ol>\n";
  for (const Section& section : pack.sections)
    out += fmt::format("<li><a href=\"#section-{}\">{}</a></li>\n", section.id,
                       as_html(section.title));
  return out + "</ol>\n</nav>\n";
}

}  // namespace

std::string html(const Pack& pack) {
  const std::string title = fmt::format("Evidence of the risk controls, {}", pack.year);
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width\"/>\n<title>{}</title>\n"
      "<style>{}</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n",
      as_html(title), style, as_html(title));
  out += pack.sound
             ? "<p class=\"verdict\">Every record that is used here is proven by the chain of "
               "its journal.</p>\n"
             : "<p class=\"verdict bad\">NOT SOUND: a journal is damaged, incomplete or not "
               "sealed. What it says below ends before that.</p>\n";
  for (const std::string& note : pack.notes) out += fmt::format("<p>{}</p>\n", as_html(note));
  out += contents(pack) + "</header>\n<main>\n";
  for (const Section& section : pack.sections) out += of(section);
  for (const Template& each : templates(pack.year)) out += of(each);
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace interlock::cli::evidence
