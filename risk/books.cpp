#include "risk/books.hpp"

#include <algorithm>
#include <utility>

#include "risk/asking.hpp"
#include "risk/books_state.hpp"
#include "risk/exhaustion.hpp"
#include "risk/exposure.hpp"
#include "risk/profit.hpp"
#include "risk/subject.hpp"

namespace interlock::risk {
namespace {

constexpr std::pair<Anomaly, std::string_view> anomaly_names[] = {
    {Anomaly::none, "none"},
    {Anomaly::over_fill, "over_fill"},
    {Anomaly::fill_after_end, "fill_after_end"},
    {Anomaly::unknown_order, "unknown_order"},
    {Anomaly::exec_id_reused, "exec_id_reused"},
    {Anomaly::cum_differs, "cum_differs"},
    {Anomaly::unknown_exec_ref, "unknown_exec_ref"},
    {Anomaly::bad_value, "bad_value"},
    {Anomaly::life_after_end, "life_after_end"},
};

// Every D and G counts, passed or refused, in each scope that is known of it.
void count_attempt(Books::State& state, const Subject& subject, Time now) {
  state.firm.attempts.add(now);
  for (ScopeRecord* scope :
       {grown(state.routers, subject.router), grown(state.venues, subject.venue),
        grown(state.accounts, subject.account), grown(state.symbols, subject.symbol),
        grown(state.algos, subject.by.algo), grown(state.traders, subject.by.trader),
        grown(state.desks, subject.by.desk)}) {
    if (scope) scope->attempts.add(now);
  }
  if (ParentRecord* parent = state.declared(subject.parent)) parent->attempts.add(now);
}

// The first order to carry a ClOrdID keeps it: a later one is refused as a duplicate (rule 13).
void name_order(Books::State& state, RouterId router, const std::string& cl_ord_id,
                NamedOrder order) {
  if (auto* names = grown(state.cl_ord_ids, router)) names->of(cl_ord_id).emplace(cl_ord_id, order);
}

OrderId enter_new(Books::State& state, const NewOrder& request, Time now) {
  OrderRecord& order = state.orders.add();
  const OrderId id = order.id;
  order.shown.router = request.router;
  order.shown.venue = request.venue;
  order.shown.account = request.account;
  order.shown.symbol = request.symbol;
  order.shown.parent = request.parent;
  order.shown.by = request.by;
  order.shown.side = request.side;
  order.shown.type = request.type;
  order.shown.cl_ord_id = request.cl_ord_id;
  order.shown.entered_at = now;
  order.last_day = state.day;
  order.accepted = {.serial = 0,
                    .quantity = request.quantity,
                    .limit = request.limit,
                    .type = request.type,
                    .side = request.side};
  name_order(state, request.router, request.cl_ord_id, {id, 0});
  note_child(state, order.shown);
  if (ParentRecord* parent = state.declared(request.parent)) ++parent->shown->children;
  settle(state, order);
  count_turnover(state, order, {});
  return id;
}

OrderId enter_replace(Books::State& state, const Replace& request) {
  const OrderId id = state.named(request.router, request.orig_cl_ord_id).order;
  if (!id.known()) return id;
  OrderRecord& order = state.orders[id.value];
  const std::uint32_t serial = order.serials++;
  order.last_day = state.day;
  order.unanswered.push_back({.serial = serial,
                              .quantity = request.quantity,
                              .limit = request.limit,
                              .type = request.type,
                              .side = request.side});
  name_order(state, request.router, request.cl_ord_id, {id, serial});
  const Money held_before = order.held;
  settle(state, order);
  count_turnover(state, order, held_before);
  return id;
}

OrderId enter_cancel(Books::State& state, const Cancel& request) {
  const OrderId id = state.named(request.router, request.orig_cl_ord_id).order;
  if (!id.known()) return id;
  OrderRecord& order = state.orders[id.value];
  order.shown.cancel_in_flight = true;
  order.last_day = state.day;
  name_order(state, request.router, request.cl_ord_id, {id, nowhere});
  return id;
}

template <class Id>
void size_scopes(std::vector<ScopeRecord>& scopes, const std::vector<ScopeLimits>& limits,
                 const Names<Id>& names) {
  if (scopes.size() < names.size()) scopes.resize(names.size());
  for (std::size_t i = 0; i < std::min(scopes.size(), limits.size()); ++i) {
    const Rate& rate = limits[i].order_rate.value;
    scopes[i].attempts.remember({rate.count, rate.window});
  }
}

}  // namespace

std::string_view name(Anomaly anomaly) {
  for (const auto& [key, text] : anomaly_names) {
    if (key == anomaly) return text;
  }
  return "?";
}

NamedOrder Books::State::named(RouterId router, std::string_view cl_ord_id) const {
  for (const auto* by_router : {&cl_ord_ids, &earlier_cl_ord_ids}) {
    const auto* names = entry(*by_router, router);
    if (!names) continue;
    const auto& part = names->of(cl_ord_id);
    if (const auto found = part.find(cl_ord_id); found != part.end()) return found->second;
  }
  return {};
}

const ScopeRecord* Books::State::scope(Scope scope) const {
  switch (scope.kind) {
    case ScopeKind::firm:
      return &firm;
    case ScopeKind::router:
      return entry(routers, RouterId{scope.id});
    case ScopeKind::venue:
      return entry(venues, VenueId{scope.id});
    case ScopeKind::account:
      return entry(accounts, AccountId{scope.id});
    case ScopeKind::symbol:
      return entry(symbols, SymbolId{scope.id});
    case ScopeKind::algo:
      return entry(algos, AlgoId{scope.id});
    case ScopeKind::trader:
      return entry(traders, TraderId{scope.id});
    case ScopeKind::desk:
      return entry(desks, DeskId{scope.id});
    case ScopeKind::parent:
      return nullptr;
  }
  return nullptr;
}

Books::Books() : state_(std::make_unique<State>()) {}
Books::~Books() = default;
Books::Books(Books&&) noexcept = default;
Books& Books::operator=(Books&&) noexcept = default;

OrderId Books::enter(const Request& request, Time now) {
  State& state = *state_;
  state.activity.news = {};
  const Subject subject = subject_of(state, request);
  if (const auto* cancel = std::get_if<Cancel>(&request)) {
    if (!cancel->by_gateway) note_child_message(state, subject, false, now);
    return enter_cancel(state, *cancel);
  }
  count_attempt(state, subject, now);
  note_child_message(state, subject, true, now);
  const Money held_before = subject.order ? subject.order->held : Money{};
  const auto* replace = std::get_if<Replace>(&request);
  const OrderId id =
      replace ? enter_replace(state, *replace) : enter_new(state, std::get<NewOrder>(request), now);
  if (!id.known()) return id;
  const Money added = state.orders[id.value].held - held_before;
  note_entered(state, subject, std::max(Money{}, added), now);
  return id;
}

void Books::refuse(const Request& request, const Breach& breach, Time now) {
  State& state = *state_;
  state.activity.news = {};
  const Subject subject = subject_of(state, request);
  const bool is_cancel = std::holds_alternative<Cancel>(request);
  note_refused(state, subject.router, breach.reason, now);
  note_child_message(state, subject, !is_cancel, now);
  if (is_cancel) return;
  // A router that goes on at a shut gate must not use up what others share.
  if (is_of_a_shut_gate(breach.reason)) {
    if (ScopeRecord* router = grown(state.routers, subject.router)) router->attempts.add(now);
    if (breach.reason == Reason::blocked) note_blocked(state, subject, now);
    return;
  }
  count_attempt(state, subject, now);
  if (breach.reason == Reason::parent_fill) note_refusal(state, subject, now);
}

void Books::message(RouterId router, Time now) {
  state_->activity.news = {};
  if (RouterActivity* activity = grown(state_->activity.routers, router)) {
    activity->messages.add(now);
  }
}

void Books::message(VenueId venue, Time now) {
  if (VenueActivity* activity = grown(state_->activity.venues, venue)) activity->messages.add(now);
}

void Books::reject(RouterId router, Reason reason, Time now) {
  state_->activity.news = {};
  note_refused(*state_, router, reason, now);
}

void Books::mark(const References& references) {
  // A price that went missing stays as it was last known: a position does not become worthless. One
  // that is said again is no second one.
  const auto take = [](const auto& said, auto& known, auto& before, Time& as_of) {
    if (!said || (known && said->as_of == as_of && said->price == *known)) return;
    before = known;
    known = said->price;
    as_of = said->as_of;
  };
  auto& prices = state_->prices;
  if (prices.size() < references.by_symbol.size()) prices.resize(references.by_symbol.size());
  for (std::size_t i = 0; i < references.by_symbol.size(); ++i) {
    take(references.by_symbol[i], prices[i].mark, prices[i].mark_before, prices[i].marked_at);
  }
  auto& rates = state_->rates;
  if (rates.size() < references.by_currency.size()) rates.resize(references.by_currency.size());
  for (std::size_t i = 0; i < references.by_currency.size(); ++i) {
    take(references.by_currency[i], rates[i].rate, rates[i].before, rates[i].as_of);
  }
  revalue(*state_);
}

void Books::load_locate(AccountId account, SymbolId symbol, Quantity shares) {
  if (!account.known() || !symbol.known()) return;
  state_->holdings[{nowhere, account, symbol}].locate = shares.raw();
}

void Books::size_for(const Directory& directory, const Limits& limits) {
  State& state = *state_;
  size_scopes(state.routers, limits.routers, directory.routers);
  size_scopes(state.venues, limits.venues, directory.venues);
  size_scopes(state.accounts, limits.accounts, directory.accounts);
  size_scopes(state.symbols, limits.symbols, directory.symbols);
  size_scopes(state.algos, limits.algos, directory.algos);
  size_scopes(state.traders, limits.traders, directory.traders);
  size_scopes(state.desks, limits.desks, directory.desks);
  const Rate& firm = limits.firm.order_rate.value;
  state.firm.attempts.remember({firm.count, firm.window});
  const Rate& parent = limits.parent.order_rate.value;
  state.parent_memory = {parent.count, parent.window};
  for (ParentRecord& record : state.parents) record.attempts.remember(state.parent_memory);
  for (auto* names : {&state.cl_ord_ids, &state.earlier_cl_ord_ids}) {
    if (names->size() < directory.routers.size()) names->resize(directory.routers.size());
  }
  if (state.exhausted_refusals.size() < directory.routers.size()) {
    state.exhausted_refusals.resize(directory.routers.size());
  }
  for (Window& refusals : state.exhausted_refusals) {
    refusals.remember({limits.parents.exhausted_refusals, seconds(1)});
  }
  if (state.prices.size() < limits.symbols.size()) state.prices.resize(limits.symbols.size());
  for (std::size_t i = 0; i < limits.symbols.size(); ++i) {
    state.prices[i].collar = limits.symbols[i].price_collar.value;
    state.prices[i].traits = traits_of(limits, SymbolId{static_cast<std::uint32_t>(i)});
  }
  size_activity(state, directory, limits);
  revalue(state);
}

OrderId Books::find(RouterId router, std::string_view cl_ord_id) const {
  return state_->named(router, cl_ord_id).order;
}

bool Books::is_taken(RouterId router, std::string_view cl_ord_id) const {
  const auto* today = entry(state_->cl_ord_ids, router);
  if (today && today->of(cl_ord_id).contains(cl_ord_id)) return true;
  const auto* earlier = entry(state_->earlier_cl_ord_ids, router);
  if (!earlier) return false;
  const auto& part = earlier->of(cl_ord_id);
  const auto found = part.find(cl_ord_id);
  if (found == part.end()) return false;
  const OrderRecord* order = state_->orders.find(found->second.order);
  return order && order->open_index != nowhere;
}

const Order& Books::order(OrderId id) const {
  static const Order forgotten = [] {
    Order ended;
    ended.state = OrderState::ended;
    return ended;
  }();
  const OrderRecord* order = state_->orders.find(id);
  return order ? order->shown : forgotten;
}

std::uint32_t Books::order_count() const { return state_->orders.size(); }

std::vector<OrderId> Books::open_orders() const {
  std::vector<OrderId> open = state_->open_orders;
  std::sort(open.begin(), open.end());
  return open;
}

Exposure Books::exposure(Scope scope) const {
  const ScopeRecord* record = state_->scope(scope);
  if (!record) return {};
  return {.positions = narrow<Money>(record->sums.positions),
          .open_buys = narrow<Money>(record->sums.open_buys),
          .open_sells = narrow<Money>(record->sums.open_sells),
          .open_orders = record->sums.open_orders};
}

Money Books::loss(Scope scope) const {
  const ScopeRecord* record = state_->scope(scope);
  return record ? narrow<Money>(sure_loss(record->sums)) : Money{};
}

Money Books::turnover(Scope scope) const {
  const ScopeRecord* record = state_->scope(scope);
  return record ? narrow<Money>(record->sums.turnover) : Money{};
}

std::uint32_t Books::entered_within(Scope scope, Duration window, Time now) const {
  if (scope.kind == ScopeKind::parent) {
    const ParentRecord* parent = state_->declared(ParentId{scope.id});
    return parent ? parent->attempts.within(window, now) : 0;
  }
  const ScopeRecord* record = state_->scope(scope);
  return record ? record->attempts.within(window, now) : 0;
}

Quantity Books::position(AccountId account, SymbolId symbol) const {
  const auto found = state_->holdings.find({nowhere, account, symbol});
  return found == state_->holdings.end() ? Quantity{} : narrow<Quantity>(found->second.position);
}

const Quarantine& Books::quarantine() const { return state_->quarantine; }

}  // namespace interlock::risk
