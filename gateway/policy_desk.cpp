#include "gateway/policy_desk.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/limits.hpp"
#include "gateway/policy_record.hpp"
#include "gateway/proposals.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;
using Said = ActionOutcome::Answer;
using config::Change;

std::string joined(const std::vector<std::string>& people) {
  return fmt::format("{}", fmt::join(people, " and "));
}

std::string text_of(const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes) text += config::text_of(change) + "\n";
  return text;
}

void put(FieldWriter& record, const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    record.put(Field::change, config::name(change.direction));
    record.put(Field::scope_kind, change.scope_kind).put(Field::scope_id, change.scope);
    record.put(Field::key, change.key).put(Field::before, change.before);
    record.put(Field::after, change.after).put(Field::why, change.why);
    record.put(Field::owner, change.owner).put(Field::review, change.review);
    record.put(Field::line, std::uint64_t{change.line});
  }
}

// Names keep the ids that they have and new ones go behind; a name that is gone stays without a
// limit, and so is refused.
template <class IdType>
void align(risk::Names<IdType>& known, std::vector<std::string>& names,
           std::vector<risk::ScopeLimits>& limits) {
  for (const std::string& name : names) static_cast<void>(known.intern(name));
  std::vector<risk::ScopeLimits> by_id(known.size());
  for (std::size_t i = 0; i < names.size(); ++i) by_id[known.find(names[i]).value] = limits.at(i);
  limits = std::move(by_id);
  names.clear();
  for (std::uint32_t id = 0; id < known.size(); ++id) names.emplace_back(known.name({id}));
}

void align(risk::Directory& directory, config::Config& next) {
  risk::Limits& limits = next.limits;
  risk::Restrictions restrictions;
  for (risk::Restriction restriction : limits.restrictions) {
    if (restriction.account.known())
      restriction.account = directory.accounts.intern(next.accounts.at(restriction.account.value));
    if (restriction.symbol.known())
      restriction.symbol = directory.symbols.intern(next.symbols.at(restriction.symbol.value));
    restrictions.push_back(restriction);
  }
  limits.restrictions = std::move(restrictions);
  const std::vector<std::string> symbols = next.symbols;
  align(directory.accounts, next.accounts, limits.accounts);
  align(directory.symbols, next.symbols, limits.symbols);
  align(directory.algos, next.algos, limits.algos);
  align(directory.traders, next.traders, limits.traders);
  align(directory.desks, next.desks, limits.desks);
  for (const std::string& currency : next.currencies)
    static_cast<void>(directory.currencies.intern(currency));
  for (risk::SymbolTraits& each : limits.symbol_traits)
    each.currency = directory.currencies.find(next.currencies.at(each.currency.value));
  next.currencies.clear();
  for (std::uint32_t id = 0; id < directory.currencies.size(); ++id)
    next.currencies.emplace_back(directory.currencies.name({id}));
  std::vector<risk::SymbolTraits> traits(directory.symbols.size());
  for (std::size_t i = 0; i < std::min(symbols.size(), limits.symbol_traits.size()); ++i)
    traits[directory.symbols.find(symbols[i]).value] = limits.symbol_traits[i];
  limits.symbol_traits = std::move(traits);
}

risk::ScopeLimits* limits_of(risk::Limits& limits, const risk::Scope& scope) {
  const auto at = [&](std::vector<risk::ScopeLimits>& table) {
    return scope.id < table.size() ? &table[scope.id] : nullptr;
  };
  switch (scope.kind) {
    case risk::ScopeKind::firm:
      return &limits.firm;
    case risk::ScopeKind::parent:
      return &limits.parent;
    case risk::ScopeKind::router:
      return at(limits.routers);
    case risk::ScopeKind::venue:
      return at(limits.venues);
    case risk::ScopeKind::account:
      return at(limits.accounts);
    case risk::ScopeKind::symbol:
      return at(limits.symbols);
    case risk::ScopeKind::algo:
      return at(limits.algos);
    case risk::ScopeKind::trader:
      return at(limits.traders);
    case risk::ScopeKind::desk:
      return at(limits.desks);
  }
  return nullptr;
}

