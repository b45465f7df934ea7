// The body of what a person states for the record.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>

#include "console/body.hpp"
#include "console/members.hpp"

namespace interlock::console {
namespace {

namespace json = boost::json;
using gateway::Statement;

std::expected<Statement::Figure, std::string> read_figure(const json::value& value) {
  if (!value.is_object() || value.get_object().size() != 2)
    return std::unexpected("a figure has a 'name' and a 'value'");
  auto name = required(value.get_object(), "name");
  if (!name) return std::unexpected(name.error());
  auto number = required(value.get_object(), "value");
  if (!number) return std::unexpected(number.error());
  const auto read = risk::Quantity::parse(*number);
  if (!read || *read < risk::Quantity{})
    return std::unexpected(fmt::format("the value of {} is not a decimal number", *name));
  return Statement::Figure{*std::move(name), read->text()};
}

std::expected<std::vector<Statement::Figure>, std::string> read_figures(
    const json::object& object) {
  std::vector<Statement::Figure> figures;
  const auto* list = object.if_contains("figures");
  if (list == nullptr) return figures;
  if (!list->is_array()) return std::unexpected("'figures' is no list");
  for (const auto& value : list->get_array()) {
    auto figure = read_figure(value);
    if (!figure) return std::unexpected(figure.error());
    figures.push_back(*std::move(figure));
  }
  return figures;
}

}  // namespace

std::expected<gateway::Statement, std::string> read_statement(std::string_view body) {
  const auto object = read_object(body, {"subject", "text", "result", "controls", "figures"});
  if (!object) return std::unexpected(object.error());
  Statement statement;
  auto subject = required(*object, "subject");
  if (!subject) return std::unexpected(subject.error());
  statement.subject = *std::move(subject);
  if (std::ranges::find(gateway::statement_subjects, statement.subject) ==
      std::end(gateway::statement_subjects)) {
    return std::unexpected(
        fmt::format("'subject' is not one of {}", fmt::join(gateway::statement_subjects, ", ")));
  }
  const auto text = text_of(*object, "text");
  if (!text) return std::unexpected(text.error());
  statement.text = words(*text);
  if (only_spaces(statement.text)) return std::unexpected("'text' says what was done");
  const auto result = name_of(*object, "result");
  if (!result) return std::unexpected(result.error());
  const bool is_test = statement.subject != "review";
  if (is_test ? *result != "passed" && *result != "failed" : !result->empty())
    return std::unexpected("'result' of a test is passed or failed, and a review has none");
  statement.passed = *result != "failed";
  auto controls = names_of(*object, "controls");
  if (!controls) return std::unexpected(controls.error());
  if (controls->empty() == (statement.subject == "control-test"))
    return std::unexpected("'controls' are named by a control-test, and by nothing else");
  statement.controls = *std::move(controls);
  auto figures = read_figures(*object);
  if (!figures) return std::unexpected(figures.error());
  statement.figures = *std::move(figures);
  return statement;
}

}  // namespace interlock::console
