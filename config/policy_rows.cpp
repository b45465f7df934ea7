#include "config/policy_rows.hpp"

#include <fmt/format.h>

#include "config/limits.hpp"
#include "config/start_rows.hpp"
#include "config/values.hpp"

namespace interlock::config {
namespace {

using Kind = risk::ScopeKind;

class Rows {
 public:
  explicit Rows(const Config& config) : config_(config) {}

  void limits(Kind kind, std::string_view scope, const risk::ScopeLimits& limits) {
    each_limit(kind, limits, [&](std::string_view key, const auto& limit) {
      using Limit = std::remove_cvref_t<decltype(limit)>;
      add(risk::name(kind), scope, key,
          limit.state == Limit::State::value ? text_of(limit.value, config_.currency) : "none",
          limit.line);
    });
  }
  void gateway(std::string_view key, std::string value, std::uint32_t line = 0) {
    add("gateway", {}, key, std::move(value), line);
  }
  void traits(std::string_view symbol, const risk::SymbolTraits& traits) {
    add("symbol", symbol, "currency", config_.currencies.at(traits.currency.value), 0);
    // Below zero is one thing more that may pass: as a limit, none of them would be the tightest.
    add("symbol", symbol, "unmarked_short_sales", traits.marks_short_sales ? "refuse" : "none", 0);
    add("symbol", symbol, "negative_prices", traits.negative_prices ? "1" : "0", 0);
  }
  void router(const Router& router) {
    if (router.orders_without_parent == ChildWithoutParent::cap)
      add("router", router.id, "default_parent_cap", router.default_parent_cap.text(), router.line);
    add("router", router.id, "late_parent_wait", text_of(router.late_parent_wait), router.line);
  }
  void restriction(const risk::Restriction& restriction) {
    const auto name = [](const auto& names, std::uint32_t id) {
      return id < names.size() ? names[id] : std::string("*");
    };
    constexpr std::string_view words[] = {"all", "opening", "short_sale"};
    const auto what = words[static_cast<std::size_t>(restriction.what)];
    add("restriction",
        fmt::format("{} {}", name(config_.accounts, restriction.account.value),
                    name(config_.symbols, restriction.symbol.value)),
        what, "refuse", 0);
  }
  [[nodiscard]] std::vector<PolicyRow> take() { return std::move(rows_); }

 private:
  void add(std::string_view kind, std::string_view scope, std::string_view key, std::string value,
           std::uint32_t line) {
    PolicyRow row{std::string(kind),
                  std::string(scope),
                  std::string(key),
                  std::move(value),
                  line,
                  {},
                  {},
                  {}};
    if (const auto* rationale = config_.rationale_of(line)) {
      row.why = rationale->why;
      row.owner = rationale->owner;
      row.review = text_of(rationale->review);
    }
    rows_.push_back(std::move(row));
  }

  const Config& config_;
  std::vector<PolicyRow> rows_;
};

void add_scopes(Rows& rows, Kind kind, const std::vector<std::string>& names,
                const std::vector<risk::ScopeLimits>& limits) {
  for (std::size_t i = 0; i < names.size(); ++i) rows.limits(kind, names[i], limits.at(i));
}

void add_gateway(Rows& rows, const Config& config) {
  const auto& limits = config.limits;
  rows.gateway("defaults.warn_at", fmt::format("{} %", limits.warn_percent));
  rows.gateway("parent.exhausted_grace", text_of(limits.parents.exhausted_grace));
  rows.gateway("parent.exhausted_refusals", std::to_string(limits.parents.exhausted_refusals));
  rows.gateway("prices.max_age", text_of(limits.reference_ages.open));
  rows.gateway("prices.max_age_pre_open", text_of(limits.reference_ages.pre_open));
  rows.gateway("prices.max_age_closed", text_of(limits.reference_ages.closed));
  if (!config.currencies_file.empty())
    rows.gateway("currencies.max_age", text_of(limits.rate_age_max));
  const auto age = [&](std::string_view key, const risk::Limit<risk::Duration>& limit) {
    using State = risk::Limit<risk::Duration>::State;
    rows.gateway(key, limit.state == State::value ? text_of(limit.value) : "none", limit.line);
  };
  age("alerts.acknowledge_within", limits.acknowledge_within);
  age("stale.journal", limits.staleness.journal);
  age("stale.tee", limits.staleness.tee);
  age("stale.drop_copy", limits.staleness.drop_copy);
  rows.gateway("peers.min_sample", std::to_string(limits.peer_sample.value));
  rows.gateway("kill.cancel_timeout", text_of(config.cancel_timeout));
}

}  // namespace

std::vector<PolicyRow> policy_rows(const Config& config) {
  const auto& limits = config.limits;
  Rows rows(config);
  rows.limits(Kind::firm, {}, limits.firm);
  rows.limits(Kind::parent, {}, limits.parent);
  for (std::size_t i = 0; i < config.routers.size(); ++i)
    rows.limits(Kind::router, config.routers[i].id, limits.routers.at(i));
  for (std::size_t i = 0; i < config.venues.size(); ++i)
    rows.limits(Kind::venue, config.venues[i].id, limits.venues.at(i));
  add_scopes(rows, Kind::account, config.accounts, limits.accounts);
  add_scopes(rows, Kind::symbol, config.symbols, limits.symbols);
  add_scopes(rows, Kind::algo, config.algos, limits.algos);
  add_scopes(rows, Kind::trader, config.traders, limits.traders);
  add_scopes(rows, Kind::desk, config.desks, limits.desks);
  for (std::size_t i = 0; i < config.symbols.size(); ++i)
    rows.traits(config.symbols[i], limits.symbol_traits.at(i));
  for (const auto& router : config.routers) rows.router(router);
  for (const auto& restriction : limits.restrictions) rows.restriction(restriction);
  add_gateway(rows, config);
  auto all = rows.take();
  for (auto& row : start_rows(config)) all.push_back(std::move(row));
  return all;
}

std::string effective_limits(const Config& config) {
  std::string out;
  for (const auto& row : policy_rows(config)) {
    if (row.scope_kind == "start") continue;
    const auto scope =
        row.scope.empty() ? row.scope_kind : fmt::format("{} {}", row.scope_kind, row.scope);
    out += fmt::format("{:<24} {:<24} {:<24}", scope, row.key,
                       row.value == "none" ? "NONE: no limit" : row.value);
    if (row.line != 0) out += fmt::format(" {}:{}", config.file.filename().string(), row.line);
    if (!row.owner.empty())
      out += fmt::format("  {}, review {}: {}", row.owner, row.review, row.why);
    while (out.ends_with(' ')) out.pop_back();
    out += '\n';
  }
  return out;
}

}  // namespace interlock::config