// Writes the raised value into `policy`; what is wrong with it, in words.
std::optional<std::string> write(const RaiseLimit& raise, const Floor& floor,
                                 config::Config& policy) {
  const bool one_name = raise.scope.kind == killswitch::ScopeKind::firm ||
                        raise.scope.kind == killswitch::ScopeKind::parent;
  auto* limits = one_name && !raise.scope.id.empty()
                     ? nullptr
                     : limits_of(policy.limits, floor.scope_of(raise.scope));
  if (limits == nullptr)
    return fmt::format("no {} '{}'", killswitch::name(raise.scope.kind), raise.scope.id);
  return config::set_limit(static_cast<risk::ScopeKind>(raise.scope.kind), raise.key, raise.value,
                           policy.currency, *limits);
}

// Of a name that the file no longer has: no limit is set for it, which is not "none".
bool is_gone(const config::Config& filed, const config::PolicyRow& row) {
  const std::pair<std::string_view, const std::vector<std::string>*> tables[] = {
      {"account", &filed.accounts},
      {"symbol", &filed.symbols},
      {"algo", &filed.algos},
      {"trader", &filed.traders},
      {"desk", &filed.desks}};
  for (const auto& [kind, names] : tables) {
    if (row.scope_kind == kind) return std::ranges::find(*names, row.scope) == names->end();
  }
  return false;
}

// What no reload may change; empty: it may.
std::string unchangeable(const config::Config& before, const config::Config& after,
                         const std::vector<Change>& changes) {
  std::string names;
  for (const Change& change : changes) {
    if (change.direction == config::Direction::fixed)
      names += fmt::format("{}{} {}", names.empty() ? "" : ", ", change.scope, change.key);
  }
  const bool same_order =
      std::ranges::equal(before.routers, after.routers, {}, &config::Router::id,
                         &config::Router::id) &&
      std::ranges::equal(before.venues, after.venues, {}, &config::Venue::id, &config::Venue::id);
  if (names.empty() && !same_order) names = "the order of routers or venues";
  return names;
}

}  // namespace

PolicyDesk::PolicyDesk(Floor& floor, std::function<void()> applied)
    : floor_(floor), applied_(std::move(applied)), filed_(floor.config), standing_(filed_) {
  take_hold();
}

ActionOutcome PolicyDesk::reload(const std::string& person, const Reload& action) {
  Proposal proposal;
  proposal.next = action.next;
  proposal.reason = action.reason;
  proposal.changes = config::compare(filed_, *action.next);
  if (const auto names = unchangeable(filed_, *action.next, proposal.changes); !names.empty())
    return {Said::refused, "only a start takes these over: " + names};
  if (action.next->hash == standing_.hash) return {Said::done, "it is the policy that is in force"};
  return propose(person, std::move(proposal));
}

ActionOutcome PolicyDesk::raise(const std::string& person, const RaiseLimit& action) {
  if (action.duration.ns <= 0) return {Said::refused, "a raise has an end in the future"};
  const auto same = std::ranges::find_if(raises_, [&](const LiveRaise& raise) {
    return raise.what.scope == action.scope && raise.what.key == action.key;
  });
  if (same != raises_.end()) {
    return {Said::conflict,
            fmt::format("raise {} of this limit is in force; it ends by itself", same->id)};
  }
  config::Config raised = floor_.config;
  if (const auto problem = write(action, floor_, raised)) return {Said::refused, *problem};
  Proposal proposal;
  proposal.raise = action;
  proposal.reason = action.reason;
  proposal.changes = config::compare(floor_.config, raised);
  const bool raises = proposal.changes.size() == 1 && proposal.changes[0].loosens;
  if (!raises)
    return {Said::refused, "this raises nothing; a limit is tightened in the file, by a reload"};
  return propose(person, std::move(proposal));
}

