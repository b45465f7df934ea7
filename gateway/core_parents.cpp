// What people change about a parent: less by one of them, more by two.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/core.hpp"
#include "gateway/proposals.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;
using Said = ActionOutcome::Answer;
using What = ChangeParent::What;

}  // namespace

std::string_view name(ChangeParent::What what) {
  switch (what) {
    case What::resize:
      return "resize";
    case What::cancel:
      return "cancel";
    case What::executed:
      return "executed";
  }
  return {};
}

std::optional<ChangeParent::What> change_of(std::string_view name) {
  for (const What what : {What::resize, What::cancel, What::executed}) {
    if (gateway::name(what) == name) return what;
  }
  return std::nullopt;
}

ActionOutcome Core::take(const std::string& person, const ChangeParent& action) {
  const risk::Parent* known = floor_.books.parent(floor_.directory.parents.find(action.parent));
  if (known == nullptr)
    return {Said::unknown, fmt::format("parent {} is not declared", action.parent)};
  if (action.what == What::cancel && known->cancelled)
    return {Said::conflict, fmt::format("parent {} is cancelled", action.parent)};
  if (action.what != What::resize) return change(person, action);
  if (!action.quantity.is_positive()) return {Said::refused, "a size is above zero"};
  if (action.quantity == known->size)
    return {Said::conflict, fmt::format("parent {} has that size", action.parent)};
  if (action.quantity < known->size) return change(person, action);
  if (risk::trust_in(known->source) > risk::trust_in(risk::ParentSource::declared))
    return {Said::refused, "its size comes from the OMS itself, which alone may raise it"};
  FieldWriter record;
  record.put(Field::parent, action.parent).put(Field::before, known->size.text());
  record.put(Field::after, action.quantity.text()).put(Field::text, action.reason);
  const auto at = floor_.append(Kind::proposal, person, record);
  if (!at) return {Said::refused, "the journal does not take records"};
  larger_parents_.push_back(
      {at->sequence, person, action, floor_.clock.utc.ns + proposal_valid_ns});
  return {Said::proposed, "it becomes larger: another person has to approve it", at->sequence,
          larger_parents_.back().expires_at_ns};
}

ActionOutcome Core::take(const std::string& person, const ApproveParent& action) {
  const auto found = find_waiting(larger_parents_, action.proposal, floor_.clock.utc.ns);
  if (found == larger_parents_.end()) {
    return {Said::unknown, fmt::format("no proposal {} about a parent waits; one is valid for 10 "
                                       "minutes",
                                       action.proposal)};
  }
  if (person.empty() || person == found->person)
    return {Said::conflict, "a second, different person has to approve it"};
  const LargerParent agreed = *found;
  larger_parents_.erase(found);
  return change(agreed.person + " and " + person, agreed.what);
}

namespace {

// Of what the change is about.
std::string state_of(const risk::Parent& parent, What what) {
  switch (what) {
    case What::resize:
      return parent.size.text();
    case What::cancel:
      return parent.cancelled ? "cancelled" : "open";
    case What::executed:
      return parent.executed().text();
  }
  return {};
}

}  // namespace

ActionOutcome Core::change(const std::string& people, const ChangeParent& action) {
  FieldWriter record;
  record.put(Field::event, name(action.what)).put(Field::parent, action.parent);
  if (action.what != What::cancel) record.put(Field::quantity, action.quantity.text());
  record.put(Field::actor, people).put(Field::text, action.reason);
  if (const auto* known = floor_.books.parent(floor_.directory.parents.find(action.parent)))
    record.put(Field::before, state_of(*known, action.what));
  record.put(Field::after, action.what == What::cancel ? "cancelled" : action.quantity.text());
  const auto at = floor_.append(Kind::parent_change, people, record);
  if (!at) return {Said::refused, "the journal does not take records"};
  if (!adopt(action, floor_.clock.utc))
    return {Said::refused, "the books refuse it: another size came meanwhile"};
  return {Said::done, fmt::format("{} {}", name(action.what), action.parent), at->sequence};
}

bool Core::adopt(const ChangeParent& action, risk::Time at) {
  const risk::ParentId parent = floor_.directory.parents.find(action.parent);
  switch (action.what) {
    case What::resize: {
      const auto outcome =
          floor_.books.resize(parent, action.quantity, risk::ParentSource::declared, at);
      return outcome == risk::Resized::resized || outcome == risk::Resized::same;
    }
    case What::cancel:
      floor_.books.cancel_parent(parent, at);
      return true;
    case What::executed:
      static_cast<void>(floor_.books.report_executed(parent, action.quantity, at));
      return true;
  }
  return false;
}

}  // namespace interlock::gateway
