// The books as bytes and back: Books::save and Books::restore.
#include <istream>
#include <ostream>

#include "risk/books_state.hpp"
#include "risk/saved.hpp"

namespace interlock::risk {
namespace {

template <class Archive, class... Values>
void flat(Archive& archive, Values&... values) {
  static_assert((std::is_trivially_copyable_v<std::remove_const_t<Values>> && ...));
  (archive(cereal::binary_data(&values, sizeof values)), ...);
}

}  // namespace

// Each takes its struct apart by the number of its members: one more does not compile until it is
// named here.
template <class Archive>
void serialize(Archive& archive, Order& order) {
  auto& [router, venue, account, symbol, parent, by, side, type, state, quantity, cum, open, limit,
         cancel_in_flight, cl_ord_id, entered_at] = order;
  flat(archive, router, venue, account, symbol, parent, by, side, type, state, quantity, cum, open,
       limit, cancel_in_flight, entered_at);
  archive(cl_ord_id);
}

template <class Archive>
void serialize(Archive& archive, OrderRecord& record) {
  auto& [id, shown, accepted, unanswered, serials, cum, closed_by_venue, claimed, claimed_at,
         ended_at, quantity_at, limit_at, heard_at, retractions, last_day, held, short_open,
         resting, open_index] = record;
  flat(archive, id, accepted, serials, cum, closed_by_venue, claimed, claimed_at, ended_at,
       quantity_at, limit_at, heard_at, last_day, held, short_open, resting, open_index);
  archive(shown, unanswered, retractions);
}

template <class Archive>
void serialize(Archive& archive, ParentRecord& record) {
  auto& [shown, cum, open, complete_at, idle_at, cancelled_at, routers, attempts] = record;
  flat(archive, shown, cum, open, complete_at, idle_at, cancelled_at);
  archive(routers, attempts);
}

template <class Archive>
void serialize(Archive& archive, ScopeRecord& record) {
  auto& [sums, attempts] = record;
  archive(sums, attempts);
}

template <class Archive>
void serialize(Archive& archive, RestingPrices& prices) {
  auto& [limits, boundless] = prices;
  archive(limits, boundless);
}

template <class Archive>
void serialize(Archive& archive, RouterActivity& activity) {
  auto& [messages, executions, refusals, new_parents, repeats, child_messages, child_shares,
         parents, parent_sizes, minute, minute_before, refused_today, rejected_today] = activity;
  flat(archive, child_messages, child_shares, parents, parent_sizes, minute, minute_before,
       refused_today);
  archive(messages, executions, refusals, new_parents, repeats, rejected_today);
}

template <class Archive>
void serialize(Archive& archive, VenueActivity& activity) {
  auto& [messages, rejects, orphans, rejected_today] = activity;
  archive(messages, rejects, orphans, rejected_today);
}

template <class Archive>
void serialize(Archive& archive, ParentActivity& activity) {
  auto& [messages, shares, executions, visitors] = activity;
  flat(archive, messages, shares);
  auto count = static_cast<std::uint32_t>(visitors.size());
  archive(executions, count);
  visitors.resize(count);
  for (Visitor& visitor : visitors) archive(visitor);
}

// The news are of the last change only: whoever asks for them has been told.
template <class Archive>
void serialize(Archive& archive, Activity& activity) {
  auto& [routers, venues, algos, firm, orphans, accounts, symbols, parents, parent_executions,
         news] = activity;
  archive(routers, venues, algos, firm, orphans, accounts, symbols, parents, parent_executions);
}

template <class Archive>
void serialize(Archive& archive, Books::State& state) {
  auto& [orders, open_orders, cl_ord_ids, earlier_cl_ord_ids, day, parents, firm, routers, venues,
         accounts, symbols, algos, traders, desks, exhausted_refusals, parent_memory, prices, rates,
         totals, resting, holdings, router_holdings, venue_holdings, algo_holdings, trader_holdings,
         desk_holdings, executions, exec_ids, awaited, contents, quarantine, quarantine_shares,
         quarantine_notional, activity] = state;
  flat(archive, day, parent_memory, quarantine, quarantine_shares, quarantine_notional);
  archive(orders, open_orders, cl_ord_ids, earlier_cl_ord_ids, parents);
  archive(firm, routers, venues, accounts, symbols, algos, traders, desks, exhausted_refusals);
  archive(prices, rates, totals, resting);
  archive(holdings, router_holdings, venue_holdings, algo_holdings, trader_holdings, desk_holdings);
  archive(executions, exec_ids, awaited, contents, activity);
}

template <class Archive>
void Orders::save(Archive& archive) const {
  archive(size_);
  for (const Page& page : pages_) {
    archive(page.forgotten, page.records != nullptr);
    if (page.records == nullptr) continue;
    for (const OrderRecord& record : *page.records) archive(record);
  }
}

template <class Archive>
void Orders::load(Archive& archive) {
  archive(size_);
  pages_.clear();
  while (pages_.size() * page_size < size_) {
    Page& page = pages_.emplace_back();
    bool lives = false;
    archive(page.forgotten, lives);
    if (!lives) continue;
    page.records = std::make_unique<Records>();
    for (OrderRecord& record : *page.records) archive(record);
  }
}

void Books::save(std::ostream& to) const {
  Saving archive(to);
  archive(*state_);
}

void Books::restore(std::istream& from) {
  Restoring archive(from);
  auto state = std::make_unique<State>();
  archive(*state);
  state_ = std::move(state);
}

}  // namespace interlock::risk
