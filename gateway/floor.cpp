#include "gateway/floor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/notable.hpp"
#include "risk/fact.hpp"

namespace interlock::gateway {
namespace {

constexpr std::size_t refusals_kept = 100;

// The name that the order's scope of that kind has; nullopt: a kind that we do not know.
std::optional<std::string_view> name_in(const killswitch::Scope& scope,
                                        const risk::Directory& directory,
                                        const risk::Order& order) {
  using killswitch::ScopeKind;
  switch (scope.kind) {
    case ScopeKind::firm:
      return "";
    case ScopeKind::router:
      return directory.routers.name(order.router);
    case ScopeKind::venue:
      return directory.venues.name(order.venue);
    case ScopeKind::account:
      return directory.accounts.name(order.account);
    case ScopeKind::symbol:
      return directory.symbols.name(order.symbol);
    case ScopeKind::parent:
      return directory.parents.name(order.parent);
    case ScopeKind::algo:
      return directory.algos.name(order.by.algo);
    case ScopeKind::trader:
      return directory.traders.name(order.by.trader);
    case ScopeKind::desk:
      return directory.desks.name(order.by.desk);
  }
  return std::nullopt;
}

}  // namespace

bool covers(const killswitch::Kill& kill, const risk::Directory& directory,
            const risk::Order& order) {
  const auto name = name_in(kill.scope, directory, order);
  return !name || *name == kill.scope.id;  // doubt means killed
}

const killswitch::Kill* covering(const std::vector<killswitch::Kill>& kills,
                                 const risk::Directory& directory, const risk::Order& order) {
  const killswitch::Kill* highest = nullptr;
  for (const killswitch::Kill& kill : kills) {
    if (highest != nullptr && highest->level >= kill.level) continue;
    if (covers(kill, directory, order)) highest = &kill;
  }
  return highest;
}

risk::ParentDeclaration read_declaration(const audit::FieldReader& fields,
                                         risk::Directory& directory) {
  using audit::Field;
  risk::ParentDeclaration declaration;
  declaration.parent = directory.parents.intern(fields.text(Field::parent).value_or(""));
  declaration.account = directory.accounts.find(fields.text(Field::account).value_or(""));
  declaration.symbol = directory.symbols.find(fields.text(Field::symbol).value_or(""));
  const std::string_view side = fields.text(Field::side).value_or("");
  declaration.side = static_cast<risk::Side>(side.empty() ? 1 : side[0] - '0');
  declaration.size =
      risk::Quantity::parse(fields.text(Field::quantity).value_or("")).value_or(risk::Quantity{});
  declaration.source = static_cast<risk::ParentSource>(fields.number(Field::source).value_or(2));
  return declaration;
}

Floor::Floor(const config::Config& the_config, audit::Journal& the_journal,
             killswitch::Latch& the_latch, std::function<Clock()> read)
    : config(the_config),
      journal(the_journal),
      latch(the_latch),
      read_clock(std::move(read)),
      directory(the_config.directory()) {
  wake();
  books.size_for(directory, config.limits);
  for (const config::Router& router :
       config.routers) {  // counted from the start, not from the first
    counters.passed_by_router[router.id] = counters.refused_by_router[router.id] = 0;
  }
}

void Floor::wake() {
  clock = read_clock();
  session = trading_clock_.state(config.trading, clock.utc);
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
  if (!location) journal_failed(location.error());
  if (location)
    note_record(counters.records, kind, location->sequence, clock.utc.ns, actor, fields);
  if (on_record)
    on_record(kind, audit::FieldReader(fields.bytes()), location ? location->sequence : 0);
  return location ? std::optional(*location) : std::nullopt;
}

void Floor::alert(std::string_view actor, Raised what) {
  audit::FieldWriter fields;
  fields.put(audit::Field::severity, static_cast<std::uint64_t>(what.severity));
  fields.put(audit::Field::alert_kind, what.kind);
  fields.put(audit::Field::scope_kind, name(what.scope.kind));
  fields.put(audit::Field::scope_id, what.scope.id).put(audit::Field::text, what.text);
  const std::uint64_t record = journal.next_sequence();
  append(audit::Kind::alert, actor, fields);  // without a journal it is shown all the same
  alerts.raise(std::move(what), record, clock.utc.ns);
}

bool Floor::acknowledge(std::uint64_t id, std::string_view person, std::string_view reason) {
  const Alert* known = alerts.find(id);
  if (known == nullptr || !known->is_open()) return false;
  audit::FieldWriter fields;
  fields.put(audit::Field::alert_id, id).put(audit::Field::text, reason);
  fields.put(audit::Field::before, "open").put(audit::Field::after, "acknowledged");
  if (!append(audit::Kind::acknowledgement, person, fields)) return false;
  return alerts.acknowledge(id, person, reason, clock.utc.ns);
}

Leg* Floor::leg(std::string_view id) const {
  const auto found = std::ranges::find_if(legs, [&](const Leg* each) { return each->id() == id; });
  return found == legs.end() ? nullptr : *found;
}

std::vector<risk::OpenAlert> Floor::open_alerts() const {
  std::vector<risk::OpenAlert> open;
  for (const Alert& each : alerts.all()) {
    if (each.is_open() && each.what.severity == Severity::critical)
      open.push_back({scope_of(each.what.scope), {each.raised_at_ns}});
  }
  return open;
}

void Floor::journal_failed(const std::string& why) {
  health.journal_failed = true;
  trip({}, killswitch::Source::journal, "interlock", "the journal does not take records: " + why);
}

void Floor::trip(killswitch::Scope scope, killswitch::Source source, std::string actor,
                 std::string cause, killswitch::Level level) {
  // Without the disk: the loop's cancels do not wait for it. The latch's keeper writes it at once.
  latch.trip_in_memory(std::move(scope), source, std::move(actor), std::move(cause), clock.utc.ns,
                       level);
  if (persist_latch) persist_latch();
}

void Floor::trip(const risk::Breach& breach, std::string actor) {
  if (!breach.trip) return;
  trip(named(breach.trip->scope), killswitch::Source::breach, std::move(actor),
       fmt::format("{}: {}", risk::code(breach.reason), breach.fact),
       static_cast<killswitch::Level>(breach.trip->level));
}

// By a latch of its own: what one above it covers is shut anew once that one is re-armed.
bool Floor::is_shut(const risk::Trip& trip) const {
  const killswitch::Scope scope = named(trip.scope);
  const std::vector<killswitch::Kill> active = latch.active();
  return std::ranges::any_of(active, [&](const killswitch::Kill& kill) {
    return kill.scope == scope && kill.level >= static_cast<killswitch::Level>(trip.level);
  });
}

void Floor::watch(risk::Occasion occasion, const risk::Touched& touched) {
  const std::vector<risk::Breach> breaches = risk::watch({.books = books,
                                                          .limits = config.limits,
                                                          .references = references,
                                                          .directory = directory,
                                                          .health = health,
                                                          .occasion = occasion,
                                                          .touched = touched,
                                                          .now = clock.utc});
  for (const risk::Breach& breach : breaches) {
    if (breach.trip && is_shut(*breach.trip)) continue;
    const risk::Scope whose = breach.trip ? breach.trip->scope : breach.scope;
    const std::string_view scope = risk::name_of(directory, whose);
    const std::string actor(scope.empty() ? "interlock" : scope);
    if (breach.trip)
      trip(breach, actor);  // whose record is an alert, too
    else
      alert(actor, {breach.needs_a_person ? Severity::critical : Severity::warning,
                    std::string(risk::code(breach.reason)), named(breach.scope), breach.fact});
  }
}

risk::Touched Floor::touched_by(const risk::Report& report, risk::OrderId id) const {
  risk::Touched touched;
  touched.venue = report.venue;
  touched.symbol = report.symbol;
  if (!id.known()) return touched;
  const risk::Order& order = books.order(id);
  return {order.router, order.venue, order.account, order.symbol, order.parent, order.by, id};
}

risk::Scope Floor::scope_of(const killswitch::Scope& scope) const {
  const auto kind = static_cast<risk::ScopeKind>(scope.kind);
  switch (kind) {
    case risk::ScopeKind::firm:
      break;
    case risk::ScopeKind::router:
      return {kind, directory.routers.find(scope.id).value};
    case risk::ScopeKind::venue:
      return {kind, directory.venues.find(scope.id).value};
    case risk::ScopeKind::account:
      return {kind, directory.accounts.find(scope.id).value};
    case risk::ScopeKind::symbol:
      return {kind, directory.symbols.find(scope.id).value};
    case risk::ScopeKind::parent:
      return {kind, directory.parents.find(scope.id).value};
    case risk::ScopeKind::algo:
      return {kind, directory.algos.find(scope.id).value};
    case risk::ScopeKind::trader:
      return {kind, directory.traders.find(scope.id).value};
    case risk::ScopeKind::desk:
      return {kind, directory.desks.find(scope.id).value};
  }
  return {};
}

killswitch::Scope Floor::named(const risk::Scope& scope) const {
  return {static_cast<killswitch::ScopeKind>(scope.kind),
          std::string(risk::name_of(directory, scope))};
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
  if (shadow) shadow->refused(view);
  counters.refusals.push_front(std::move(view));
  if (counters.refusals.size() > refusals_kept) counters.refusals.pop_back();
}

}  // namespace interlock::gateway
