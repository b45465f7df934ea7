// Whether a page is well formed: each element closed in order, each attribute quoted, no bare sign.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace interlock::tests {

namespace page {

inline bool is_name(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

// What is wrong between < and >, whose name is taken off `inside`; empty: nothing.
inline std::string attributes(std::string_view inside) {
  while (!inside.empty()) {
    if (inside[0] != ' ') return "no space before an attribute";
    inside.remove_prefix(1);
    const auto equals = inside.find("=\"");
    if (equals == std::string_view::npos || !is_name(inside.substr(0, equals)))
      return "an attribute without a quoted value";
    inside.remove_prefix(equals + 2);
    const auto end = inside.find('"');
    if (end == std::string_view::npos) return "an attribute that does not end";
    if (inside.substr(0, end).find('<') != std::string_view::npos) return "< in an attribute";
    inside.remove_prefix(end + 1);
  }
  return {};
}

// A bare & or > in a text; empty: none.
inline std::string text(std::string_view words) {
  if (words.find('>') != std::string_view::npos) return "a bare >";
  for (auto at = words.find('&'); at != std::string_view::npos; at = words.find('&', at + 1)) {
    const auto end = words.find(';', at);
    const std::string_view entity = words.substr(at, end - at + 1);
    bool known = false;
    for (const auto* each : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"})
      known = known || entity == each;
    if (!known) return "a bare &";
  }
  return {};
}

}  // namespace page

// In words, what is wrong first; empty: it is well formed.
inline std::string ill_formed(std::string_view html) {
  constexpr std::string_view doctype = "<!DOCTYPE html>\n";
  if (!html.starts_with(doctype)) return "no doctype";
  html.remove_prefix(doctype.size());
  std::vector<std::string> open;
  while (!html.empty()) {
    const auto begin = std::min(html.find('<'), html.size());
    const bool is_style = !open.empty() && open.back() == "style";
    if (const auto wrong = page::text(html.substr(0, begin)); !wrong.empty() && !is_style)
      return wrong + " near " + std::string(html.substr(0, std::min<std::size_t>(begin, 60)));
    html.remove_prefix(begin);
    if (html.empty()) break;
    const auto end = html.find('>');
    if (end == std::string_view::npos) return "an element that does not end";
    std::string_view inside = html.substr(1, end - 1);
    html.remove_prefix(end + 1);
    const bool closes = inside.starts_with('/');
    if (closes) inside.remove_prefix(1);
    const bool empty = inside.ends_with('/');
    if (empty) inside.remove_suffix(1);
    const std::string name(inside.substr(0, inside.find(' ')));
    if (!page::is_name(name)) return "an element called " + name;
    if (const auto wrong = page::attributes(inside.substr(name.size())); !wrong.empty())
      return wrong + " in " + name;
    if (closes) {
      if (open.empty() || open.back() != name) return name + " closes what is not open";
      open.pop_back();
    } else if (!empty) {
      open.push_back(name);
    }
  }
  return open.empty() ? "" : open.back() + " is not closed";
}

}  // namespace interlock::tests
