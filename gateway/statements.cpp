// What a person answers for, on record: a test that was made, a review that was held.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/core.hpp"
#include "risk/decide.hpp"

namespace interlock::gateway {

using audit::Field;
using Said = ActionOutcome::Answer;

ActionOutcome Core::take(const std::string& person, const Statement& action) {
  if (std::ranges::find(statement_subjects, action.subject) == std::end(statement_subjects))
    return {Said::refused, fmt::format("nobody states a '{}'", action.subject)};
  for (const std::string& id : action.controls) {
    const auto known = std::ranges::find(risk::controls(), id, &risk::Control::id);
    if (known == risk::controls().end())
      return {Said::unknown, fmt::format("there is no control '{}'", id)};
  }
  const bool is_test = action.subject != "review";
  audit::FieldWriter record;
  record.put(Field::subject, action.subject).put(Field::actor, person);
  record.put(Field::text, action.text);
  if (is_test) record.put(Field::event, action.passed ? "passed" : "failed");
  for (const std::string& id : action.controls) record.put(Field::control, id);
  for (const Statement::Figure& figure : action.figures)
    record.put(Field::figure, figure.name).put(Field::value, figure.value);
  // Nothing was there before it, and it takes the place of nothing.
  record.put(Field::before, "none").put(Field::after, action.subject);
  const auto at = floor_.append(audit::Kind::statement, person, record);
  if (!at) return {Said::refused, "the journal does not take records"};
  return {Said::done, fmt::format("{} is on record", action.subject), at->sequence};
}

}  // namespace interlock::gateway
