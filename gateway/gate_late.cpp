// Rule 24: a child that is here before its parent waits, undecided, as long as its router's policy
// says. Its number is recorded when it begins to wait, its verdict when it is decided.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gateway/gate.hpp"
#include "gateway/list.hpp"
#include "risk/subject.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;
using risk::Reason;

}  // namespace

FieldWriter Gate::inbound_record(const Leg& router, const Inbound& message) const {
  FieldWriter record;
  record.put(Field::session, router.id()).put(Field::in_sequence, std::uint64_t{message.sequence});
  put_in_frame(record, message);
  if (deciding_) record.put(Field::waited_record, *deciding_);
  return record;
}

void Gate::touch(const risk::Subject& subject, risk::VenueId venue) {
  const risk::OrderId order = subject.order != nullptr ? subject.order->id : risk::OrderId{};
  touched_ = {subject.router, venue, subject.account, subject.symbol, subject.parent,
              subject.by,     order};
}

Waiter Gate::waiter_of(const Leg& router, const Inbound& message) const {
  const Parsed& parsed = *message.parsed;
  Waiter waiter;
  waiter.sequence = message.sequence;
  waiter.frame = message.frame;
  const auto add = [](std::vector<std::string>& to, std::string name) {
    if (!name.empty()) to.push_back(std::move(name));
  };
  const config::Router& settings = floor_.config.routers[router.identity().index];
  const auto name = [&](const Parsed& order) {
    add(waiter.cl_ord_ids, std::string(order.get(11).value_or("")));
    add(waiter.cl_ord_ids, std::string(order.get(41).value_or("")));
    if (order.type == "D") add(waiter.parents, parent_of(order, settings.parent_keys));
  };
  if (parsed.type == "E")
    std::ranges::for_each(entries_in(parsed), name);
  else
    name(parsed);
  return waiter;
}

bool Gate::waits_behind(Leg& router, const Inbound& message) {
  const std::uint32_t index = router.identity().index;
  if (deciding_ || waiting_.of(index).empty()) return false;
  settle();  // what has become ready in the meantime goes first
  Waiter waiter = waiter_of(router, message);
  if (!waiting_.holds_back(index, waiter)) return false;
  // A cancel always finds a place: there is one in flight for an order, so they are bounded, too.
  if (waiting_.full(index) && message.parsed->type != "F") {
    refuse(router, message, Reason::parent_unknown, "too many children wait for their parents");
    return true;
  }
  waiter.behind = true;
  return wait(router, std::move(waiter));
}

bool Gate::waits_for_its_parent(Leg& router, const Inbound& message, const risk::Request& request,
                                const risk::Breach& breach) {
  const auto* order = std::get_if<risk::NewOrder>(&request);
  const std::uint32_t index = router.identity().index;
  if (deciding_ || order == nullptr || order->parent_name.empty() || waiting_.full(index))
    return false;
  const config::Router& settings = floor_.config.routers[index];
  const risk::Parent* parent = floor_.books.parent(order->parent);
  Waiter waiter = waiter_of(router, message);
  if (breach.reason == Reason::parent_unknown && parent == nullptr &&
      settings.late_parent_wait.ns > 0) {
    waiter.until = floor_.clock.utc + settings.late_parent_wait;
    return wait(router, std::move(waiter));
  }
  // One that kills its router is no race: it is refused at once.
  if (breach.reason == Reason::parent_fill && parent != nullptr && !breach.trip &&
      settings.late_raise_wait.ns > 0) {
    waiter.until = floor_.clock.utc + settings.late_raise_wait;
    waiter.beyond = {order->parent_name, parent->size};
    return wait(router, std::move(waiter));
  }
  return false;
}

// One decision for all: a list waits for the first of its orders that would wait alone, and what
// would be refused before that one is refused at once.
bool Gate::list_waits(Leg& router, const Inbound& message, const List& list, risk::VenueId venue) {
  const config::Router& settings = floor_.config.routers[router.identity().index];
  const bool may_wait = settings.late_parent_wait.ns > 0 || settings.late_raise_wait.ns > 0;
  if (deciding_ || !may_wait) return false;
  for (const Translated& order : list.translated) {
    const auto& request = std::get<risk::NewOrder>(order.request);
    if (order.claim && floor_.books.parent(request.parent) == nullptr) continue;
    const risk::Verdict verdict = judge(order.request, venue);
    if (verdict.may_go()) continue;
    return waits_for_its_parent(router, message, order.request, *verdict.breach);
  }
  return false;
}

bool Gate::wait(Leg& router, Waiter waiter) {
  FieldWriter record;
  record.put(Field::session, router.id()).put(Field::in_sequence, std::uint64_t{waiter.sequence});
  record.put(Field::in_frame, waiter.frame);
  const auto location = floor_.append(Kind::waiting, router.id(), record);
  if (!location) return false;  // refused: without a journal nothing waits
  router.recorded(waiter.sequence);
  waiter.record = location->sequence;
  ++floor_.counters.late_children["waited"];
  waiting_.of(router.identity().index).push_back(std::move(waiter));
  return true;
}

