// What named persons ask of the core, each journalled before it takes hold.
#include <fmt/format.h>

#include "gateway/core.hpp"

namespace interlock::gateway {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;
using Said = ActionOutcome::Answer;

ActionOutcome Core::act(const std::string& person, const Action& action) {
  return std::visit([&](const auto& each) { return take(person, each); }, action);
}

ActionOutcome Core::take(const std::string& person, const Acknowledge& action) {
  const Alert* alert = floor_.alerts.find(action.alert);
  if (alert == nullptr) return {Said::unknown, fmt::format("there is no alert {}", action.alert)};
  if (!alert->is_open()) {
    return {Said::conflict,
            fmt::format("{} has acknowledged alert {}", alert->acknowledged_by, action.alert)};
  }
  if (!floor_.acknowledge(action.alert, person, action.reason))
    return {Said::refused, "the journal does not take records"};
  return {Said::done, alert->what.text, action.alert};
}

}  // namespace interlock::gateway
