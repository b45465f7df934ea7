// What is known of a record, for people.
#include <fmt/format.h>

#include <string>

#include "cli/explain_record.hpp"

namespace interlock::cli {
namespace {

namespace json = boost::json;

std::string word(const json::object& object, std::string_view key) {
  const auto* const value = object.if_contains(key);
  if (value == nullptr) return {};
  return value->is_string() ? std::string(value->as_string()) : json::serialize(*value);
}

void row(std::string_view name, std::string_view text) {
  if (!text.empty()) fmt::print("  {:<9} {}\n", name, text);
}

void print_limit(const json::object& limit) {
  const auto scope = word(limit, "scope");
  const auto line = word(limit, "line");
  auto said = fmt::format("{} of {}{} = {}", word(limit, "key"), word(limit, "scope_kind"),
                          scope.empty() ? "" : " " + scope, word(limit, "value"));
  if (line != "0") said += fmt::format(", line {} of the configuration", line);
  row("limit", said);
  if (limit.contains("raise_record")) {
    row("", fmt::format("raised from {} by {}, B{}", word(limit, "raised_from"),
                        word(limit, "raised_by"), word(limit, "raise_record")));
  }
  if (!word(limit, "owner").empty()) {
    row("", fmt::format("{}; {} answers for it, review {}", word(limit, "why"),
                        word(limit, "owner"), word(limit, "review")));
  }
}

void print_limits(const json::object& explained) {
  const auto* const limits = explained.if_contains("limits");
  if (limits == nullptr) return;
  for (const auto& each : limits->as_array()) print_limit(each.as_object());
  const bool has_policy = explained.at("in_force").as_object().contains("policy_record");
  if (limits->as_array().empty() && !has_policy)
    row("limit", "the journal does not hold the policy of that time");
}

void print_lines(const json::array& lines) {
  for (const auto& each : lines) {
    const auto& line = each.as_object();
    const auto* const is_this = line.if_contains("this");
    fmt::print("  {} {:<8} {}  {}\n", is_this != nullptr && is_this->as_bool() ? ">" : " ",
               "B" + word(line, "record"), word(line, "time").substr(11, 12), word(line, "what"));
  }
}

void print_parent(const json::object& parent) {
  fmt::print("parent {}{}: before this record {} children passed, {} were refused, {} filled\n",
             word(parent, "name"),
             parent.contains("size") ? ", size " + word(parent, "size") : std::string(),
             word(parent, "children_before"), word(parent, "refused_before"),
             word(parent, "filled_before"));
  print_lines(parent.at("history").as_array());
  if (word(parent, "left_out") != "0") {
    fmt::print("    {} more: interlock audit query --parent {}\n", word(parent, "left_out"),
               word(parent, "name"));
  }
}

}  // namespace

void print_explained(const json::object& explained) {
  fmt::print("B{}  {}  {}, {}\n", word(explained, "record"), word(explained, "time"),
             word(explained, "kind"), word(explained, "actor"));
  row("what", word(explained, "what"));
  for (const auto& each : explained.at("subjects").as_array()) {
    std::string names;
    for (const auto& [name, value] : each.as_object())
      names += fmt::format("{}{} {}", names.empty() ? "" : ", ", std::string_view(name),
                           std::string_view(value.as_string()));
    row("about", names);
  }
  for (const auto& each : explained.at("messages").as_array()) {
    const auto& message = each.as_object();
    row(word(message, "direction"), fmt::format("{} {}: {}", word(message, "session"),
                                                word(message, "message"), word(message, "fix")));
  }
  if (const auto* verdict = explained.if_contains("verdict"))
    row("verdict", word(verdict->as_object(), "code"));
  if (const auto* control = explained.if_contains("control")) {
    const auto& of = control->as_object();
    row("control", fmt::format("{}: {}", word(of, "id"), word(of, "asks")));
    row("", fmt::format("{} ({})", word(of, "why"), word(of, "rule")));
  }
  row("whose", word(explained, "limit_of"));
  print_limits(explained);
  const auto& in_force = explained.at("in_force").as_object();
  auto under = "configuration " + word(in_force, "configuration").substr(0, 16);
  if (in_force.contains("policy_record"))
    under += ", written down at B" + word(in_force, "policy_record");
  if (!word(in_force, "configuration").empty())
    row("in force", under + ", build " + word(in_force, "build"));
  if (const auto* parent = explained.if_contains("parent")) print_parent(parent->as_object());
  const auto& related = explained.at("related").as_array();
  if (related.empty()) return;
  fmt::print("what belongs to it\n");
  print_lines(related);
}

}  // namespace interlock::cli
