#include "risk/verdict.hpp"

#include <array>
#include <utility>

namespace interlock::risk {
namespace {

constexpr std::array<std::pair<Reason, std::string_view>, 49> codes{{
    {Reason::order_qty, "ORDER_QTY"},
    {Reason::order_notional, "ORDER_NOTIONAL"},
    {Reason::price_collar, "PRICE_COLLAR"},
    {Reason::order_rate, "ORDER_RATE"},
    {Reason::parent_fill, "PARENT_FILL"},
    {Reason::parent_match, "PARENT_MATCH"},
    {Reason::gross_notional, "GROSS_NOTIONAL"},
    {Reason::duplicate, "DUPLICATE"},
    {Reason::restricted, "RESTRICTED"},
    {Reason::message_rate, "MESSAGE_RATE"},
    {Reason::notional_rate, "NOTIONAL_RATE"},
    {Reason::execution_rate, "EXECUTION_RATE"},
    {Reason::parent_fan_out, "PARENT_FAN_OUT"},
    {Reason::new_parents, "NEW_PARENTS"},
    {Reason::peer_divergence, "PEER_DIVERGENCE"},
    {Reason::turnover, "TURNOVER"},
    {Reason::net_notional, "NET_NOTIONAL"},
    {Reason::position, "POSITION"},
    {Reason::open_orders, "OPEN_ORDERS"},
    {Reason::daily_loss, "DAILY_LOSS"},
    {Reason::self_match, "SELF_MATCH"},
    {Reason::orphan_fills, "ORPHAN_FILLS"},
    {Reason::over_fill, "OVER_FILL"},
    {Reason::reject_storm, "REJECT_STORM"},
    {Reason::tag_dialect, "TAG_DIALECT"},
    {Reason::alert_unacknowledged, "ALERT_UNACKNOWLEDGED"},
    {Reason::ledger_stale, "LEDGER_STALE"},
    {Reason::killed, "KILLED"},
    {Reason::not_armed, "NOT_ARMED"},
    {Reason::recovering, "RECOVERING"},
    {Reason::venue_down, "VENUE_DOWN"},
    {Reason::stale_order, "STALE_ORDER"},
    {Reason::parent_unknown, "PARENT_UNKNOWN"},
    {Reason::no_reference_price, "NO_REFERENCE_PRICE"},
    {Reason::no_limit, "NO_LIMIT"},
    {Reason::malformed, "MALFORMED"},
    {Reason::unsupported, "UNSUPPORTED"},
    {Reason::duplicate_cl_ord_id, "DUPLICATE_CL_ORD_ID"},
    {Reason::unknown_order, "UNKNOWN_ORDER"},
    {Reason::cancel_in_flight, "CANCEL_IN_FLIGHT"},
    {Reason::no_route, "NO_ROUTE"},
    {Reason::journal_failure, "JOURNAL_FAILURE"},
    {Reason::unknown_account, "UNKNOWN_ACCOUNT"},
    {Reason::unknown_symbol, "UNKNOWN_SYMBOL"},
    {Reason::not_delivered, "NOT_DELIVERED"},
    {Reason::blocked, "BLOCKED"},
    {Reason::reduce_only, "REDUCE_ONLY"},
    {Reason::unknown_attribution, "UNKNOWN_ATTRIBUTION"},
    {Reason::no_currency_rate, "NO_CURRENCY_RATE"},
}};

constexpr std::array<std::pair<ScopeKind, std::string_view>, 9> scope_names{{
    {ScopeKind::firm, "firm"},
    {ScopeKind::router, "router"},
    {ScopeKind::venue, "venue"},
    {ScopeKind::account, "account"},
    {ScopeKind::symbol, "symbol"},
    {ScopeKind::parent, "parent"},
    {ScopeKind::algo, "algo"},
    {ScopeKind::trader, "trader"},
    {ScopeKind::desk, "desk"},
}};

constexpr std::array<std::pair<Level, std::string_view>, 3> level_names{{
    {Level::reduce_only, "reduce-only"},
    {Level::block, "block"},
    {Level::kill, "kill"},
}};

template <class Table, class Value>
std::string_view text_of(const Table& table, Value value) {
  for (const auto& [key, text] : table) {
    if (key == value) return text;
  }
  return "?";
}

template <class Value, class Table>
std::optional<Value> value_of(const Table& table, std::string_view text) {
  for (const auto& [key, word] : table) {
    if (word == text) return key;
  }
  return std::nullopt;
}

}  // namespace

std::string_view code(Reason reason) { return text_of(codes, reason); }
std::optional<Reason> reason_of(std::string_view code) { return value_of<Reason>(codes, code); }
std::string_view name(ScopeKind kind) { return text_of(scope_names, kind); }
std::optional<ScopeKind> scope_kind_of(std::string_view name) {
  return value_of<ScopeKind>(scope_names, name);
}

std::string_view name(Level level) { return text_of(level_names, level); }
std::optional<Level> level_of(std::string_view name) { return value_of<Level>(level_names, name); }

}  // namespace interlock::risk
