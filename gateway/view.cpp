// The snapshot that the loop publishes: everything that others may see, as plain values.
#include <algorithm>

#include "gateway/core.hpp"
#include "risk/fact.hpp"

namespace interlock::gateway {
namespace {

constexpr std::size_t listed_max = 1'000;

std::string side_text(risk::Side side) {
  switch (side) {
    case risk::Side::buy:
      return "buy";
    case risk::Side::sell:
      return "sell";
    case risk::Side::sell_short:
      return "sell_short";
    case risk::Side::sell_short_exempt:
      return "sell_short_exempt";
  }
  return "?";
}

std::string state_text(risk::OrderState state) {
  switch (state) {
    case risk::OrderState::sent:
      return "sent";
    case risk::OrderState::live:
      return "live";
    case risk::OrderState::ended:
      return "ended";
  }
  return "?";
}

std::string_view side_of(const Leg& leg) {
  switch (leg.identity().side) {
    case LegIdentity::Side::router:
      return "router";
    case LegIdentity::Side::venue:
      return "venue";
    case LegIdentity::Side::tee:
      return "tee";
    case LegIdentity::Side::venue_drop_copy:
      return "venue_drop_copy";
    case LegIdentity::Side::drop_copy:
      return "drop_copy";
  }
  return "?";
}

SessionView session_view(const Leg& leg) {
  SessionView view;
  view.id = leg.id();
  view.side = side_of(leg);
  view.state = leg.on()                ? "on"
               : leg.link() != nullptr ? "logging on"
               : !leg.schedule_open()  ? "closed by schedule"
                                       : "down";
  if (leg.link() != nullptr) view.peer = leg.link()->peer();
  view.next_in = leg.store().next_in();
  view.next_out = leg.store().next_out();
  view.messages_in = leg.messages_in();
  view.messages_out = leg.messages_out();
  view.out_buffer_bytes = leg.out().bytes();
  view.last_received_ns = leg.last_received_ns();
  return view;
}

OrderView order_view(const risk::Order& order, const risk::Directory& names) {
  OrderView view;
  view.router = names.routers.name(order.router);
  view.venue = names.venues.name(order.venue);
  view.account = names.accounts.name(order.account);
  view.symbol = names.symbols.name(order.symbol);
  view.parent = names.parents.name(order.parent);
  view.cl_ord_id = order.cl_ord_id;
  view.side = side_text(order.side);
  view.state = state_text(order.state);
  view.quantity = order.quantity.text();
  view.cum = order.cum.text();
  view.open = order.open.text();
  view.cancel_in_flight = order.cancel_in_flight;
  return view;
}

// It has no router: the venue stands in its place.
OrderView order_view(const std::string& venue, const Stranger& stranger) {
  OrderView view;
  view.router = venue;
  view.venue = venue;
  view.cl_ord_id = stranger.cl_ord_id;
  view.state = "unknown here";
  view.quantity = stranger.quantity;
  view.cum = stranger.cum;
  view.open = stranger.leaves;
  view.cancel_in_flight = true;
  return view;
}

std::string_view words(risk::ParentSource source) {
  switch (source) {
    case risk::ParentSource::declared:
      return "declared";
    case risk::ParentSource::child_tag:
      return "child tag";
    case risk::ParentSource::tee:
      return "tee";
  }
  return "?";
}

bool exhausted(const risk::Parent& parent) {
  return parent.cancelled || parent.executed() >= parent.size;
}

std::vector<ParentView> parent_views(const Floor& floor) {
  std::vector<std::pair<double, risk::ParentId>> fullest;
  for (std::uint32_t i = 0; i < floor.directory.parents.size(); ++i) {
    const risk::Parent* parent = floor.books.parent({i});
    if (parent == nullptr) continue;
    fullest.emplace_back(
        static_cast<double>(parent->used().raw()) / static_cast<double>(parent->size.raw()),
        risk::ParentId{i});
  }
  const std::size_t count = std::min(fullest.size(), listed_max);
  std::partial_sort(fullest.begin(), fullest.begin() + static_cast<std::ptrdiff_t>(count),
                    fullest.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<ParentView> views;
  for (std::size_t i = 0; i < count; ++i) {
    const risk::Parent& parent = *floor.books.parent(fullest[i].second);
    ParentView view;
    view.id = floor.directory.parents.name(fullest[i].second);
    view.account = floor.directory.accounts.name(parent.account);
    view.symbol = floor.directory.symbols.name(parent.symbol);
    view.side = side_text(parent.side);
    view.source = words(parent.source);
    view.size = parent.size.text();
    view.cum = parent.cum.text();
    view.open = parent.open.text();
    view.children = parent.children;
    view.refused = parent.refused;
    view.exhausted = exhausted(parent);
    view.cancelled = parent.cancelled;
    views.push_back(std::move(view));
  }
  return views;
}

std::vector<AlertView> alert_views(const Alerts& alerts) {
  std::vector<AlertView> views;
  for (auto each = alerts.all().rbegin(); each != alerts.all().rend(); ++each) {
    views.push_back({each->id, std::string(name(each->what.severity)), each->what.kind,
                     std::string(name(each->what.scope.kind)), each->what.scope.id, each->what.text,
                     each->count, each->raised_at_ns, each->last_at_ns, each->acknowledged_by,
                     each->acknowledged_with, each->acknowledged_at_ns});
  }
  std::ranges::stable_partition(views,
                                [](const AlertView& view) { return view.acknowledged_by.empty(); });
  return views;
}

template <class Id>
void count_open(const Floor& floor, risk::ScopeKind kind, const risk::Names<Id>& names,
                std::map<std::string, std::uint32_t>& open) {
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    const auto count = floor.books.exposure({kind, i}).open_orders;
    if (count > 0) open[std::string(names.name({i}))] = count;
  }
}

std::map<std::string, std::map<std::string, std::uint32_t>> open_orders_by(const Floor& floor) {
  std::map<std::string, std::map<std::string, std::uint32_t>> open;
  const risk::Directory& names = floor.directory;
  count_open(floor, risk::ScopeKind::router, names.routers, open["router"]);
  count_open(floor, risk::ScopeKind::venue, names.venues, open["venue"]);
  count_open(floor, risk::ScopeKind::account, names.accounts, open["account"]);
  count_open(floor, risk::ScopeKind::symbol, names.symbols, open["symbol"]);
  return open;
}

// The firm's state in one word.
std::string state_of(const Floor& floor) {
  if (floor.stopping) return "stopping";
  std::optional<killswitch::Level> highest;
  for (const killswitch::Kill& kill : floor.kills) {
    const bool is_firm = kill.scope.kind == killswitch::ScopeKind::firm;
    if (is_firm && (!highest || kill.level > *highest)) highest = kill.level;
  }
  if (!highest) return "armed";
  if (*highest == killswitch::Level::kill) return "killed";
  return *highest == killswitch::Level::block ? "blocked" : "reduce-only";
}

}  // namespace

std::shared_ptr<Snapshot> Core::snapshot() const {
  auto view = std::make_shared<Snapshot>();
  view->time_ns = floor_.clock.utc.ns;
  view->state = state_of(floor_);
  for (const killswitch::Kill& kill : floor_.kills) {
    KillView entry;
    entry.id = kill.id;
    entry.scope_kind = name(kill.scope.kind);
    entry.scope = kill.scope.id;
    entry.level = name(kill.level);
    entry.source = name(kill.source);
    entry.actor = kill.actor;
    entry.cause = kill.cause;
    entry.tripped_at_ns = kill.tripped_at_ns;
    const std::vector<risk::OrderId> alive = killer_.residual(kill);
    entry.residual_count = static_cast<std::uint32_t>(alive.size());
    for (std::size_t i = 0; i < std::min(alive.size(), listed_max); ++i) {
      entry.residual.push_back(order_view(floor_.books.order(alive[i]), floor_.directory));
    }
    for (const auto& [venue, stranger] : returns_.checks().strangers(kill)) {
      ++entry.residual_count;
      if (entry.residual.size() < listed_max) entry.residual.push_back(order_view(venue, stranger));
    }
    if (const auto closed = killer_.closed().find(kill.id); closed != killer_.closed().end()) {
      entry.closed_at_ns = closed->second.closed_at_ns;
      entry.cancels_sent = closed->second.cancels_sent;
      entry.last_sequence = closed->second.last_sequence;
      entry.unsent = closed->second.unsent;
      entry.cut_at_ns = closed->second.cut_at_ns;
    }
    view->kills.push_back(std::move(entry));
  }
  for (const auto* side : {&floor_.routers, &floor_.venues, &floor_.tees, &floor_.venue_copies}) {
    for (const auto& leg : *side) view->sessions.push_back(session_view(*leg));
  }
  for (const auto& leg : floor_.drop_copies) {
    view->sessions.push_back(session_view(*leg));
    view->drop_copy_lag_s[leg->id()] = static_cast<double>(drop_copies_.lag(*leg).ns) / 1e9;
  }
  for (const risk::LimitUse& use :
       risk::limits_in_use(floor_.books, floor_.config.limits, floor_.references, floor_.directory,
                           floor_.clock.utc)) {
    view->limits.push_back({std::string(use.control), std::string(risk::name(use.scope.kind)),
                            std::string(risk::name_of(floor_.directory, use.scope)), use.used,
                            use.limit, use.fraction, use.line, 0});
  }
  view->policy = policy_.view();
  view->proposals = policy_.proposals();
  for (ProposalView& each : sequences_.proposals()) view->proposals.push_back(std::move(each));
  for (const RaiseView& raise : view->policy->raises) {
    const auto row = std::ranges::find_if(view->policy->rows, [&](const config::PolicyRow& each) {
      return each.scope_kind == raise.scope_kind && each.scope == raise.scope &&
             each.key == raise.key;
    });
    if (row == view->policy->rows.end()) continue;
    for (LimitView& limit : view->limits) {
      const bool raised = limit.line == row->line && limit.scope_kind == raise.scope_kind &&
                          (limit.scope == raise.scope || raise.scope.empty());
      if (raised) limit.raised_until_ns = raise.until_ns;
    }
  }
  view->parents = parent_views(floor_);
  view->parent_count = floor_.directory.parents.size();
  view->open_orders = floor_.books.exposure({risk::ScopeKind::firm, 0}).open_orders;
  view->open_orders_by = open_orders_by(floor_);
  view->alerts = alert_views(floor_.alerts);
  view->refusals.assign(floor_.counters.refusals.begin(), floor_.counters.refusals.end());
  view->records.assign(floor_.counters.records.begin(), floor_.counters.records.end());
  view->refused_by_code = floor_.counters.refused_by_code;
  view->anomalies = floor_.counters.anomalies;
  view->passed_by_router = floor_.counters.passed_by_router;
  view->refused_by_router = floor_.counters.refused_by_router;
  for (const auto& leg : floor_.venues)
    view->latency_by_venue[leg->id()] = floor_.counters.latency_by_venue[leg->identity().index];
  for (std::uint32_t i = 0; i < floor_.references.by_symbol.size(); ++i) {
    const auto& reference = floor_.references.by_symbol[i];
    if (!reference) continue;
    view->reference_age_s[std::string(floor_.directory.symbols.name({i}))] =
        static_cast<double>((floor_.clock.utc - reference->as_of).ns) / 1e9;
  }
  view->buttons = buttons_.views();
  view->button_thread = buttons_.thread();
  view->rearm_problem = buttons_.problem();
  view->identity = identity();
  view->armed_identity = floor_.latch.armed_identity();
  view->journal_problem = floor_.journal.space_problem();
  view->late_children = floor_.counters.late_children;
  view->children_waiting = gate_.waiting();
  view->drop_copy_differences = venue_copies_.differences();
  view->quarantined_fills = floor_.books.quarantine().fills;
  view->journal_records = floor_.journal.next_sequence() - 1;
  view->journal_bytes = floor_.journal.bytes();
  view->journal_unsynced_age_ns = floor_.journal.unsynced_age_ns(floor_.clock.utc.ns);
  view->signing = signing_.view();
  view->clock = clock_watch_.view();
  view->venue_checks = returns_.checks().views();
  view->gate_acknowledged_word = floor_.acknowledged_word;
  return view;
}

}  // namespace interlock::gateway