bool Gate::is_ready(const std::deque<Waiter>& all, std::size_t at) const {
  const Waiter& waiter = all[at];
  for (std::size_t i = 0; i < at; ++i) {
    if (Waiting::holds_back(all[i], waiter)) return false;
  }
  if (waiter.behind || floor_.clock.utc >= waiter.until) return true;
  const auto named = [&](const std::string& parent) {
    return floor_.books.parent(floor_.directory.parents.find(parent));
  };
  if (waiter.beyond) {
    const risk::Parent* parent = named(waiter.beyond->first);
    return parent != nullptr && parent->size > waiter.beyond->second;
  }
  return std::ranges::all_of(waiter.parents,
                             [&](const std::string& parent) { return named(parent) != nullptr; });
}

void Gate::settle() {
  if (deciding_) return;
  for (const auto& router : floor_.routers) {
    std::deque<Waiter>& all = waiting_.of(router->identity().index);
    for (std::size_t i = 0; i < all.size();) {
      if (!is_ready(all, i)) {
        ++i;
        continue;
      }
      const Waiter waiter = take(all, i);
      decide(*router, waiter, {});
    }
  }
}

void Gate::purge_waiting() {
  for (const auto& router : floor_.routers) {
    std::deque<Waiter>& all = waiting_.of(router->identity().index);
    for (std::size_t i = 0; i < all.size();) {
      if (!is_shut(*router, all[i])) {
        ++i;
        continue;
      }
      const Waiter waiter = take(all, i);
      decide(*router, waiter, {});
    }
  }
}

void Gate::give_up(Leg& router, std::string_view why) {
  std::deque<Waiter>& all = waiting_.of(router.identity().index);
  while (!all.empty()) decide(router, take(all, 0), why);
}

void Gate::refuse_what_waited(const std::vector<std::pair<std::string, Waiter>>& left) {
  for (const auto& [session, waiter] : left) {
    const risk::RouterId router = floor_.directory.routers.find(session);
    if (router.known())
      decide(*floor_.routers[router.value], waiter, "the gateway ended while it waited");
  }
}

Waiter Gate::take(std::deque<Waiter>& all, std::size_t at) {
  Waiter waiter = std::move(all[at]);
  all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
  return waiter;
}

// What a kill of its scopes says of it, if it were decided now.
bool Gate::is_shut(const Leg& router, const Waiter& waiter) const {
  if (killswitch::Latch::firm_killed(floor_.acknowledged_word)) return true;
  const auto parsed = parse_strict(waiter.frame, *router.identity().dialect);
  if (!parsed || parsed->type == "F") return false;
  if (parsed->type != "E") return is_shut(router, *parsed);
  return std::ranges::any_of(entries_in(*parsed),
                             [&](const Parsed& order) { return is_shut(router, order); });
}

bool Gate::is_shut(const Leg& router, const Parsed& order) const {
  const risk::RouterId id{router.identity().index};
  const auto venue = route(router, order);
  const auto translated = translate_request(order, floor_.config, id,
                                            venue.value_or(risk::VenueId{}), floor_.directory);
  if (!translated) return false;
  const risk::Verdict verdict = judge(translated->request, venue.value_or(risk::VenueId{}));
  return !verdict.may_go() &&
         (verdict.breach->reason == Reason::killed || verdict.breach->reason == Reason::blocked);
}

// `why` not empty: refused without being judged.
void Gate::decide(Leg& router, const Waiter& waiter, std::string_view why) {
  const auto parsed = parse_strict(waiter.frame, *router.identity().dialect);
  const Lenient loose =
      parsed ? Lenient{} : parse_lenient(waiter.frame, *router.identity().dialect);
  const Inbound message{waiter.frame, parsed ? &*parsed : &loose.parsed, nullptr, waiter.sequence};
  const std::uint64_t passed = floor_.counters.passed_by_router[router.id()];
  deciding_ = waiter.record;
  const risk::Touched in_hand = std::exchange(touched_, {});
  touched_.router = {router.identity().index};
  if (!parsed || !why.empty())
    refuse(router, message, Reason::parent_unknown, std::string(parsed ? why : "it reads no more"));
  else if (parsed->type == "E")
    list(router, message);
  else
    order(router, message);
  deciding_.reset();
  floor_.watch(risk::Occasion::message, touched_);
  touched_ = in_hand;
  if (message.parsed->type == "F") return;
  const bool went = floor_.counters.passed_by_router[router.id()] > passed;
  ++floor_.counters.late_children[went ? "passed" : "refused"];
}

}  // namespace interlock::gateway
