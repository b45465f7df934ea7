// The table of controls. Order of precedence: who the child belongs to, whether its parent has
// room, and only then the limits, from the cheapest question to the widest. So a child of an
// exhausted parent is always refused by parent-fill, which may kill its router, whatever limit it
// breaks too.
#include <array>
#include <boost/container/static_vector.hpp>

#include "risk/control.hpp"
#include "risk/exposure_controls.hpp"
#include "risk/fan_out_controls.hpp"
#include "risk/flow_controls.hpp"
#include "risk/health_controls.hpp"
#include "risk/loss_controls.hpp"
#include "risk/order_controls.hpp"
#include "risk/parent_controls.hpp"
#include "risk/position_controls.hpp"
#include "risk/restricted.hpp"
#include "risk/venue_controls.hpp"
#include "risk/watch_controls.hpp"

namespace interlock::risk {

std::span<const Control> controls() {
  static const std::array table{
      // asked before an order goes
      parent_match_control,
      parent_fill_control,
      restricted_control,
      new_parents_control,
      duplicate_control,
      order_rate_control,
      order_qty_control,
      price_collar_control,
      order_notional_control,
      self_match_control,
      open_orders_control,
      position_control,
      notional_rate_control,
      turnover_control,
      net_notional_control,
      gross_notional_control,
      daily_loss_control,
      // watch what happens; before an order goes, only whether their limits are set
      parent_fan_out_control,
      message_rate_control,
      execution_rate_control,
      peer_divergence_control,
      orphan_fills_control,
      over_fill_control,
      reject_storm_control,
      tag_dialect_control,
      alert_unacknowledged_control,
      ledger_stale_control,
      journal_failure_control,
  };
  return table;
}

std::span<const Ask> asks(bool released) {
  struct Asks {
    boost::container::static_vector<Ask, 128> listed;
    std::span<const Ask> all, not_released;
    Asks() {
      for (const Control& control : controls()) {
        if (control.ask) listed.push_back(control.ask);
      }
      all = {listed.data(), listed.size()};
      for (const Control& control : controls()) {
        if (control.ask && !control.releasable) listed.push_back(control.ask);
      }
      not_released = {listed.data() + all.size(), listed.size() - all.size()};
    }
  };
  static const Asks asks;
  return released ? asks.not_released : asks.all;
}

std::span<const Watcher::Look> watchers(Occasion occasion) {
  using Looks = boost::container::static_vector<Watcher::Look, 32>;
  static const auto by_occasion = [] {
    std::array<Looks, occasions_size> all;
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (const Control& control : controls()) {
        if (control.watch.watches(static_cast<Occasion>(i))) all[i].push_back(control.watch.look);
      }
    }
    return all;
  }();
  const Looks& looks = by_occasion[static_cast<std::size_t>(occasion)];
  return {looks.data(), looks.size()};
}

}  // namespace interlock::risk
