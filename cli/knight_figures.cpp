#include "cli/knight_figures.hpp"

#include <algorithm>

namespace interlock::cli::knight {
namespace {

double milliseconds_of(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

double dollars(risk::Price price) { return static_cast<double>(price.raw()) / 1e8; }

}  // namespace

Tally::Tally(const Morning& morning, const Flow& flow) : morning_(morning), flow_(flow) {}

void Tally::left(const Event& child) {
  if (flow_.parent(child.parent).is_affected) ++so_far_.child_orders_out;
  if (child.router != sick_router && !child.is_power_peg) ++so_far_.honest_orders_out;
}

void Tally::refused(const Event& child, std::int64_t at_ns, std::string_view code) {
  if (flow_.parent(child.parent).is_affected) ++so_far_.child_orders_refused;
  if (child.router == sick_router) {
    if (so_far_.first_refusal_ms || at_ns < 0) return;
    so_far_.first_refusal_ms = milliseconds_of(at_ns);
    if (so_far_.reason.empty()) so_far_.reason = code;
  } else if (at_ns < morning_.roll_back_ns) {
    ++so_far_.honest_refusals;
  }
}

void Tally::executed(std::uint32_t parent, std::int64_t shares) {
  if (parent >= executed_.size()) executed_.resize(parent + 1);
  executed_[parent] += shares;
  if (flow_.parent(parent).is_affected) ++so_far_.executions;
}

void Tally::stopped(std::uint32_t router, std::int64_t at_ns, std::string_view latch,
                    std::string_view code) {
  const bool is_kill = latch == "kill";
  if (stopped_ns_[router] && (!is_kill || killed_ns_[router])) return;
  if (!stopped_ns_[router]) stopped_ns_[router] = at_ns;
  if (is_kill) killed_ns_[router] = at_ns;
  if (router != sick_router) return;
  so_far_.latch = latch;
  so_far_.reason = code;
}

std::optional<double> Tally::slowest(const Times& times) const {
  if (morning_.roll_back_ns >= morning_.end_ns) return std::nullopt;
  std::int64_t slowest_ns = 0;
  for (std::uint32_t router = 0; router < router_count; ++router) {
    if (router == sick_router) continue;
    if (!times[router]) return std::nullopt;
    slowest_ns = std::max(slowest_ns, *times[router] - morning_.roll_back_ns);
  }
  return milliseconds_of(slowest_ns);
}

Figures Tally::figures(std::string name, std::string ran) const {
  Figures all = so_far_;
  all.name = std::move(name);
  all.ran = std::move(ran);
  for (std::uint32_t i = 0; i < executed_.size(); ++i) {
    const Parent& parent = flow_.parent(i);
    const double price = dollars(morning_.symbols[parent.symbol].price);
    const std::int64_t beyond = std::max<std::int64_t>(0, executed_[i] - parent.size);
    all.shares_beyond_parents += beyond;
    all.dollars_beyond_parents += static_cast<double>(beyond) * price;
    if (!parent.is_affected) continue;
    all.shares += executed_[i];
    (parent.is_buy ? all.bought_dollars : all.sold_dollars) +=
        static_cast<double>(executed_[i]) * price;
  }
  all.estimated_loss = static_cast<double>(all.shares_beyond_parents) * loss_a_share;
  if (stopped_ns_[sick_router]) all.stop_ms = milliseconds_of(*stopped_ns_[sick_router]);
  if (killed_ns_[sick_router]) all.kill_ms = milliseconds_of(*killed_ns_[sick_router]);
  all.has_roll_back = morning_.roll_back_ns < morning_.end_ns;
  all.roll_back_stop_ms = slowest(stopped_ns_);
  all.roll_back_kill_ms = slowest(killed_ns_);
  return all;
}

}  // namespace interlock::cli::knight
