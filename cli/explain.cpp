// explain: the table of controls, for people, for scripts, and for docs/controls.md; and a record
// of the journal.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>

#include "cli/audit_options.hpp"
#include "cli/command.hpp"
#include "cli/explain_record.hpp"
#include "risk/control.hpp"

namespace interlock::cli {
namespace {

struct ExplainOptions {
  std::string what;    // a control's id or code, or a record's number; empty: all controls
  JournalPlace place;  // of the record
  bool as_json = false;
  bool as_markdown = false;
};

std::string_view words(risk::Action action) {
  switch (action) {
    case risk::Action::refuse:
      return "refuses the order";
    case risk::Action::reduce_only:
      return "shuts the scope as reduce-only";
    case risk::Action::block:
      return "blocks the scope";
    case risk::Action::kill:
      return "kills the scope";
  }
  return "?";
}

std::string_view asked_when(const risk::Control& control) {
  if (control.ask && control.watch.look != nullptr)
    return "before an order goes, and after what happened";
  return control.ask ? "before an order goes" : "after what happened";
}

std::string keys_of(const risk::Control& control) {
  if (control.keys.empty()) return "none: what was declared is the limit";
  std::string keys;
  for (std::string_view rest = control.keys; !rest.empty();) {
    const auto end = std::min(rest.find(", "), rest.size());
    keys += fmt::format("{}`{}`", keys.empty() ? "" : ", ", rest.substr(0, end));
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return keys;
}

void print_text(const risk::Control& control) {
  fmt::print("{}  ({})\n  {}\n  {}\n", control.id, risk::code(control.reason), control.asks,
             control.why);
  fmt::print("  rule     {}\n  asked    {}; {}\n  scopes   {}\n", control.rule, asked_when(control),
             words(control.action), control.scopes);
  fmt::print("  keys     {}\n", control.keys.empty() ? "none" : control.keys);
  if (control.releasable) fmt::print("  release  one refused order, once, by a named person\n");
}

// The section of docs/controls.md.
void print_markdown(const risk::Control& control) {
  const auto code = risk::code(control.reason);
  fmt::print("## `{}`\n| | |\n|---|---|\n", control.id);
  fmt::print("| asks | {} |\n| why | {} |\n", control.asks, control.why);
  fmt::print("| rule | {} |\n", control.rule);
  fmt::print("| asked | {} |\n", asked_when(control));
  fmt::print("| scope, key | {}: {} |\n", control.scopes, keys_of(control));
  fmt::print("| action | {}{} |\n", words(control.action),
             control.releasable ? "; a person may release one refused order once" : "");
  fmt::print("| code | `{}` ([rejects.md](rejects.md)) |\n", code);
  fmt::print("| metric | `interlock_refusals_total{{code=\"{}\"}}`", code);
  if (control.use) fmt::print(", `interlock_limit_used_ratio{{control=\"{}\"}}`", control.id);
  fmt::print(" |\n");
  fmt::print(
      "| tests | [refused-by-{0}.fix](../tests/scenarios/refused-by-{0}.fix), `tests/risk` |\n\n",
      control.id);
}

boost::json::object json_of(const risk::Control& control) {
  return {{"id", control.id},
          {"code", risk::code(control.reason)},
          {"rule", control.rule},
          {"asks", control.asks},
          {"why", control.why},
          {"scopes", control.scopes},
          {"keys", control.keys},
          {"action", words(control.action)},
          {"asked", asked_when(control)},
          {"releasable", control.releasable}};
}

int explain(const ExplainOptions& options) {
  if (const auto number = audit::record_number(options.what)) {
    const auto explained = explain_record(options.place.path(), *number);
    if (options.as_json)
      fmt::print("{}\n", boost::json::serialize(explained));
    else
      print_explained(explained);
    return exit_done;
  }
  boost::json::array rows;
  bool any = false;
  for (const risk::Control& control : risk::controls()) {
    const bool is_wanted = options.what.empty() || options.what == control.id ||
                           options.what == risk::code(control.reason);
    if (!is_wanted) continue;
    any = true;
    if (options.as_json) {
      rows.push_back(json_of(control));
    } else if (options.as_markdown) {
      print_markdown(control);
    } else {
      print_text(control);
    }
  }
  if (!any) {
    throw Failure(exit_usage, fmt::format("no control is called '{}'; `interlock explain` names "
                                          "them all, and docs/rejects.md every other code",
                                          options.what));
  }
  if (options.as_json) fmt::print("{}\n", boost::json::serialize(rows));
  return exit_done;
}

}  // namespace

void add_explain(CLI::App& app, int& exit) {
  const auto options = std::make_shared<ExplainOptions>();
  auto* command = app.add_subcommand(
      "explain", "What a control asks, of whom, and what follows; or all about one record");
  command->add_option(
      "WHAT", options->what,
      "A control by its id or code (parent-fill, PARENT_FILL), or a record: B204889");
  add_place(*command, options->place);
  auto* json = command->add_flag("--json", options->as_json, "For programs");
  command->add_flag("--markdown", options->as_markdown, "As docs/controls.md has it")
      ->excludes(json);
  command->callback([=, &exit] { exit = explain(*options); });
}

}  // namespace interlock::cli
