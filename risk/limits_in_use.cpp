// How full each limit is: for display, from the same state that the controls ask.
#include <fmt/format.h>

#include <algorithm>

#include "risk/books_state.hpp"
#include "risk/decide.hpp"
#include "risk/fact.hpp"
#include "risk/limit_controls.hpp"

namespace interlock::risk {
namespace {

constexpr std::size_t parents_shown_max = 20;

double fraction_of(Wide used, std::int64_t limit) {
  if (limit <= 0) return used > 0 ? 1.0 : 0.0;
  return static_cast<double>(used) / static_cast<double>(limit);
}

struct Table {
  const Books& books;
  const Limits& limits;
  Time now;
  std::vector<LimitUse> rows;

  template <class Value>
  void add(std::string_view control, Scope scope, const Limit<Value>& limit, std::string used,
           std::string text, double fraction) {
    if (limit.state == Limit<Value>::State::unset) return;
    const bool is_none = limit.state == Limit<Value>::State::none;
    rows.push_back({.control = control,
                    .scope = scope,
                    .used = std::move(used),
                    .limit = is_none ? "none" : std::move(text),
                    .fraction = is_none ? 0 : fraction,
                    .line = limit.line});
  }

  // The limits of one order: nothing adds up against them.
  void add_order_limits(Scope scope) {
    const ScopeLimits& own = limits_of(limits, scope);
    if (scope.kind == ScopeKind::symbol) {
      const Collar& collar = own.price_collar.value;
      add("price-collar", scope, own.price_collar, "",
          collar.kind == Collar::Kind::amount ? collar.amount.text()
                                              : fmt::format("{} ppm", collar.parts_per_million),
          0);
    }
    add("order-qty", scope, own.order_qty, "", own.order_qty.value.text(), 0);
    add("order-notional", scope, own.order_notional, "", own.order_notional.value.text(), 0);
  }

  void add_rate(Scope scope) {
    const Limit<Rate>& limit = limits_of(limits, scope).order_rate;
    const std::uint32_t used = books.entered_within(scope, limit.value.window, now);
    add("order-rate", scope, limit, std::to_string(used),
        fmt::format("{} in {}", limit.value.count, words(limit.value.window)),
        fraction_of(used, limit.value.count));
  }

  void add_gross(Scope scope) {
    const Limit<Money>& limit = limits_of(limits, scope).gross_notional;
    const Money gross = books.exposure(scope).gross();
    add("gross-notional", scope, limit, gross.text(), limit.value.text(),
        fraction_of(gross.raw(), limit.value.raw()));
  }

  void add_scopes(ScopeKind kind, std::uint32_t count, bool has_order_limits) {
    for (std::uint32_t id = 0; id < count; ++id) {
      const Scope scope{kind, id};
      if (has_order_limits) add_order_limits(scope);
      add_rate(scope);
      add_gross(scope);
    }
  }

  void add_parents() {
    struct Use {
      std::uint32_t id;
      double fraction;
    };
    std::vector<Use> uses;
    const auto& parents = books.state().parents;
    for (std::uint32_t id = 0; id < parents.size(); ++id) {
      const ParentRecord& parent = parents[id];
      if (!parent.shown) continue;
      uses.push_back({id, fraction_of(parent.cum + parent.open, parent.shown->size.raw())});
    }
    const std::size_t shown = std::min(uses.size(), parents_shown_max);
    std::partial_sort(uses.begin(), uses.begin() + static_cast<std::ptrdiff_t>(shown), uses.end(),
                      [](const Use& a, const Use& b) {
                        return a.fraction != b.fraction ? a.fraction > b.fraction : a.id < b.id;
                      });
    uses.resize(shown);
    for (const Use& use : uses) {
      const Scope scope{ScopeKind::parent, use.id};
      const Parent& parent = *parents[use.id].shown;
      rows.push_back({.control = "parent-fill",
                      .scope = scope,
                      .used = parent.used().text(),
                      .limit = parent.size.text(),
                      .fraction = use.fraction,
                      .line = 0});
      add_rate(scope);
    }
  }
};

}  // namespace

std::vector<LimitUse> limits_in_use(const Books& books, const Limits& limits, const References&,
                                    const Directory& directory, Time now) {
  Table table{.books = books, .limits = limits, .now = now, .rows = {}};
  table.add_scopes(ScopeKind::firm, 1, false);
  table.add_scopes(ScopeKind::router, directory.routers.size(), false);
  table.add_scopes(ScopeKind::venue, directory.venues.size(), false);
  table.add_scopes(ScopeKind::account, directory.accounts.size(), true);
  table.add_scopes(ScopeKind::symbol, directory.symbols.size(), true);
  table.add_parents();
  std::stable_sort(table.rows.begin(), table.rows.end(),
                   [](const LimitUse& a, const LimitUse& b) { return a.fraction > b.fraction; });
  return std::move(table.rows);
}

}  // namespace interlock::risk
