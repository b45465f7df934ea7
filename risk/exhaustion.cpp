#include "risk/exhaustion.hpp"

#include <algorithm>

namespace interlock::risk {
namespace {

ParentRouter& standing_of(ParentRecord& parent, RouterId router) {
  for (ParentRouter& each : parent.routers) {
    if (each.router == router) return each;
  }
  return parent.routers.emplace_back(ParentRouter{router, false, std::nullopt});
}

const ParentRouter* find_standing(const ParentRecord& parent, RouterId router) {
  for (const ParentRouter& each : parent.routers) {
    if (each.router == router) return &each;
  }
  return nullptr;
}

// Since when the routers of this parent could know that it has no room for this child.
std::optional<Time> exhausted_since(const ParentRecord& parent, Quantity child) {
  std::optional<Time> since;
  const auto earliest = [&](std::optional<Time> time) {
    if (time && (!since || *time < *since)) since = time;
  };
  earliest(parent.cancelled_at);
  earliest(parent.complete_at);
  if (parent.open == 0 && parent.shown->size.raw() - parent.executed() < child.raw()) {
    earliest(parent.idle_at);
  }
  return since;
}

}  // namespace

bool is_exhausted(const ParentRecord& parent, Quantity child) {
  const Wide rest = parent.shown->size.raw() - parent.executed();
  return rest <= 0 || parent.shown->cancelled || (parent.open == 0 && rest < child.raw());
}

bool is_runaway(const Books::State& state, const ParentPolicy& policy, const Subject& child,
                Time now) {
  const ParentRecord* parent = state.declared(child.parent);
  if (!parent || !is_exhausted(*parent, child.increment)) return false;
  const auto is_late = [&](std::optional<Time> since) {
    return since && now - *since > policy.exhausted_grace;
  };
  if (const ParentRouter* router = find_standing(*parent, child.router)) {
    if (router->has_order && is_late(exhausted_since(*parent, child.increment))) return true;
    if (is_late(router->refused_at)) return true;
  }
  const Window* refusals = entry(state.exhausted_refusals, child.router);
  const std::uint32_t before = refusals ? refusals->within(seconds(1), now) : 0;
  return before + 1 >= policy.exhausted_refusals;
}

bool is_runaway_while_blocked(const Books::State& state, const ParentPolicy& policy,
                              RouterId router, Time now) {
  const Window* refusals = entry(state.exhausted_refusals, router);
  return refusals && refusals->within(seconds(1), now) >= policy.exhausted_refusals;
}

void note_child(Books::State& state, const Order& child) {
  ParentRecord* parent = state.declared(child.parent);
  if (!parent) return;
  ParentRouter& router = standing_of(*parent, child.router);
  router.has_order = true;
  router.refused_at.reset();
}

void note_refusal(Books::State& state, const Subject& child, Time now) {
  ParentRecord* parent = state.declared(child.parent);
  if (!parent) return;
  ++parent->shown->refused;
  if (!is_exhausted(*parent, child.increment)) return;
  ParentRouter& router = standing_of(*parent, child.router);
  if (!router.refused_at) router.refused_at = now;
  if (Window* refusals = grown(state.exhausted_refusals, child.router)) refusals->add(now);
}

void note_blocked(Books::State& state, const Subject& child, Time now) {
  const ParentRecord* parent = state.declared(child.parent);
  if (!parent || !is_exhausted(*parent, child.increment)) return;
  if (Window* refusals = grown(state.exhausted_refusals, child.router)) refusals->add(now);
}

}  // namespace interlock::risk
