// How full each limit is: each control lists its own.
#include <algorithm>

#include "risk/decide.hpp"
#include "risk/inventory.hpp"

namespace interlock::risk {
namespace {

constexpr std::size_t parents_shown_max = 20;

double fraction_of(Wide used, std::int64_t limit) {
  if (limit <= 0) return used > 0 ? 1.0 : 0.0;
  return static_cast<double>(used) / static_cast<double>(limit);
}

// Of many parents, the fullest.
std::vector<ParentId> fullest_parents(const Books::State& state) {
  struct Use {
    ParentId id;
    double fraction;
  };
  std::vector<Use> uses;
  for (std::uint32_t id = 0; id < state.parents.size(); ++id) {
    const ParentRecord& parent = state.parents[id];
    if (!parent.shown) continue;
    uses.push_back({ParentId{id}, fraction_of(parent.used(), parent.shown->size.raw())});
  }
  const std::size_t shown = std::min(uses.size(), parents_shown_max);
  std::partial_sort(uses.begin(), uses.begin() + static_cast<std::ptrdiff_t>(shown), uses.end(),
                    [](const Use& a, const Use& b) {
                      return a.fraction != b.fraction ? a.fraction > b.fraction : a.id < b.id;
                    });
  std::vector<ParentId> parents;
  for (std::size_t i = 0; i < shown; ++i) parents.push_back(uses[i].id);
  return parents;
}

std::uint32_t count_of(const Directory& directory, ScopeKind kind) {
  switch (kind) {
    case ScopeKind::firm:
      return 1;
    case ScopeKind::router:
      return directory.routers.size();
    case ScopeKind::venue:
      return directory.venues.size();
    case ScopeKind::account:
      return directory.accounts.size();
    case ScopeKind::symbol:
      return directory.symbols.size();
    case ScopeKind::algo:
      return directory.algos.size();
    case ScopeKind::trader:
      return directory.traders.size();
    case ScopeKind::desk:
      return directory.desks.size();
    case ScopeKind::parent:
      return 0;  // listed by the inventory itself
  }
  return 0;
}

}  // namespace

std::vector<Scope> Inventory::scopes(ScopeKind kind) const {
  std::vector<Scope> all;
  if (kind == ScopeKind::parent) {
    for (const ParentId parent : parents) all.push_back(scope_of(parent));
  }
  for (std::uint32_t id = 0; id < count_of(directory, kind); ++id) all.push_back({kind, id});
  return all;
}

void Inventory::add(LimitUse use, Wide used, std::int64_t limit) {
  use.fraction = fraction_of(used, limit);
  rows.push_back(std::move(use));
}

std::vector<LimitUse> limits_in_use(const Books& books, const Limits& limits,
                                    const References& references, const Directory& directory,
                                    Time now) {
  Inventory inventory{.books = books,
                      .limits = limits,
                      .references = references,
                      .directory = directory,
                      .now = now,
                      .parents = fullest_parents(books.state())};
  for (const Control& control : controls()) {
    if (control.use) control.use(inventory);
  }
  std::stable_sort(inventory.rows.begin(), inventory.rows.end(),
                   [](const LimitUse& a, const LimitUse& b) { return a.fraction > b.fraction; });
  return std::move(inventory.rows);
}

}  // namespace interlock::risk
