#include "cli/knight_morning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace interlock::cli::knight {
namespace {

// 303.8 a second a router: with R8 alone for 20 minutes and all eight for 25, the 4.01 m executions
// of the order. The stress run: the day's mean of 1,481 from one router.
constexpr std::int64_t faithful_interval_ns = 3'291'667;
constexpr std::int64_t stress_interval_ns = second_ns / 1'481;
constexpr std::int64_t leak_interval_ns = 10 * second_ns;
constexpr std::int64_t honest_interval_ns = second_ns;
constexpr std::int64_t honest_shares = 100;
constexpr std::int64_t first_reject_ns = -89 * minute_ns;  // 08:01
constexpr std::int64_t declared_ns = -90 * minute_ns;

// What the positions were worth [17], over the 397 m shares: 16.75 dollars a share.
constexpr double long_dollars = 3.5e9;
constexpr double short_dollars = 3.15e9;

bool is_bought(std::uint32_t symbol) {  // 80 of 154, evenly spread
  return (symbol + 1) * bought_count / symbol_count != symbol * bought_count / symbol_count;
}

// How many shares each symbol comes to when nothing stops it.
std::vector<double> shares_of(const Morning& morning) {
  std::vector<double> shares(morning.symbols.size());
  std::vector<double> parents(router_count);
  for (const Parent& parent : morning.affected) ++parents[parent.router];
  for (const Parent& parent : morning.affected) {
    const std::int64_t from = parent.router == sick_router ? 0 : morning.roll_back_ns;
    const auto children =
        static_cast<double>(morning.end_ns - from) / static_cast<double>(morning.interval_ns);
    shares[parent.symbol] += children * child_shares / parents[parent.router];
  }
  return shares;
}

void set_prices(Morning& morning) {
  const auto shares = shares_of(morning);
  std::vector<double> raw(morning.symbols.size());
  double sums[2] = {0, 0};
  for (std::size_t i = 0; i < raw.size(); ++i) {
    raw[i] = 5.0 + static_cast<double>(i * 37 % symbol_count) / 6.0;  // 5 to 30 dollars
    sums[morning.symbols[i].is_bought ? 0 : 1] += raw[i] * shares[i];
  }
  // In a stress run the shares are others, and the mean price is kept.
  double all = 0;
  for (const double each : shares) all += each;
  const double scale = all * 16.75 / (long_dollars + short_dollars);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const bool bought = morning.symbols[i].is_bought;
    const double price =
        raw[i] * scale * (bought ? long_dollars / sums[0] : short_dollars / sums[1]);
    const auto cents = static_cast<std::int64_t>(price * 100 + 0.5);
    morning.symbols[i].price = risk::Price::of_raw(cents * (risk::Price::of(1).raw() / 100));
  }
}

}  // namespace

Morning::Morning(Script the_script) : script(the_script) {
  const bool is_faster = script.is_stress && script.variant != Variant::honest;
  interval_ns = is_faster ? stress_interval_ns : faithful_interval_ns;
  if (script.variant == Variant::slow_leak) interval_ns = leak_interval_ns;
  end_ns = script.length_minutes * minute_ns;
  roll_back_ns = script.is_stress ? end_ns : std::min(end_ns, script.roll_back_minute * minute_ns);
  for (std::uint32_t i = 0; i < symbol_count; ++i) {
    symbols.push_back({fmt::format("S{:03}", i + 1), is_bought(i), {}});
  }
  for (std::uint32_t i = 0; i < affected_count; ++i) {
    Parent parent;
    parent.id = fmt::format("P-{:05}", i + 1);
    parent.router = script.is_stress ? sick_router : i % router_count;
    parent.account = i % account_count;
    parent.symbol = i % symbol_count;
    parent.is_buy = symbols[parent.symbol].is_bought;
    parent.size = child_shares * (2 + i * 7 % 9);  // 198 to 990, in whole children
    parent.is_affected = true;
    affected.push_back(std::move(parent));
  }
  set_prices(*this);
}

std::string router_name(std::uint32_t router) { return fmt::format("R{}", router + 1); }
std::string venue_name(std::uint32_t router) { return fmt::format("V{}", router + 1); }
std::string account_name(std::uint32_t account) { return fmt::format("A{:02}", account + 1); }

Flow::Flow(const Morning& morning)
    : morning_(morning), rejects_left_(morning.script.has_rejects ? reject_count : 0) {
  for (const Parent& parent : morning.affected) {
    ready_.push_back({.kind = Event::Kind::declare,
                      .router = parent.router,
                      .parent = static_cast<std::uint32_t>(parents_.size()),
                      .at_ns = declared_ns});
    parents_.push_back(parent);
  }
  for (std::uint32_t router = 0; router < router_count; ++router) {
    Worker worker;
    worker.router = router;
    for (std::uint32_t i = 0; i < affected_count; ++i) {
      if (morning.affected[i].router == router) worker.parents.push_back(i);
    }
    Worker power_peg = power_peg_of(router);
    if (!power_peg.parents.empty()) workers_.push_back(std::move(power_peg));
    if (router == sick_router) continue;
    worker.next_ns = honest_interval_ns * router / router_count;
    workers_.push_back(std::move(worker));
  }
}

