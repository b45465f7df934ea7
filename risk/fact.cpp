#include "risk/fact.hpp"

#include <fmt/format.h>

namespace interlock::risk {
namespace {

constexpr std::size_t name_size_max = 24;

}  // namespace

std::string_view name_of(const Directory& directory, Scope scope) {
  switch (scope.kind) {
    case ScopeKind::firm:
      return {};
    case ScopeKind::router:
      return directory.routers.name(RouterId{scope.id});
    case ScopeKind::venue:
      return directory.venues.name(VenueId{scope.id});
    case ScopeKind::account:
      return directory.accounts.name(AccountId{scope.id});
    case ScopeKind::symbol:
      return directory.symbols.name(SymbolId{scope.id});
    case ScopeKind::parent:
      return directory.parents.name(ParentId{scope.id});
    case ScopeKind::algo:
      return directory.algos.name(AlgoId{scope.id});
    case ScopeKind::trader:
      return directory.traders.name(TraderId{scope.id});
    case ScopeKind::desk:
      return directory.desks.name(DeskId{scope.id});
  }
  return "?";
}

std::string printable(std::string_view name) {
  std::string clean{name.substr(0, name_size_max)};
  for (char& c : clean) {
    if (c < ' ' || c > '~') c = '?';
  }
  return clean;
}

std::string words(const Directory& directory, Scope scope) {
  if (scope.kind == ScopeKind::firm) return "the firm";
  return fmt::format("{} {}", name(scope.kind), printable(name_of(directory, scope)));
}

std::string words(Duration duration) {
  constexpr std::int64_t ms = 1'000'000;
  constexpr std::int64_t s = 1'000 * ms;
  if (duration.ns % s == 0) return fmt::format("{} s", duration.ns / s);
  if (duration.ns % ms == 0) return fmt::format("{} ms", duration.ns / ms);
  return fmt::format("{} ns", duration.ns);
}

Breach state_breach(Reason reason, Scope scope, std::string fact) {
  if (fact.size() > fact_size_max) fact.resize(fact_size_max);
  return {.reason = reason,
          .scope = scope,
          .observed = {},
          .limit = {},
          .fact = std::move(fact),
          .trip = {}};
}

Breach no_limit(const Directory& directory, std::string_view control, Scope scope) {
  return state_breach(Reason::no_limit, scope,
                      fmt::format("no {} limit is set for {}", control, words(directory, scope)));
}

}  // namespace interlock::risk
