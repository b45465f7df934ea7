// The day roll: what goes on, what may be named anew, and what is forgotten.
#include <algorithm>
#include <utility>

#include "risk/books_state.hpp"
#include "risk/exposure.hpp"
#include "risk/locate.hpp"
#include "risk/profit.hpp"

namespace interlock::risk {
namespace {

// A venue may speak of what ended yesterday: bust it, correct it, fill it late. Not of what ended
// before that.
bool is_over(const Books::State& state, const OrderRecord& order) {
  return order.open_index == nowhere && order.last_day + 1 < state.day;
}

void forget_orders(Books::State& state) {
  for (std::uint32_t i = 0; i < state.orders.size(); ++i) {
    const OrderRecord* order = state.orders.find(OrderId{i});
    if (order && is_over(state, *order)) state.orders.forget(order->id);
  }
}

void roll_names(Books::State& state) {
  for (std::size_t router = 0; router < state.cl_ord_ids.size(); ++router) {
    auto& today = state.cl_ord_ids[router];
    auto& earlier = *grown(state.earlier_cl_ord_ids, RouterId{static_cast<std::uint32_t>(router)});
    for (auto& part : earlier) {
      boost::unordered::erase_if(
          part, [&](const auto& each) { return !state.orders.find(each.second.order); });
    }
    for (auto& part : today) {
      boost::unordered::erase_if(part, [&](const auto& each) {
        const OrderRecord* order = state.orders.find(each.second.order);
        if (order && order->open_index != nowhere) return false;
        if (order) earlier.of(each.first).insert_or_assign(each.first, each.second);
        return true;
      });
    }
  }
}

template <class Seen>
bool is_kept(const Books::State& state, const Seen& seen) {
  return seen.order.known() ? state.orders.find(seen.order) != nullptr : seen.day + 1 >= state.day;
}

// Executions of forgotten orders go; the others get new numbers.
void roll_executions(Books::State& state) {
  std::vector<std::uint32_t> numbers(state.executions.size(), nowhere);
  Pages<Execution> kept;
  for (std::size_t i = 0; i < state.executions.size(); ++i) {
    if (!state.orders.find(state.executions[i].order)) continue;
    numbers[i] = static_cast<std::uint32_t>(kept.size());
    kept.push_back(state.executions[i]);
  }
  const auto renumber = [&](std::uint32_t& number) {
    if (number != nowhere) number = numbers[number];
  };
  for (std::size_t i = 0; i < kept.size(); ++i) {
    Execution& each = kept[i];
    renumber(each.corrected_by);
    while (each.earlier != nowhere && numbers[each.earlier] == nowhere) {
      each.earlier = state.executions[each.earlier].earlier;
    }
    renumber(each.earlier);
  }
  const auto roll_seen = [&](ByText<SeenExecId>& exec_ids) {
    boost::unordered::erase_if(exec_ids,
                               [&](const auto& each) { return !is_kept(state, each.second); });
    for (auto& [id, seen] : exec_ids) {
      while (seen.latest != nowhere && numbers[seen.latest] == nowhere) {
        seen.latest = state.executions[seen.latest].earlier;
      }
      renumber(seen.latest);
    }
  };
  for (auto& of_venue : state.exec_ids) std::ranges::for_each(of_venue, roll_seen);
  for (auto& awaited : state.awaited) {
    for (auto& [id, all] : awaited) {
      std::erase_if(all, [&](const Awaited& each) { return !state.orders.find(each.order); });
      for (Awaited& each : all) renumber(each.by);
    }
    boost::unordered::erase_if(awaited, [](const auto& each) { return each.second.empty(); });
  }
  boost::unordered::erase_if(state.contents,
                             [&](const auto& each) { return !is_kept(state, each.second); });
  state.executions = std::move(kept);
}

}  // namespace

bool Books::load_position(AccountId account, SymbolId symbol, Quantity position, Price cost) {
  if (!account.known() || !symbol.known()) return false;
  put_position(*state_, account, symbol, position.raw(), cost);
  return true;
}

void Books::roll_day(Time now) {
  State& state = *state_;
  ++state.day;
  begin_day(state.activity);
  forget_orders(state);
  roll_names(state);
  roll_executions(state);
  for (auto& [key, holding] : state.holdings) holding.since_roll = 0;
  roll_turnover(state);
  roll_locates(state);
  roll_profit(state);
  for (ParentRecord& parent : state.parents) {
    if (parent.shown && parent.open == 0) parent.attempts.forget_before(now);
  }
}

}  // namespace interlock::risk