Flow::Worker Flow::power_peg_of(std::uint32_t router) const {
  Worker worker;
  worker.is_power_peg = true;
  worker.router = router;
  worker.next_ns = router == sick_router ? 0 : morning_.roll_back_ns;
  const Variant variant = morning_.script.variant;
  std::int64_t rounds = 1;
  if (variant == Variant::honest) {
    for (const Parent& parent : morning_.affected) {
      rounds = std::max(rounds, parent.size / child_shares);
    }
  }
  for (std::int64_t round = 0; round < rounds; ++round) {
    for (std::uint32_t i = 0; i < affected_count; ++i) {
      const bool has_room = morning_.affected[i].size > round * child_shares;
      if (morning_.affected[i].router == router && has_room) worker.parents.push_back(i);
    }
  }
  if (variant == Variant::others_parents) {
    for (std::uint32_t i = 0; i < affected_count; ++i) {
      if (morning_.affected[i].router != router) worker.parents.push_back(i);
    }
  }
  return worker;
}

std::optional<Event> Flow::next() {
  if (ready_.empty() && rejects_left_ > 0) reject_one();
  if (ready_.empty()) {
    Worker& first = *std::ranges::min_element(workers_, {}, &Worker::next_ns);
    if (first.next_ns >= morning_.end_ns) return std::nullopt;
    step(first);
  }
  const Event event = ready_.front();
  ready_.pop_front();
  return event;
}

void Flow::step(Worker& worker) {
  Event child{
      .is_power_peg = worker.is_power_peg, .router = worker.router, .at_ns = worker.next_ns};
  if (worker.is_power_peg) {
    child.parent = worker.parents[worker.turn];
    worker.turn = (worker.turn + 1) % worker.parents.size();
    child.quantity = child_shares;
    worker.next_ns += morning_.interval_ns;
    if (worker.turn == 0 && morning_.script.variant == Variant::honest) {
      worker.next_ns = morning_.end_ns;
    }
  } else {
    if (worker.left == 0) take_parent(worker);
    child.parent = worker.parent;
    child.quantity =
        std::min(worker.left, parents_[worker.parent].is_affected ? child_shares : honest_shares);
    worker.left -= child.quantity;
    worker.next_ns += honest_interval_ns;
  }
  ready_.push_back(child);
}

// First its share of the 212, honestly; then what else arrives.
void Flow::take_parent(Worker& worker) {
  if (worker.turn < worker.parents.size()) {
    worker.parent = worker.parents[worker.turn++];
    worker.left = parents_[worker.parent].size;
    return;
  }
  Parent parent;
  parent.id = fmt::format("H{}-{:05}", worker.router + 1, parents_.size());
  parent.router = worker.router;
  parent.account = draw(account_count);
  parent.symbol = draw(symbol_count);
  parent.is_buy = draw(2) == 0;
  parent.size = honest_shares * (10 + draw(41));
  worker.parent = static_cast<std::uint32_t>(parents_.size());
  worker.left = parent.size;
  parents_.push_back(std::move(parent));
  ready_.push_back({.kind = Event::Kind::declare,
                    .router = worker.router,
                    .parent = worker.parent,
                    .at_ns = worker.next_ns});
}

// Other orders than the 212, before the open; each has a parent of its own.
void Flow::reject_one() {
  const std::int64_t number = reject_count - rejects_left_--;
  const std::int64_t at_ns = first_reject_ns - first_reject_ns * number / reject_count;
  Parent parent;
  parent.id = fmt::format("X-{:05}", number + 1);
  parent.router = sick_router;
  parent.account = draw(account_count);
  parent.symbol = draw(symbol_count);
  parent.is_buy = true;
  parent.size = honest_shares;
  Event event{.kind = Event::Kind::declare,
              .is_rejected = true,
              .router = sick_router,
              .parent = static_cast<std::uint32_t>(parents_.size()),
              .quantity = honest_shares,
              .at_ns = at_ns};
  parents_.push_back(std::move(parent));
  ready_.push_back(event);
  event.kind = Event::Kind::child;
  ready_.push_back(event);
}

std::uint32_t Flow::draw(std::uint32_t below) {
  seed_ = seed_ * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
  return static_cast<std::uint32_t>((seed_ >> 33) % below);
}

}  // namespace interlock::cli::knight
