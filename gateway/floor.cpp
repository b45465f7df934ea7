#include "gateway/floor.hpp"

#include <fmt/format.h>

namespace interlock::gateway {
namespace {

constexpr std::size_t refusals_kept = 100;

bool scope_is(const killswitch::Kill& kill, std::string_view router, std::string_view venue,
              std::string_view account, std::string_view symbol, std::string_view parent) {
  using killswitch::ScopeKind;
  switch (kill.scope.kind) {
    case ScopeKind::firm:
      return true;
    case ScopeKind::router:
      return kill.scope.id == router;
    case ScopeKind::venue:
      return kill.scope.id == venue;
    case ScopeKind::account:
      return kill.scope.id == account;
    case ScopeKind::symbol:
      return kill.scope.id == symbol;
    case ScopeKind::parent:
      return kill.scope.id == parent;
  }
  return true;  // a scope that we do not know: doubt means killed
}

}  // namespace

const killswitch::Kill* ActiveKills::covering(const risk::Directory& directory,
                                              risk::RouterId router, risk::VenueId venue,
                                              risk::AccountId account, risk::SymbolId symbol,
                                              risk::ParentId parent) const {
  for (const killswitch::Kill& kill : kills_) {
    if (scope_is(kill, directory.routers.name(router), directory.venues.name(venue),
                 directory.accounts.name(account), directory.symbols.name(symbol),
                 directory.parents.name(parent))) {
      return &kill;
    }
  }
  return nullptr;
}

const killswitch::Kill* covering(const ActiveKills& kills, const risk::Directory& directory,
                                 const risk::Order& order) {
  return kills.covering(directory, order.router, order.venue, order.account, order.symbol,
                        order.parent);
}

bool covers(const killswitch::Kill& kill, const risk::Directory& directory,
            const risk::Order& order) {
  return scope_is(kill, directory.routers.name(order.router), directory.venues.name(order.venue),
                  directory.accounts.name(order.account), directory.symbols.name(order.symbol),
                  directory.parents.name(order.parent));
}

Floor::Floor(const config::Config& the_config, audit::Journal& the_journal,
             killswitch::Latch& the_latch, std::function<Clock()> read)
    : config(the_config),
      journal(the_journal),
      latch(the_latch),
      read_clock(std::move(read)),
      clock(read_clock()),
      directory(the_config.directory()) {
  books.size_for(directory, config.limits);
  for (const config::Router& router :
       config.routers) {  // counted from the start, not from the first
    counters.passed_by_router[router.id] = counters.refused_by_router[router.id] = 0;
  }
}

OrderInfo& Floor::info(risk::OrderId id) {
  while (orders.size() <= id.value) orders.emplace_back();
  return orders[id.value];
}

OrderFacts Floor::facts(risk::OrderId id) const {
  const risk::Order& order = books.order(id);
  const OrderInfo& known = orders[id.value];
  OrderFacts facts;
  facts.cl_ord_id = order.cl_ord_id;
  facts.order_id = known.order_id;
  facts.account = directory.accounts.name(order.account);
  facts.symbol = directory.symbols.name(order.symbol);
  facts.side = static_cast<char>('0' + static_cast<int>(order.side));
  facts.quantity = order.quantity;
  facts.cum = order.cum;
  facts.average_price = known.average_price;
  return facts;
}

// Unique for as long as the journal lives: the number of the record that the report will stand in.
std::string Floor::next_exec_id() const { return "ILK" + base36(journal.next_sequence()); }

std::optional<audit::Location> Floor::append(audit::Kind kind, std::string_view actor,
                                             const audit::FieldWriter& fields) {
  const auto location = journal.append(kind, clock.utc.ns, clock.mono_ns, actor, fields.bytes());
  if (location) return *location;
  journal_failed(location.error());
  return std::nullopt;
}

void Floor::alert(std::string_view actor, std::string_view text) {
  audit::FieldWriter fields;
  fields.put(audit::Field::text, text);
  append(audit::Kind::alert, actor, fields);
}

void Floor::journal_failed(const std::string& why) {
  trip({}, killswitch::Source::journal, "interlock", "the journal does not take records: " + why);
}

void Floor::trip(killswitch::Scope scope, killswitch::Source source, std::string actor,
                 std::string cause) {
  // Without the disk: the loop's cancels do not wait for it. The latch's keeper writes it at once.
  latch.trip_in_memory(std::move(scope), source, std::move(actor), std::move(cause), clock.utc.ns);
  if (persist_latch) persist_latch();
}

killswitch::Scope Floor::named(const risk::Scope& scope) const {
  using killswitch::ScopeKind;
  switch (scope.kind) {
    case risk::ScopeKind::firm:
      return {ScopeKind::firm, {}};
    case risk::ScopeKind::router:
      return {ScopeKind::router, std::string(directory.routers.name({scope.id}))};
    case risk::ScopeKind::venue:
      return {ScopeKind::venue, std::string(directory.venues.name({scope.id}))};
    case risk::ScopeKind::account:
      return {ScopeKind::account, std::string(directory.accounts.name({scope.id}))};
    case risk::ScopeKind::symbol:
      return {ScopeKind::symbol, std::string(directory.symbols.name({scope.id}))};
    case risk::ScopeKind::parent:
      return {ScopeKind::parent, std::string(directory.parents.name({scope.id}))};
  }
  return {ScopeKind::firm, {}};
}

void Floor::count_refusal(std::string_view router, std::string_view cl_ord_id, risk::Reason reason,
                          std::string text, std::uint64_t record) {
  ++counters.refused_by_code[std::string(risk::code(reason))];
  ++counters.refused_by_router[std::string(router)];
  RefusalView view{record,
                   clock.utc.ns,
                   std::string(router),
                   std::string(cl_ord_id),
                   std::string(risk::code(reason)),
                   std::move(text)};
  counters.refusals.push_front(std::move(view));
  if (counters.refusals.size() > refusals_kept) counters.refusals.pop_back();
}

}  // namespace interlock::gateway
