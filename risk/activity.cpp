#include "risk/activity.hpp"

#include <algorithm>

#include "risk/books_state.hpp"
#include "risk/digest.hpp"
#include "risk/subject.hpp"

namespace interlock::risk {
namespace {

constexpr std::int64_t minute_ns = 60'000'000'000;
// A venue that makes up codes does not fill the memory: those beyond are not new any more.
constexpr std::size_t codes_max = 256;

std::int64_t minute_of(Time time) { return time.ns / minute_ns; }

// One more than the limit, so that "too many" is seen after the fact.
Window::Memory memory_of(const Limit<Rate>& limit) {
  const std::uint32_t count = std::min(limit.value.count, UINT32_MAX - 1);
  return {count + 1, limit.value.window};
}

// A clock that was set back counts in the latest minute.
void turn_to(RouterActivity& router, std::int64_t minute) {
  if (minute <= router.minute.number) return;
  router.minute_before = router.minute;
  router.minute = {.number = minute};
}

void visit(ParentActivity& parent, RouterActivity& router, RouterId id, Quantity size, Time now) {
  const std::int64_t minute = router.minute.number;
  const auto known = std::ranges::find(parent.visitors, id, &Visitor::router);
  if (known != parent.visitors.end()) {
    if (known->minute != minute) ++router.minute.parents;
    known->minute = minute;
    return;
  }
  parent.visitors.push_back({id, minute});
  ++router.minute.parents;
  ++router.parents;
  router.parent_sizes += size.raw();
  router.new_parents.add(now);
}

std::uint64_t code_of(const Report& report) {
  return Digest{}.add(report.venue).add(report.reject_code).value();
}

bool is_of_a_change(const Report& report) {
  return report.fact == Fact::cancel_rejected || report.fact == Fact::replace_rejected;
}

// Too late to cancel (102=0) is a race that every router loses now and then.
bool is_lost_race(const Report& report) {
  return is_of_a_change(report) && report.reject_code == "0";
}

bool is_first_today(std::vector<std::uint64_t>& today, std::uint64_t code) {
  if (today.size() >= codes_max || std::ranges::find(today, code) != today.end()) return false;
  today.push_back(code);
  return true;
}

void add(Digest& digest, const Window& window) {
  digest.add(std::uint64_t{window.size()});
  for (std::size_t i = 0; i < window.size(); ++i) digest.add(window.at(i));
}

void add(Digest& digest, const MoneyWindow& window) {
  digest.add(std::uint64_t{window.amounts().size()});
  for (std::size_t i = 0; i < window.amounts().size(); ++i) {
    digest.add(window.amounts().at(i).at).add(window.amounts().at(i).total);
  }
}

void add(Digest& digest, const Minute& minute) {
  digest.add(static_cast<std::uint64_t>(minute.number)).add(std::uint64_t{minute.messages});
  digest.add(std::uint64_t{minute.parents});
}

void add(Digest& digest, const std::vector<std::uint64_t>& codes) {
  digest.add(std::uint64_t{codes.size()});
  for (const std::uint64_t code : codes) digest.add(code);
}

void add(Digest& digest, const RouterActivity& router) {
  for (const Window* window :
       {&router.messages, &router.executions, &router.refusals, &router.new_parents}) {
    add(digest, *window);
  }
  digest.add(std::uint64_t{router.repeats.entries().size()});
  for (std::size_t i = 0; i < router.repeats.entries().size(); ++i) {
    digest.add(router.repeats.entries().at(i).at).add(router.repeats.entries().at(i).likeness);
  }
  digest.add(router.child_messages).add(router.child_shares);
  digest.add(std::uint64_t{router.parents}).add(router.parent_sizes);
  add(digest, router.minute);
  add(digest, router.minute_before);
  digest.add(router.refused_today.to_string());
  add(digest, router.rejected_today);
}

void add(Digest& digest, const Orphans& orphans) {
  digest.add(std::uint64_t{orphans.fills}).add(orphans.shares).add(orphans.notional);
}

void add(Digest& digest, const VenueActivity& venue) {
  add(digest, venue.messages);
  add(digest, venue.rejects);
  add(digest, venue.orphans);
  add(digest, venue.rejected_today);
}

void add(Digest& digest, const ParentActivity& parent) {
  digest.add(parent.messages).add(parent.shares);
  add(digest, parent.executions);
  for (const Visitor& visitor : parent.visitors) {
    digest.add(visitor.router).add(static_cast<std::uint64_t>(visitor.minute));
  }
}

// Entries that only exist because a table was made larger say nothing, so they add nothing.
template <class Table>
void add_table(Digest& digest, const Table& table) {
  Digest nothing;
  add(nothing, typename Table::value_type{});
  for (std::size_t i = 0; i < table.size(); ++i) {
    Digest each;
    add(each, table[i]);
    if (each.value() != nothing.value()) digest.add(std::uint64_t{i}).add(each.value());
  }
}

std::uint64_t likeness_of(const Subject& subject) {
  // Multiplications that do not wait for each other: every order that passes is asked this twice.
  const auto price = [](const std::optional<Price>& each) {
    return each ? static_cast<std::uint64_t>(each->raw()) : 0x8000000000000001u;
  };
  const auto pair = [](auto high, auto low) { return std::uint64_t{high.value} << 32 | low.value; };
  const std::uint64_t sum =
      pair(subject.symbol, subject.account) * 0x9e3779b97f4a7c15u +
      subject.parent.value * 0xd6e8feb86659fd93u +
      static_cast<std::uint64_t>(subject.quantity.raw()) * 0xa0761d6478bd642fu +
      price(subject.limit) * 0xe7037ed1a0b428dbu + price(subject.stop) * 0x8ebc6af09c88c6e3u;
  return Digest{}.add(sum).add(std::uint64_t{static_cast<std::uint8_t>(subject.side)}).value();
}

}  // namespace

bool is_of_a_shut_gate(Reason reason) {
  return reason == Reason::killed || reason == Reason::blocked || reason == Reason::not_armed ||
         reason == Reason::recovering;
}

void size_activity(Books::State& state, const Directory& directory, const Limits& limits) {
  Activity& activity = state.activity;
  const auto size = [](auto& table, std::size_t least) {
    if (table.size() < least) table.resize(least);
  };
  size(activity.routers, std::max<std::size_t>(directory.routers.size(), limits.routers.size()));
  size(activity.venues, std::max<std::size_t>(directory.venues.size(), limits.venues.size()));
  size(activity.algos, limits.algos.size());
  size(activity.accounts, limits.accounts.size());
  size(activity.symbols, limits.symbols.size());
  for (std::size_t i = 0; i < limits.routers.size(); ++i) {
    RouterActivity& router = activity.routers[i];
    router.messages.remember(memory_of(limits.routers[i].message_rate));
    router.executions.remember(memory_of(limits.routers[i].execution_rate));
    router.refusals.remember(memory_of(limits.routers[i].rejects));
    router.new_parents.remember(memory_of(limits.routers[i].new_parents));
    router.repeats.remember(limits.routers[i].duplicates.value.window);
  }
  for (std::size_t i = 0; i < limits.venues.size(); ++i) {
    activity.venues[i].messages.remember(memory_of(limits.venues[i].message_rate));
    activity.venues[i].rejects.remember(memory_of(limits.venues[i].rejects));
  }
  for (std::size_t i = 0; i < limits.algos.size(); ++i) {
    activity.algos[i].remember(memory_of(limits.algos[i].execution_rate));
  }
  activity.firm.remember(limits.firm.notional_rate.value.window);
  for (std::size_t i = 0; i < limits.accounts.size(); ++i) {
    activity.accounts[i].remember(limits.accounts[i].notional_rate.value.window);
  }
  for (std::size_t i = 0; i < limits.symbols.size(); ++i) {
    activity.symbols[i].remember(limits.symbols[i].notional_rate.value.window);
  }
  activity.parent_executions = memory_of(limits.parent.execution_rate);
  for (ParentActivity& parent : activity.parents) {
    parent.executions.remember(activity.parent_executions);
  }
}

void note_child_message(Books::State& state, const Subject& subject, bool opens_risk, Time now) {
  const ParentRecord* declared = state.declared(subject.parent);
  RouterActivity* router = grown(state.activity.routers, subject.router);
  if (!declared || !router) return;
  ParentActivity& parent = *grown(state.activity.parents, subject.parent);
  const Wide shares = opens_risk ? std::max<Wide>(0, subject.increment.raw()) : 0;
  turn_to(*router, minute_of(now));
  visit(parent, *router, subject.router, declared->shown->size, now);
  ++router->minute.messages;
  ++router->child_messages;
  router->child_shares += shares;
  ++parent.messages;
  parent.shares += shares;
}

void note_entered(Books::State& state, const Subject& subject, Money added, Time now) {
  Activity& activity = state.activity;
  if (RouterActivity* router = grown(activity.routers, subject.router)) {
    router->repeats.add(likeness_of(subject), now);
  }
  activity.firm.add(added, now);
  if (MoneyWindow* account = grown(activity.accounts, subject.account)) account->add(added, now);
  if (MoneyWindow* symbol = grown(activity.symbols, subject.symbol)) symbol->add(added, now);
}

void note_refused(Books::State& state, RouterId id, Reason reason, Time now) {
  RouterActivity* router = grown(state.activity.routers, id);
  if (!router || is_of_a_shut_gate(reason)) return;
  router->refusals.add(now);
  const auto number = static_cast<std::size_t>(reason);
  if (router->refused_today.test(number)) return;
  router->refused_today.set(number);
  state.activity.news.first_refusal = reason;
}

void note_execution(Books::State& state, const Order& order, Time now) {
  Activity& activity = state.activity;
  activity.news.executed = true;
  if (RouterActivity* router = grown(activity.routers, order.router)) router->executions.add(now);
  if (Window* algo = grown(activity.algos, order.by.algo)) algo->add(now);
  if (!state.declared(order.parent)) return;
  ParentActivity& parent = *grown(activity.parents, order.parent);
  parent.executions.remember(activity.parent_executions);
  parent.executions.add(now);
}

void note_orphan(Books::State& state, VenueId id, Quantity quantity, Money notional) {
  state.activity.news.orphan = true;
  VenueActivity* venue = grown(state.activity.venues, id);
  for (Orphans* orphans : {&state.activity.orphans, venue ? &venue->orphans : nullptr}) {
    if (!orphans) continue;
    ++orphans->fills;
    orphans->shares += quantity.raw();
    orphans->notional += notional.raw();
  }
}

void note_rejected(Books::State& state, RouterId id, const Report& report, Time now) {
  if (report.reject_code.empty() || is_lost_race(report)) return;
  VenueActivity* venue = grown(state.activity.venues, report.venue);
  if (venue) venue->rejects.add(now);
  RouterActivity* router = grown(state.activity.routers, id);
  if (!router && !venue) return;
  if (router) router->refusals.add(now);
  auto& today = router ? router->rejected_today : venue->rejected_today;
  if (!is_first_today(today, code_of(report))) return;
  state.activity.news.first_reject = report.reject_code;
  state.activity.news.rejected_an_order = !is_of_a_change(report);
}

void note_resized(Books::State& state, ParentId id, Quantity before, Quantity after) {
  const ParentActivity* parent = entry(state.activity.parents, id);
  if (!parent) return;
  for (const Visitor& visitor : parent->visitors) {
    state.activity.routers[visitor.router.value].parent_sizes += Wide{after.raw()} - before.raw();
  }
}

void begin_day(Activity& activity) {
  activity.orphans = {};
  for (RouterActivity& router : activity.routers) {
    router.refused_today.reset();
    router.rejected_today.clear();
  }
  for (VenueActivity& venue : activity.venues) {
    venue.orphans = {};
    venue.rejected_today.clear();
  }
}

bool is_new_to(const Books::State& state, RouterId router, ParentId parent) {
  const ParentActivity* activity = entry(state.activity.parents, parent);
  return !activity || std::ranges::find(activity->visitors, router, &Visitor::router) ==
                          activity->visitors.end();
}

std::uint32_t alike_within(const Books::State& state, const Subject& subject, Duration window,
                           Time now, std::uint32_t most) {
  const RouterActivity* router = entry(state.activity.routers, subject.router);
  return router ? router->repeats.within(likeness_of(subject), window, now, most) : 0;
}

FanOut fan_out_of(const RouterActivity& router, Time now) {
  const std::int64_t minute = minute_of(now);
  std::uint64_t messages = 0;
  FanOut fan_out;
  for (const Minute* each : {&router.minute, &router.minute_before}) {
    if (each->number < minute - 1) continue;
    messages += each->messages;
    fan_out.parents += each->parents;
  }
  if (fan_out.parents == 0) return fan_out;
  fan_out.parts_per_million = static_cast<std::int64_t>(messages * 1'000'000 / fan_out.parents);
  return fan_out;
}

std::uint64_t digest_of(const Activity& activity) {
  Digest digest;
  add_table(digest, activity.routers);
  add_table(digest, activity.venues);
  add_table(digest, activity.algos);
  add(digest, activity.firm);
  add(digest, activity.orphans);
  add_table(digest, activity.accounts);
  add_table(digest, activity.symbols);
  add_table(digest, activity.parents);
  return digest.value();
}

}  // namespace interlock::risk