ActionOutcome PolicyDesk::propose(const std::string& person, Proposal proposal) {
  if (!person.empty()) proposal.people.push_back(person);
  const bool loosens = std::ranges::any_of(proposal.changes, &Change::loosens);
  if (!loosens) return apply(proposal);
  proposal.base_hash = standing_.hash;
  proposal.expires_at_ns = floor_.clock.utc.ns + proposal_valid_ns;
  FieldWriter record;
  record.put(Field::text, proposal.reason);
  if (proposal.next) record.put(Field::config_hash, proposal.next->hash);
  if (proposal.raise)
    record.put(Field::duration, static_cast<std::uint64_t>(proposal.raise->duration.ns));
  put(record, proposal.changes);
  const auto at = floor_.append(Kind::proposal, person.empty() ? "signal" : person, record);
  if (!at) return {Said::refused, "the journal does not take records"};
  proposal.id = at->sequence;
  std::string text = text_of(proposal.changes);
  text += person.empty() ? "it loosens: two people have to approve it"
                         : "it loosens: another person has to approve it";
  proposals_.push_back(std::move(proposal));
  return {Said::proposed, std::move(text), proposals_.back().id, proposals_.back().expires_at_ns};
}

ActionOutcome PolicyDesk::approve(const std::string& person, const Approve& action) {
  const auto found = find_waiting(proposals_, action.proposal, floor_.clock.utc.ns);
  if (found == proposals_.end()) {
    return {Said::unknown,
            fmt::format("no proposal {} waits; one is valid for 10 minutes", action.proposal)};
  }
  if (person.empty() || std::ranges::find(found->people, person) != found->people.end())
    return {Said::conflict, "a second, different person has to approve it"};
  if (found->base_hash != standing_.hash) {
    proposals_.erase(found);
    return {Said::conflict, "the policy has changed since: propose it again"};
  }
  if (found->people.empty()) {
    FieldWriter record;
    record.put(Field::proposal_id, found->id).put(Field::before, "no person");
    record.put(Field::after, "one of two").put(Field::text, found->reason);
    if (!floor_.append(Kind::proposal, person, record))
      return {Said::refused, "the journal does not take records"};
  }
  found->people.push_back(person);
  if (found->people.size() < 2) {
    return {Said::proposed, "one more person has to approve it", found->id, found->expires_at_ns};
  }
  const Proposal agreed = std::move(*found);
  proposals_.erase(found);
  return apply(agreed);
}

ActionOutcome PolicyDesk::apply(const Proposal& proposal) {
  return proposal.raise ? apply_raise(proposal) : apply_reload(proposal);
}

ActionOutcome PolicyDesk::apply_reload(const Proposal& proposal) {
  FieldWriter record;
  const std::string people = proposal.people.empty() ? "signal" : joined(proposal.people);
  record.put(Field::actor, people).put(Field::text, proposal.reason);
  record.put(Field::config_hash, proposal.next->hash);
  record.put(Field::policy_version, proposal.next->limits.version);
  if (proposal.id != 0) record.put(Field::proposal_id, proposal.id);
  put(record, proposal.changes);
  const auto at = floor_.append(Kind::reload, people, record);
  if (!at) return {Said::refused, "the journal does not take records"};
  // A raise does not outlive the change of the limit that it raises.
  for (const LiveRaise& raise : std::vector<LiveRaise>(raises_)) {
    const bool touched = std::ranges::any_of(proposal.changes, [&](const Change& change) {
      return change.scope_kind == killswitch::name(raise.what.scope.kind) &&
             change.scope == raise.what.scope.id && change.key == raise.what.key;
    });
    if (touched) end_raise(raise, "the limit was changed by a reload");
  }
  adopt(*proposal.next);
  write_down();
  applied_();
  return {Said::done, text_of(proposal.changes), at->sequence};
}

