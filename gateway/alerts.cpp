#include "gateway/alerts.hpp"

#include <algorithm>
#include <utility>

namespace interlock::gateway {

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::warning:
      return "warning";
    case Severity::critical:
      return "critical";
  }
  return {};
}

void Alerts::raise(Raised what, std::uint64_t record, std::int64_t at_ns) {
  const auto known = std::ranges::find_if(all_, [&](const Alert& alert) {
    return alert.is_open() && alert.what.kind == what.kind && alert.what.scope == what.scope &&
           alert.what.severity == what.severity;
  });
  if (known != all_.end()) {
    ++known->count;
    known->last_at_ns = at_ns;
    known->what.text = std::move(what.text);
    return;
  }
  Alert fresh;
  fresh.id = record;
  fresh.what = std::move(what);
  fresh.raised_at_ns = fresh.last_at_ns = at_ns;
  all_.push_back(std::move(fresh));
}

bool Alerts::acknowledge(std::uint64_t id, std::string_view by, std::string_view reason,
                         std::int64_t at_ns) {
  const auto found = std::ranges::find(all_, id, &Alert::id);
  if (found == all_.end() || !found->is_open() || by.empty()) return false;
  found->acknowledged_by = by;
  found->acknowledged_with = reason;
  found->acknowledged_at_ns = at_ns;
  if (++acknowledged_ > acknowledged_kept) {
    all_.erase(std::ranges::find_if(all_, [](const Alert& alert) { return !alert.is_open(); }));
    --acknowledged_;
  }
  return true;
}

const Alert* Alerts::find(std::uint64_t id) const {
  const auto found = std::ranges::find(all_, id, &Alert::id);
  return found == all_.end() ? nullptr : &*found;
}

const Alert* Alerts::find_open(std::string_view kind, const killswitch::Scope& scope) const {
  const auto found = std::ranges::find_if(all_, [&](const Alert& alert) {
    return alert.is_open() && alert.what.kind == kind && alert.what.scope == scope;
  });
  return found == all_.end() ? nullptr : &*found;
}

}  // namespace interlock::gateway