ActionOutcome PolicyDesk::apply_raise(const Proposal& proposal) {
  LiveRaise raise;
  raise.what = *proposal.raise;
  raise.before = proposal.changes.at(0).before;
  raise.people = joined(proposal.people);
  raise.until_ns = floor_.clock.utc.ns + raise.what.duration.ns;
  FieldWriter record;
  record.put(Field::actor, raise.people).put(Field::text, proposal.reason);
  record.put(Field::proposal_id, proposal.id);
  record.put(Field::until, static_cast<std::uint64_t>(raise.until_ns));
  put(record, proposal.changes);
  const auto at = floor_.append(Kind::raise, raise.people, record);
  if (!at) return {Said::refused, "the journal does not take records"};
  raise.id = at->sequence;
  floor_.alert("interlock", {Severity::warning, "limit-raised", raise.what.scope,
                             fmt::format("{} {} -> {} by {}: {}", raise.what.key, raise.before,
                                         raise.what.value, raise.people, proposal.reason)});
  const ActionOutcome done{Said::done, text_of(proposal.changes), raise.id, raise.until_ns};
  raises_.push_back(std::move(raise));
  take_hold();
  return done;
}

// The lower limit holds again whether or not the journal takes the record.
void PolicyDesk::end_raise(const LiveRaise& raise, std::string_view why) {
  FieldWriter record;
  record.put(Field::raise_id, raise.id).put(Field::key, raise.what.key);
  record.put(Field::scope_kind, killswitch::name(raise.what.scope.kind));
  record.put(Field::scope_id, raise.what.scope.id).put(Field::text, why);
  record.put(Field::before, raise.what.value).put(Field::after, raise.before);
  const std::uint64_t id = raise.id;
  floor_.append(Kind::raise_ended, "interlock", record);
  ended(id);
}

void PolicyDesk::tick() {
  const auto over = [&](const LiveRaise& raise) { return raise.until_ns <= floor_.clock.utc.ns; };
  if (std::ranges::none_of(raises_, over)) return;
  for (const LiveRaise& raise : std::vector<LiveRaise>(raises_)) {
    if (over(raise)) end_raise(raise, "its time is over");
  }
  take_hold();
}

void PolicyDesk::adopt(config::Config next) {
  filed_ = next;
  align(floor_.directory, next);
  standing_ = std::move(next);
  floor_.references.by_symbol.resize(floor_.directory.symbols.size());
  take_hold();
}

// Raises are written into a copy; one that cannot be any more changes nothing, and so tightens.
void PolicyDesk::take_hold() {
  config::Config policy = standing_;
  auto fresh = std::make_shared<PolicyView>();
  for (const LiveRaise& raise : raises_) {
    if (write(raise.what, floor_, policy)) continue;
    fresh->raises.push_back({raise.id, std::string(killswitch::name(raise.what.scope.kind)),
                             raise.what.scope.id, raise.what.key, raise.before, raise.what.value,
                             raise.what.reason, raise.people, raise.until_ns});
  }
  floor_.config = std::move(policy);
  floor_.books.size_for(floor_.directory, floor_.config.limits);
  fresh->hash = floor_.config.hash;
  fresh->rows = config::policy_rows(floor_.config);
  std::erase_if(fresh->rows, [&](const config::PolicyRow& row) { return is_gone(filed_, row); });
  fresh->accounts = floor_.config.accounts;
  fresh->symbols = floor_.config.symbols;
  fresh->algos = floor_.config.algos;
  fresh->traders = floor_.config.traders;
  fresh->desks = floor_.config.desks;
  view_ = std::move(fresh);
}

void PolicyDesk::write_down() const { record_policy(floor_, config::policy_rows(filed_)); }

void PolicyDesk::raised(LiveRaise raise) { raises_.push_back(std::move(raise)); }

void PolicyDesk::ended(std::uint64_t raise) {
  std::erase_if(raises_, [&](const LiveRaise& each) { return each.id == raise; });
}

void PolicyDesk::recovered() {
  // Names that the journal speaks of and the file no longer has are there, without a limit.
  adopt(filed_);
}

std::vector<ProposalView> PolicyDesk::proposals() const {
  std::vector<ProposalView> views;
  for (const Proposal& each : proposals_) {
    if (each.expires_at_ns <= floor_.clock.utc.ns) continue;
    views.push_back(
        {each.id, joined(each.people), each.reason, text_of(each.changes), each.expires_at_ns});
  }
  return views;
}

}  // namespace interlock::gateway
